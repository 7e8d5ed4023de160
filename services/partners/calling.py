"""The guard at every door for machines: no route without a scope, no scope without a token."""

from collections.abc import Collection
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends
from starlette.requests import Request

from services.partners.errors import (
    NotAuthenticatedError,
    ScopeMissingError,
    TooManyRequestsError,
)
from services.partners.log_references import PartnerLog
from services.partners.machine import machine_of
from services.partners.ports import Caller, OpenWork, Pace, PartnerWork
from services.partners.scopes import Scope
from services.partners.settings import FAILURES_BURST, FAILURES_LIMIT_PER_SECOND

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


def admit(header: str | None, any_of: frozenset[Scope], open_work: OpenWork) -> Caller:
    """Check (1) that a token came, and whose, (2) how often they ask, (3) what for.

    In a transaction of its own: a body that comes slowly must not keep one open. Raises as
    ScopeGuard.
    """
    with open_work() as work:
        # (1) Unknown, over, or its partner suspended: which of them is nobody's business.
        caller = caller_by(header, work)
        if caller is None:
            _log_refusal(work, PartnerLog.TOKEN_REFUSED)
            wait = None
        else:
            # (2) Counted also when the rest fails.
            wait = work.pacing.take(f"partner:{caller.partner}", caller.pace)
    if caller is None:
        raise NotAuthenticatedError("no access token that holds came with the request")
    if wait is not None:
        raise TooManyRequestsError(wait)
    # (3) A token is for what it was asked for.
    if not any_of & caller.scopes:
        raise ScopeMissingError(f"the token lacks the scope {' or '.join(sorted(any_of))}")
    return caller


def scoped_router(*any_of: Scope) -> APIRouter:
    """Make a router all of whose routes ask for a token with one of these scopes."""
    return APIRouter(dependencies=[Depends(ScopeGuard(any_of))])


def caller_of(request: Request) -> Caller:
    """Whom the guard let pass. Raises NotAuthenticatedError where there was no guard."""
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise NotAuthenticatedError("the route has no guard")
    return caller


CallerHere = Annotated[Caller, Depends(caller_of)]
"""For a route: who calls."""


def caller_by(header: str | None, work: PartnerWork) -> Caller | None:
    """Whose token an `Authorization` header holds (RFC 6750 section 2.1); None for nobody's."""
    scheme, _, token = (header or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
        return None
    return work.tokens.caller(token_hash(token, work), at=work.now)


def token_hash(token: str, work: PartnerWork) -> bytes:
    """What is kept of an access token."""
    return work.digest("access-token", token)


def _log_refusal(work: PartnerWork, event: PartnerLog) -> None:
    """Write a line, unless there were too many: a flood of refusals must not fill the disk."""
    if work.pacing.take("refusals-logged", FAILURES) is None:
        structlog.get_logger().warning(event.value)
