"""The ledger's entries about one decision, as the events of its receipt.

ISO/IEC TS 27560:2023 section 6.3.7, event: `event_time`, `event_type`, `event_state`, `entity_id`,
`validity_duration`. Every event is one entry of the ledger; what the ledger does not have did not
happen.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from consent.ledger import LedgerEntry
from consent.ledger_events import LedgerEvent
from consent.model import Response, SharingDecision
from consent.receipts.parties import coded
from schemas.identifiers import DecisionId
from schemas.vocabulary import LabelledCode


class EventState(LabelledCode):
    """What happened to a decision, after what was said in it."""

    WITHDRAWN = "withdrawn", "Withdrawn: no from then on"
    ENDED = "ended", "Ended by the practitioner who recorded it"
    SUPERSEDED = "superseded", "Replaced by another decision"
    REINSTATED = "reinstated", "In force again: what had replaced it was invalid"
    INVALIDATED = "invalidated", "Marked as invalid: it never counted"


RECORDED = frozenset(
    {LedgerEvent.SHARING_DECISION_RECORDED, LedgerEvent.SHARING_DECISION_RECORDED_IN_FULL}
)
_STATES: Mapping[LedgerEvent, EventState] = {
    LedgerEvent.SHARING_DECISION_WITHDRAWN: EventState.WITHDRAWN,
    LedgerEvent.SHARING_DECISION_ENDED: EventState.ENDED,
    LedgerEvent.SHARING_DECISION_SUPERSEDED: EventState.SUPERSEDED,
    LedgerEvent.SHARING_DECISION_REINSTATED: EventState.REINSTATED,
    LedgerEvent.SHARING_DECISION_INVALIDATED: EventState.INVALIDATED,
}
ABOUT_DECISIONS = RECORDED | _STATES.keys()
"""The events that change what a decision is."""


def is_about(entry: LedgerEntry, decision: DecisionId) -> bool:
    """Whether the entry says that something became of this decision."""
    return entry.event in ABOUT_DECISIONS and entry.fields.get("decision") == decision


def state_after(entry: LedgerEntry) -> LabelledCode:
    """What the entry says became of its decision."""
    if entry.event in RECORDED:
        return Response(str(entry.fields["response"]))
    return _STATES[entry.event]


def event_of(entry: LedgerEntry, decision: SharingDecision) -> dict[str, Any]:
    """The entry as an event of the receipt. Who it was is told in what capacity, not by name."""
    is_first = entry.event in RECORDED
    told = decision.circumstances
    return {
        "event_time": as_text(entry.at),
        "event_state": coded(state_after(entry)),
        "event_type": "decision" if is_first else "change",
        "entity_id": decision.decided_by.reference if is_first else None,
        "entity_capacity": coded(decision.decided_by.kind) if is_first else None,
        "recorded_by": entry.actor,
        "manner": coded(told.channel) if is_first and told.channel is not None else None,
        "validity_duration": _validity(entry, decision) if is_first else None,
        "ledger_entry": str(entry.entry_id),
    }


def as_text(at: datetime | None) -> str | None:
    """A time in UTC, or nothing where there is none."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _validity(entry: LedgerEntry, decision: SharingDecision) -> dict[str, str | None]:
    """From when until when it was to hold, as it was said then."""
    stated = entry.fields.get("until", (as_text(decision.until),))
    until = next(iter(stated), None) if not isinstance(stated, str | int | datetime) else None
    return {"from": as_text(entry.at), "until": until}
