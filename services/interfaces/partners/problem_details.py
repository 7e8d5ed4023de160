"""How a partner is told what went wrong, as Problem Details (RFC 9457); `KINDS` has each status."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.interfaces.partners.errors import (
    AuthorityNotTheirsError,
    BodyTooLargeError,
    BodyTooSlowError,
    BodyUnreadableError,
    ContentNotTakenError,
    Fault,
    FormNotOfferedError,
    NotAuthenticatedError,
    PractitionerNotNamedError,
    RequestFaultyError,
    ScopeMissingError,
    TooManyRequestsError,
)
from services.platform.errors import NotTextError, ServiceError, ServiceUnavailableError

PROBLEM = "application/problem+json"


class ProblemFault(BaseModel):
    """What exactly is wrong."""

    place: str = Field(description="The part of the request, by its name.")
    reason: str = Field(description="Why it cannot be taken, as a code.")


class Problem(BaseModel):
    """Why a request was not done (RFC 9457)."""

    type: str = Field(description="What sort of problem it is, as a URI that stays the same.")
    title: str = Field(description="The same in words.")
    status: int
    detail: str | None = Field(default=None, description="What to do about it.")
    errors: list[ProblemFault] | None = Field(default=None, description="What exactly is wrong.")
    reference: str | None = Field(default=None, description="Quote it when asking about it.")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One sort of problem."""

    status: int
    name: str
    title: str


NOT_FOUND = ProblemKind(404, "not-found", "There is nothing at this address")
NOT_ALLOWED = ProblemKind(405, "method-not-allowed", "This address is not used like that")
NOT_ACCEPTABLE = ProblemKind(406, "not-acceptable", "The answer is JSON")
FAULTY = ProblemKind(422, "faulty", "Something in the request is missing or wrong")
UNREADABLE = ProblemKind(400, "unreadable", "The body is not what its media type says")
UNEXPECTED = ProblemKind(500, "unexpected", "Something went wrong here")
UNAVAILABLE = ProblemKind(503, "unavailable", "Nothing can be taken or told now")
NOT_TEXT = ProblemKind(400, "not-text", "Something in the request is no text that can be kept")
MISDIRECTED = ProblemKind(421, "misdirected", "This is not served under that name")
TOO_LARGE = ProblemKind(413, "too-large", "More than is taken in one request")
CONTENT_NOT_TAKEN = ProblemKind(415, "content-not-taken", "A media type not taken here")
RETRY_SECONDS = 30

KINDS: Mapping[type[ServiceError], ProblemKind] = {
    NotAuthenticatedError: ProblemKind(401, "not-authenticated", "No access token that holds"),
    ScopeMissingError: ProblemKind(403, "scope-missing", "The access token is not for this"),
    PractitionerNotNamedError: ProblemKind(
        403, "practitioner-not-named", "The access token is for no practitioner"
    ),
    FormNotOfferedError: ProblemKind(406, "not-acceptable", "In none of these forms"),
    AuthorityNotTheirsError: ProblemKind(403, "not-your-authority", "Another authority's address"),
    BodyTooSlowError: ProblemKind(408, "too-slow", "The body did not come in time"),
    BodyTooLargeError: TOO_LARGE,
    ContentNotTakenError: CONTENT_NOT_TAKEN,
    BodyUnreadableError: UNREADABLE,
    NotTextError: NOT_TEXT,
    RequestFaultyError: FAULTY,
    TooManyRequestsError: ProblemKind(429, "too-many-requests", "More requests than agreed"),
    ServiceUnavailableError: UNAVAILABLE,
}
_OF_FRAMEWORK = (
    NOT_FOUND,
    NOT_ALLOWED,
    NOT_ACCEPTABLE,
    UNREADABLE,
    TOO_LARGE,
    CONTENT_NOT_TAKEN,
)
_BY_STATUS = {kind.status: kind for kind in _OF_FRAMEWORK}


def add_problems(app: FastAPI) -> None:
    """Answer every failure of the app with Problem Details."""
    app.add_exception_handler(ServiceError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_framework)


def problem_response(
    kind: ProblemKind,
    *,
    detail: str | None = None,
    faults: Sequence[Fault] = (),
    reference: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem as an answer."""
    problem = Problem(
        type=f"urn:tell-once:problem:{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        errors=[ProblemFault(place=f.place, reason=f.reason) for f in faults] or None,
        reference=reference,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=kind.status,
        media_type=PROBLEM,
        headers=dict(headers or {}),
    )


def no_text_at(place: str) -> Fault:
    """What is wrong with text that cannot be encoded or kept."""
    return Fault(place, "is-not-text")


def kind_of(error: ServiceError) -> ProblemKind:
    """The row of the table for an error; what has none is nobody's fault but ours."""
    return next((KINDS[known] for known in type(error).__mro__ if known in KINDS), UNEXPECTED)


def headers_of(error: ServiceError) -> Mapping[str, str]:
    """What the answer's headers say: how to come in (RFC 6750 section 3), when to come back."""
    headers: dict[str, str] = {}
    if isinstance(error, NotAuthenticatedError):
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if isinstance(error, ScopeMissingError):
        headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
    seconds = _retry_after(error)
    if seconds is not None:
        headers["Retry-After"] = str(seconds)
    return headers


def _retry_after(error: ServiceError) -> int | None:
    if isinstance(error, TooManyRequestsError):
        return max(1, math.ceil(error.wait.total_seconds()))
    return RETRY_SECONDS if isinstance(error, ServiceUnavailableError) else None


def _of_ours(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, ServiceError) or kind_of(error) is UNEXPECTED:
        raise error
    faults: Sequence[Fault] = error.faults if isinstance(error, RequestFaultyError) else ()
    if isinstance(error, NotTextError):
        faults = [no_text_at(error.place)]
    told = None if faults or kind_of(error) is UNAVAILABLE else str(error)
    return problem_response(kind_of(error), detail=told, faults=faults, headers=headers_of(error))


def _of_validation(request: Request, error: Exception) -> Response:
    """Place and kind of each fault; what was sent is left out (STYLE.md 21)."""
    del request
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    faults = [Fault(".".join(str(part) for part in one["loc"]), one["type"]) for one in found]
    return problem_response(FAULTY, faults=faults)


def _of_framework(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else UNEXPECTED.status
    kind = _BY_STATUS.get(status, ProblemKind(status, "refused", "This could not be done"))
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem_response(kind, headers=headers)
