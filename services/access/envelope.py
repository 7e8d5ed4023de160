"""What holds for every request whatever it asks: how long it may be, and what it is called."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 256 * 1024
_REQUEST_ID = b"x-request-id"


class RequestEnvelope:
    """Refuses a longer body with 413, and gives X-Request-ID back as it came.

    Authorization API 1.0 section 10.1.3: an identifier that the caller sends must come back.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counted, and the answer back, named."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        names = [pair for pair in scope["headers"] if pair[0].lower() == _REQUEST_ID]

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *names]
            await send(message)

        await self._app(scope, _counted(receive), send_named)


def _counted(receive: Receive) -> Receive:
    so_far = 0

    async def receive_counted() -> Message:
        nonlocal so_far
        message = await receive()
        so_far += len(message.get("body", b""))
        if so_far > MOST_BYTES:
            raise HTTPException(413)
        return message

    return receive_counted
