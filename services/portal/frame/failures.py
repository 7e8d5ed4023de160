"""What people are shown when something cannot be done, expected or not. Never a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from services.platform.errors import NotTextError, ServiceUnavailableError
from services.platform.web import LastResort, TextOnly
from services.portal.frame.errors import ForgedFormError, NotAllowedError
from services.portal.frame.portal import portal_of
from services.portal.frame.settings import PortalLog

_Handler = Callable[[Request, Exception], Response]


@dataclass(frozen=True, slots=True)
class FailurePage:
    """A page that says what did not work and what to do next."""

    status: int
    heading: str
    sentences: tuple[str, ...]


_TRY_AGAIN = "Go back and try again. If it keeps happening, tell whoever looks after this service."
_FORGED = FailurePage(
    403,
    "This form could not be accepted",
    (
        "It was not sent from a page that was shown to you since you signed in.",
        "Nothing was changed. Open the page again and send the form from there.",
    ),
)
_NOT_ALLOWED = FailurePage(
    403,
    "Your role does not open this page",
    (
        "Family records are open to practitioners who work with families.",
        "Pairs of people who may be one person are open to data stewards.",
        "If your work has changed, ask whoever manages accounts in your organisation.",
    ),
)
_UNAVAILABLE = FailurePage(
    503,
    "The service cannot show records now",
    (
        "It cannot record that you looked, so it shows nothing.",
        "Nothing was changed. Try again in a few minutes.",
    ),
)
_BY_STATUS: Mapping[int, FailurePage] = {
    400: FailurePage(400, "The form could not be read", (_TRY_AGAIN,)),
    404: FailurePage(
        404,
        "Page not found",
        (
            "If you typed the address, check that it is right.",
            "If you followed a link, start again from your list of families.",
        ),
    ),
    405: FailurePage(405, "This page cannot be used like that", (_TRY_AGAIN,)),
    413: FailurePage(413, "The form is too long", ("Shorten what you wrote, and try again.",)),
    415: FailurePage(415, "The form could not be read", (_TRY_AGAIN,)),
}


def unexpected_failure(reference: str) -> FailurePage:
    """Make the page for what nobody expected, with the reference that its log line carries."""
    return FailurePage(
        500,
        "Sorry, there is a problem with the service",
        (_TRY_AGAIN, f"Quote this reference: {reference}"),
    )


def add_failure_pages(app: FastAPI) -> None:
    """Answer every failure with a page of ours."""
    handlers: Mapping[type[Exception], _Handler] = {
        ForgedFormError: lambda request, _error: failure_response(request, _FORGED),
        NotAllowedError: lambda request, _error: failure_response(request, _NOT_ALLOWED),
        ServiceUnavailableError: _unavailable,
        NotTextError: lambda request, error: failure_response(request, _not_text(error)),
        RequestValidationError: _malformed,
        HTTPException: _by_status,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)


def failure_response(request: Request, page: FailurePage) -> Response:
    """Render the page. It has no signed-in frame, because the session may be what failed."""
    return portal_of(request).templates.page(request, "failure.html", {"page": page}, page.status)


def _unavailable(request: Request, _error: Exception) -> Response:
    response = failure_response(request, _UNAVAILABLE)
    response.headers["Retry-After"] = "60"
    return response


def _not_text(error: Exception) -> FailurePage:
    """Name the field; the letters that cannot be kept are left out."""
    where = error.place if isinstance(error, NotTextError) else "form"
    sentences = (f"{where}: this holds characters that cannot be kept. Type it anew.",)
    return FailurePage(400, "The address or form could not be read", sentences)


def _malformed(request: Request, error: Exception) -> Response:
    """Name the part of the request and the kind of fault; what was sent is left out."""
    problems = error.errors() if isinstance(error, RequestValidationError) else ()
    found = (f"{'.'.join(str(part) for part in p['loc'])}: {p['type']}" for p in problems)
    page = FailurePage(422, "The address or form could not be read", (_TRY_AGAIN, *found))
    return failure_response(request, page)


def _by_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    unknown = FailurePage(status, "This could not be done", (_TRY_AGAIN,))
    response = failure_response(request, _BY_STATUS.get(status, unknown))
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    return response


# What is answered on a page when nobody expected what happened.


def last_resort() -> Middleware:
    """The outermost door of the portal."""
    return Middleware(LastResort, event=PortalLog.PAGE_FAILED.value, answer=_page)


def text_only() -> Middleware:
    """The door behind it: no address and no header of what is no text."""
    return Middleware(
        TextOnly,
        answer=lambda scope, place: failure_response(
            Request(scope), _not_text(NotTextError(place))
        ),
    )


def _page(scope: Scope, reference: str) -> Response:
    return failure_response(Request(scope), unexpected_failure(reference))
