"""Messages handed to machines as JSON over HTTP: text messages to a gateway, alarms to a webhook.

What they are asked, `POST` with a bearer token (RFC 6750); a webhook without `to`:

    {"to": "+447700900123", "text": "…", "reference": "<opaque, the same for each try>"}

They answer 2xx once they have taken the message, and must take one reference once. 408, 429 and 5xx
mean "again later"; every other answer, a redirect too, is final. Its body is not read.
"""

import http.client
import json
from collections.abc import Collection, Mapping
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError

_SECONDS = 10.0
_AGAIN_LATER = frozenset({408, 429})
_FAILED = 500
_TAKEN = range(200, 300)


class _FollowingNothing(HTTPRedirectHandler):
    """A token goes to whom it is for, and to nobody that they name."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


class JsonPoster:
    """Posts documents, with a bearer token where there is one."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._opener = build_opener(_FollowingNothing())

    def post(self, url: str, document: Mapping[str, str]) -> None:
        """Post one. Raises MessageNotSentError, final where trying again will not help."""
        status = self._status(url, document)
        if status not in _TAKEN:
            is_final = status < _FAILED and status not in _AGAIN_LATER
            raise MessageNotSentError(f"gateway-answered-{status}", is_final=is_final)

    def _status(self, url: str, document: Mapping[str, str]) -> int:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = Request(  # noqa: S310 - the settings take http only to this machine
            url, data=json.dumps(document).encode(), headers=headers, method="POST"
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code
        except (URLError, OSError, http.client.HTTPException):
            raise MessageNotSentError("gateway-away") from None


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
