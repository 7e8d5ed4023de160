"""What every mailbox must do. The adapter, on a real server, and the fake run this same suite."""

import gzip
from abc import abstractmethod

import pytest

from services.platform.mailbox.ports import (
    DeliveryUnreadableError,
    Mailbox,
    MailboxUnavailableError,
)

MOST = 1_000_000


class MailboxContract:
    """Subclasses give the fixture `mailbox` and say how a message comes to it."""

    @abstractmethod
    def leave(self, content: bytes, workflow: str | None = "VACCINATIONS_1") -> str:
        """Put a message into the mailbox; gives its id."""

    @abstractmethod
    def lose(self, message_id: str) -> None:
        """Make a message one that is listed no more and cannot be had."""

    @abstractmethod
    def go_away(self) -> Mailbox:
        """Give a mailbox that does not answer."""

    def test_nothing_waits_in_an_empty_mailbox(self, mailbox: Mailbox):
        """However much is asked for."""
        assert list(mailbox.list(100)) == []

    def test_messages_are_listed_as_they_came_up_to_so_many(self, mailbox: Mailbox):
        """And fewer when fewer are wanted."""
        sent = [self.leave(b"<a/>") for _ in range(4)]

        assert list(mailbox.list(100)) == sent
        assert list(mailbox.list(2)) == sent[:2]

    def test_message_comes_whole_with_its_workflow(self, mailbox: Mailbox):
        """As it was sent."""
        message_id = self.leave("<a b='é'/>".encode(), workflow="NIPEOUTCOME_1")

        delivery = mailbox.fetch(message_id, most_bytes=MOST)

        assert delivery.id == message_id
        assert delivery.workflow == "NIPEOUTCOME_1"
        assert delivery.content == "<a b='é'/>".encode()

    def test_message_waits_until_it_is_acknowledged(self, mailbox: Mailbox):
        """Fetching changes nothing: it can be had again."""
        message_id = self.leave(b"<a/>")
        mailbox.fetch(message_id, most_bytes=MOST)

        assert mailbox.fetch(message_id, most_bytes=MOST).content == b"<a/>"
        assert list(mailbox.list(10)) == [message_id]

    def test_acknowledged_message_is_gone_and_the_others_stay(self, mailbox: Mailbox):
        """Saying so twice is no mistake."""
        first, second = self.leave(b"<a/>"), self.leave(b"<b/>")

        mailbox.acknowledge(first)
        mailbox.acknowledge(first)

        assert list(mailbox.list(10)) == [second]

    def test_what_its_sender_compressed_comes_plain(self, mailbox: Mailbox):
        """Whatever the headers say."""
        message_id = self.leave(gzip.compress(b"<a/>" * 100))

        assert mailbox.fetch(message_id, most_bytes=MOST).content == b"<a/>" * 100

    def test_what_only_looks_compressed_comes_as_it_is(self, mailbox: Mailbox):
        """It parks, whole."""
        message_id = self.leave(b"\x1f\x8bnot really")

        assert mailbox.fetch(message_id, most_bytes=MOST).content == b"\x1f\x8bnot really"

    @pytest.mark.parametrize(
        "content", [b"x" * 1001, gzip.compress(b"x" * 1001)], ids=["plain", "compressed"]
    )
    def test_message_that_is_too_large_is_not_read_to_its_end(
        self, mailbox: Mailbox, content: bytes
    ):
        """Nor unpacked to its end."""
        message_id = self.leave(content)

        with pytest.raises(DeliveryUnreadableError) as caught:
            mailbox.fetch(message_id, most_bytes=1000)

        assert caught.value.reason == "too-large"
        assert list(mailbox.list(10)) == [message_id]

    def test_one_message_that_cannot_be_had_does_not_stop_the_others(self, mailbox: Mailbox):
        """It alone is refused."""
        lost, sound = self.leave(b"<a/>"), self.leave(b"<b/>")
        self.lose(lost)

        with pytest.raises(DeliveryUnreadableError) as caught:
            mailbox.fetch(lost, most_bytes=MOST)

        assert caught.value.reason == "gone"
        assert mailbox.fetch(sound, most_bytes=MOST).content == b"<b/>"

    def test_mailbox_that_is_away_says_so(self):
        """Whatever is asked of it."""
        mailbox = self.go_away()

        with pytest.raises(MailboxUnavailableError):
            mailbox.list(10)
        with pytest.raises(MailboxUnavailableError):
            mailbox.fetch("20261122000000000000_000001", most_bytes=MOST)
        with pytest.raises(MailboxUnavailableError):
            mailbox.acknowledge("20261122000000000000_000001")
        mailbox.close()

    def test_closing_twice_is_harmless(self, mailbox: Mailbox):
        """As every port's."""
        mailbox.close()
        mailbox.close()
