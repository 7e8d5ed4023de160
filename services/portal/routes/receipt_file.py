"""The consent receipt of a decision, as a file to keep and check."""

from starlette.responses import Response

from services.portal.addresses import DecisionInPath, PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.references import record_reference
from services.portal.receipt_visit import receipt_or_why_not
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/receipt-file")
def download(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Issue a receipt, which is itself recorded, and give it as a file."""
    found = receipt_or_why_not(visit, person, decision)
    if isinstance(found, Response):
        return found
    name = f"receipt-{record_reference(decision)}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(found, media_type="application/json", headers=headers)
