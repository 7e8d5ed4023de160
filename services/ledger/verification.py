"""Verifies a ledger from what it holds, without trust in who holds it.

Pure: it reads a stream of entries, stored tree nodes and checkpoints, from a database or from
an export, and recomputes all that can be recomputed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import assert_never

from consent.errors import ConsentError, LedgerEntryInvalidError
from consent.ledger import read_entry, require_well_formed
from consent.ledger.log import LogItem, StoredCheckpoint, StoredEntry, StoredNode
from consent.ledger.merkle import Frontier, leaf_hash
from consent.transparency.checkpoint import Checkpoint, open_checkpoint
from consent.transparency.verifier_key import VerifierKey
from services.platform.errors import ServiceError

_MOST_ERRORS = 1_000
_TELL_EVERY = 5_000


class ExportMalformedError(ServiceError):
    """An export cannot be read any further, from the entry that would have this index."""

    def __init__(self, what: str, index: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.index = index


@dataclass(frozen=True, slots=True)
class VerificationError:
    """What is wrong, and at which entry; None where it is not about one entry."""

    index: int | None
    what: str


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What a verification found. `pending` entries have no place yet and prove nothing.

    `covers_until` is when the last entry was written that a trusted key signed, if one was.
    `rows_compared`: the rows that the ledger vouches for were there to be compared with it.
    """

    entries: int
    checkpoints: int
    errors: Sequence[VerificationError] = ()
    pending: int = 0
    covers_until: datetime | None = None
    rows_compared: bool = False

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors


