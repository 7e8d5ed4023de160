"""What was typed where a page failed is kept: whoever goes back to the form finds it filled in.

A failure is no answer of ours that nobody expected, or a database that cannot be written; of the
form nothing was done, as all of it is one transaction.
"""

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.people.practitioners.people import Session
from services.portal.frame.forms import SentForm
from services.portal.frame.session import TOKEN_FIELD, is_any_form_token
from services.portal.frame.settings import PortalLog
from services.portal.front.sign_in.interrupted import form_page, is_something, keep

_FAILED = 500


def keeps_what_failed() -> Middleware:
    """The door outside the last resort, which sees how every page is answered."""
    return Middleware(KeepsWhatFailed)


class KeepsWhatFailed:
    """ASGI middleware: a form that was answered with a failure is sealed as a draft.

    It was shown to the session that sent it; any other is not kept. Where it cannot be kept either,
    the answer is the same.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look at how it is answered."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def watched_send(message: Message) -> None:
            is_failure = message["type"] == "http.response.start" and message["status"] >= _FAILED
            sent, session = state.get("sent"), state.get("session")
            if is_failure and isinstance(sent, SentForm) and isinstance(session, Session):
                message = await run_in_threadpool(_with_draft, message, sent, session)
            await send(message)

        await self._app(scope, receive, watched_send)


def _with_draft(message: Message, sent: SentForm, session: Session) -> Message:
    """Keep the form; the answer with the cookie of the browser that it is kept for."""
    request, form = sent.request, sent.form
    address = form_page(request)
    if address is None or not is_something(form):
        return message
    if not is_any_form_token(form.text(TOKEN_FIELD), session.csrf_secret):
        return message
    answer = Response()
    try:
        keep(request, answer, session.practitioner.id, address, form)
    except Exception as error:  # noqa: BLE001  a door: the failure is answered, whatever comes of it
        structlog.get_logger().warning(
            PortalLog.DRAFT_NOT_KEPT.value, error=type(error).__qualname__
        )
        return message
    cookies = [one for one in answer.raw_headers if one[0] == b"set-cookie"]
    return {**message, "headers": [*message["headers"], *cookies]}
