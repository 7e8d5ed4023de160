"""Several applications on one port, told apart by path; none sees another's requests."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class ByPath:
    """ASGI application: the one whose prefix a path begins with, else the one for all others.

    A prefix that ends in `/` stands for everything below it, any other for itself alone. Requests
    are passed on as they came, so that each application keeps its own middleware and its own
    answers for what it does not know.
    """

    def __init__(self, prefixes: Mapping[str, ASGIApp], *, others: ASGIApp) -> None:
        self._below = {p: app for p, app in prefixes.items() if p.endswith("/")}
        self._exactly = {p: app for p, app in prefixes.items() if not p.endswith("/")}
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the server's own messages go to the one for all others."""
        await self._app_for(scope)(scope, receive, send)

    def _app_for(self, scope: Scope) -> ASGIApp:
        path = scope.get("path")
        if not isinstance(path, str):
            return self._others
        if path in self._exactly:
            return self._exactly[path]
        found = (app for prefix, app in self._below.items() if path.startswith(prefix))
        return next(found, self._others)
