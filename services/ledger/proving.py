"""Proof files of single entries: built from the ledger as it is signed, and checked before use."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from consent.ledger.log import StoredCheckpoint
from consent.transparency.checkpoint import TlogProof
from consent.transparency.verifier_key import VerifierKey
from services.ledger.postgres_access import LedgerAccess
from services.ledger.postgres_reading import LedgerReader
from services.ledger.postgres_tree import Integration


@dataclass(frozen=True, slots=True)
class EntryProof:
    """An entry, where it is in a log of that size, and the file that proves it."""

    index: int
    entry_id: str | None
    size: int
    proof: TlogProof


def prove_entry(entry: int | UUID, access: LedgerAccess, done: Integration) -> EntryProof | None:
    """Prove an entry by its index or id, under the newest checkpoint that a witness saw.

    `done` is what was signed last. Gives nothing when there is no such entry. Raises
    ConsentError when the ledger does not prove what it holds: verify it then.
    """
    with access.snapshot() as reader:
        index = entry if isinstance(entry, int) else reader.index_of(entry)
        if index is None or not 0 <= index < done.size:
            return None
        return prove_from(reader, index, StoredCheckpoint(done.size, done.note), access.keys)


def prove_from(
    reader: LedgerReader,
    index: int,
    signed: StoredCheckpoint,
    keys: Sequence[VerifierKey],
) -> EntryProof:
    """Prove the entry of an index under the newest checkpoint that a witness saw, else `signed`.

    Raises as prove_entry.
    """
    (stored,) = reader.entries(index, index + 1)
    # Newer is nothing to a receipt; that somebody else saw the same tree is.
    checkpoint = reader.cosigned_checkpoint(covering=index) or signed
    hashes = reader.inclusion_proof(index, checkpoint.size)
    proof = TlogProof(index, hashes, checkpoint.note, extra=stored.body)
    proof.check(stored.body or b"", keys)
    return EntryProof(index, stored.entry_id, checkpoint.size, proof)
