"""Bodies as bytes: within a size and a time, whatever is promised about them."""

import anyio
from starlette.requests import ClientDisconnect, Request

from services.partners.errors import (
    BodyTooLargeError,
    BodyTooSlowError,
    BodyUnreadableError,
    ContentNotTakenError,
)

_SECONDS = 120


class BodyUpTo:
    """A dependency that gives the whole body.

    Raises BodyTooLargeError without reading more than is taken, BodyTooSlowError,
    BodyUnreadableError for one that breaks off, and ContentNotTakenError for one that is
    compressed: what it would become has no limit.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes

    async def __call__(self, request: Request) -> bytes:
        """Read the body: (1) as it is announced, (2) as it comes."""
        # (1) What is announced as too large is not read at all.
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise ContentNotTakenError("send the body without Content-Encoding")
        announced = request.headers.get("Content-Length", "0")
        if not announced.isascii() or not announced.isdigit():
            raise BodyUnreadableError("Content-Length is no number")
        if int(announced) > self.most_bytes:
            raise BodyTooLargeError(f"at most {self.most_bytes} bytes are taken in one request")
        # (2) What is not announced is counted.
        try:
            with anyio.fail_after(_SECONDS):
                return await self._read(request)
        except TimeoutError:
            raise BodyTooSlowError(f"the body did not come in {_SECONDS} seconds") from None
        except ClientDisconnect:
            raise BodyUnreadableError("the body broke off") from None

    async def _read(self, request: Request) -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self.most_bytes:
                raise BodyTooLargeError(f"at most {self.most_bytes} bytes are taken in one request")
        return bytes(body)
