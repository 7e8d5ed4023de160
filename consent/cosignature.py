"""Cosignatures: a witness saying what it saw of a log, and when (c2sp.org/tlog-cosignature)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.cosigned_text import TIMESTAMP_SIZE, ed25519_message, split_timestamp
from consent.signed_note import CheckedSignatures, Note, NoteSignature
from consent.verifier_key import SignatureType, VerifierKey, require_key_name

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
