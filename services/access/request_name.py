"""What a caller calls its request comes back with the answer, whatever that is."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUEST_ID = b"x-request-id"


class RequestName:
    """ASGI middleware: gives X-Request-ID back as it came (Authorization API 1.0, 10.1.3)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back, named."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        names = [pair for pair in scope["headers"] if pair[0].lower() == _REQUEST_ID]

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *names]
            await send(message)

        await self._app(scope, receive, send_named)
