"""Messages to a machine that listens for alarms, as JSON over HTTPS.

What it is asked, `POST` with a bearer token (RFC 6750) where there is one:

    {"text": "…", "reference": "<opaque, the same for each try>"}

It answers 2xx once it has taken the message. 408, 429 and 5xx mean "again later"; every other
answer, a redirect too, is final. Its body is not read.
"""

from collections.abc import Collection

from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError
from services.platform.messages.posting import JsonPoster


class Webhook:
    """Messages posted to the address that they name."""

    def __init__(self, token: str) -> None:
        self._poster = JsonPoster(token)

    @property
    def channels(self) -> Collection[MessageChannel]:
        """Machines alone."""
        return frozenset({MessageChannel.WEBHOOK})

    def send(self, message: Message, *, reference: str) -> None:
        """Hand the message to the machine."""
        if message.channel is not MessageChannel.WEBHOOK:
            raise MessageNotSentError("channel-not-carried", is_final=True)
        self._poster.post(message.to, {"text": message.text, "reference": reference})
