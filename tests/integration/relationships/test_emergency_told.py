"""Who works with a person is told before somebody opens their record in an emergency."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships import emergency
from services.people.relationships.emergency import OpenEmergency, open_emergency
from services.people.relationships.model import (
    EmergencyReason,
    EmergencyTold,
    HeldRelationship,
    WhyNotAsked,
)
from services.platform.errors import ServiceUnavailableError
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import SCHOOL, InProcess, by_number
from tests.support.people.relating import a_colleague, leads, relate

pytestmark = pytest.mark.postgres


@dataclass(frozen=True, slots=True)
class _School:
    """A child whom a school works with, and a health visitor who has nothing to do with them."""

    running: InProcess
    clock: StandingClock
    child: PersonId
    pastoral_lead: PractitionerId

    def open(self, by: PractitionerId = VISITOR) -> HeldRelationship:
        with unit_of_work(self.running.portal) as work:
            command = OpenEmergency(
                self.child,
                EmergencyReason.CHILD_MISSING,
                WhyNotAsked.NOT_REACHED,
                "Not home since noon.",
                signed_in_at=work.now,
            )
            opened = open_emergency(command, self.who(by), ports=work.emergencies())
        assert isinstance(opened, HeldRelationship)
        return opened

    def who(self, practitioner: PractitionerId) -> SignedInPractitioner:
        with unit_of_work(self.running.portal) as work:
            found = work.directory.practitioner(practitioner)
        assert found is not None
        return found

    def unseen(self, by: PractitionerId = TEACHER) -> list[EmergencyTold]:
        with unit_of_work(self.running.portal) as work:
            return list(emergency.unseen(self.who(by), ports=work.emergencies()))

    def see(self, told: str, by: PractitionerId = TEACHER) -> bool:
        with unit_of_work(self.running.portal) as work:
            return emergency.see(told, self.who(by), ports=work.emergencies())


@pytest.fixture
def school(outside: Outside, clock: StandingClock) -> Iterator[_School]:
    """A teacher has the child on their case-load; a colleague of theirs has not."""
    with InProcess.running(outside) as running:
        with unit_of_work(running.portal) as work:
            child = work.persons.resolve_or_create(by_number("9990000018"), at=work.now)
            relate(work, TEACHER, child)
            colleague = a_colleague(work, SCHOOL)
        yield _School(running, clock, child, colleague)


def test_the_named_worker_is_told_in_the_transaction_that_opens_it(school: _School) -> None:
    """Who, when and why; their colleague without a case-load, and the asker, are not."""
    opened = school.open()

    (told,) = school.unseen()
    assert told == EmergencyTold(
        opened.id, school.child, VISITOR, school.clock.now(), EmergencyReason.CHILD_MISSING
    )
    assert school.unseen(school.pastoral_lead) == school.unseen(VISITOR) == []
    (entry,) = school.running.ledger(LedgerEvent.EMERGENCY_ACCESS_TOLD)
    assert entry.fields == {"relationship": opened.id, "practitioners": (TEACHER,)}


def test_where_a_source_names_nobody_the_agencys_leads_are_told(school: _School) -> None:
    """They hold the case."""
    with unit_of_work(school.running.portal) as work:
        leads(work, school.pastoral_lead)
        held = relate(work, TEACHER, school.child)
        work.relationships.add([replace(held, id="1" * 32, practitioner=None)])

    school.open()

    assert len(school.unseen(school.pastoral_lead)) == 1


def test_whoever_opens_it_themselves_is_told_nothing(school: _School) -> None:
    """They know."""
    school.open(by=TEACHER)

    assert school.unseen() == []
    assert school.running.count("emergency_told") == 0


def test_nobody_is_told_from_whom_a_restriction_hides_the_child(school: _School) -> None:
    """Neither when it opens, nor of what they were told before it was placed."""
    school.open()
    school.running.restrict(school.child, VISITOR)

    school.open()

    assert school.unseen() == []
    assert school.running.count("emergency_told") == 1


def test_it_is_there_until_they_have_seen_it(school: _School) -> None:
    """Days later still; once seen it is gone, and that is entered once."""
    opened = school.open()
    school.clock.pass_by(3 * DAY)
    before = len(school.unseen())

    answers = [school.see(opened.id), school.see(opened.id)]

    assert (before, answers, school.unseen()) == (1, [True, False], [])
    assert len(school.running.ledger(LedgerEvent.EMERGENCY_ACCESS_SEEN)) == 1
    assert len(school.running.ledger(LedgerEvent.EMERGENCY_ACCESS_SEEN_REFUSED)) == 1


def test_nobody_says_for_another_that_they_have_seen_it(school: _School) -> None:
    """It stays with whom it was told to."""
    opened = school.open()

    is_taken = school.see(opened.id, by=school.pastoral_lead)

    assert (is_taken, len(school.unseen())) == (False, 1)


def test_where_they_cannot_be_told_nothing_opens(school: _School) -> None:
    """Telling and opening are one transaction."""
    school.running.break_the_ledger()

    with pytest.raises(ServiceUnavailableError):
        school.open()

    assert school.running.count("emergency_told") == 0
    assert school.running.count("relationship") == 1
