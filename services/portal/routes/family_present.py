"""Saying that the family is there now, which is a reason to look for an hour."""

from fastapi import Depends
from starlette.responses import Response

from services.portal.addresses import PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.form_check import FormCheck
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.signed_in import CurrentVisit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.post(
    "/families/{person}/family-present",
    dependencies=[Depends(FormCheck(FormPurpose.FAMILY_PRESENT))],
)
def claim(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Record it, then try again to open the family."""
    visit.services.claim_family_present(visit.who, person)
    return go_to(visit.addresses(person).overview)
