"""Receipts of decisions on a real database: issued, recorded, and checked offline."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from consent.circumstances import InvalidationReason
from consent.decisions.changing import invalidate_decision, withdraw_decision
from consent.decisions.recording import record_decision
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis
from consent.ledger.events import LedgerEvent
from consent.model import RecordDecision, Response
from schemas.identifiers import DecisionId
from schemas.vocabulary import Category, Purpose
from services.decisions.receipts.checking import check_receipt
from services.ledger.postgres_access import LedgerAccess
from services.platform.errors import ReceiptNotReadyError
from services.work import Outside, unit_of_work
from tests.support.builders import BOTH_HANDS, DAY, MOTHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.consents.receipts import KEYS
from tests.support.fakes.in_process import InProcess
from tests.support.ledger.ledger_builders import SIGNER
from tests.support.messages.source_messages import the_family

pytestmark = pytest.mark.postgres

_ACTOR = f"practitioner:{VISITOR}"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _recorded(running: InProcess, **more: Any) -> DecisionId:
    order = RecordDecision(
        subjects=tuple(the_family()[:2]),
        response=Response.GIVEN,
        categories=frozenset({Category.STORY}),
        purposes=frozenset({Purpose.EARLY_HELP}),
        basis=Basis.CONSENT,
        decided_by=MOTHER,
        actor=_ACTOR,
        **more,
    )
    with unit_of_work(running.portal) as work:
        return record_decision(order, deciding=work.deciding(BOTH_HANDS)).decision.id


def _changed(running: InProcess, change: Any, decision: DecisionId, *more: Any) -> None:
    with unit_of_work(running.portal) as work:
        change(decision, *more, actor=_ACTOR, deciding=work.deciding(BOTH_HANDS))


def _issued(running: InProcess, decision: DecisionId) -> bytes:
    LedgerAccess(running.relay.engine, signer=SIGNER).integrate()
    with unit_of_work(running.portal) as work:
        return AN_ISSUER.issue(decision, actor=_ACTOR, work=work)


def test_a_receipt_holds_offline(running: InProcess):
    """With nothing but the file and the two keys."""
    decision = _recorded(running)

    content = _issued(running, decision)

    checked = check_receipt(content, KEYS)
    assert checked.faults == ()
    assert checked.told["decision_id"] == decision
    assert json.loads(content)["receipt"]["party_identification"][0]["party_id"] == "council"


def test_everything_that_became_of_a_decision_is_in_its_receipt(
    running: InProcess, clock: StandingClock
):
    """Replaced, in force again because that was wrong, and withdrawn."""
    first = _recorded(running)
    clock.pass_by(DAY)
    second = _recorded(running, supersedes=first)
    clock.pass_by(DAY)
    _changed(running, invalidate_decision, second, InvalidationReason.RECORDED_WRONGLY)
    clock.pass_by(DAY)
    _changed(running, withdraw_decision, first)

    content = _issued(running, first)

    events = json.loads(content)["receipt"]["events"]
    assert [event["event_state"]["code"] for event in events] == [
        "given",
        "superseded",
        "reinstated",
        "withdrawn",
    ]
    assert check_receipt(content, KEYS).is_valid
    assert check_receipt(_issued(running, second), KEYS).told["state"] == "invalidated"


def test_that_a_receipt_was_issued_is_recorded(running: InProcess):
    """Which one, of which version of which decision, and by whom."""
    decision = _recorded(running)

    content = _issued(running, decision)

    told = json.loads(content)["receipt"]["receipt_metadata"]
    (entry,) = running.ledger(LedgerEvent.RECEIPT_ISSUED)
    assert entry.actor == _ACTOR
    assert entry.fields == {"decision": decision, "receipt": told["receipt_id"], "version": 1}


def test_what_the_ledger_does_not_prove_yet_has_no_receipt(running: InProcess):
    """Nor is one recorded; nor of what was never decided."""
    decision = _recorded(running)

    with pytest.raises(ReceiptNotReadyError), unit_of_work(running.portal) as work:
        AN_ISSUER.issue(decision, actor=_ACTOR, work=work)
    with pytest.raises(DecisionInvalidError), unit_of_work(running.portal) as work:
        AN_ISSUER.issue(DecisionId("0" * 32), actor=_ACTOR, work=work)

    assert not running.ledger(LedgerEvent.RECEIPT_ISSUED)


def test_decisions_of_one_moment_are_told_apart(running: InProcess):
    """Their entries are neighbours in the ledger."""
    one, other = _recorded(running), _recorded(running)

    for decision in (one, other):
        assert check_receipt(_issued(running, decision), KEYS).told["decision_id"] == decision
