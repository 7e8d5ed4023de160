"""A mailbox in memory, for tests of what reads one. It passes the real one's contract."""

import gzip
from collections.abc import Sequence
from contextlib import suppress

from services.platform.mailbox.ports import (
    Delivery,
    DeliveryUnreadableError,
    MailboxUnavailableError,
)


class FakeMailbox:
    """Messages that stay until they are acknowledged.

    `is_away = True` makes everything raise MailboxUnavailableError; `silent` are messages that do
    so alone, `gone` those that are listed and cannot be had; `forgets = False` loses
    acknowledgements on the way.
    """

    def __init__(self) -> None:
        self.is_away = False
        self.silent: set[str] = set()
        self.gone: set[str] = set()
        self.forgets = True
        self.fetched: list[str] = []
        self._waiting: dict[str, tuple[str | None, bytes]] = {}
        self._number = 0

    def put(self, content: bytes, *, workflow: str | None = "VACCINATIONS_1") -> str:
        """Leave a message; gives its id."""
        self._number += 1
        message_id = f"20261122{self._number:012d}_FAKE"
        self._waiting[message_id] = (workflow, content)
        return message_id

    @property
    def waiting(self) -> Sequence[str]:
        """The ids of what is there."""
        return list(self._waiting)

    def list(self, most: int) -> Sequence[str]:
        self._check()
        return self.waiting[:most]

    def fetch(self, message_id: str, *, most_bytes: int) -> Delivery:
        self._check()
        if message_id in self.silent:
            raise MailboxUnavailableError("no answer")
        if message_id in self.gone or message_id not in self._waiting:
            raise DeliveryUnreadableError("gone")
        workflow, content = self._waiting[message_id]
        with suppress(gzip.BadGzipFile):
            content = gzip.decompress(content)
        if len(content) > most_bytes:
            raise DeliveryUnreadableError("too-large")
        self.fetched.append(message_id)
        return Delivery(message_id, workflow, content)

    def acknowledge(self, message_id: str) -> None:
        self._check()
        if self.forgets:
            self._waiting.pop(message_id, None)

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _check(self) -> None:
        if self.is_away:
            raise MailboxUnavailableError("away")
