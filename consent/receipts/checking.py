"""Whether a receipt says what the ledger says: each event has its entry, and they agree.

Pure; the receipt's signature is checked beside it, in services.decisions.receipts.checking.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consent.errors import ConsentError
from consent.ledger import LedgerEntry, read_entry
from consent.receipts.parties import EVERYONE
from consent.receipts.proof import RECORDED, as_text, state_after
from consent.receipts.receipt import digest_of
from consent.transparency.checkpoint import OpenedCheckpoint, TlogProof
from consent.transparency.verifier_key import VerifierKey


@dataclass(frozen=True, slots=True)
class ProvedEntries:
    """The entries that the proofs of a receipt carry, and the checkpoints that prove them."""

    entries: tuple[LedgerEntry, ...]
    checkpoints: tuple[OpenedCheckpoint, ...]


def proved_entries(proofs: Sequence[str], keys: Sequence[VerifierKey]) -> ProvedEntries:
    """The entries behind these tlog-proofs. Raises ConsentError for one that does not hold."""
    entries, checkpoints = [], []
    for text in proofs:
        proof = TlogProof.parse(text.encode())
        checkpoints.append(proof.check(proof.extra or b"", keys))
        entries.append(read_entry(proof.extra or b""))
    return ProvedEntries(tuple(entries), tuple(checkpoints))


def faults_of(
    receipt: Mapping[str, Any], proofs: Sequence[str], entries: Sequence[LedgerEntry]
) -> list[str]:
    """What in the receipt does not agree with the ledger's entries; empty when all does."""
    try:
        if receipt["receipt_metadata"]["ledger_proofs"] != [digest_of(each) for each in proofs]:
            return ["the proofs are not those that were issued with the receipt"]
        return list(_faults(receipt, entries))
    except (ConsentError, KeyError, TypeError, ValueError, IndexError, AttributeError):
        return ["the receipt lacks what a receipt says"]


def _faults(receipt: Mapping[str, Any], entries: Sequence[LedgerEntry]) -> Iterator[str]:
    events = receipt["events"]
    # (1) One proof for each event, in their order, and nothing beside them.
    if [event["ledger_entry"] for event in events] != [str(each.entry_id) for each in entries]:
        yield "the events are not those that are proved"
        return
    # (2) A decision begins with its recording, and is recorded once.
    if [entry.event in RECORDED for entry in entries] != [True] + [False] * (len(events) - 1):
        yield "the events do not begin with the one recording of a decision"
        return
    # (3) Each event says when, by whom it was recorded and what happened as its entry does.
    for number, (event, entry) in enumerate(zip(events, entries, strict=True)):
        yield from (f"event {number}: {fault}" for fault in _faults_in_event(event, entry))
    # (4) All are about this decision and these persons.
    header = receipt["record_header"]
    for number, entry in enumerate(entries):
        fields: Mapping[str, Any] = entry.fields
        if fields["decision"] != header["record_id"]:
            yield f"event {number} is of another decision"
        if sorted(fields["subjects"]) != header["pii_principal_id"]:
            yield f"event {number} is about others"
    # (5) What was decided is what was recorded.
    terms = _terms_of(receipt)
    for field, value in entries[0].fields.items():
        if field in terms and terms[field] != _comparable(value):
            yield f"{field} is not as the ledger has it"


def _faults_in_event(event: Mapping[str, Any], entry: LedgerEntry) -> Iterator[str]:
    told = (event["event_time"], event["recorded_by"], event["event_state"]["code"])
    if told != (as_text(entry.at), entry.actor, state_after(entry).value):
        yield "when, by whom or what is not as the ledger has it"
    kind = entry.fields.get("decider_kind")
    if kind is not None and event["entity_capacity"]["code"] != kind:
        yield "who decided is not as the ledger has it"


def _terms_of(receipt: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the receipt says, by the names that the entry of the recording has for it.

    The header has the same names; when a decision ends may have become earlier since.
    """
    processing, header = receipt["pii_processing"], receipt["record_header"]
    grounds = [each["lawful_basis"] for each in processing["purposes"]]
    recipients = [each["code"] for each in processing["recipient_third_parties"]]
    return {
        **{name: [value] if value else [] for name, value in header.items() if name != "until"},
        "decided_at": header["decided_at"],
        "response": processing["response"]["code"],
        "because": _codes([processing["because"]]),
        "basis": _only(ground["basis"]["code"] for ground in grounds),
        "article_9": sorted({code for g in grounds for code in _codes([g["article_9"]])}),
        "gateways": sorted({code for g in grounds for code in _codes(g["gateways"])}),
        "categories": _codes(each["pii_type"] for each in processing["pii_information"]),
        "purposes": _codes(each["purpose"] for each in processing["purposes"]),
        "recipients": [] if recipients == [EVERYONE] else sorted(recipients),
        "sources": _codes(processing["collection_method"]["sources"]),
        "mode": processing["mode"]["code"],
    }


def _codes(coded: Iterable[Mapping[str, Any] | None]) -> list[str]:
    return sorted(each["code"] for each in coded if each is not None)


def _only(values: Iterable[str]) -> str:
    (value,) = set(values)
    return value


def _comparable(value: object) -> object:
    return sorted(value) if isinstance(value, list | tuple | set | frozenset) else str(value)
