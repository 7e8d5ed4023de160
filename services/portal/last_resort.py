"""What is answered on a page when nobody expected what happened."""

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from services.last_resort import LastResort
from services.portal.failures import failure_response, unexpected_failure
from services.portal.log_references import PortalLog


def last_resort() -> Middleware:
    """The outermost door of the portal."""
    return Middleware(LastResort, event=PortalLog.PAGE_FAILED.value, answer=_page)


def _page(scope: Scope, reference: str) -> Response:
    return failure_response(Request(scope), unexpected_failure(reference))
