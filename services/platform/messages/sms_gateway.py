"""Text messages through a gateway that takes them as JSON over HTTP.

What it is asked, `POST` with a bearer token (RFC 6750):

    {"to": "+447700900123", "text": "…", "reference": "<opaque, the same for each try>"}

It answers 2xx once it has taken the message, and must take one reference once. 408, 429 and 5xx
mean "again later"; every other answer, a redirect too, is final. Its body is not read.
"""

from collections.abc import Collection

from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError
from services.platform.messages.posting import JsonPoster


class SmsGateway:
    """Messages by a gateway's documented interface."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._poster = JsonPoster(token)

    @property
    def channels(self) -> Collection[MessageChannel]:
        """Text messages alone."""
        return frozenset({MessageChannel.SMS})

    def send(self, message: Message, *, reference: str) -> None:
        """Hand the message to the gateway."""
        if message.channel is not MessageChannel.SMS:
            raise MessageNotSentError("channel-not-carried", is_final=True)
        told = {"to": message.to, "text": message.text, "reference": reference}
        self._poster.post(self._url, told)
