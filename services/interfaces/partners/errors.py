"""What can go wrong for a partner; messages name fields and codes, never values.

HTTP statuses are decided in `problem_details`, not here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.platform.errors import ServiceError, ServiceUnavailableError


class PartnerError(ServiceError):
    """Root of what the partner interfaces raise."""


class NotAuthenticatedError(PartnerError):
    """No access token that holds now came with the request: get one and send it again."""


class ScopeMissingError(PartnerError):
    """The access token holds, but not for this."""


class PractitionerNotNamedError(PartnerError):
    """The access token names no practitioner, or one for whom its partner may not speak now."""


class FormNotOfferedError(PartnerError):
    """The answer comes in no form that the request accepts."""


class AuthorityNotTheirsError(PartnerError):
    """The partner sends for one local authority and named another."""


class TooManyRequestsError(PartnerError):
    """The partner asks more often than agreed; nothing was done, wait and send it again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("more requests came than were agreed; wait and send this one again")
        self.wait = wait


class BodyTooLargeError(PartnerError):
    """More came in one request than is taken in one: send it in smaller parts."""


class BodyTooSlowError(PartnerError):
    """The body did not come within the time given."""


class ContentNotTakenError(PartnerError):
    """The media type or encoding of the body is not one that is taken here."""


class BodyUnreadableError(PartnerError):
    """The body is not what its media type says."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a request: where, by our names, and a code for why. Never a value."""

    place: str
    reason: str


class RequestFaultyError(PartnerError):
    """The request can be read, and something that it has to say is missing or wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.place}: {fault.reason}" for fault in faults))
        self.faults = tuple(faults)


class OnboardingError(PartnerError):
    """What was given for a partner cannot be taken; names the field and why."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


# Every failure as Problem Details (RFC 9457): the one table of statuses, and who writes them.

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
class Kind:
    """One sort of problem."""

    status: int
    name: str
    title: str


NOT_FOUND = Kind(404, "not-found", "There is nothing at this address")
NOT_ALLOWED = Kind(405, "method-not-allowed", "This address is not used like that")
NOT_ACCEPTABLE = Kind(406, "not-acceptable", "The answer is JSON")
FAULTY = Kind(422, "faulty", "Something in the request is missing or wrong")
UNREADABLE = Kind(400, "unreadable", "The body is not what its media type says")
UNEXPECTED = Kind(500, "unexpected", "Something went wrong here")
UNAVAILABLE = Kind(503, "unavailable", "Nothing can be taken or told now")
RETRY_SECONDS = 30

KINDS: Mapping[type[ServiceError], Kind] = {
    NotAuthenticatedError: Kind(401, "not-authenticated", "No access token that holds"),
    ScopeMissingError: Kind(403, "scope-missing", "The access token is not for this"),
    PractitionerNotNamedError: Kind(
        403, "practitioner-not-named", "The access token is for no practitioner"
    ),
    FormNotOfferedError: Kind(406, "not-acceptable", "In none of these forms"),
    AuthorityNotTheirsError: Kind(403, "not-your-authority", "Another authority's address"),
    BodyTooSlowError: Kind(408, "too-slow", "The body did not come in time"),
    BodyTooLargeError: Kind(413, "too-large", "More than is taken in one request"),
    ContentNotTakenError: Kind(415, "content-not-taken", "A media type not taken here"),
    BodyUnreadableError: UNREADABLE,
    RequestFaultyError: FAULTY,
    TooManyRequestsError: Kind(429, "too-many-requests", "More requests than agreed"),
    ServiceUnavailableError: UNAVAILABLE,
}
_BY_STATUS = {kind.status: kind for kind in (NOT_FOUND, NOT_ALLOWED, NOT_ACCEPTABLE, UNREADABLE)}


def add_problems(app: FastAPI) -> None:
    """Answer every failure of the app with Problem Details."""
    app.add_exception_handler(ServiceError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_framework)


def problem_response(
    kind: Kind,
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


def kind_of(error: ServiceError) -> Kind:
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
    faults = error.faults if isinstance(error, RequestFaultyError) else ()
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
    kind = _BY_STATUS.get(status, Kind(status, "refused", "This could not be done"))
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem_response(kind, headers=headers)
