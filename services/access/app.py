"""The AuthZEN interface as an application of its own: evaluation, evaluations, discovery.

Errors are a status and a message string (Authorization API 1.0 section 10.1.2): 400 for a request
that cannot be read, 401 for a caller that is not known, 500 for what went wrong here. A refusal is
none of these but a 200 with `decision` false.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from services.access.batch import Evaluate, answer_document
from services.access.envelope import RequestEnvelope
from services.access.errors import CallerUnknownError, RequestUnreadableError
from services.errors import ServiceError

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
DISCOVERY = "/.well-known/authzen-configuration"

Authenticate = Callable[[str | None], bool]
"""Whether the value of the `Authorization` header is that of a caller who may ask."""

_Document = Annotated[Any, Body()]
_NEVER_KEPT = {"Cache-Control": "no-store"}
_KEPT_AN_HOUR = {"Cache-Control": "max-age=3600"}


def create_access_app(evaluate: Evaluate, *, authenticate: Authenticate, base_url: str) -> FastAPI:
    """Make the interface over the function that answers one question.

    `evaluate` records what has to be recorded before it answers, in its own transaction. `base_url`
    is the https address that callers know this decision point by (section 9.1.1).
    """
    app = FastAPI(
        title="Tell Once access",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(RequestEnvelope)],
    )
    _add_evaluation(app, evaluate, authenticate)
    _add_discovery(app, base_url.rstrip("/"))
    _add_errors(app)
    return app


def _add_evaluation(app: FastAPI, evaluate: Evaluate, authenticate: Authenticate) -> None:
    def require_caller(request: Request) -> None:
        if not authenticate(request.headers.get("Authorization")):
            raise CallerUnknownError("the caller is not known")

    guarded = [Depends(require_caller)]

    @app.post(EVALUATION, dependencies=guarded)
    def evaluation(document: _Document) -> Response:
        return JSONResponse(answer_document(_single(document), evaluate), headers=_NEVER_KEPT)

    @app.post(EVALUATIONS, dependencies=guarded)
    def evaluations(document: _Document) -> Response:
        return JSONResponse(answer_document(document, evaluate), headers=_NEVER_KEPT)


def _single(document: Any) -> Any:
    """The document without `evaluations`, which mean nothing to the single interface."""
    if not isinstance(document, Mapping):
        return document
    return {name: value for name, value in document.items() if name != "evaluations"}


def _add_discovery(app: FastAPI, base_url: str) -> None:
    @app.get(DISCOVERY)
    def discovery() -> Response:
        metadata = {
            "policy_decision_point": base_url,
            "access_evaluation_endpoint": base_url + EVALUATION,
            "access_evaluations_endpoint": base_url + EVALUATIONS,
        }
        return JSONResponse(metadata, headers=_KEPT_AN_HOUR)


def _add_errors(app: FastAPI) -> None:
    app.add_exception_handler(RequestUnreadableError, _unreadable)
    app.add_exception_handler(RequestValidationError, _not_json)
    app.add_exception_handler(CallerUnknownError, _unknown_caller)
    app.add_exception_handler(HTTPException, _other)
    app.add_exception_handler(ServiceError, _failed)
    app.add_exception_handler(Exception, _failed)


def _unreadable(request: Request, error: Exception) -> Response:
    del request
    return PlainTextResponse(str(error), status_code=400)


def _not_json(request: Request, error: Exception) -> Response:
    del request, error
    return PlainTextResponse("request: is-not-json", status_code=400)


def _unknown_caller(request: Request, error: Exception) -> Response:
    del request
    challenge = {"WWW-Authenticate": "Bearer"}
    return PlainTextResponse(str(error), status_code=401, headers=challenge)


def _other(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse("the request cannot be answered", status_code=status)


def _failed(request: Request, error: Exception) -> Response:
    del request, error
    return PlainTextResponse("nothing could be decided; try again later", status_code=500)
