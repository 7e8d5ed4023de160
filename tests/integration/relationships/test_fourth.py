"""A fourth emergency in a day of which nobody has looked at the others, and the colleague of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role
from services.people.governance.queue import close_item
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.relationships.emergency import EmergencyRefusal, OpenEmergency
from services.people.relationships.fourth import (
    ANSWERS_AN_HOUR,
    ASKED_AN_HOUR,
    WAITS,
    ColleagueAsked,
    ColleagueWanted,
    open_or_ask,
    stand_for,
    wanted_of,
)
from services.people.relationships.model import EmergencyReason, HeldRelationship, WhyNotAsked
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.people.relating import on_rota, relate

pytestmark = pytest.mark.postgres
A_MINUTE = timedelta(minutes=1)
TWIN, STEWARD, COLLEAGUE = (PractitionerId(f"e{n}" * 16) for n in range(3))
_PEOPLE = (
    (VISITOR, "Amara Okafor", Role.PRACTITIONER),
    (TWIN, "amara  okafor", Role.PRACTITIONER),
    (STEWARD, "Dee Vale", Role.DATA_STEWARD),
    (COLLEAGUE, "Jo Byrne", Role.PRACTITIONER),
)


@dataclass(frozen=True, slots=True)
class _Night:
    """A health visitor who has opened three already, of which nobody has looked at any."""

    running: InProcess
    clock: StandingClock
    child: PersonId
    other: PersonId

    def open(
        self, person: PersonId | None, **more: object
    ) -> HeldRelationship | ColleagueAsked | EmergencyRefusal:
        with unit_of_work(self.running.portal) as work:
            command = OpenEmergency(
                person,
                EmergencyReason.CHILD_MISSING,
                WhyNotAsked.NOT_REACHED,
                "Not home since noon.",
                signed_in_at=work.now,
            )
            wanted = replace(command, **more)  # type: ignore[arg-type] # fields of the order
            return open_or_ask(wanted, self.who(VISITOR), ports=work.emergencies())

    def ask(self, person: PersonId | None = None) -> ColleagueAsked:
        asked = self.open(person)
        assert isinstance(asked, ColleagueAsked)
        return asked

    def stand(
        self, asked: ColleagueAsked | str, by: PractitionerId = TEACHER, at: datetime | None = None
    ) -> bool:
        order = asked if isinstance(asked, str) else asked.id
        with unit_of_work(self.running.portal) as work:
            ports, who = work.emergencies(), self.who(by)
            return stand_for(order, who, signed_in_at=at or work.now, ports=ports)

    def wanted(self, by: PractitionerId = TEACHER) -> list[ColleagueWanted]:
        with unit_of_work(self.running.portal) as work:
            return list(wanted_of(self.who(by), ports=work.emergencies()))

    def who(self, practitioner: PractitionerId) -> SignedInPractitioner:
        with unit_of_work(self.running.portal) as work:
            found = work.directory.practitioner(practitioner)
        assert found is not None
        return found

    def grounds(self, person: PersonId) -> set[RelationshipGround]:
        with unit_of_work(self.running.portal) as work:
            found = work.relationships.may_open(VISITOR, [person])[person]
        return {relationship.ground for relationship in found.relationships}

    def refused(self) -> list[object]:
        entries = self.running.ledger(LedgerEvent.ORDER_ANSWER_REFUSED)
        return [entry.fields["because"] for entry in entries]


@pytest.fixture
def night(outside: Outside, clock: StandingClock) -> Iterator[_Night]:
    """Three about one child; another child has not been asked about yet."""
    with InProcess.running(outside) as running:
        with unit_of_work(outside) as work:
            for one, name, role in _PEOPLE:
                work.directory.save_practitioner(
                    PractitionerEntry(
                        one, name, role, "Worker", AGENCY, None, None, Purpose.DIRECT_CARE
                    )
                )
            child = work.persons.resolve_or_create(by_number("9990000018"), at=work.now)
            other = work.persons.resolve_or_create(by_number("9990000026"), at=work.now)
        found = _Night(running, clock, child, other)
        assert all(isinstance(found.open(child), HeldRelationship) for _ in range(3))
        yield found


def test_the_fourth_opens_when_a_colleague_stands_for_it(night: _Night) -> None:
    """For half an hour from then; they are its warrant, and governance has it in its queue."""
    asked = night.ask(night.other)
    night.clock.pass_by(A_MINUTE)
    before = night.grounds(night.other)

    is_taken = night.stand(asked)

    assert (before, is_taken) == (set(), True)
    assert night.grounds(night.other) == {RelationshipGround.EMERGENCY}
    with unit_of_work(night.running.outside) as work:
        held = work.relationships.find([asked.id])[asked.id]
        about = [item.about for item in work.queue.waiting(most=9)]
    assert (held.warrant.kind, held.warrant.reference) == ("colleague", TEACHER)
    assert held.until == night.clock.now() + timedelta(minutes=30)
    assert asked.id in about
    assert night.running.count("relationship_words") == 4


def test_a_colleague_sees_who_asks_and_why_and_not_about_whom(night: _Night) -> None:
    """Of any agency; the asker, their own other account and a steward are asked nothing."""
    asked = night.ask(night.other)

    (wanted,) = night.wanted()

    expected = ColleagueWanted(
        asked, night.who(VISITOR), EmergencyReason.CHILD_MISSING, night.clock.now()
    )
    assert wanted == expected
    assert night.wanted(VISITOR) == night.wanted(TWIN) == night.wanted(STEWARD) == []


def test_whoever_may_not_stand_for_it_is_answered_alike_and_entered(night: _Night) -> None:
    """Oneself, one's own other account, a role without records, a stale sign-in, a wrong id."""
    asked, now = night.ask(night.other), night.clock.now()

    answers = [
        night.stand(asked, VISITOR),
        night.stand(asked, TWIN),
        night.stand(asked, STEWARD),
        night.stand(asked, at=now - 16 * A_MINUTE),
        night.stand(asked, at=now + A_MINUTE),
        night.stand("f" * 32),
    ]

    assert answers == [False] * 6
    assert night.grounds(night.other) == set()
    stale, another = "sign-in-is-not-fresh", "is-not-another-human"
    expected = [another, another, "role-opens-no-records", stale, stale, "is-not-there"]
    assert night.refused() == expected


