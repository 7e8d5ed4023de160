"""My families."""

from starlette.responses import Response

from services.portal.addresses import WHO_MAY_BE_ONE
from services.portal.guard import guarded_router
from services.portal.permissions import Permission, allows
from services.portal.presenters.families import family_lines
from services.portal.signed_in import CurrentVisit, go_to

router = guarded_router(Permission.SIGNED_IN)


@router.get("/")
def show(visit: CurrentVisit) -> Response:
    """List the families one works with; a role that opens no records is told so, or has its own."""
    if allows(Permission.WHO_IS_WHO, visit.who.role):
        return go_to(WHO_MAY_BE_ONE)
    if not allows(Permission.FAMILY_RECORDS, visit.who.role):
        return visit.show("no_records.html")
    families = visit.services.my_families(visit.who)
    return visit.show("home.html", families=family_lines(families, visit.today))
