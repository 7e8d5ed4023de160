"""What all interfaces for machines share: addresses, limits, headers, log, last resort."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.parsing.limits import MIB
from services.interfaces.partners.ports import OpenWork
from services.interfaces.partners.problem_details import (
    NOT_TEXT,
    UNEXPECTED,
    no_text_at,
    problem_response,
)
from services.interfaces.partners.push.answers.answering import SystemRequests
from services.people.signing_in.demonstration import ReadBrought, read_none
from services.platform.web import LastResort, TextOnly

TOKEN_PATH = "/oauth/token"  # noqa: S105 an address
TOKEN_LASTS = timedelta(hours=1)
"""Existing senders take one token for a whole run; a suspended partner's counts no more at once."""
ACTING_TOKEN_LASTS = timedelta(minutes=10)
"""One that names a practitioner is for what they look at now."""
PUSH_BYTES = 8 * MIB
"""In memory several times as much, and as many at once as there are transactions at once."""
FAILURES_LIMIT_PER_SECOND = 0.5
FAILURES_BURST = 20


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """`public_url` is the address by which partners know us, without a slash at its end."""

    public_url: str

    @property
    def token_url(self) -> str:
        """Where tokens are asked for, and the audience of assertions."""
        return self.public_url + TOKEN_PATH


# What every route finds on its application.


@dataclass(frozen=True, slots=True)
class Machine:
    """How to open a transaction, where we stand, and who reads the tokens that partners bring."""

    open_work: OpenWork
    settings: PartnerSettings
    read_brought: ReadBrought = read_none
    requests: SystemRequests | None = None


def machine_of(request: Request) -> Machine:
    """The parts of the application that serves this request."""
    machine = request.app.state.machine
    if not isinstance(machine, Machine):
        raise TypeError("the application was not made by create_partners_app")
    return machine


class AnswerHeaders:
    """ASGI middleware: nothing is kept on the way, and nothing is taken for what it is not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; set the headers as the answer starts."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_ours(list(message.get("headers", ())))
            await send(message)

        await self._app(scope, receive, send_with_headers)


_CACHE_CONTROL, _OPTIONS = b"cache-control", b"x-content-type-options"


def _with_ours(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    theirs = [one for one in headers if one[0] != _OPTIONS]
    is_said = any(name == _CACHE_CONTROL for name, _ in theirs)
    kept = () if is_said else ((_CACHE_CONTROL, b"no-store"),)
    return [*theirs, *kept, (_OPTIONS, b"nosniff")]


# Every line these interfaces write to the log, as a closed list (STYLE.md 19).


class PartnerLog(StrEnum):
    """What happened, as `subject:action`."""

    TOKEN_REFUSED = "access-token:refused"  # noqa: S105 an event
    CLIENT_REFUSED = "partner:authentication_refused"
    REQUEST_FAILED = "request:failed"


# What a machine is answered when nobody expected what happened.


def _problem(reference: str) -> Response:
    return problem_response(UNEXPECTED, reference=reference)


def last_resort(answer: Callable[[str], Response] = _problem) -> Middleware:
    """The outermost door of an interface; `answer` makes the answer from the log's reference."""

    def answer_to(scope: Scope, reference: str) -> Response:
        del scope
        return answer(reference)

    return Middleware(LastResort, event=PartnerLog.REQUEST_FAILED.value, answer=answer_to)


# What a machine is answered whose address or header holds what is no text.


def _not_text(scope: Scope, place: str) -> Response:
    del scope
    return problem_response(NOT_TEXT, faults=[no_text_at(place)])


def text_only(answer: Callable[[Scope, str], Response] = _not_text) -> Middleware:
    """The door behind the outermost one."""
    return Middleware(TextOnly, answer=answer)
