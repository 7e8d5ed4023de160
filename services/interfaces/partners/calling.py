"""How a machine's request comes in: past the guard, with its body, into one transaction.

No route without a scope, no scope without a token.
"""

from collections.abc import Collection, Iterator
from typing import Annotated

import anyio
import structlog
from fastapi import APIRouter, Depends
from starlette.requests import ClientDisconnect, Request

from services.interfaces.partners.edge import (
    FAILURES_BURST,
    FAILURES_LIMIT_PER_SECOND,
    PartnerLog,
    machine_of,
)
from services.interfaces.partners.errors import (
    BodyTooLargeError,
    BodyTooSlowError,
    BodyUnreadableError,
    ContentNotTakenError,
    NotAuthenticatedError,
    ScopeMissingError,
    TooManyRequestsError,
)
from services.interfaces.partners.ports import Caller, OpenWork, Pace, PartnerWork, Scope

FAILURES = Pace(FAILURES_LIMIT_PER_SECOND, FAILURES_BURST)
_LONGEST_TOKEN = 512


class ScopeGuard:
    """A dependency that lets a request pass, or says why not; it reads nothing of the body.

    Raises NotAuthenticatedError, TooManyRequestsError or ScopeMissingError.
    """

    def __init__(self, any_of: Collection[Scope]) -> None:
        self.any_of = frozenset(any_of)

    def __call__(self, request: Request) -> None:
        """Admit the caller, or raise."""
        header = request.headers.get("Authorization")
        request.state.caller = admit(header, self.any_of, machine_of(request).open_work)


class GuardedWhereItReads(ScopeGuard):
    """For routes that let their caller in where they read, in one transaction and not in two.

    They have no body for which they would wait. Such a route asks `require` of whom it found.
    """

    async def __call__(self, request: Request) -> None:  # type: ignore[override]
        """Say what the route has to ask for; nobody has come in yet."""
        request.state.any_of = self.any_of


def admit(header: str | None, any_of: frozenset[Scope], open_work: OpenWork) -> Caller:
    """Check (1) that a token came, and whose, (2) how often they ask, (3) what for.

    In a transaction of its own: a body that comes slowly must not keep one open. Raises as
    ScopeGuard.
    """
    with open_work() as work:
        # (1) Unknown, over, or its partner suspended: which of them is nobody's business.
        caller = caller_by(header, work)
        if caller is None:
            log_refusal(work, PartnerLog.TOKEN_REFUSED)
            wait = None
        else:
            # (2) Counted also when the rest fails.
            wait = work.pacing.take_ahead(f"partner:{caller.partner}", caller.pace)
    if caller is None:
        raise NotAuthenticatedError(NO_TOKEN)
    if wait is not None:
        raise TooManyRequestsError(wait)
    require(caller, any_of)  # (3)
    return caller


NO_TOKEN = "no access token that holds came with the request"  # noqa: S105 no token


def require(caller: Caller, any_of: frozenset[Scope]) -> None:
    """Let a token be used for what it was asked for. Raises ScopeMissingError."""
    if not any_of & caller.scopes:
        raise ScopeMissingError(f"the token lacks the scope {' or '.join(sorted(any_of))}")


def scoped_router(*any_of: Scope) -> APIRouter:
    """Make a router all of whose routes ask for a token with one of these scopes."""
    return APIRouter(dependencies=[Depends(ScopeGuard(any_of))])


async def caller_here(request: Request) -> Caller:
    """As `caller_of`; it waits for nothing, and a plain function would be handed to a thread."""
    return caller_of(request)


def caller_of(request: Request) -> Caller:
    """Whom the guard let pass. Raises NotAuthenticatedError where there was no guard."""
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise NotAuthenticatedError("the route has no guard")
    return caller


CallerHere = Annotated[Caller, Depends(caller_here)]
"""For a route: who calls."""


def caller_by(header: str | None, work: PartnerWork) -> Caller | None:
    """Whose token an `Authorization` header holds (RFC 6750 section 2.1); None for nobody's."""
    token = token_in(header)
    return None if token is None else work.tokens.caller(token_hash(token, work), at=work.now)


def token_in(header: str | None) -> str | None:
    """The token that an `Authorization` header holds; None where it can be none."""
    scheme, _, token = (header or "").partition(" ")
    token = token.strip()
    is_token = scheme.lower() == "bearer" and 0 < len(token) <= _LONGEST_TOKEN
    return token if is_token else None


def token_hash(token: str, work: PartnerWork) -> bytes:
    """What is kept of an access token."""
    return work.digest("access-token", token)


def log_refusal(work: PartnerWork, event: PartnerLog) -> None:
    """Write a line, unless there were too many: a flood of refusals must not fill the disk."""
    if work.pacing.take("refusals-logged", FAILURES) is None:
        structlog.get_logger().warning(event.value)


# The transaction of a request, as a dependency: committed before the answer leaves.

MOST_AT_ONCE = 8
"""Transactions of machines at once in a worker, so that people's pages keep threads enough."""


def get_work(request: Request) -> Iterator[PartnerWork]:
    """Give the transaction in which the request is done, for the caller if it has one.

    With the scope `function` FastAPI ends it when the route returns: what fails to commit is
    answered as a failure (STYLE.md 15). Raises NotAuthenticatedError when the token has ceased
    to hold since the guard let it pass.
    """
    with machine_of(request).open_work() as work:
        caller = getattr(request.state, "caller", None)
        if isinstance(caller, Caller):
            work.tokens.keep_from_suspension(caller.partner)
            if work.tokens.caller(caller.token_hash, at=work.now) is None:
                raise NotAuthenticatedError("the access token has ceased to hold")
        yield work


Work = Annotated[PartnerWork, Depends(get_work, scope="function", max_concurrency=MOST_AT_ONCE)]
"""For a route: the transaction. Name it after the body, which must not keep one waiting."""


# Bodies as bytes: within a size and a time, whatever is promised about them.

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