def test_it_is_stood_for_once_and_lapses(night: _Night) -> None:
    """In half an hour; then nobody is asked any more."""
    once, late = night.ask(night.other), night.ask(night.other)

    answers = [night.stand(once), night.stand(once, COLLEAGUE)]
    night.clock.pass_by(WAITS)
    answers.append(night.stand(late))

    assert answers == [True, False, False]
    assert night.wanted() == []
    assert night.refused() == ["is-answered", "has-lapsed"]


def test_a_clock_that_was_set_back_lengthens_nothing(night: _Night) -> None:
    """Before it was asked for, nobody stands for it."""
    night.clock.pass_by(A_MINUTE)
    asked = night.ask(night.other)
    night.clock.pass_by(-A_MINUTE)

    assert (night.wanted(), night.stand(asked)) == ([], False)


def test_the_colleague_learns_nothing_of_whom_it_is_about(night: _Night) -> None:
    """Nobody known, and somebody protected: taken alike, nothing opens, and it is entered."""
    night.running.restrict(night.other)

    answers = [night.stand(night.ask(about)) for about in (None, night.other)]

    assert answers == [True, True]
    assert night.grounds(night.other) == set()
    refused = night.running.ledger(LedgerEvent.RELATIONSHIP_REFUSED)
    fourth = "too-many-not-reviewed"
    expected = [fourth, "nobody", fourth, "restricted"]
    assert [entry.fields["because"] for entry in refused] == expected
    assert night.running.count("relationship") == 3


def test_whoever_tries_too_often_is_answered_as_before(night: _Night) -> None:
    """After that a good answer is not taken either."""
    asked = night.ask(night.other)

    tries = [night.stand("f" * 32) for _ in range(ANSWERS_AN_HOUR)]

    assert not any(tries)
    assert not night.stand(asked)
    assert len(night.running.ledger(LedgerEvent.LIMIT_REACHED)) == 1


def test_nobody_asks_colleagues_without_end(night: _Night) -> None:
    """A limit by who asks; then they are told to ring the duty line."""
    asked = [night.open(night.other) for _ in range(ASKED_AN_HOUR + 1)]

    assert asked[-1] is EmergencyRefusal.TOO_MANY
    assert all(isinstance(one, ColleagueAsked) for one in asked[:-1])


def test_whoever_is_on_the_rota_opens_it_alone(night: _Night) -> None:
    """A student stands in for nobody."""
    with unit_of_work(night.running.portal) as work:
        relate(work, COLLEAGUE, night.child)
        on_rota(work, covered=COLLEAGUE, covering=VISITOR, is_student=True)
    as_student = night.open(night.other)
    with unit_of_work(night.running.portal) as work:
        on_rota(work, covered=TWIN, covering=VISITOR)

    on_cover = night.open(night.other)

    assert isinstance(as_student, ColleagueAsked)
    assert isinstance(on_cover, HeldRelationship)


def test_once_somebody_has_looked_at_one_the_next_opens_alone(night: _Night) -> None:
    """Looked at is closed in governance's queue."""
    with unit_of_work(night.running.outside) as work:
        item = work.queue.waiting(most=1)[0]
        closed = close_item(
            item.id, "justified", by="job:test", queue=work.queue, ledger=work.ledger, at=work.now
        )
        assert closed is not None

    assert isinstance(night.open(night.other), HeldRelationship)


def test_whoever_did_not_sign_in_just_now_asks_nobody(night: _Night) -> None:
    """Nor is anything kept of it."""
    stale = night.clock.now() - 16 * A_MINUTE

    answer = night.open(night.other, signed_in_at=stale)

    assert answer is EmergencyRefusal.NOT_FRESH
    assert night.wanted() == []
