"""The port behind which keys live: files for the embedded default, a KMS or HSM elsewhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

BEFORE_VERSIONS = 0
"""The version of the wrapping key that data folders had before wrapping keys had versions."""


class SecretName(StrEnum):
    """The long-lived secrets of one installation, each for one use only."""

    LINKING = "linking"
    LEDGER = "ledger"
    RECEIPTS = "receipts"
    PARKED = "parked"
    KEPT_BACK_HEALTH_VISITING = "holding-health-visiting"
    SESSIONS = "sessions"
    PARTNERS = "partners"
    OWN_CASES = "own-cases"
    MESSAGES = "messages"
    CODES = "codes"
    SHEETS = "sheets"
    BOUND_ROWS = "bound-rows"
    SIGN_INS = "sign-ins"
    UNUSUAL_ACCESS = "unusual-access"
    DEMONSTRATION = "demonstration"
    AUDIT_EXPORTS = "audit-exports"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True, repr=False)
class WrappedKey:
    """A data key as it may lie in a database, and under which wrapping key it is."""

    content: bytes
    under: int


class KeyVault(Protocol):
    """Wraps data keys under a key-encryption key that never leaves it, and forgets for good.

    To each data key the vault keeps something of its own, outside every database, without which
    the wrapped key opens nothing: `destroy` forgets that. So a wrapped key that lies in a backup
    is worth nothing once its holder's key is destroyed. An adapter for a KMS wraps under that
    and keeps the rest in a secret store.

    `wrap` of a 32-byte key gives bytes that only `unwrap` of the same vault, told the same
    holder, opens; what was wrapped in one process opens in all of them at once, under whichever
    version. What was destroyed raises KeyDestroyedError, from then on, in every process; where the
    place of the keys cannot be reached now, KeysAwayError; anything else raises KeyUnusableError.
    `secret` gives the same 32 bytes every time, whatever is rotated.
    """

    def wrap(self, data_key: bytes, *, holder: str, under: int | None = None) -> WrappedKey:
        """Encrypt a data key for keeping, under the newest version unless another is named."""

    def unwrap(self, wrapped: bytes, *, holder: str) -> bytes:
        """Open a wrapped data key."""

    def rewrap(self, wrapped: bytes, *, holder: str) -> WrappedKey:
        """The same data key under the newest version; destroying it destroys both."""

    def handle_of(self, wrapped: bytes) -> bytes | None:
        """By what to destroy this key; nothing for one of BEFORE_VERSIONS: rewrap it first.

        A handle opens nothing and may be kept.
        """

    def is_destroyed(self, wrapped: bytes) -> bool:
        """Whether this key was destroyed."""

    def destroy(self, handles: Collection[bytes]) -> int:
        """Forget what opens these keys, durably and for good; gives how many were still there."""

    def keep_clear_of(self, handles: Collection[bytes]) -> None:
        """Give none of these to a new data key.

        What is kept for them may have been restored from before they were given out; whoever
        destroys one later must destroy nobody else's.
        """

    def versions(self) -> Sequence[int]:
        """The wrapping keys that there are, the newest last."""

    def add_version(self) -> int:
        """Make a new wrapping key, under which everything is wrapped from now on."""

    def destroy_version(self, version: int) -> None:
        """Forget a wrapping key that is not the newest: nothing may lie under it any more."""

    def counts(self) -> tuple[int, int]:
        """To how many data keys it can keep something, and how many of those were destroyed."""

    def secret(self, name: SecretName) -> bytes:
        """The 32 bytes of a named secret."""
