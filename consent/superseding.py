"""One decision in the place of another, and what becomes of that when it never counted."""

from dataclasses import replace
from datetime import datetime

from consent.errors import DecisionInvalidError
from consent.handler_ports import Decisions
from consent.keeping import Changed, Deciding
from consent.ledger import ledger_entry
from consent.ledger_events import LedgerEvent
from consent.model import Response, SharingDecision
from schemas.identifiers import DecisionId


def replaced_by(new: SharingDecision, *, actor: str, deciding: Deciding) -> list[Changed]:
    """The decision in whose place the new one stands, as it is now; empty where it names none.

    Both rows are locked then: the new one is not yet visible to anybody else. Raises
    DecisionInvalidError for a decision that this one cannot stand for.
    """
    if new.supersedes is None:
        return []
    old = deciding.decisions.find(new.supersedes)
    if old is None:
        raise DecisionInvalidError("supersedes", "is-not-known")
    _require_replaceable(old, new)
    replaced = replace(
        old, superseded_at=new.decided_at, superseded_by=new.id, version=old.version + 1
    )
    entry = ledger_entry(
        LedgerEvent.SHARING_DECISION_SUPERSEDED,
        {"decision": old.id, "subjects": old.subjects, "by": new.id},
        at=new.decided_at,
        actor=actor,
    )
    return [(replaced, entry)]


def reinstated_without(
    invalid: SharingDecision, *, at: datetime, actor: str, deciding: Deciding
) -> list[Changed]:
    """What a decision that never counted had replaced, as it stands without it; perhaps nothing.

    Otherwise a refusal would be lost to a permission that was written down in error. What had in
    turn replaced the invalid one stands in the place of both.
    """
    before = _valid_before(invalid, deciding.decisions)
    if before is None or before.superseded_by != invalid.id:
        return []
    reinstated = replace(
        before,
        superseded_at=invalid.superseded_at,
        superseded_by=invalid.superseded_by,
        withdrawn_at=_withdrawal_kept(before, invalid),
        version=before.version + 1,
    )
    entry = ledger_entry(
        LedgerEvent.SHARING_DECISION_REINSTATED,
        {"decision": before.id, "subjects": before.subjects, "because": invalid.id},
        at=at,
        actor=actor,
    )
    return [(reinstated, entry)]


def _require_replaceable(old: SharingDecision, new: SharingDecision) -> None:
    refusals = {
        "is-another-deciders": old.decided_by != new.decided_by,
        "is-about-others": old.subjects != new.subjects,
        "is-invalidated": old.invalidated_at is not None,
        "is-superseded": old.superseded_at is not None,
        "is-withdrawn": old.withdrawn_at is not None,
    }
    for reason, applies in refusals.items():
        if applies:
            raise DecisionInvalidError("supersedes", reason)


def _valid_before(decision: SharingDecision, decisions: Decisions) -> SharingDecision | None:
    """The last that counted, further back where those in between were found invalid before."""
    wanted: DecisionId | None = decision.supersedes
    while wanted is not None:
        before = decisions.find(wanted)
        if before is None or before.invalidated_at is None:
            return before
        wanted = before.supersedes
    return None


def _withdrawal_kept(before: SharingDecision, invalid: SharingDecision) -> datetime | None:
    """A permission does not come to life again after what stood in its place was withdrawn."""
    is_permission = before.response is Response.GIVEN
    return invalid.withdrawn_at if is_permission else before.withdrawn_at
