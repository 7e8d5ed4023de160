"""Reviews of what waits, and families' questions: who may, what is entered, who is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.audit.asked import Auditor, NotForThem
from services.audit.outcomes import FoundBecause, Outcome, ReviewRefusal, Step
from services.audit.reviews.postgres import FamilyQuestion
from services.audit.reviews.questions import (
    CameInBy,
    FamilyAnswer,
    FamilyAsks,
    FamilyQuestionAsked,
    FamilyQuestionRefusal,
    answer_family,
    ask_for_family,
    take_from_family,
)
from services.audit.reviews.reviewing import Reviewed, move, review
from services.audit.reviews.waiting import (
    ReviewAnswer,
    ReviewRow,
    ReviewsAnswer,
    review_shown,
    reviews_waiting,
)
from services.people.governance.queue import ItemKind, raise_item
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.emergency import OpenEmergency, open_emergency
from services.people.relationships.model import (
    EmergencyReason,
    HeldRelationship,
    WhyNotAsked,
)
from services.platform.messages.postgres_outbox import Waiting
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.people.auditing import OPERATOR, AuditedTrust, an_audited_trust
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres


@pytest.fixture
def trust(outside: Outside, clock: StandingClock) -> Iterator[AuditedTrust]:
    """Give a trust with a child."""
    with InProcess.running(outside) as running:
        yield an_audited_trust(running, clock)


def _visitor(trust: AuditedTrust) -> SignedInPractitioner:
    with unit_of_work(trust.portal) as work:
        found = work.directory.practitioner(VISITOR)
    assert found is not None
    return found


def _emergency(trust: AuditedTrust) -> ReviewRow:
    """The visitor opens one, and looks."""
    with unit_of_work(trust.portal) as work:
        command = OpenEmergency(
            trust.child,
            EmergencyReason.CHILD_MISSING,
            WhyNotAsked.NOT_REACHED,
            "Not home since noon.",
            signed_in_at=work.now,
        )
        opened = open_emergency(command, _visitor(trust), ports=work.emergencies())
    assert isinstance(opened, HeldRelationship)
    trust.running.read(trust.child)
    return _waiting(trust)[-1]


def _waiting(trust: AuditedTrust) -> list[ReviewRow]:
    answer = trust.ask(reviews_waiting)
    assert isinstance(answer, ReviewsAnswer)
    return list(answer.rows)


def _finds(
    trust: AuditedTrust, item: str, outcome: Outcome, because: FoundBecause, by: Auditor
) -> Reviewed | ReviewRefusal:
    return trust.ask(lambda a: review(item, outcome, because, by=a.by, work=a.work), by)


def test_an_emergency_waits_with_whom_it_was_about_and_what_came_after(
    trust: AuditedTrust,
) -> None:
    """Its day is there, and the worker's later work with the family beside it."""
    row = _emergency(trust)

    assert (row.item.kind, row.item.persons) == (ItemKind.EMERGENCY, (trust.child,))
    assert (row.worker, row.standing.step) == (f"practitioner:{VISITOR}", Step.NEW)
    assert not row.is_overdue
    trust.clock.pass_by(timedelta(days=3))
    assert _waiting(trust)[-1].is_overdue


def test_who_found_it_justified_closes_it_and_the_lead_is_told(trust: AuditedTrust) -> None:
    """It leaves the queue; the message names nobody."""
    item, (officer, _) = _emergency(trust).item.id, trust.auditors

    done = _finds(trust, item, Outcome.JUSTIFIED, FoundBecause.THREAT_WAS_REAL, officer)

    assert isinstance(done, Reviewed)
    assert (done.standing.step, done.told) == (Step.CLOSED, (trust.lead,))
    assert _waiting(trust) == []
    with unit_of_work(trust.running.relay) as work:
        sent = work.messages_out().claim(now=work.now, lease=timedelta(minutes=1))
    assert isinstance(sent, Waiting)
    assert sent.message is not None
    assert sent.message.to == "+447700900123"
    assert "Justified" in sent.message.text
    assert trust.child not in sent.message.text
    events = [e.event for e in trust.running.ledger()][-3:]
    assert events == [
        LedgerEvent.GOVERNANCE_ITEM_CLOSED,
        LedgerEvent.REVIEW_TOLD,
        LedgerEvent.AUDIT_ASKED,
    ]


