"""Makes a case out of the ledger: the chosen entries, what explains them, and the proofs of all.

Chosen entries are at most `chosen.MOST_IN_A_CASE`, and what explains them (what became of the
decisions that they name, the rows bound by the ledger, adopted agreements) at most three times as
many: so what is held at once has a limit. Entries without a place in a signed tree are left out,
and counted: let the relay run, or sign with `ledger checkpoint`, and export again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from consent.errors import LedgerEntryInvalidError, LedgerUnavailableError
from consent.ledger import read_entry
from consent.ledger.log import StoredCheckpoint
from consent.transparency.checkpoint import LedgerSigner, TlogProof
from schemas.identifiers import DecisionId
from services.audit.exports import case_format as form
from services.audit.exports.case_telling import (
    ToldByEntry,
    decisions_told,
    named_decisions,
    told_of,
    versions_told,
)
from services.audit.exports.chosen import MOST_IN_A_CASE, Chosen
from services.audit.exports.postgres_entries import bounds_of, chosen_entries
from services.decisions.receipts.postgres import entries_about
from services.ledger.postgres_reading import LedgerReader

_STATES = text("""
    SELECT decision_id, recorded_at, bound_by FROM sharing_decision
    WHERE decision_id = ANY(CAST(:decisions AS text[])) ORDER BY decision_id, version
""")
_ADOPTED = text("SELECT bound_by, adopted_at FROM data_sharing_agreement ORDER BY adopted_at")
_BY_IDS = text("""
    SELECT leaf.idx, entry.body
    FROM unnest(CAST(:ids AS uuid[])) AS wanted (id)
    JOIN ledger_entry AS entry ON entry.entry_id = wanted.id
    JOIN ledger_leaf AS leaf ON leaf.entry_seq = entry.seq
""")
_ADOPTIONS = text(r"""
    SELECT leaf.idx, entry.body
    FROM unnest(CAST(:firsts AS uuid[]), CAST(:afters AS uuid[])) AS moment (first, after)
    JOIN ledger_entry AS entry ON entry.entry_id >= moment.first AND entry.entry_id < moment.after
    JOIN ledger_leaf AS leaf ON leaf.entry_seq = entry.seq
    WHERE entry.body LIKE '%"event":"agreement:adopted"%'\:\:bytea
