"""When somebody looked before: one's own looks, of another visit, by no statement of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.vocabulary import Purpose
from services.portal.family.since import since_the_last_look
from services.portal.frame.addresses import FamilyAddresses
from services.portal.services import PortalOnDatabase
from services.profile.model import Profile
from services.work import Outside, unit_of_work
from tests.support.builders import NOW, TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_clearing, a_message, a_record, the_child
from tests.support.people.relating import relate
from tests.support.statements import statements_of

pytestmark = pytest.mark.postgres


@dataclass(frozen=True)
class Looking:
    """A child that shares everything, with a visitor and a teacher; the portal's own clock."""

    running: InProcess
    services: PortalOnDatabase
    clock: StandingClock
    child: PersonId

    def looks(self, who: PractitionerId) -> datetime | None:
        """Look at the child now; when they looked before, as the page says."""
        (me,) = [one for one in self.services.demonstration_people() if one.id == who]
        found = self.services.read_profile(me, self.child, Purpose.DIRECT_CARE)
        assert isinstance(found, Profile)
        return found.looked_before


@pytest.fixture
def looking(outside: Outside) -> Iterator[Looking]:
    """Give them on an empty database."""
    with InProcess.running(outside) as running:
        running.decide(the_child())
        running.receive(a_message("m"))
        running.settle()
        child = running.person(the_child())
        assert child is not None
        with unit_of_work(running.portal) as work:
            for who in (VISITOR, TEACHER):
                relate(work, who, child)
        clock = StandingClock(NOW)
        portal = replace(running.portal, clock=clock)
        services = PortalOnDatabase(portal, demonstration=True, receipts=AN_ISSUER)
        yield Looking(running, services, clock, child)


def test_a_visit_goes_on_for_an_hour_and_only_ones_own_looks_count(looking: Looking):
    """Within it one was never there before; afterwards one was, whoever else looked meanwhile."""
    first = looking.clock.now()
    before = [looking.looks(VISITOR)]
    looking.clock.pass_by(timedelta(minutes=20))
    before += [looking.looks(VISITOR), looking.looks(TEACHER)]
    looking.clock.pass_by(timedelta(minutes=50))
    later = looking.looks(VISITOR)

    assert before == [None, None, None]
    assert later == first


def test_it_costs_a_reading_no_statement_of_its_own(looking: Looking):
    """It is read ahead with all the rest: the index alone is new."""
    looking.looks(VISITOR)
    with statements_of(looking.running.portal) as executed:
        looking.looks(VISITOR)

    about_looks = [one for one in executed if "max(at) AS at FROM look" in one]
    assert about_looks
    assert not [one for one in about_looks if "reach" not in one]


def test_what_came_since_shows_however_old_what_it_tells_is(looking: Looking):
    """What is sent again is no news, also where its source clears the scope that it lies in."""
    running, (me, *_) = looking.running, looking.services.demonstration_people()
    scope = "all-of-them"
    had = a_record("had", _on("2026-01-05"), scopes=(scope,))
    running.receive(a_message("m1", had))
    running.settle()
    with running.outside.engine.begin() as connection:
        connection.execute(text("UPDATE record SET arrived_at = '2026-02-01'"))
    looking.looks(VISITOR)
    looking.clock.pass_by(timedelta(days=1))
    again = a_message("m2", had, a_clearing(scope), at="2026-01-02T00:00:00Z")
    for message in (again, a_message("m3", a_record("late", _on("2026-01-07")))):
        running.receive(message)
        running.settle()

    found = looking.services.read_profile(me, looking.child, Purpose.DIRECT_CARE)

    assert isinstance(found, Profile)
    assert len(found.timeline) == 2
    lines = since_the_last_look(found, FamilyAddresses(looking.child)).lines
    assert [one.text for one in lines if one.tag.text == "Came since"] == ["Review, 7 January 2026"]


def _on(day: str) -> Occurrence:
    return Occurrence(OccurrenceKind.REVIEW, "Review", Period(day))
