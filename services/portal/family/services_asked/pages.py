"""Pages of services that were asked: one's own, a family's, one request and what becomes of it."""

from uuid import UUID

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import PersonId
from services.interfaces.connections.model import AskedService, NotChanged
from services.people.practitioners.permissions import Permission
from services.portal.family.services_asked.services import ConnectionServices, RequestSeen
from services.portal.family.services_asked.words import (
    request_lines,
    request_words,
    service_words,
)
from services.portal.frame.addresses import PersonInPath
from services.portal.frame.addresses_services import (
    ASK_A_SERVICE,
    MY_REQUESTS,
    ServiceAddresses,
)
from services.portal.frame.guard import FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.words import family_lines
from services.portal.words.frame import FamilyPage
from services.profile.model import Profile, ProfileRefused

router = guarded_router(Permission.FAMILY_RECORDS)
SERVICES = "/families/{person}/services"
_ASKED = f"{SERVICES}/asked/{{connection}}"
_CHANGED = [Depends(FormCheck(FormPurpose.CHANGE_REQUEST))]


@router.get(MY_REQUESTS)
def show_mine(visit: CurrentVisit) -> Response:
    """List what one asked for, what needs somebody first."""
    found = connections_of(visit).mine(visit.who)
    return visit.show("services_mine.html", lines=request_lines(found, None, visit.today))


@router.get(f"{ASK_A_SERVICE}/{{service}}")
def choose_family(visit: CurrentVisit, service: UUID) -> Response:
    """Come from the directory, and say for which family."""
    found = listed_service(visit, service)
    families = visit.services.my_families(visit.who)
    hrefs = [services_at(visit, one.person).ask(found.id) for one in families]
    lines = list(zip(family_lines(families, visit.today), hrefs, strict=True))
    return visit.show("services_choose.html", service=service_words(found), families=lines)


@router.get(SERVICES)
def show_asked(visit: CurrentVisit, person: PersonInPath) -> Response:
    """List what was asked for this family."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    profile = profile_of(visit, person)
    others = [] if profile is None else [one.id for one in profile.people]
    found = connections_of(visit).about(visit.who, person, others)
    addresses = services_at(visit, person)
    return visit.show_family(
        "services_asked.html",
        FamilyPage.SERVICES,
        person,
        lines=request_lines(found, addresses, visit.today),
        find=addresses.find,
    )


@router.get(_ASKED)
def show_one(visit: CurrentVisit, person: PersonInPath, connection: UUID) -> Response:
    """Show how a request stands, and everything that happened."""
    found = _one(visit, connection)
    if found is None:
        return visit.show_nothing()
    addresses = services_at(visit, person)
    return visit.show_family(
        "service_request.html",
        FamilyPage.SERVICES,
        person,
        asked=request_words(found, addresses, visit.today),
        stop=addresses.asked(found.connection.id, "/stop"),
        again=addresses.asked(found.connection.id, "/send"),
        others=addresses,
        token=visit.token(FormPurpose.CHANGE_REQUEST),
    )


@router.post(f"{_ASKED}/stop", dependencies=_CHANGED)
def stop(visit: CurrentVisit, person: PersonInPath, connection: UUID) -> Response:
    """Stop it for the family, at once."""
    stopped = connections_of(visit).stop(visit.who, str(connection))
    return _after(visit, person, connection, stopped)


@router.post(f"{_ASKED}/send", dependencies=_CHANGED)
def send_again(visit: CurrentVisit, person: PersonInPath, connection: UUID) -> Response:
    """Send it once more."""
    sent = connections_of(visit).send_again(visit.who, str(connection))
    return _after(visit, person, connection, sent)


def _after(visit: Visit, person: PersonId, connection: UUID, became: object) -> Response:
    """Its page, which says what became of it; whoever may not see it is told nothing."""
    if isinstance(became, ProfileRefused) or became is NotChanged.NOT_THERE:
        return visit.show_nothing()
    return go_to(services_at(visit, person).asked(str(connection)))


def connections_of(visit: Visit) -> ConnectionServices:
    """What these pages ask."""
    return visit.services.connections


def services_at(visit: Visit, person: PersonId) -> ServiceAddresses:
    """Where these pages are, for the purpose of the visit."""
    return ServiceAddresses(visit.addresses(person))


def listed_service(visit: Visit, service: UUID) -> AskedService:
    """A service that can be asked. Raises HTTPException 404."""
    found = connections_of(visit).service(str(service))
    if found is None:
        raise HTTPException(404)
    return found


def _one(visit: Visit, connection: UUID) -> RequestSeen | None:
    return connections_of(visit).one(visit.who, str(connection))


def profile_of(visit: Visit, person: PersonId) -> Profile | None:
    """What of the family may be shown, as a look of theirs; None where nothing may."""
    found = visit.services.read_profile(visit.who, person, visit.purpose)
    return found if isinstance(found, Profile) else None