""")
_MOST_ROUND_IT = form.MOST_ENTRIES - MOST_IN_A_CASE


@dataclass(frozen=True, slots=True)
class CaseAbout:
    """What the manifest says of an export: its id, when, why and by whom, and what was chosen."""

    export: str
    begun_at: datetime
    because: str
    asked_by: str
    chosen: dict[str, Any]


def case_members(
    connection: Connection,
    chosen: Chosen,
    about: CaseAbout,
    signer: LedgerSigner,
) -> Iterator[tuple[int, bytes]]:
    """Yield a case piece by piece, each time with how many chosen entries are in the piece.

    Raises LedgerUnavailableError, and LedgerBrokenError where the stored tree lacks a hash.
    """
    reader = LedgerReader(connection)
    checkpoint = _newest(reader)
    bodies, without = _chosen(connection, chosen, checkpoint.size)
    wanted = sorted(bodies)
    bodies |= _round(connection, bodies, checkpoint.size)
    digest, told = sha256(), []

    def hashed(count: int, piece: bytes) -> tuple[int, bytes]:
        digest.update(piece)
        return count, piece

    yield hashed(0, form.member(form.README, form.README_TEXT))
    is_chosen = frozenset(wanted)
    for index in sorted(bodies):
        told.append(told_of(index, read_entry(bodies[index])))
        hashes = reader.inclusion_proof(index, checkpoint.size)
        proof = str(TlogProof(index, hashes, checkpoint.note, extra=bodies[index])).encode()
        yield hashed(int(index in is_chosen), form.member(form.entry_name(index), proof))
    for name, document in _documents(told, set(wanted)):
        yield hashed(0, form.member(name, form.document_bytes(document)))
    counted = {
        "before_sha256": digest.hexdigest(),
        "checkpoint_size": checkpoint.size,
        "chosen_indexes": wanted,
        "entries": len(bodies),
        "without_place": without,
    }
    manifest = form.document_bytes(_manifest(about, signer) | counted)
    note = signer.sign(form.note_text(signer.name, sha256(manifest).hexdigest()))
    yield 0, form.member(form.MANIFEST, manifest)
    yield 0, form.member(form.NOTE, str(note).encode()) + form.END


def _newest(reader: LedgerReader) -> StoredCheckpoint:
    """The newest checkpoint; one that a witness cosigned where it is about as new."""
    found = reader.published_checkpoint() or reader.latest_checkpoint()
    if found is None:
        raise LedgerUnavailableError("no checkpoint is signed yet; sign one and export again")
    return found


def _chosen(connection: Connection, chosen: Chosen, size: int) -> tuple[dict[int, bytes], int]:
    """The chosen entries by their place, and how many have none in the tree of that size."""
    bounds = bounds_of(connection, chosen)
    bodies: dict[int, bytes] = {}
    without = 0
    for entry in () if bounds is None else chosen_entries(connection, chosen, bounds):
        if entry.place is None or entry.place >= size or not _is_readable(entry.body):
            without += 1
        elif len(bodies) < MOST_IN_A_CASE:
            bodies[entry.place] = entry.body
    return bodies, without


def _round(connection: Connection, bodies: dict[int, bytes], size: int) -> dict[int, bytes]:
    """What became of the decisions that entries name, as rows bind it, and which agreements."""
    told = [told_of(index, read_entry(body)) for index, body in bodies.items()]
    decisions = named_decisions(told)
    states = connection.execute(_STATES, {"decisions": decisions}).all()
    found: dict[int, bytes] = {}
    by_decision: dict[str, list[datetime]] = {}
    for row in states:
        by_decision.setdefault(row.decision_id, []).append(row.recorded_at)
    for decision, recorded in by_decision.items():
        for each in entries_about(DecisionId(decision), recorded, connection):
            if each.index is not None:
                found[each.index] = each.entry.body
    bound = [row.bound_by for row in states if row.bound_by is not None]
    adopted = connection.execute(_ADOPTED).all()
    bound += [row.bound_by for row in adopted if row.bound_by is not None]
    moments = _moments([row.adopted_at for row in adopted])
    rows = [
        *connection.execute(_BY_IDS, {"ids": bound}),
        *connection.execute(_ADOPTIONS, moments),
    ]
    found |= {int(row.idx): bytes(row.body) for row in rows}
    there = {index: body for index, body in found.items() if index < size and _is_readable(body)}
    return dict(sorted(there.items())[:_MOST_ROUND_IT])


def _moments(times: Sequence[datetime]) -> dict[str, list[UUID]]:
    """Between which ids the entries of these milliseconds are (RFC 9562 section 5.7)."""
    starts = sorted({int(at.timestamp() * 1000 + 0.5) + more for at in times for more in (-1, 0)})
    return {
        "firsts": [UUID(int=start << 80) for start in starts],
        "afters": [UUID(int=(start + 1) << 80) for start in starts],
    }


def _documents(told: list[ToldByEntry], chosen: set[int]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield form.DECISIONS, decisions_told(told)
    yield form.VERSIONS, versions_told(told, chosen)


def _manifest(about: CaseAbout, signer: LedgerSigner) -> dict[str, Any]:
    return {
        "format": form.FORMAT,
        "version": form.VERSION,
        "origin": signer.name,
        "verifier_keys": [str(signer.verifier_key)],
        "export": about.export,
        "begun_at": about.begun_at.isoformat(),
        "because": about.because,
        "asked_by": about.asked_by,
        "chosen": about.chosen,
    }


def _is_readable(body: bytes) -> bool:
    try:
        read_entry(body)
    except LedgerEntryInvalidError:
        return False
    return True
