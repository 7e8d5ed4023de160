"""The invented world behind the pages, on a real database."""

from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.portal.services import PortalOnDatabase
from services.work import unit_of_work
from tests.support.builders import DAY, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.people.naming import name_a_parent
from tests.support.people.relating import relate
from tests.support.portal.portal_world import PortalWorld, an_nhs_number

_CHILD, _UNRELATED, _PROTECTED, _UNKNOWN = (
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
)


def a_world_on_database(running: InProcess) -> PortalWorld[PortalOnDatabase]:
    """Make people known, put one on the health visitor's list, and protect another."""
    world = the_world_in(running)
    _relate(running, world.child)
    name_a_parent(running, world.child)
    running.restrict(world.protected)
    return world


def the_world_in(running: InProcess) -> PortalWorld[PortalOnDatabase]:
    """Give the world, where it was made before, as in a copy of its database."""
    services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
    child, unrelated, protected = (
        _known(running, number) for number in (_CHILD, _UNRELATED, _PROTECTED)
    )
    practitioner = next(
        p for p in services.demonstration_people() if p.agency_kind is Source.HEALTH_VISITING
    )
    return PortalWorld(
        services,
        practitioner,
        child,
        an_nhs_number(_CHILD),
        unrelated,
        an_nhs_number(_UNRELATED),
        protected,
        an_nhs_number(_PROTECTED),
        PersonId("0" * 32),
        an_nhs_number(_UNKNOWN),
    )


def _known(running: InProcess, number: str) -> PersonId:
    with unit_of_work(running.portal) as work:
        return work.persons.resolve_or_create(by_number(number), at=work.now)


def _relate(running: InProcess, child: PersonId) -> None:
    """On the case-load for long, and the family is here and has confirmed it."""
    with unit_of_work(running.portal) as work:
        for ground in (RelationshipGround.CASE_LOAD, RelationshipGround.FAMILY_CONFIRMED):
            relate(
                work, VISITOR, child, ground, since=work.now - 30 * DAY, until=work.now + 900 * DAY
            )
