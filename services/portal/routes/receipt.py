"""The consent receipt of a decision, to read and print."""

from starlette.responses import Response

from services.portal.addresses import DecisionInPath, PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage
from services.portal.presenters.receipt import receipt_page
from services.portal.receipt_visit import receipt_or_why_not
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/receipt")
def show(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Issue a receipt, which is itself recorded, and show what it says."""
    found = receipt_or_why_not(visit, person, decision)
    if isinstance(found, Response):
        return found
    addresses = visit.addresses(person)
    return visit.show_family(
        "receipt.html",
        FamilyPage.CONSENT,
        person,
        receipt=receipt_page(found),
        file=addresses.receipt_file(decision),
        back=addresses.decision(decision),
    )
