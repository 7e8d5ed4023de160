"""Answers to other systems, each with its entry in the ledger, in one transaction."""

from datetime import datetime

from consent import Reason
from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger_events import LedgerEvent
from consent.ledger_fields import field_path
from consent.ports import Ledger
from services.access.authzen import EvaluationRequest, EvaluationResponse
from services.access.on_record import Evaluated, NotKnown, answer_on_record
from services.access.ports import AccessRecords


def evaluate_and_record(
    request: EvaluationRequest, *, records: AccessRecords, ledger: Ledger, at: datetime, actor: str
) -> EvaluationResponse:
    """Decide from what is on record, and enter who was told what; `actor` is who asks.

    The answer may be told once the transaction has committed. Raises LedgerUnavailableError.
    """
    answer = answer_on_record(request, records=records, at=at)
    match answer:
        case Evaluated():
            ledger.append([_evaluated(answer, at, actor)])
        case NotKnown():
            ledger.append([_refused(answer, at, actor)])
    return answer.response


def _evaluated(answer: Evaluated, at: datetime, actor: str) -> LedgerEntry:
    decided = answer.decisions
    permitted = {category for (category, _), d in decided.items() if d.is_permitted}
    withheld = {category for (category, _), d in decided.items() if not d.is_permitted}
    counted = [d for d in decided.values() if d.is_permitted] or list(decided.values())
    return ledger_entry(
        LedgerEvent.ACCESS_EVALUATED,
        {
            "person": answer.person,
            "practitioner": answer.asked.practitioner,
            "purpose": answer.asked.purpose,
            "mode": answer.asked.mode,
            "categories": frozenset(permitted),
            "withheld_categories": frozenset(withheld),
            "permitted": "yes" if permitted else "no",
            "reasons": frozenset(reason for d in counted for reason in d.reasons),
            "policy_version": counted[0].policy_version,
            "decided_from": frozenset(i for d in counted for i in d.decided_from),
        },
        at=at,
        actor=actor,
    )


def _refused(answer: NotKnown, at: datetime, actor: str) -> LedgerEntry:
    fields = {"element": field_path(answer.element), "reason": Reason.UNREADABLE_REQUEST}
    return ledger_entry(LedgerEvent.ACCESS_EVALUATION_REFUSED, fields, at=at, actor=actor)
