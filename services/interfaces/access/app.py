"""The AuthZEN interface as an application of its own: evaluation, evaluations, discovery.

Errors are a status and a message string (Authorization API 1.0 section 10.1.2): 400 for a request
that cannot be read, 401 for a caller that is not known, 403 for one that may not ask, 429 for one
that asks too often, 500 for what went wrong here. A refusal is none of these but a 200 with
`decision` false.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.parsing.plain_text import can_be_encoded, place_of_no_text
from services.interfaces.access.authzen import (
    DISCOVERED,
    RequestUnreadableError,
    evaluation_described,
    evaluations_described,
)
from services.interfaces.access.batch import Evaluate, answer_document, without_batch
from services.interfaces.partners.calling import MOST_AT_ONCE, BodyUpTo
from services.interfaces.partners.edge import AnswerHeaders, last_resort, text_only
from services.interfaces.partners.errors import PartnerError
from services.interfaces.partners.ports import Caller
from services.interfaces.partners.problem_details import headers_of, kind_of
from services.platform.errors import NotTextError, ServiceError
from services.platform.ticks import RefusalsAtTick, refused

# What a caller calls its request comes back with the answer, whatever that is.

_REQUEST_ID = b"x-request-id"


class RequestName:
    """ASGI middleware: gives X-Request-ID back as it came (Authorization API 1.0, 10.1.3)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back, named."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        names = [pair for pair in scope["headers"] if pair[0].lower() == _REQUEST_ID]

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *names]
            await send(message)

        await self._app(scope, receive, send_named)


EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
DISCOVERY = "/.well-known/authzen-configuration"

MOST_BYTES = 256 * 1024

Admit = Callable[[str | None], Caller]
"""Who sent a value of the `Authorization` header, if they may ask. Raises PartnerError."""

Evaluating = Callable[[Caller], AbstractContextManager[Evaluate]]
"""Opens the transaction of one request: what is answered in it is on record when it ends well."""

_KEPT_AN_HOUR = {"Cache-Control": "max-age=3600"}


def create_access_app(evaluating: Evaluating, *, admit: Admit, base_url: str) -> FastAPI:
    """Make the interface over whatever answers questions and puts the answers on record.

    `base_url` is the https address that callers know this decision point by (section 9.1.1).
    """
    app = FastAPI(
        title="Tell Once access",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(RefusalsAtTick),
            Middleware(RequestName),
            Middleware(AnswerHeaders),
            last_resort(_failure),
            text_only(_not_text),
        ],
    )
    _add_evaluation(app, evaluating, admit)
    _add_discovery(app, base_url.rstrip("/"))
    _add_errors(app)
    return app


def _add_evaluation(app: FastAPI, evaluating: Evaluating, admit: Admit) -> None:
    def caller_here(request: Request) -> Caller:
        return admit(request.headers.get("Authorization"))

    def evaluation_here(
        caller: Annotated[Caller, Depends(caller_here)],
    ) -> Iterator[Evaluate]:
        with evaluating(caller) as evaluate:
            yield evaluate

    # Its scope ends the transaction before the answer leaves (STYLE.md 15).
    asking = Annotated[
        Evaluate, Depends(evaluation_here, scope="function", max_concurrency=MOST_AT_ONCE)
    ]

    guarded: dict[str, Any] = {"dependencies": [Depends(caller_here)], "response_class": Response}

    @app.post(EVALUATION, **guarded, **evaluation_described())
    def evaluation(request: Request, document: _Document, evaluate: asking) -> Response:
        return _answer(request, answer_document(_single(document), evaluate))

    @app.post(EVALUATIONS, **guarded, **evaluations_described())
    def evaluations(request: Request, document: _Document, evaluate: asking) -> Response:
        return _answer(request, answer_document(document, evaluate))


def _answer(request: Request, answer: Mapping[str, Any]) -> Response:
    """The answer, which leaves at a tick where anything in it is a no."""
    if not all(one["decision"] for one in answer.get("evaluations", [answer])):
        refused(request)
    return JSONResponse(answer)


def _read_document(
    request: Request, body: Annotated[bytes, Depends(BodyUpTo(MOST_BYTES))]
) -> object:
    """The JSON of a request, read once its caller has been let in."""
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RequestUnreadableError("request", "is-not-json")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestUnreadableError("request", "is-not-json") from None
    # NUL is a letter like any other in it: what is looked up is compared here, or by a hash.
    place = place_of_no_text(document, "request", passes=can_be_encoded)
    if place is not None:
        raise NotTextError(place)
    return document


_Document = Annotated[Any, Depends(_read_document)]


def _single(document: Any) -> Any:
    """The document without what only means something to the other interface."""
    return without_batch(document) if isinstance(document, Mapping) else document


def _add_discovery(app: FastAPI, base_url: str) -> None:
    @app.get(DISCOVERY, operation_id="describe-decision-point", responses=DISCOVERED)
    def discovery() -> Response:
        metadata = {
            "policy_decision_point": base_url,
            "access_evaluation_endpoint": base_url + EVALUATION,
            "access_evaluations_endpoint": base_url + EVALUATIONS,
        }
        return JSONResponse(metadata, headers=_KEPT_AN_HOUR)


def _add_errors(app: FastAPI) -> None:
    app.add_exception_handler(RequestUnreadableError, _unreadable)
    app.add_exception_handler(NotTextError, _unreadable)
    app.add_exception_handler(PartnerError, _not_admitted)
    app.add_exception_handler(HTTPException, _other)
    app.add_exception_handler(ServiceError, _failed)


def _unreadable(request: Request, error: Exception) -> Response:
    del request
    return PlainTextResponse(str(error), status_code=400)


def _not_text(scope: Scope, place: str) -> Response:
    del scope
    return PlainTextResponse(str(NotTextError(place)), status_code=400)


def _not_admitted(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, PartnerError):
        raise error
    status, headers = kind_of(error).status, headers_of(error)
    return PlainTextResponse(str(error), status_code=status, headers=headers)


def _other(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, HTTPException):
        raise error
    told = "the request cannot be answered"
    return PlainTextResponse(told, status_code=error.status_code, headers=error.headers)


def _failed(request: Request, error: Exception) -> Response:
    del request, error
    return _failure()


def _failure(reference: str | None = None) -> Response:
    told = "nothing could be decided; try again later"
    named = told if reference is None else f"{told} ({reference})"
    return PlainTextResponse(named, status_code=500)
