"""What was typed and written while a family was with somebody goes with whoever it was."""

from collections.abc import Iterator
from datetime import date

import pytest

from consent.circumstances import Present
from schemas.identifiers import PersonId
from schemas.records.payloads import RelationshipKind
from schemas.vocabulary import IdentifierScheme
from services.people.practitioners.people import SubjectEntry, subject_of
from services.people.presence.model import PresenceBegun, Sheet
from services.people.presence.sheets import write_sheet
from services.work import Outside, unit_of_work
from tests.support.clock import StandingClock
from tests.support.erasing import erased
from tests.support.people.presence_world import E_MAIL, PresenceWorld, a_tie, presences_running
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres
SAID = "Mornings are best for us"
SHEET = Sheet(name="Eva Novak", story=SAID)
UNKNOWN = "9990000433"
BORN = "1991-12-04"


@pytest.fixture
def world(outside: Outside, clock: StandingClock) -> Iterator[PresenceWorld]:
    """Give a mother whom a school knows, and people who say that she is with them."""
    with presences_running(outside) as running:
        yield PresenceWorld.among(running, clock)


def write(world: PresenceWorld, presence: PresenceBegun) -> None:
    """Write what was said on the sheet of a visit."""
    with unit_of_work(world.running.portal) as work:
        assert write_sheet(presence.id, SHEET, world.who(), presences=work.presences())


def left(world: PresenceWorld, person: PersonId, *values: str) -> dict[str, set[str]]:
    """Where any of the values can be read once the person is erased."""
    erased(person, world.running.outside)
    world.running.settle()
    return Traces(world.running.outside).of(values)


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_sheet_of_a_visit_goes(world: PresenceWorld, *, is_confirmed: bool):
    """Whether or not anybody stood for who it was."""
    presence = world.begin()
    write(world, presence)
    if is_confirmed:
        world.type_in(presence, world.code_for(presence))

    assert left(world, world.mother, SAID, world.mobile.value) == {}
    assert world.running.count("presence") == world.running.count("presence_sheet") == 0


def test_visit_of_somebody_who_was_typed_and_became_known_later_goes(world: PresenceWorld):
    """It names them by number, though by no id of ours."""
    typed = SubjectEntry(IdentifierScheme.NHS_NUMBER, UNKNOWN, date.fromisoformat(BORN))
    presence = world.begin(typed, in_the_room=frozenset({Present.PARTNER}))
    write(world, presence)
    assert presence.person is None
    known = world.running.decide(subject_of(typed)).decision.subjects

    found = left(world, next(iter(known)), SAID, UNKNOWN)

    assert found == {}


def test_others_keep_their_visits(world: PresenceWorld):
    """Also one of the same family."""
    write(world, world.begin())

    erased(world.father, world.running.outside)

    assert world.running.count("presence_sheet") == 1


def test_how_they_are_reached_goes_from_a_childs_record_too(world: PresenceWorld):
    """It is theirs, wherever a source says it."""
    world.tell(a_tie(RelationshipKind.MOTHER, E_MAIL, to="mother"))
    assert world.running.count("contact_held") == 2

    erased(world.mother, world.running.outside)

    assert world.running.count("contact_held") == 0