def verify_ledger(
    items: Iterable[LogItem],
    *,
    keys: Sequence[VerifierKey],
    held: Checkpoint | None = None,
    node_stride: int | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> VerificationReport:
    """Verify a ledger's log, in the order it was made; `keys` are the ones to trust.

    (1) Entries have every index from 0, without a gap. (2) Each body is well-formed canonical
    JSON, (3) of the id that the storage gives it, (4) with the leaf hash that the storage gives
    it. (5) Each stored node is that of the recomputed tree, and with `node_stride` none of that
    many levels is missing. (6) Each checkpoint is signed by a trusted key of its origin, and
    (7) has the recomputed root at its size. (8) The last one covers every entry. (9) The tree of
    the checkpoint `held` elsewhere is the beginning of this one.

    Never raises for what is in the log; ExportMalformedError of a file passes through as an
    error. `tell` is told now and then how many entries were seen.
    """
    verification = _Verification(keys=keys, held=held, node_stride=node_stride)
    try:
        for item in items:
            verification.see(item)
            if verification.frontier.size % _TELL_EVERY == 0:
                tell(verification.frontier.size)
    except ExportMalformedError as error:
        verification.note(error.index, error.what)
    return verification.report()


@dataclass(slots=True)
class _Verification:
    keys: Sequence[VerifierKey]
    held: Checkpoint | None
    node_stride: int | None
    frontier: Frontier = field(default_factory=Frontier)
    errors: list[VerificationError] = field(default_factory=list)
    checkpoints: int = 0
    signed: int = -1
    last_body: bytes | None = None
    signed_body: bytes | None = None
    held_root: bytes | None = None
    completed: list[bytes] = field(default_factory=list)
    nodes_due: set[int] = field(default_factory=set)

    def note(self, index: int | None, what: str) -> None:
        """Remember what is wrong, but not without end."""
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(VerificationError(index, what))

    def see(self, item: LogItem) -> None:
        """Verify the next item of the log."""
        match item:
            case StoredEntry():
                self._see_entry(item)
            case StoredNode():
                self._see_node(item)
            case StoredCheckpoint():
                self._see_checkpoint(item)
            case _:
                assert_never(item)

    def report(self) -> VerificationReport:
        """Finish: what must have been there by now."""
        self._require_nodes()
        self._note_held_root()
        # (8) Nothing is beyond what was signed.
        size = self.frontier.size
        if self.checkpoints == 0:
            self.note(None, "there is no checkpoint")
        elif self.signed < size:
            self.note(max(self.signed, 0), f"{size - max(self.signed, 0)} entries are not signed")
        # (9) What was signed before is still here.
        if self.held is not None and self.held_root is None:
            self.note(None, f"it ends before the {self.held.size} entries of the held checkpoint")
        elif self.held is not None and self.held_root != self.held.root:
            self.note(None, f"its first {self.held.size} entries are not the held checkpoint's")
        return VerificationReport(
            size, self.checkpoints, tuple(self.errors), covers_until=self._covers_until()
        )

    def _covers_until(self) -> datetime | None:
        try:
            return None if self.signed_body is None else read_entry(self.signed_body).at
        except LedgerEntryInvalidError:
            return None

    def _see_entry(self, entry: StoredEntry) -> None:
        self._require_nodes()
        self._note_held_root()
        index = self.frontier.size
        # (1) The next index and no other.
        if entry.index != index:
            self.note(index, f"the entry here says it is number {entry.index}")
        self.last_body = entry.body
        leaf = entry.leaf_hash if entry.body is None else leaf_hash(entry.body)
        if entry.body is None:
            self.note(index, "the entry is missing")
        else:
            self._see_body(index, entry.body, entry.entry_id)
        # (4) The tree is built on the hash of the body, whatever the storage says.
        if not compare_digest(leaf, entry.leaf_hash):
            self.note(index, "the leaf hash is not that of the entry")
        self.completed = self.frontier.append(leaf)
        if self.node_stride is not None:
            self.nodes_due = set(range(self.node_stride, len(self.completed) + 1, self.node_stride))

    def _see_body(self, index: int, body: bytes, entry_id: str | None) -> None:
        # (2) Canonical, of a known event, with exactly its fields.
        try:
            own_id = require_well_formed(body).decode()
        except LedgerEntryInvalidError as error:
            self.note(index, str(error))
            return
        # (3) Filed under its own id.
        if entry_id is not None and entry_id != own_id:
            self.note(index, "the entry is stored under another id than its own")

    def _see_node(self, node: StoredNode) -> None:
        # (5) It ends at the entry that was read last, and has the hash of that subtree.
        is_complete = 0 < node.level <= len(self.completed)
        if not is_complete or (node.index + 1) << node.level != self.frontier.size:
            self.note(None, f"the stored node {node.level}/{node.index} is of no such subtree")
        elif not compare_digest(self.completed[node.level - 1], node.hash):
            self.note(None, f"the stored node {node.level}/{node.index} is not that of its entries")
        self.nodes_due.discard(node.level)

    def _see_checkpoint(self, stored: StoredCheckpoint) -> None:
        self._require_nodes()
        self.checkpoints += 1
        size = self.frontier.size
        try:
            opened = open_checkpoint(stored.note, self.keys)
        except ConsentError as error:
            self.note(None, f"the checkpoint of size {stored.size}: {error}")
            return
        checkpoint = opened.checkpoint
        # (6) By a key of the log that the checkpoint says it is of.
        signed_by = {key.name for key in opened.signatures.signed_by if key.may_sign_logs}
        if checkpoint.origin not in signed_by:
            self.note(None, f"the checkpoint of size {stored.size} is of another log")
        # (7) The recomputed tree at its size; sizes only grow.
        if not checkpoint.size == stored.size == size or size <= self.signed:
            self.note(None, f"the checkpoint of size {checkpoint.size} stands after {size} entries")
        elif not compare_digest(checkpoint.root, self.frontier.root()):
            self.note(None, f"the root of the checkpoint of size {size} is not that of its entries")
        self.signed = max(self.signed, checkpoint.size)
        self.signed_body = self.last_body

    def _require_nodes(self) -> None:
        for level in self.nodes_due:
            index = (self.frontier.size >> level) - 1
            self.note(None, f"the stored node {level}/{index} is missing")
        self.nodes_due = set()

    def _note_held_root(self) -> None:
        if self.held is not None and self.held.size == self.frontier.size:
            self.held_root = self.frontier.root()
