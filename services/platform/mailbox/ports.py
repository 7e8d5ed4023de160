"""The mailbox port: messages that somebody else keeps for us until we say that we have them.

One contract, two adapters (NHS MESH and the tests' fake), one suite:
`tests/contract/mailbox_contract.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.platform.errors import ServiceError


class MailboxUnavailableError(ServiceError):
    """The mailbox does not answer, or does not let us in: try later, it keeps what it has."""


class DeliveryUnreadableError(ServiceError):
    """One message cannot be had, whatever is wrong with it; the others can.

    `reason` is a code; nothing of the message is in our hands, so it is not to be acknowledged.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"a message cannot be fetched from the mailbox ({reason})")
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Delivery:
    """One message, whole and decoded: its chunks joined, compression undone.

    `id` is the mailbox's own and means nothing elsewhere; `workflow` is as what it was sent.
    """

    id: str
    workflow: str | None
    content: bytes


class Mailbox(Protocol):
    """A mailbox that gives each message at least once, in no order that may be relied on.

    A message is listed, and can be fetched again, until it is acknowledged; then it is gone for
    ever. So it MUST be acknowledged only after everything in it is durable on our side. Dying
    between the two brings it again, which must change nothing.

    Every method raises MailboxUnavailableError when the mailbox fails as a whole (no connection,
    no right, server error). None raises anything that holds a secret or something of a message.
    """

    def list(self, most: int) -> Sequence[str]:
        """The ids of up to `most` messages that wait, those that came first first."""

    def fetch(self, message_id: str, *, most_bytes: int) -> Delivery:
        """One message. Raises DeliveryUnreadableError when just this one cannot be had.

        Reasons: `gone`, `too-large` (over `most_bytes` when decoded), `refused`, `not-decodable`.
        """

    def acknowledge(self, message_id: str) -> None:
        """Let the mailbox forget a message. One that it has already forgotten is no mistake."""

    def close(self) -> None:
        """Let go of connections. May be called twice."""