def test_a_breach_takes_a_second_reviewer_and_then_lists_whom_it_affected(
    trust: AuditedTrust,
) -> None:
    """Until then it waits; the same reviewer is no second."""
    item, (one, other) = _emergency(trust).item.id, trust.auditors

    first = _finds(trust, item, Outcome.BREACH, FoundBecause.CURIOSITY, one)
    again = _finds(trust, item, Outcome.BREACH, FoundBecause.CURIOSITY, one)
    waiting = _waiting(trust)
    second = _finds(trust, item, Outcome.BREACH, FoundBecause.OWN_FAMILY, other)

    assert isinstance(first, Reviewed)
    assert (first.standing.step, first.told) == (Step.SECOND_WANTED, ())
    assert again is ReviewRefusal.SAME_HAND
    assert [row.standing.step for row in waiting] == [Step.SECOND_WANTED]
    assert isinstance(second, Reviewed)
    assert second.affected == (trust.child,)
    shown = trust.ask(lambda a: review_shown(item, a))
    assert isinstance(shown, ReviewAnswer)
    assert [s.standing.step for s in shown.states] == [Step.SECOND_WANTED, Step.CLOSED]
    refused = trust.running.ledger(LedgerEvent.REVIEW_REFUSED)
    assert [entry.fields["because"] for entry in refused] == ["same-hand"]


def test_nobody_reviews_what_they_did_themselves_and_nobody_else_but_governance(
    trust: AuditedTrust,
) -> None:
    """By command either: whoever raised it by a command is whom it is about."""
    item = _emergency(trust).item.id
    with unit_of_work(trust.portal) as work:
        raised = raise_item(
            ItemKind.ONE_PERSONS_WORD,
            "d0" * 16,
            by=OPERATOR.actor,
            queue=work.queue,
            ledger=work.ledger,
            at=work.now,
        )
    reasons = (Outcome.JUSTIFIED, FoundBecause.CASE_LOAD)
    officer = trust.auditors[0]
    as_worker = replace(officer, actor=f"practitioner:{VISITOR}")

    assert _finds(trust, item, *reasons, as_worker) is ReviewRefusal.OWN
    assert _finds(trust, raised.id, *reasons, OPERATOR) is ReviewRefusal.OWN
    stranger = Auditor(f"practitioner:{VISITOR}")
    assert _finds(trust, item, *reasons, stranger) is ReviewRefusal.NOT_ALLOWED
    assert _finds(trust, "nothing", *reasons, officer) is ReviewRefusal.NOT_OPEN
    assert len(trust.running.ledger(LedgerEvent.REVIEW_REFUSED)) == 4


def test_a_step_on_is_entered_and_its_history_is_never_changed(trust: AuditedTrust) -> None:
    """A row a state: not even the database's owner changes one."""
    item, (officer, _) = _emergency(trust).item.id, trust.auditors

    trust.ask(lambda a: move(item, Step.LOOKING, by=a.by, work=a.work), officer)
    moved = trust.ask(lambda a: move(item, Step.ASKED_MANAGER, by=a.by, work=a.work), officer)

    assert isinstance(moved, Reviewed)
    assert moved.standing.step is Step.ASKED_MANAGER
    entries = trust.running.ledger(LedgerEvent.REVIEW_MOVED)
    assert [entry.fields["step"] for entry in entries] == ["looking", "asked-manager"]
    with (
        pytest.raises(Exception, match="append-only"),
        trust.running.outside.engine.begin() as connection,
    ):
        connection.execute(text("UPDATE audit_review SET step = 'closed'"))


