"""Emergency access: announced first, for half an hour, what it opens and what it never does."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.vocabulary import Purpose
from services.people.governance.queue import ItemKind
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.emergency import (
    EmergencyRefusal,
    OpenEmergency,
    close_now,
    open_emergency,
)
from services.people.relationships.model import EmergencyReason, HeldRelationship, WhyNotAsked
from services.platform.errors import ServiceUnavailableError
from services.profile.model import ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, by_number

pytestmark = pytest.mark.postgres
HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Place:
    running: InProcess
    clock: StandingClock
    child: PersonId

    def open(self, person: PersonId | None, **more: object) -> HeldRelationship | EmergencyRefusal:
        with unit_of_work(self.running.portal) as work:
            command = OpenEmergency(
                person,
                EmergencyReason.CHILD_MISSING,
                WhyNotAsked.NOT_REACHED,
                "Not home since noon.",
                signed_in_at=work.now,
            )
            wanted = replace(command, **more)  # type: ignore[arg-type] # fields of the order
            return open_emergency(wanted, self.visitor, ports=work.emergencies())

    @property
    def visitor(self) -> SignedInPractitioner:
        with unit_of_work(self.running.portal) as work:
            found = work.directory.practitioner(VISITOR)
        assert found is not None
        return found

    def grounds(self) -> set[RelationshipGround]:
        with unit_of_work(self.running.portal) as work:
            found = work.relationships.may_open(VISITOR, [self.child])[self.child]
        return {relationship.ground for relationship in found.relationships}


@pytest.fixture
def place(outside: Outside, clock: StandingClock) -> Iterator[_Place]:
    """A child with whom the health visitor has nothing to do."""
    with InProcess.running(outside) as running:
        with unit_of_work(running.portal) as work:
            child = work.persons.resolve_or_create(by_number("9990000018"), at=work.now)
        yield _Place(running, clock, child)


def test_it_is_announced_opened_and_in_the_queue_in_one_transaction(place: _Place) -> None:
    """Governance has it before it opens, and the words wait sealed."""
    opened = place.open(place.child)

    assert isinstance(opened, HeldRelationship)
    made = (LedgerEvent.EMERGENCY_ACCESS_ANNOUNCED, LedgerEvent.RELATIONSHIP_MADE)
    assert [entry.event for entry in place.running.ledger(*made)] == list(made)
    assert place.grounds() == {RelationshipGround.EMERGENCY}
    with unit_of_work(place.running.outside) as work:
        (item,) = work.queue.waiting(most=9)
    assert (item.kind, item.about) == (ItemKind.EMERGENCY, opened.id)
    assert place.running.count("relationship_words") == 1


def test_it_ends_by_itself_and_a_clock_set_back_does_not_lengthen_it(place: _Place) -> None:
    """Its end stands; before its beginning it is not in force either."""
    place.open(place.child)

    place.clock.pass_by(HALF_AN_HOUR)
    after = place.grounds()
    place.clock.pass_by(-3 * HALF_AN_HOUR)
    set_back = place.grounds()
    place.clock.pass_by(3 * HALF_AN_HOUR)

    assert (after, set_back, place.grounds()) == (set(), set(), set())


def test_close_now_ends_it_at_once(place: _Place) -> None:
    """And says so in the ledger."""
    place.open(place.child)

    place.clock.pass_by(timedelta(minutes=1))
    with unit_of_work(place.running.portal) as work:
        closed = close_now(
            VISITOR,
            place.child,
            relationships=work.relationships,
            ledger=work.ledger,
            at=work.now,
        )

    assert (closed, place.grounds()) == (1, set())
    assert len(place.running.ledger(LedgerEvent.RELATIONSHIP_ENDED)) == 1


def test_it_never_goes_over_a_restriction_and_nobody_is_told_so(place: _Place) -> None:
    """Somebody unknown, and somebody protected: the same sentence, each entered."""
    place.running.restrict(place.child)

    answers = [place.open(place.child), place.open(None)]

    assert [a.label for a in answers if isinstance(a, EmergencyRefusal)] == [
        EmergencyRefusal.NOBODY.label,
        EmergencyRefusal.NOBODY.label,
    ]
    refused = place.running.ledger(LedgerEvent.RELATIONSHIP_REFUSED)
    assert [entry.fields["because"] for entry in refused] == ["restricted", "nobody"]
    assert place.running.count("relationship") == 0


def test_a_fourth_that_nobody_has_looked_at_is_not_opened_alone(place: _Place) -> None:
    """Three in a day, and then somebody has to look first."""
    opened = [place.open(place.child) for _ in range(4)]

    assert opened[3] is EmergencyRefusal.TOO_MANY
    assert place.running.count("relationship") == 3


def test_whoever_signed_in_this_morning_signs_in_again_first(place: _Place) -> None:
    """Nor does a sign-in in the future count."""
    now = place.clock.now()
    stale = [now - timedelta(minutes=16), now + timedelta(minutes=1)]

    answers = [place.open(place.child, signed_in_at=at) for at in stale]

    assert answers == [EmergencyRefusal.NOT_FRESH] * 2


def test_without_the_ledger_nothing_opens(place: _Place) -> None:
    """The announcement cannot be entered, so nothing was opened."""
    place.running.break_the_ledger()

    with pytest.raises(ServiceUnavailableError):
        place.open(place.child)

    assert place.grounds() == set()


def test_reading_shows_nothing_of_a_stranger_and_something_in_an_emergency(place: _Place) -> None:
    """The door is the same `decide` as everybody's."""
    before = place.running.read(place.child, Purpose.SAFEGUARDING)

    place.open(place.child)

    after = place.running.read(place.child, Purpose.SAFEGUARDING)
    assert isinstance(before, ProfileRefused)
    assert not isinstance(after, ProfileRefused)
