"""Explaining an access: decided once more by what was on record, or that it cannot be told."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import DecisionId
from schemas.vocabulary import Category
from services.audit.asked import Auditor, NotForThem
from services.audit.decisions.marks import DecisionMark
from services.audit.decisions.postgres_lives import DecisionLife, life_of
from services.audit.decisions.postgres_marks import DecisionsAnswer, MarkedDecisions
from services.audit.explain.explaining import Explanation, Retold
from services.audit.explain.postgres_could_see import DayAnswer, could_see
from services.audit.explain.postgres_explaining import Explained, explain
from services.audit.figures.postgres_timings import TimingsAnswer, timings_in
from services.audit.looks import Answered
from services.audit.postgres_answers import Auditing, VisitsAnswer
from services.ledger.bound_tables import BOUND
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, unit_of_work
from services.work.postgres_past import looking_back
from tests.support.builders import NOW, VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.generated_year import GeneratedYear
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.people.auditing import AuditedTrust, an_audited_trust
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres
_MINUTE = timedelta(minutes=1)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def trust(running: InProcess, clock: StandingClock) -> AuditedTrust:
    """Give a trust whose visitor works with a child, a minute later."""
    found = an_audited_trust(running, clock)
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, found.child)
    clock.pass_by(_MINUTE)
    return found


def _explained(trust: AuditedTrust, entry: str) -> Explanation:
    def ask(auditing: Auditing) -> Explained | NotForThem:
        with looking_back(trust.portal) as past:
            return explain(entry, auditing, past)

    answer = trust.ask(ask)
    assert isinstance(answer, Explained)
    assert answer.explanation is not None
    return answer.explanation


def _last(trust: AuditedTrust, event: LedgerEvent) -> str:
    return str(trust.running.ledger(event)[-1].entry_id)


def test_what_let_an_access_through_is_named(trust: AuditedTrust) -> None:
    """Decision, relationship, warrant, role, agreement and rule; in a sentence without a name."""
    assert isinstance(trust.running.read(trust.child), Profile)

    told = _explained(trust, _last(trust, LedgerEvent.PROFILE_READ))

    assert (told.told, told.worker.name) == (Retold.SAME, "A worker")
    assert told.relationships[0].ground == "case-load"
    assert told.role is not None
    assert told.agreement is not None
    (decision,) = told.decisions
    shown = [part for part in told.parts if part.is_permitted]
    assert {part.rule for part in shown} == {"7"}
    assert {d for part in shown for d in part.decisions} == {decision.id}
    assert "agreed on 2 March 2026" in told.sentence
    assert "because the family was on their case-load" in told.sentence
    assert told.sentence.startswith("A worker saw health of family ")


def test_the_disclosure_and_the_place_name_the_same_access(trust: AuditedTrust) -> None:
    """An auditor types what a page, a receipt or an export shows."""
    trust.running.read(trust.child)
    trust.index()
    (entry,) = trust.running.ledger(LedgerEvent.PROFILE_READ)
    place = len(trust.running.ledger()) - 1

    by = [_explained(trust, str(entry.fields["disclosure"])), _explained(trust, str(place))]

    assert [one.access.entry for one in by] == [entry.entry_id] * 2


def test_after_a_withdrawal_it_is_the_same_answer_then_and_another_one_today(
    trust: AuditedTrust,
) -> None:
    """What was rightly shown stays rightly shown; how the no worked is measured."""
    trust.running.read(trust.child)
    entry = _last(trust, LedgerEvent.PROFILE_READ)
    (decision,) = trust.running.ledger(LedgerEvent.PROFILE_READ)[0].fields["decided_from"]  # type: ignore[misc] # one
    trust.clock.pass_by(_MINUTE)
    trust.running.withdraw(DecisionId(str(decision)))
    trust.clock.pass_by(2 * _MINUTE)
    refused = trust.running.read(trust.child)
    trust.running.settle()
    trust.index()

    told = _explained(trust, entry)
    no = _explained(trust, _last(trust, LedgerEvent.PROFILE_READ_REFUSED))
    timings = trust.ask(lambda a: timings_in(NOW, a.work.now + _MINUTE, a))
    life = trust.ask(lambda a: life_of(DecisionId(str(decision)), a))

    assert isinstance(refused, ProfileRefused)
    assert (told.told, told.today) == (Retold.SAME, ())
    assert (no.told, no.access.answered) == (Retold.SAME, Answered.REFUSED)
    assert "(rule 5)" in no.sentence
    assert isinstance(timings, TimingsAnswer)
    assert (timings.timings.withdrawals, timings.timings.still_let_through) == (1, ())
    assert timings.timings.to_refusal.worst == 2 * _MINUTE
    assert isinstance(life, DecisionLife)
    assert [(o.agency, o.looks, o.refused_since) for o in life.let_through] == [("Trust", 1, 1)]
    assert all(version.holds for version in life.versions)


def test_who_has_no_relationship_is_told_as_that(trust: AuditedTrust) -> None:
    """And a stranger's question about nobody's family is no access."""
    (other,) = trust.running.decide(by_number("9990000026")).decision.subjects
    trust.running.read(other)

    told = _explained(trust, _last(trust, LedgerEvent.PROFILE_READ_REFUSED))
    audit = _explained(trust, _last(trust, LedgerEvent.AUDIT_ASKED))

    assert told.told is Retold.SAME
    assert "no relationship with the family was on record (rule 3)" in told.sentence
    assert audit.told is Retold.NO_ACCESS


def test_before_the_histories_begin_it_cannot_be_told(
    running: InProcess, clock: StandingClock
) -> None:
    """Neither yes nor no: what is not kept, and since when it is."""
    (somebody,) = running.decide(by_number("9990000026")).decision.subjects
    running.read(somebody)
    entry = str(running.ledger(LedgerEvent.PROFILE_READ_REFUSED)[-1].entry_id)
    clock.pass_by(timedelta(days=1))
    trust = an_audited_trust(running, clock)

    told = _explained(trust, entry)

    assert (told.told, told.begins_at) == (Retold.CANNOT, NOW + timedelta(days=1))
    assert "relationships" in told.lacks
    assert "cannot be told" in told.sentence


def test_a_year_of_looks_is_explained_as_it_was_answered(
    running: InProcess, clock: StandingClock
) -> None:
    """Whatever changed since; and every one by something that was on record."""
    with unit_of_work(running.outside) as work:
        work.bound.bind_what_was_there(BOUND)
    year = GeneratedYear(running, clock, Random(17), 60)
    year.begin()
    year.live()
    trust = AuditedTrust(running, clock, year.children[0], VISITOR, (_NOBODY, _NOBODY))

    told = [_explained(trust, str(e.entry_id)) for e in running.ledger(LedgerEvent.PROFILE_READ)]

    assert len(told) > 10
    assert {one.told for one in told} == {Retold.SAME}
    assert all(one.relationships or one.role for one in told)


_NOBODY = Auditor("operator:nobody")


def test_a_day_is_told_from_moment_to_moment(trust: AuditedTrust) -> None:
    """Seen while it was permitted; refused from when the family said no."""
    trust.running.read(trust.child)
    trust.clock.pass_by(_MINUTE)
    no = trust.running.decide(
        trust.child, response=Response.REFUSED, categories={Category.CHILD_HEALTH}
    )
    trust.clock.pass_by(_MINUTE)

    def ask(auditing: Auditing) -> DayAnswer | NotForThem:
        with looking_back(trust.portal) as past:
            return could_see(VISITOR, [trust.child], NOW.date(), auditing, past)

    day = trust.ask(ask)

    assert isinstance(day, DayAnswer)
    health = next(p for p in day.parts if p.category is Category.CHILD_HEALTH)
    assert [span.is_permitted for span in health.spans] == [True, False]
    assert health.spans[-1].since == no.decision.known_at
    assert len(health.seen_at) == 1
    assert day.begins_at == NOW


def test_who_looked_is_told_at_once_and_to_governance_alone(trust: AuditedTrust) -> None:
    """Before it has its place in the tree; each question is entered before its answer."""
    trust.running.read(trust.child)
    trust.running.read(trust.child)

    def ask(auditing: Auditing) -> VisitsAnswer | NotForThem:
        return auditing.who_looked([trust.child], NOW, NOW + timedelta(days=1))

    told = trust.ask(ask)
    refused = trust.ask(ask, by=Auditor(f"practitioner:{VISITOR}"))

    assert isinstance(told, VisitsAnswer)
    assert [(v.actor, len(v.accesses)) for v in told.visits] == [(f"practitioner:{VISITOR}", 2)]
    assert refused is NotForThem.NOT_GOVERNANCE
    asked = trust.running.ledger(LedgerEvent.AUDIT_ASKED, LedgerEvent.AUDIT_REFUSED)
    assert [entry.event for entry in asked] == [
        LedgerEvent.AUDIT_ASKED,
        LedgerEvent.AUDIT_REFUSED,
    ]
    assert asked[0].fields["subjects"] == (trust.child,)


def test_marks_are_the_same_before_and_after_they_are_indexed(trust: AuditedTrust) -> None:
    """A decision of which the ledger told a moment ago is in the list."""

    def listed(mark: DecisionMark) -> list[str]:
        answer = trust.ask(lambda a: MarkedDecisions(a).of(mark))
        assert isinstance(answer, DecisionsAnswer)
        return [one.decision.id for one in answer.found]

    before = {mark: listed(mark) for mark in DecisionMark}
    trust.index()

    assert {mark: listed(mark) for mark in DecisionMark} == before
    assert before[DecisionMark.NO_NOTICE]
