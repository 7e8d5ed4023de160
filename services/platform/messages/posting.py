"""Posting a JSON document to a machine: what its answer means, and no redirect followed."""

import http.client
import json
from collections.abc import Mapping
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from services.platform.messages.ports import MessageNotSentError

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
