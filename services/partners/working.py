"""The transaction of a request, as a dependency: committed before the answer leaves."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from services.partners.errors import NotAuthenticatedError
from services.partners.machine import machine_of
from services.partners.ports import Caller, PartnerWork

MOST_AT_ONCE = 8
"""Transactions of machines at once in a process, so that people's pages keep threads enough."""


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
