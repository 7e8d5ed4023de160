"""The port behind which keys live: a file for the embedded default, a KMS or HSM elsewhere."""

from enum import StrEnum
from typing import Protocol


class SecretName(StrEnum):
    """The long-lived secrets of one installation, each for one use only."""

    LINKING = "linking"
    LEDGER = "ledger"
    RECEIPTS = "receipts"
    PARKED = "parked"
    HOLDING_HEALTH_VISITING = "holding-health-visiting"
    SESSIONS = "sessions"
    PARTNERS = "partners"


class KeyVault(Protocol):
    """Wraps data keys under a key-encryption key that never leaves it.

    `wrap` of a 32-byte key gives bytes that only `unwrap` of the same vault opens; `unwrap` of
    anything else raises KeyUnusableError. `secret` gives the same 32 bytes every time.
    """

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a data key for keeping."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open a wrapped data key."""

    def secret(self, name: SecretName) -> bytes:
        """The 32 bytes of a named secret."""
