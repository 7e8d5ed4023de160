"""What a ledger holds in the order it was made: entries, tree nodes and signed checkpoints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry in its place: what the storage says of it, for a verifier to doubt.

    `entry_id` is the storage's own column, None where there is none; `body` is None when the
    storage has a leaf but has lost the entry.
    """

    index: int
    leaf_hash: bytes
    body: bytes | None
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredNode:
    """The hash of a complete subtree as the storage keeps it for proofs."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint that was signed when the tree had this size, as a signed note."""

    size: int
    note: str


LogItem = StoredEntry | StoredNode | StoredCheckpoint
