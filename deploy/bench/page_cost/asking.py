"""An application asked in this process, as a server asks it; and services that answer at once."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message

from schemas.identifiers import PersonId


class AtOnce:
    """Answers every call with what the real one answered to it the first time."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._answers: dict[object, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """Give the call by that name, or the services behind it."""
        if name not in self._answers:
            found = getattr(self._real, name)
            self._answers[name] = self._call(found) if callable(found) else AtOnce(found)
        return self._answers[name]

    @staticmethod
    def _call(real: Callable[..., Any]) -> Callable[..., Any]:
        answers: dict[object, Any] = {}

        def answer(*asked: Any) -> Any:
            if asked not in answers:
                answers[asked] = real(*asked)
            return answers[asked]

        return answer


def get(app: ASGIApp, path: str, *headers: tuple[str, str], times: int = 1) -> bytes:
    """Ask for an address so many times, one after the other; the last answer's body.

    Raises ValueError for an answer that is no success.
    """
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in (*_BROWSER, *headers)],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }

    async def ask() -> bytes:
        answer = b""
        for _ in range(times):
            answer = await _ask(app, {**scope, "state": {}})
        return answer

    return asyncio.run(ask())


async def _ask(app: ASGIApp, scope: dict[str, Any]) -> bytes:
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    await app(scope, receive, send)
    if told[0]["status"] >= _FIRST_FAILURE:
        raise ValueError(f"a page is answered {told[0]['status']}")
    return b"".join(message.get("body", b"") for message in told[1:])


_FIRST_FAILURE = 300
_BROWSER = (
    ("host", "127.0.0.1:8000"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-language", "en-GB,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-site", "same-origin"),
)


def cpu_of(work: Callable[[int], object], times: int) -> float:
    """Milliseconds of CPU of this process for doing it once: the lowest of short rounds.

    `work` takes how often to do it. On a machine that others use too the lowest is what it costs.
    """
    work(1)
    rounds = []
    for _ in range(max(1, times // _IN_A_ROUND)):
        began = time.process_time()
        work(_IN_A_ROUND)
        rounds.append((time.process_time() - began) / _IN_A_ROUND * 1e3)
    return min(rounds)


_IN_A_ROUND = 5


def again(work: Callable[[], object]) -> Callable[[int], None]:
    """Do it so many times."""

    def do(times: int) -> None:
        for _ in range(times):
            work()

    return do


def fixed_calculation() -> None:
    """Work that never changes: what the machine takes for it tells how fast it is just now."""
    sum(len(str(number)) for number in range(10_000))


def address(page: str, person: PersonId) -> str:
    """A page of a person's family."""
    return f"/families/{person}{page}"
