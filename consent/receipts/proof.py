"""A receipt's events, each an entry of the ledger, and its file with the proofs that they are.

ISO/IEC TS 27560:2023 section 6.3.7, event: `event_time`, `event_type`, `event_state`, `entity_id`,
`validity_duration`. Every event is one entry of the ledger; what the ledger does not have did not
happen.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

from consent.errors import ReceiptInvalidError
from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
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
    {
        LedgerEvent.SHARING_DECISION_RECORDED,
        LedgerEvent.SHARING_DECISION_RECORDED_IN_FULL,
        LedgerEvent.SHARING_DECISION_WRITTEN_DOWN,
    }
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


# A receipt as a file: what it says, who signed that, and the proofs that it is in the ledger.
#
# A JSON object of three members. `receipt` is for people and programs to read. `signature` is a
# compact JWS (RFC 7515) whose payload is the canonical JSON (RFC 8785) of `receipt`, so that any
# JOSE program checks it and shows what was signed. `ledger` has one C2SP tlog-proof for each event,
# which carries the entry itself.
#
# What counts is what it says, not in which bytes: a receipt that a program loaded and saved again
# is the same one. Whatever it says otherwise has another canonical form, which nobody signed; and
# two readers cannot read it in two ways, because a name that stands twice is refused.

_MEMBERS = ("receipt", "signature", "ledger")
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """A receipt with its signature and its proofs, none of them checked yet."""

    receipt: Mapping[str, Any]
    signature: str
    proofs: Sequence[str]


def canonical(receipt: Mapping[str, Any]) -> bytes:
    """The one form of a receipt that is signed (RFC 8785)."""
    return rfc8785.dumps(dict(receipt))


def document_as_bytes(document: ReceiptDocument) -> bytes:
    """The document as a file."""
    members = {
        "receipt": document.receipt,
        "signature": document.signature,
        "ledger": list(document.proofs),
    }
    return json.dumps(members, ensure_ascii=False, indent=1).encode() + b"\n"


def document_from_bytes(content: bytes) -> ReceiptDocument:
    """A receipt's file, however a program wrote it. Raises ReceiptInvalidError for no receipt."""
    if len(content) > _MOST_BYTES:
        raise ReceiptInvalidError(f"a receipt is not longer than {_MOST_BYTES} bytes")
    try:
        found = json.loads(content.decode(), object_pairs_hook=_object_of)
    except (ValueError, RecursionError):
        raise ReceiptInvalidError("a receipt is JSON in UTF-8, each name once") from None
    if not isinstance(found, dict) or found.keys() != set(_MEMBERS):
        raise ReceiptInvalidError(f"a receipt has the members {', '.join(_MEMBERS)}")
    receipt, signature, proofs = (found[name] for name in _MEMBERS)
    if not isinstance(receipt, dict) or not isinstance(signature, str):
        raise ReceiptInvalidError("a receipt is an object, its signature a text")
    if not isinstance(proofs, list) or not all(isinstance(proof, str) for proof in proofs):
        raise ReceiptInvalidError("the ledger's proofs of a receipt are texts")
    _require_canonical_form(receipt)
    return ReceiptDocument(receipt, signature, tuple(proofs))


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names stand once. Raises ValueError for any other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _require_canonical_form(receipt: Mapping[str, Any]) -> None:
    try:
        canonical(receipt)
    except (ValueError, RecursionError):  # numbers or texts that we never write
        raise ReceiptInvalidError("the receipt has no canonical form") from None
