"""The data steward's world: three pairs waiting, in memory and on a real database."""

from dataclasses import replace

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, Role, Source
from services.people.persons.subjects import identifier_of
from services.people.practitioners.people import SignedInPractitioner
from services.portal.services import PortalOnDatabase
from tests.support.builders import VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.fakes.in_process import InProcess
from tests.support.people.linking_world import (
    NHS,
    OTHER_NHS,
    SECOND_STEWARD,
    STEWARD,
    THIRD_NHS,
    UPN,
    AChild,
    LinkingWorld,
)
from tests.support.people.pairs import MISDATED, StewardWorld, a_pair
from tests.support.portal.portal_builders import a_practitioner

OTHER_UPN, THIRD_UPN = (
    identifier_of(IdentifierScheme.UPN, upn) for upn in ("V999200126011", "B999200123012")
)
_HOME = {"postcode": "EX1 1AA", "line": "4 Brook Street"}
_ALIKE = AChild(numbers=(NHS,)), AChild(numbers=(UPN,), **_HOME)
_MISDATED = (
    AChild(("Barnaby",), "Thistlewood", "2018-02-03", numbers=(OTHER_NHS,)),
    AChild(("Barnaby",), "Thistlewood", "2018-02-04", numbers=(OTHER_UPN,)),
)
_HIDDEN = (
    AChild(("Cordelia",), "Marchbanks", "2017-09-21", numbers=(THIRD_NHS,)),
    AChild(("Cordelia",), "Marchbanks", "2017-09-21", numbers=(THIRD_UPN,), **_HOME),
)


def a_steward() -> SignedInPractitioner:
    """Invent a data steward of the council."""
    found = a_practitioner("Owen Tierney", Role.DATA_STEWARD, Source.SOCIAL_CARE, "Data steward")
    return replace(found, id=STEWARD.id)


def a_second_steward() -> SignedInPractitioner:
    """Invent another data steward of the council."""
    return replace(a_steward(), id=SECOND_STEWARD.id, name="Halina Brandt")


def a_fake_steward_world() -> StewardWorld[FakePortalServices]:
    """Invent the world in memory."""
    steward, second, practitioner = a_steward(), a_second_steward(), a_practitioner()
    services = FakePortalServices(people=(steward, second, practitioner))
    for pair in (
        a_pair("review-0001"),
        a_pair("review-0002", other=MISDATED),
        a_pair("review-0003"),
    ):
        services.add_pair(pair)
    services.hidden.add("review-0003")
    names = ("review-0001", "review-0002", "review-0003")
    return StewardWorld(services, steward, second, practitioner, *names)


def steward_services_on(running: InProcess) -> PortalOnDatabase:
    """Give what the pages of such a world ask, in a copy of it too."""
    return PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)


def a_steward_world_on_database(running: InProcess) -> StewardWorld[PortalOnDatabase]:
    """Let two sources tell of three children, and protect one of them."""
    world = LinkingWorld(running)
    told = [_both(world, *pair) for pair in (_ALIKE, _MISDATED, _HIDDEN)]
    running.settle()
    names = {frozenset({r.one, r.other}): r.id for r in world.reviews()}
    running.restrict(told[2][0])
    services = steward_services_on(running)
    alike, misdated, hidden = (names[frozenset(pair)] for pair in told)
    practitioner = replace(a_practitioner(), id=VISITOR)
    stewards = (a_steward(), a_second_steward())
    return StewardWorld(services, *stewards, practitioner, alike, misdated, hidden)


def _both(world: LinkingWorld, seen: AChild, taught: AChild) -> tuple[PersonId, PersonId]:
    return (
        world.introduce(Source.HEALTH_VISITING, seen),
        world.introduce(Source.SCHOOLS, taught),
    )