def test_what_waits_comes_a_page_at_a_time_the_soonest_first(trust: AuditedTrust) -> None:
    """Each item once, closed ones passed by."""
    officer = trust.auditors[0]
    with unit_of_work(trust.portal) as work:
        for n in range(7):
            kind = (ItemKind.EMERGENCY, ItemKind.DUTY_OVER_REFUSAL)[n % 2]
            ports = {"queue": work.queue, "ledger": work.ledger, "at": work.now}
            raise_item(kind, f"{n:032x}", by="job:test", **ports)  # type: ignore[arg-type] # by name
    every = [row.item.id for row in _waiting(trust)]
    _finds(trust, every[2], Outcome.JUSTIFIED, FoundBecause.CASE_LOAD, officer)

    found, after = [], None
    while True:
        page = trust.ask(lambda a, after=after: reviews_waiting(a, after=after, most=2))  # type: ignore[misc] # bound now
        assert isinstance(page, ReviewsAnswer)
        found += [row.item.id for row in page.rows]
        after = page.next
        if after is None:
            break

    assert found == [one for one in every if one != every[2]]


def _asks(person: PersonId | None) -> FamilyQuestionAsked:
    return FamilyQuestionAsked(person, FamilyAsks.WHY_LOOKED, CameInBy.PRACTITIONER)


def test_a_familys_question_waits_until_it_is_answered(trust: AuditedTrust) -> None:
    """Entered by who works with them, with its day; answered by governance."""
    with unit_of_work(trust.portal) as work:
        relate(work, VISITOR, trust.child)
    with unit_of_work(trust.portal) as work:
        asked = ask_for_family(_asks(trust.child), _visitor(trust), work=work)
    (row,) = _waiting(trust)

    done = trust.ask(
        lambda a: answer_family(row.item.id, FamilyAnswer.WAS_RIGHT, by=a.by, work=a.work),
        trust.auditors[0],
    )

    assert isinstance(asked, FamilyQuestion)
    assert (row.item.kind, row.item.persons) == (ItemKind.FAMILY_QUESTION, (trust.child,))
    assert isinstance(done, FamilyQuestion)
    assert (done.answer, _waiting(trust)) == (FamilyAnswer.WAS_RIGHT, [])


def test_a_question_is_taken_from_who_works_with_the_family_or_by_governance(
    trust: AuditedTrust,
) -> None:
    """Nobody else enters one, or answers one; every try is entered."""
    (stranger,) = trust.running.decide(by_number("9990000026")).decision.subjects
    visitor = _visitor(trust)
    with unit_of_work(trust.portal) as work:
        unrelated = ask_for_family(_asks(stranger), visitor, work=work)
        unknown = ask_for_family(_asks(None), visitor, work=work)
        taken = take_from_family(_asks(trust.child), by=trust.auditors[0], work=work)
        nobody = take_from_family(_asks(None), by=OPERATOR, work=work)
        as_worker = Auditor(visitor.actor)
        refused = answer_family("x", FamilyAnswer.WAS_RIGHT, by=as_worker, work=work)

    assert unrelated is unknown is FamilyQuestionRefusal.NOT_THEIRS
    assert isinstance(taken, FamilyQuestion)
    assert (nobody, refused) == (
        FamilyQuestionRefusal.NOT_KNOWN,
        FamilyQuestionRefusal.NOT_ALLOWED,
    )
    assert len(trust.running.ledger(LedgerEvent.FAMILY_QUESTION_REFUSED)) == 4


def test_what_waits_is_told_to_governance_alone(trust: AuditedTrust) -> None:
    """And the question of anybody else is entered as refused."""
    answer = trust.ask(reviews_waiting, Auditor(f"practitioner:{VISITOR}"))

    assert answer is NotForThem.NOT_GOVERNANCE
