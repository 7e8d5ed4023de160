"""What carries a short text to somebody outside."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services.platform.errors import ServiceError


class MessageChannel(StrEnum):
    """By what a message goes."""

    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One short text to one address: of e-mail, a mobile telephone's number, or a machine's.

    `subject` is an e-mail's, where it has one of its own; it is read on locked screens.
    """

    channel: MessageChannel
    to: str
    text: str
    subject: str = ""


class MessageNotSentError(ServiceError):
    """A message was not handed over; its text names a code, never the address.

    `is_final` says that trying the same again will not help.
    """

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(f"a message was not handed over: {why}")
        self.why = why
        self.is_final = is_final


class Messages(Protocol):
    """Hands messages over, one at a time.

    `send` returns once whoever carries it further has taken it, and raises MessageNotSentError
    otherwise, within seconds. The same message may be sent twice: whoever sends cannot know what
    became of one whose answer was lost. `reference` is opaque and the same for each try.
    """

    @property
    def channels(self) -> Collection[MessageChannel]:
        """By what it can send at all."""

    def send(self, message: Message, *, reference: str) -> None:
        """Hand one message over."""
