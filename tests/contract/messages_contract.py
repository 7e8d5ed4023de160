"""What everything that carries messages must do; the three adapters run this same suite."""

from abc import abstractmethod
from collections.abc import Sequence

import pytest

from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError, Messages

REFERENCE = "5f0c1d5e2f3a4b5c6d7e8f90"
TEXT = "Tell Once: 481516 – только для того, кто с вами. We never ring for it."


class MessagesContract:
    """Subclasses give the fixture `messages`, one `to`, what arrived, and one that is away."""

    channel: MessageChannel
    to: str

    @abstractmethod
    def arrived(self) -> Sequence[tuple[str, str, str]]:
        """Recipient, text and reference of what was handed over, in order."""

    @abstractmethod
    def away(self) -> Messages:
        """Give one whose server, or folder, is not there."""

    def test_message_arrives_whole_with_its_reference(self, messages: Messages):
        """Whatever script it is written in."""
        messages.send(Message(self.channel, self.to, TEXT), reference=REFERENCE)

        assert list(self.arrived()) == [(self.to, TEXT, REFERENCE)]

    def test_the_channel_is_among_those_it_can_send_by(self, messages: Messages):
        """Else nobody would give it such a message."""
        assert self.channel in messages.channels

    def test_what_is_away_takes_nothing_and_may_be_asked_again(self):
        """Neither the address nor the text is in the error."""
        with pytest.raises(MessageNotSentError) as raised:
            self.away().send(Message(self.channel, self.to, TEXT), reference=REFERENCE)

        assert not raised.value.is_final
        assert self.to not in str(raised.value)
        assert "481516" not in str(raised.value)

    def test_message_says_nothing_of_itself(self):
        """A log line or a traceback that names one tells nobody's address."""
        assert self.to not in repr(Message(self.channel, self.to, TEXT))
