"""The headers that every answer carries, and the nonce that lets our one inline script run."""

import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAID = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it browsers send "Origin: null" with our own forms (Fetch standard).
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
# As they are sent: written once, because every answer has them.
_STATIC = tuple((n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in _SAID.items())
_POLICY = b"content-security-policy"
_CACHE_CONTROL = b"cache-control"
_NOT_KEPT = ((_CACHE_CONTROL, b"no-store"),)
_OURS = frozenset({_POLICY, *(name for name, _ in _STATIC)})


class SecurityHeaders:
    """ASGI middleware: puts `csp_nonce` on the request's state and the headers on the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; set the headers as the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_ours(list(message.get("headers", ())), nonce)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def content_security_policy(nonce: str) -> str:
    """Allow our own style, script and pictures and nothing else (CSP Level 3)."""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        f"script-src 'self' 'nonce-{nonce}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _with_ours(headers: list[tuple[bytes, bytes]], nonce: str) -> list[tuple[bytes, bytes]]:
    """Put ours in the place of any that bear their names, in one pass."""
    theirs = [one for one in headers if one[0] not in _OURS]
    policy = (_POLICY, content_security_policy(nonce).encode("latin-1"))
    # Only the hashed assets say otherwise before this.
    kept = () if any(name == _CACHE_CONTROL for name, _ in theirs) else _NOT_KEPT
    return [*theirs, policy, *_STATIC, *kept]
