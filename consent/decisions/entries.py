"""The entries that prove what was recorded, proposed, confirmed, lapsed or refused."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from consent.agreement import Agency
from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.event_fields import EVENT_FIELDS
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import FieldKind
from consent.model import Proposal, SecondHand, SharingAct, SharingDecision, TakenBack


def entry_for(decision: SharingDecision) -> LedgerEntry:
    """The entry that proves what was recorded, by whom and on what ground: codes and ids only.

    Its fields are the decision's own, or those of its circumstances, by the same names.
    """
    event, told = LedgerEvent.SHARING_DECISION_WRITTEN_DOWN, decision.circumstances
    others = {
        "decision": decision.id,
        "decider_kind": decision.decided_by.kind,
        "judged_by": told.competence.judged_by if told.competence else None,
    }
    fields = {
        name: _as_field(others[name] if name in others else _of(decision, name), kind)
        for name, kind in EVENT_FIELDS[event].items()
    }
    return ledger_entry(event, fields, at=decision.known_at, actor=told.recorded_by or "")


def _of(decision: SharingDecision, name: str) -> Any:
    return getattr(decision if hasattr(decision, name) else decision.circumstances, name)


def _as_field(value: Any, kind: FieldKind) -> FieldValue:
    """What may have nothing to say is held as a list of one or none, and a time in UTC."""
    told = _utc(value) if isinstance(value, datetime) else value
    if kind.items is None or isinstance(told, frozenset):
        return told
    return [] if told is None else [told]


def proposed_entry(
    decision: SharingDecision, proposal: Proposal, gaining: Collection[Agency], *, actor: str
) -> LedgerEntry:
    """The entry of an act that waits, and for whose gain it waits for a second hand."""
    return ledger_entry(
        LedgerEvent.SHARING_DECISION_PROPOSED,
        {
            "decision": decision.id,
            "subjects": decision.subjects,
            "act": proposal.act,
            "gaining": frozenset(gaining),
            "until": _utc(proposal.until),
        },
        at=proposal.at,
        actor=actor,
    )


def confirmed_entry(
    decision: SharingDecision, act: SharingAct, warrant: SecondHand, *, at: datetime, actor: str
) -> LedgerEntry:
    """The entry that says who stands for an act beside the one who asked, and as what."""
    return ledger_entry(
        LedgerEvent.SHARING_DECISION_CONFIRMED,
        {
            "decision": decision.id,
            "subjects": decision.subjects,
            "act": act,
            "warrant": warrant,
        },
        at=at,
        actor=actor,
    )


def seconded_entry(decision: SharingDecision, *, at: datetime, actor: str) -> LedgerEntry:
    """The entry that says who judged a child too, besides the first."""
    second = decision.circumstances.seconded
    fields: dict[str, FieldValue] = {
        "decision": decision.id,
        "subjects": decision.subjects,
        "judged_by": second.judged_by if second else "",
    }
    return ledger_entry(LedgerEvent.SHARING_DECISION_SECONDED, fields, at=at, actor=actor)


def told_entries(
    decisions: Iterable[SharingDecision], act: SharingAct, *, at: datetime, actor: str
) -> list[LedgerEntry]:
    """Who took each of these back, where the act is to withdraw and that is told."""
    if act is not SharingAct.WITHDRAW:
        return []
    return [
        _told_entry(decision, decision.taken_back, at=at, actor=actor)
        for decision in decisions
        if decision.taken_back is not None
    ]


def _told_entry(
    decision: SharingDecision, told: TakenBack, *, at: datetime, actor: str
) -> LedgerEntry:
    fields: dict[str, FieldValue] = {
        "decision": decision.id,
        "subjects": decision.subjects,
        "taken_back_by": told.by.kind,
        "channel": [] if told.channel is None else [told.channel],
        "because": [] if told.because is None else [told.because],
    }
    return ledger_entry(LedgerEvent.SHARING_DECISION_WITHDRAWAL_TOLD, fields, at=at, actor=actor)


def lapsed_entry(
    decision: SharingDecision, proposal: Proposal, *, at: datetime, actor: str
) -> LedgerEntry:
    """The entry that says that nobody confirmed it in time."""
    fields = {"decision": decision.id, "subjects": decision.subjects, "act": proposal.act}
    return ledger_entry(LedgerEvent.SHARING_DECISION_LAPSED, fields, at=at, actor=actor)


def act_refused_entry(
    decision: SharingDecision | None, act: str, because: str, *, at: datetime, actor: str
) -> LedgerEntry:
    """The entry of a failed attempt; about nobody where nobody is found."""
    return ledger_entry(
        LedgerEvent.SHARING_DECISION_ACT_REFUSED,
        {
            "decision": [] if decision is None else [decision.id],
            "subjects": [] if decision is None else decision.subjects,
            "act": act,
            "because": because,
        },
        at=at,
        actor=actor,
    )


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
