"""The cookie that carries a session's secret."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """How the secret travels. `__Host-` binds it to this host and to https (RFC 6265bis)."""

    secure: bool

    @property
    def name(self) -> str:
        """The cookie's name; without `secure` a browser refuses the prefix."""
        return "__Host-tell-once" if self.secure else "tell-once"

    def read(self, request: Request) -> str | None:
        """Give the secret the request came with, or None."""
        return request.cookies.get(self.name)

    def give(self, response: Response, secret: str) -> None:
        """Have the browser keep the secret until it is closed."""
        response.set_cookie(
            self.name, secret, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def take_back(self, response: Response) -> None:
        """Have the browser forget the secret."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="lax"
        )
