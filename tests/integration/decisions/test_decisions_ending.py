"""However a decision stops, the shared profile follows: purged, kept, or shared again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from consent.circumstances import InvalidationReason
from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.keeping import Deciding, Recorded, news_of
from consent.decisions.objecting import ObjectTo, object_to
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis, Gateway
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.envelope import Event
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source
from services.platform.errors import ServiceUnavailableError
from services.work import Outside, UnitOfWork, unit_of_work
from services.workers.aggregation import aggregate
from tests.support.builders import BOTH_HANDS, DAY, FATHER, SOCIAL_WORKER
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, ids_of
from tests.support.messages.source_messages import a_message, a_record, the_child

pytestmark = pytest.mark.postgres

ACTOR = "job:test"
WRONG = InvalidationReason.WRONG_PERSON
REVIEW = a_message("m1", a_record("r1"))


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def change(running: InProcess, clock: StandingClock) -> Callable[..., Recorded]:
    """Change a decision a day later, as a page or command does, and let everybody hear of it."""

    def changed(make: Callable[[Deciding], Recorded]) -> Recorded:
        clock.pass_by(DAY)
        with unit_of_work(running.portal) as work:
            recorded = make(work.deciding(BOTH_HANDS))
        running.settle()
        return recorded

    return changed


def _the_child_with_a_review(running: InProcess) -> PersonId:
    (person,) = running.decide(the_child()).decision.subjects
    running.receive(REVIEW)
    running.settle()
    assert len(running.stored(person)) == 1
    return person


def _invalidate(recorded: Recorded) -> Callable[[Deciding], Recorded]:
    return lambda deciding: invalidate_decision(
        recorded.decision.id, WRONG, actor=ACTOR, deciding=deciding
    )


def test_what_an_invalid_permission_let_in_is_purged(
    running: InProcess, change: Callable[..., Recorded]
):
    """It never counted; the purge names it in the ledger."""
    decided = running.decide(the_child())
    running.receive(REVIEW)
    running.settle()
    (person,) = decided.decision.subjects

    change(_invalidate(decided))

    assert running.stored(person) == []
    (purge,) = running.ledger(LedgerEvent.PROFILE_PURGED)
    assert purge.fields["decision"] == decided.decision.id


def test_a_withdrawal_says_that_there_was_nothing_to_purge(
    running: InProcess, change: Callable[..., Recorded]
):
    """Once, though the news of it comes twice; and a permission itself says nothing."""
    decided = running.decide(the_child())
    running.settle()
    before = running.ledger(LedgerEvent.PROFILE_PURGED)

    change(lambda deciding: withdraw_decision(decided.decision.id, actor=ACTOR, deciding=deciding))
    with unit_of_work(running.outside) as work:
        (person,) = decided.decision.subjects
        aggregate([_news(work, person, decided.decision.id)], work)

    (entry,) = running.ledger(LedgerEvent.PROFILE_PURGED)
    assert before == []
    assert entry.fields["decision"] == decided.decision.id
    assert (entry.fields["records"], list(entry.fields["subjects"])) == (0, [person])


def test_what_was_purged_is_not_said_to_be_nothing_when_the_news_comes_again(
    running: InProcess, change: Callable[..., Recorded]
):
    """The purge itself has an entry, and it stays the only one."""
    person = _the_child_with_a_review(running)
    with unit_of_work(running.outside) as work:
        (decision,) = work.decisions.on_record([person])[person].decisions

    change(lambda deciding: withdraw_decision(decision.id, actor=ACTOR, deciding=deciding))
    with unit_of_work(running.outside) as work:
        aggregate([_news(work, person, decision.id)], work)

    assert [e.fields["records"] for e in running.ledger(LedgerEvent.PROFILE_PURGED)] == [1]


def _news(work: UnitOfWork, person: PersonId, decision: DecisionId) -> Event:
    return news_of(person, decision, work.now)


def test_what_an_invalid_refusal_kept_out_is_shared_again(
    running: InProcess, clock: StandingClock, change: Callable[..., Recorded]
):
    """It was withheld; now it is asked for again and let in."""
    running.decide(the_child(), decided_by=FATHER)
    refusal = running.decide(the_child(), response=Response.REFUSED)
    withheld = running.receive(REVIEW)
    running.settle()
    (person,) = refusal.decision.subjects
    before = running.stored(person)

    change(_invalidate(refusal))
    clock.pass_by(DAY)
    again = running.receive(REVIEW)
    running.settle()

    assert ids_of(withheld) == ["withheld"]
    assert before == []
    assert ids_of(again) == ["published"]
    assert len(running.stored(person)) == 1


def test_an_objection_purges_what_a_public_task_let_in(
    running: InProcess, change: Callable[..., Recorded]
):
    """The public task stays on record, in force."""
    task = running.decide(the_child(), basis=Basis.PUBLIC_TASK, decided_by=SOCIAL_WORKER)
    running.receive(REVIEW)
    running.settle()
    (person,) = task.decision.subjects

    change(lambda deciding: object_to(ObjectTo(task.decision.id, FATHER, ACTOR), deciding=deciding))

    assert running.stored(person) == []


def test_what_a_narrower_decision_no_longer_permits_is_purged(running: InProcess):
    """The new stands in the place of the old, which says nothing more."""
    person = _the_child_with_a_review(running)
    with unit_of_work(running.outside) as work:
        (old,) = work.decisions.on_record([person])[person].decisions

    running.decide(person, categories=[Category.STORY], supersedes=old.id)
    running.settle()

    assert running.stored(person) == []


def test_a_duty_that_is_ended_lets_nothing_more_in(
    running: InProcess, change: Callable[..., Recorded]
):
    """What only it permitted is purged; what the family agreed to stays."""
    duty = running.decide(
        the_child(),
        purposes=[Purpose.SAFEGUARDING],
        basis=Basis.LEGAL_OBLIGATION,
        gateways=frozenset({Gateway.CHILDREN_ACT_2004_S11}),
        decided_by=SOCIAL_WORKER,
        sources=frozenset({Source.HEALTH_VISITING}),
        recipients=frozenset({"agency:schools"}),
    )
    running.receive(REVIEW)
    running.settle()
    (person,) = duty.decision.subjects
    before = running.stored(person)

    change(lambda deciding: end_decision(duty.decision.id, actor=ACTOR, deciding=deciding))

    assert len(before) == 1
    assert running.stored(person) == []


def test_nothing_of_a_change_is_kept_without_its_entry(running: InProcess):
    """One transaction: what cannot be proven did not happen."""
    person = _the_child_with_a_review(running)
    with unit_of_work(running.outside) as work:
        (decision,) = work.decisions.on_record([person])[person].decisions
    running.break_the_ledger()

    with pytest.raises(ServiceUnavailableError), unit_of_work(running.portal) as work:
        invalidate_decision(decision.id, WRONG, actor=ACTOR, deciding=work.deciding(BOTH_HANDS))

    with unit_of_work(running.outside) as work:
        assert work.decisions.on_record([person])[person].decisions == (decision,)


def test_of_two_who_replace_one_decision_at_once_one_is_told(running: InProcess):
    """The row is locked: the second sees what the first did, and nothing is replaced twice."""
    person = _the_child_with_a_review(running)
    with unit_of_work(running.outside) as work:
        (old,) = work.decisions.on_record([person])[person].decisions

    def replace_it(_: int) -> str:
        try:
            running.decide(person, supersedes=old.id)
        except DecisionInvalidError as error:
            return error.reason
        return "replaced"

    with ThreadPoolExecutor(4) as threads:
        told = sorted(threads.map(replace_it, range(4)))

    assert told == [*["is-superseded"] * 3, "replaced"]
    with unit_of_work(running.outside) as work:
        assert len(work.decisions.on_record([person])[person].decisions) == 2
