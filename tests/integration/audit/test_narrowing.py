"""What a list of accesses is narrowed by, whom a number names, and how much waits."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.audit.asked import Auditor, AuditQuestion, NotForThem
from services.audit.index.entries import Group
from services.audit.index.postgres_entries import LATEST
from services.audit.looks import Answered
from services.audit.postgres_answers import AccessAnswer, AccessAsked
from services.audit.postgres_naming import NamedAsked, NamedByNumber, whom
from services.audit.postgres_what_waits import (
    MOST_COUNTED,
    GovernanceWaits,
    OpenItems,
    what_waits,
)
from services.people.governance.queue import ItemKind, close_item, raise_item
from services.work import Outside, unit_of_work
from tests.support.builders import NOW, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.messages.source_messages import CHILD_NUMBER
from tests.support.people.auditing import AuditedTrust, an_audited_trust
from tests.support.people.relating import a_colleague, relate

pytestmark = pytest.mark.postgres
_DAY = timedelta(days=1)


@pytest.fixture
def trust(outside: Outside, clock: StandingClock) -> Iterator[AuditedTrust]:
    """Give a trust whose visitor works with a child."""
    with InProcess.running(outside) as running:
        found = an_audited_trust(running, clock)
        with unit_of_work(running.portal) as work:
            relate(work, VISITOR, found.child)
        yield found


def _listed(
    trust: AuditedTrust, *, most: int = 50, answered: Answered | None = None
) -> AccessAnswer:
    asked = AccessAsked(
        NOW - _DAY,
        NOW + _DAY,
        frozenset({Group.LOOKS, Group.REFUSALS}),
        actor=f"practitioner:{VISITOR}",
        answered=answered,
    )
    answer = trust.ask(lambda auditing: auditing.accesses(asked, most=most))
    assert isinstance(answer, AccessAnswer)
    return answer


def _ask_through_a_partner(trust: AuditedTrust, person: PersonId) -> None:
    """As another system asks whether the visitor may see somebody."""
    fields = {
        "person": person,
        "practitioner": VISITOR,
        "purpose": "direct-care",
        "mode": "content",
        "categories": ["child-health"],
        "withheld_categories": [],
        "permitted": "yes",
        "reasons": ["consent"],
        "policy_version": "rules-1",
        "decided_from": ["d0" * 16],
    }
    with unit_of_work(trust.portal) as work:
        actor, event = "partner:trust", LedgerEvent.ACCESS_EVALUATED
        work.ledger.append([ledger_entry(event, fields, at=work.now, actor=actor)])


def test_what_a_worker_asks_through_another_system_is_theirs(trust: AuditedTrust) -> None:
    """Before it is indexed and after, beside what they looked at themselves."""
    trust.running.read(trust.child)
    _ask_through_a_partner(trust, trust.child)

    fresh = _listed(trust)
    trust.index()
    indexed = _listed(trust)

    assert fresh.accesses == indexed.accesses
    assert {one.through for one in indexed.accesses} == {None, "partner:trust"}
    assert {one.actor for one in indexed.accesses} == {f"practitioner:{VISITOR}"}


def test_an_answer_that_is_rare_is_found_behind_many_others(trust: AuditedTrust) -> None:
    """The page reads on past what the filter leaves out."""
    trust.running.read(PersonId("0" * 32))
    for _ in range(12):
        trust.running.read(trust.child)
    trust.index()

    refused = _listed(trust, most=5, answered=Answered.REFUSED)
    allowed = _listed(trust, most=5, answered=Answered.ALLOWED)

    assert [one.answered for one in refused.accesses] == [Answered.REFUSED]
    assert [one.answered for one in allowed.accesses] == [Answered.ALLOWED] * 5
    assert (refused.next is None, allowed.next is None) == (True, False)


def test_an_agency_of_many_is_read_back_through_its_time(
    trust: AuditedTrust, clock: StandingClock
) -> None:
    """Looks of an hour, of days and of weeks ago: all of them, in order, a page after another."""
    with unit_of_work(trust.running.outside) as work:
        for _ in range(51):
            a_colleague(work, AGENCY)
    began = trust.clock.now()
    for passed in (_DAY / 48, _DAY / 8, _DAY, 10 * _DAY, 40 * _DAY):
        trust.running.read(trust.child)
        clock.pass_by(passed)
    trust.running.read(trust.child)
    trust.index()
    ends = trust.clock.now() + _DAY

    pages, before = [], LATEST
    for _ in range(3):
        asked = AccessAsked(began, ends, frozenset({Group.LOOKS}), agency=AGENCY, before=before)
        answer = trust.ask(lambda auditing, asked=asked: auditing.accesses(asked, most=2))  # type: ignore[misc] # bound
        assert isinstance(answer, AccessAnswer)
        pages.append([one.at for one in answer.accesses])
        before = answer.next or before

    looks = [entry.at for entry in trust.running.ledger(LedgerEvent.PROFILE_READ)]
    assert [at for page in pages for at in page] == sorted(looks, reverse=True)
    assert [len(page) for page in pages] == [2, 2, 2]


def test_whom_a_number_names_is_entered_whether_or_not_there_is_one(trust: AuditedTrust) -> None:
    """That there is one is an answer; whoever may not ask is refused."""

    def asked(number: str) -> NamedAsked:
        return NamedAsked(AuditQuestion.LOOKS, NOW, NOW + _DAY, f"nhs-number:{number}")

    known = trust.ask(lambda a: whom(asked(CHILD_NUMBER), a))
    before = len(trust.running.ledger(LedgerEvent.AUDIT_ASKED))
    nobody = trust.ask(lambda a: whom(asked("9990000131"), a))
    refused = trust.ask(
        lambda a: whom(asked(CHILD_NUMBER), a), by=Auditor(f"practitioner:{VISITOR}")
    )

    assert isinstance(known, NamedByNumber)
    assert (known.persons, known.is_known, before) == ((trust.child,), True, 1)
    assert isinstance(nobody, NamedByNumber)
    assert (nobody.persons, nobody.is_known) == ((), False)
    asked_about = [e.fields["subjects"] for e in trust.running.ledger(LedgerEvent.AUDIT_ASKED)]
    assert asked_about == [(trust.child,), ()]
    assert refused is NotForThem.NOT_GOVERNANCE


def _raise_many(trust: AuditedTrust, number: int) -> str:
    """Items of one kind, about as many acts; gives the first."""
    with unit_of_work(trust.portal) as work:
        ports = {"queue": work.queue, "ledger": work.ledger, "at": work.now}
        items = [
            raise_item(ItemKind.CAPACITY_DOUBT, f"{n:032x}", by="job:test", **ports)  # type: ignore[arg-type] # by name
            for n in range(number)
        ]
    return items[0].id


def test_what_waits_is_counted_so_far_and_no_further(
    trust: AuditedTrust, clock: StandingClock
) -> None:
    """What is closed is not counted; what is over its day is, as that."""
    first = _raise_many(trust, MOST_COUNTED + 3)
    with unit_of_work(trust.portal) as work:
        close_item(
            first, "justified", by="operator:a", queue=work.queue, ledger=work.ledger, at=work.now
        )
    clock.pass_by(30 * _DAY)

    waits = trust.ask(what_waits)

    assert isinstance(waits, GovernanceWaits)
    counted = waits.by_kind[ItemKind.CAPACITY_DOUBT]
    assert (counted.times, counted.overdue) == (MOST_COUNTED + 1, MOST_COUNTED + 1)
    assert counted.oldest == NOW
    assert (waits.by_kind[ItemKind.EMERGENCY], waits.unusual) == (OpenItems(), OpenItems())
    assert trust.ask(what_waits, by=Auditor(f"practitioner:{VISITOR}")) is NotForThem.NOT_GOVERNANCE
