"""The rule of a witness: cosign what extends what was seen last, and nothing else.

c2sp.org/tlog-witness says what is asked, in which order, and what is answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import Protocol

from consent.add_checkpoint import AddCheckpoint
from consent.checkpoint import OpenedCheckpoint, read_checkpoint
from consent.cosignature import Cosigner
from consent.errors import NoteMalformedError, ProofInvalidError
from consent.merkle import EMPTY_ROOT, verify_consistency
from consent.ports import Clock
from consent.signed_note import NoteSignature
from consent.verifier_key import VerifierKey

_LARGEST_SIZE = (1 << 63) - 1

KnownLogs = Mapping[str, Sequence[VerifierKey]]
"""The logs that a witness looks after: by their origin, the keys that they sign with."""


class WitnessRefusal(StrEnum):
    """Why a witness does not cosign."""

    MALFORMED = "malformed"
    UNKNOWN_LOG = "unknown-log"
    UNTRUSTED = "untrusted"
    OLD_SIZE_TOO_LARGE = "old-size-too-large"
    OTHER_SIZE_SEEN = "other-size-seen"
    OTHER_TREE_SEEN = "other-tree-seen"
    NOT_PROVED = "not-proved"


@dataclass(frozen=True, slots=True)
class SeenTree:
    """The tree of a log that a witness cosigned last; at first it is the empty one."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Refused:
    """No cosignature. `seen` tells what was cosigned last, where that is what is in the way."""

    why: WitnessRefusal
    seen: SeenTree | None = None


class WitnessMemory(Protocol):
    """What a witness saw last of each log. Whoever forgets it cosigns a second history.

    Durability: what `advance` took is there after any crash, before `advance` returns.
    Atomicity: of several callers that advance from the same tree, in whatever process, one does.
    Failure: both raise WitnessForgetfulError, and nothing may be cosigned.
    """

    def seen(self, origin: str) -> SeenTree:
        """Give the tree that was cosigned last; the empty one before the first."""

    def advance(self, origin: str, *, last: SeenTree, checkpoint: OpenedCheckpoint) -> bool:
        """Take this checkpoint for the last one if `last` still is; say whether it was."""


def add_checkpoint(
    content: bytes, *, logs: KnownLogs, memory: WitnessMemory, cosigner: Cosigner, clock: Clock
) -> NoteSignature | Refused:
    """Answer one add-checkpoint request: the cosignature, or why there is none.

    Raises as the memory does; then nothing was cosigned.
    """
    # (1) The request and its checkpoint can be read.
    try:
        request = AddCheckpoint.parse(content)
        origin = request.checkpoint.partition("\n")[0]
        opened = read_checkpoint(request.checkpoint, logs.get(origin, ()))
    except NoteMalformedError:
        return Refused(WitnessRefusal.MALFORMED)
    refusal = _refuse_stranger(opened, logs) or _refuse_sizes(request, opened)
    if refusal is not None:
        return Refused(refusal)
    while True:
        # (6) (7) (8) It extends the tree that was cosigned last.
        last = memory.seen(origin)
        refused = _refuse_other_history(request, opened, last)
        if refused is not None:
            return refused
        # (9) The time is taken before the tree is, so that at this time none larger was seen.
        now = clock.now()
        if memory.advance(origin, last=last, checkpoint=opened):
            return cosigner.cosign(opened.note.text, at=now)


def _refuse_stranger(opened: OpenedCheckpoint, logs: KnownLogs) -> WitnessRefusal | None:
    # (2) The log is known.
    if opened.checkpoint.origin not in logs:
        return WitnessRefusal.UNKNOWN_LOG
    # (3) One of its keys signed; a known key's failing signature spoils the note.
    if not opened.signatures.is_trusted:
        return WitnessRefusal.UNTRUSTED
    return None


def _refuse_sizes(request: AddCheckpoint, opened: OpenedCheckpoint) -> WitnessRefusal | None:
    # (4) The size can be kept.
    if opened.checkpoint.size > _LARGEST_SIZE:
        return WitnessRefusal.MALFORMED
    # (5) The old tree is not larger than the new one.
    if request.old_size > opened.checkpoint.size:
        return WitnessRefusal.OLD_SIZE_TOO_LARGE
    return None


def _refuse_other_history(
    request: AddCheckpoint, opened: OpenedCheckpoint, last: SeenTree
) -> Refused | None:
    checkpoint = opened.checkpoint
    # (6) The log knows what was cosigned last.
    if request.old_size != last.size:
        return Refused(WitnessRefusal.OTHER_SIZE_SEEN, last)
    # (7) One size has one tree.
    if checkpoint.size == last.size and not compare_digest(checkpoint.root, last.root):
        is_empty = checkpoint.size == 0
        why = WitnessRefusal.NOT_PROVED if is_empty else WitnessRefusal.OTHER_TREE_SEEN
        return Refused(why, last)
    # (8) The larger tree is proved to extend the smaller; every tree extends the empty one.
    try:
        _require_consistency(request, opened, last)
    except ProofInvalidError:
        return Refused(WitnessRefusal.NOT_PROVED)
    return None


def _require_consistency(request: AddCheckpoint, opened: OpenedCheckpoint, last: SeenTree) -> None:
    if last.size == 0:
        if request.proof:
            raise ProofInvalidError("from the empty tree there is nothing to prove")
        return
    verify_consistency(
        first=last.size,
        second=opened.checkpoint.size,
        proof=request.proof,
        first_root=last.root,
        second_root=opened.checkpoint.root,
    )
