"""Witnesses: what they are sent, what they answer, and the rule by which they cosign.

A witness cosigns what extends what it saw last, and nothing else. c2sp.org/tlog-witness says what
is asked, in which order, and what is answered; c2sp.org/tlog-cosignature how it is signed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.errors import NoteMalformedError, NoteUntrustedError, ProofInvalidError
from consent.ledger.merkle import EMPTY_ROOT, verify_consistency
from consent.ports import Clock
from consent.transparency.checkpoint import OpenedCheckpoint, read_checkpoint
from consent.transparency.signed_note import (
    CheckedSignatures,
    Note,
    NoteSignature,
    hash_lines,
    parse_hash,
    parse_signature_lines,
)
from consent.transparency.verifier_key import (
    TIMESTAMP_SIZE,
    SignatureType,
    VerifierKey,
    ed25519_message,
    require_key_name,
    split_timestamp,
)

# Cosignatures: a witness saying what it saw of a log, and when.

_EPOCH = datetime.fromtimestamp(0, UTC)
_COSIGNATURES = (SignatureType.ED25519_COSIGNATURE, SignatureType.ML_DSA_44_COSIGNATURE)


@dataclass(frozen=True, slots=True, repr=False)
class Cosigner:
    """An Ed25519 key that cosigns under a name; `private_key` is the 32-byte seed.

    One key is for one name: what is signed does not tell the name (c2sp.org/tlog-cosignature).
    """

    name: str
    private_key: bytes

    def __post_init__(self) -> None:
        """Refuse a name that no note could carry, or a seed of another length."""
        require_key_name(self.name)
        Ed25519PrivateKey.from_private_bytes(self.private_key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, private_key=••••)"

    @property
    def verifier_key(self) -> VerifierKey:
        """The public half, to give to the log and to everyone who checks."""
        public = self._key().public_key().public_bytes_raw()
        return VerifierKey(self.name, public, SignatureType.ED25519_COSIGNATURE)

    def cosign(self, text: str, *, at: datetime) -> NoteSignature:
        """Sign that the checkpoint with this text was the largest one seen at this time.

        The caller has checked that it was; the time is aware, and counted in whole seconds.
        """
        seconds = (at - _EPOCH) // timedelta(seconds=1)
        signature = self._key().sign(ed25519_message(seconds, text.encode()))
        stamped = seconds.to_bytes(TIMESTAMP_SIZE, "big") + signature
        return NoteSignature(self.name, self.verifier_key.key_id, stamped)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.private_key)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """That the holder of a known key saw the checkpoint, and when."""

    key: VerifierKey
    at: datetime


def cosignatures_in(note: Note, checked: CheckedSignatures) -> tuple[Cosigned, ...]:
    """List which of the keys that signed a note are cosigners, with the times they tell.

    A time that is on no calendar, which a cosigner's own clock would have to tell, is left out.
    """
    cosigners = {
        (key.name, key.key_id): key for key in checked.signed_by if key.type in _COSIGNATURES
    }
    found: list[Cosigned] = []
    for each in note.signatures:
        key = cosigners.pop((each.name, each.key_id), None)
        at = None if key is None else _time_of(each)
        if key is not None and at is not None:
            found.append(Cosigned(key, at))
    return tuple(found)


def _time_of(signature: NoteSignature) -> datetime | None:
    seconds, _ = split_timestamp(signature.signature)
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


# What a log sends, and what comes back.

SIZE_CONTENT_TYPE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_LONGEST_PROOF = 63


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """Asks a witness to cosign a checkpoint that extends the tree of `old_size` it saw last.

    `checkpoint` is the signed note; `proof` shows that its tree extends the old one
    (RFC 9162 section 2.1.4.1), and is empty when the old one is.
    """

    old_size: int
    proof: Sequence[bytes]
    checkpoint: str

    @classmethod
    def parse(cls, content: bytes) -> "AddCheckpoint":
        """Read a request's body strictly; raises NoteMalformedError. It is not checked yet."""
        try:
            head, separator, checkpoint = content.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise NoteMalformedError("a request is UTF-8") from None
        first, *lines = head.split("\n")
        old = _OLD.fullmatch(first)
        if old is None or not separator:
            raise NoteMalformedError("a request is `old`, a size, a proof, an empty line, a note")
        if len(lines) > _LONGEST_PROOF:
            raise NoteMalformedError(f"a proof is of at most {_LONGEST_PROOF} lines")
        proof = tuple(parse_hash(line, what="hash of a proof") for line in lines)
        return cls(int(old[1]), proof, checkpoint)

    def __str__(self) -> str:
        return f"old {self.old_size}\n{hash_lines(self.proof)}\n{self.checkpoint}"


def read_size(content: bytes) -> int:
    """Read the size that a witness saw last, from its 409; raises NoteMalformedError."""
    match = _SIZE.fullmatch(content)
    if match is None:
        raise NoteMalformedError("the size that a witness tells is not a decimal and a newline")
    return int(match[1])


def read_cosignature(content: bytes, note: Note, key: VerifierKey) -> NoteSignature:
    """Read a witness' answer: the one line of it by this key, whose signature was checked.

    Lines by other keys are ignored. Raises NoteMalformedError, and NoteUntrustedError when this
    key did not sign or its signature fails.
    """
    try:
        lines = parse_signature_lines(content.decode())
    except UnicodeDecodeError:
        raise NoteMalformedError("signature lines are UTF-8") from None
    for line in lines:
        if (line.name, line.key_id) == (key.name, key.key_id):
            if key.verifies(note.text.encode(), line.signature):
                return line
            raise NoteUntrustedError(f"the cosignature of {key.label} fails")
    raise NoteUntrustedError(f"{key.label} did not sign")


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
