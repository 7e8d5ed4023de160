"""Text messages through a gateway that takes them as JSON over HTTP.

What it is asked, `POST` with a bearer token (RFC 6750):

    {"to": "+447700900123", "text": "…", "reference": "<opaque, the same for each try>"}

It answers 2xx once it has taken the message, and must take one reference once. 408, 429 and 5xx
mean "again later"; every other answer, a redirect too, is final. Its body is not read.
"""

import http.client
import json
from collections.abc import Collection
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


class SmsGateway:
    """Messages by a gateway's documented interface."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._opener = build_opener(_FollowingNothing())

    @property
    def channels(self) -> Collection[MessageChannel]:
        """Text messages alone."""
        return frozenset({MessageChannel.SMS})

    def send(self, message: Message, *, reference: str) -> None:
        """Hand the message to the gateway."""
        if message.channel is not MessageChannel.SMS:
            raise MessageNotSentError("channel-not-carried", is_final=True)
        status = self._post({"to": message.to, "text": message.text, "reference": reference})
        if status not in _TAKEN:
            is_final = status < _FAILED and status not in _AGAIN_LATER
            raise MessageNotSentError(f"gateway-answered-{status}", is_final=is_final)

    def _post(self, document: dict[str, str]) -> int:
        request = Request(  # noqa: S310 - the settings take http only to this machine
            self._url,
            data=json.dumps(document).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code
        except (URLError, OSError, http.client.HTTPException):
            raise MessageNotSentError("gateway-away") from None
