"""Traces of requests, for OpenTelemetry: routes and statuses, and no address that was asked for.

Off until the setting `traces_url` says where they go; what is needed for it is an extra
(`tell-once[traces]`). No instrumentation of a framework is used: those tell paths, queries, headers
and statements, which carry ids. Nor is a request's own trace (`traceparent`) gone on with: what
outside systems say is not theirs to write here.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.platform.errors import ServiceError
from services.platform.settings import Settings

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SERVER_ERROR: Final = 500
_NEEDED: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
OpenTracer = Callable[[], Any]
"""Gives a tracer of OpenTelemetry; called in the worker, as what sends has a thread."""


class TracesNotInstalledError(ServiceError):
    """A setting asks for traces, and what makes them is not here: install `tell-once[traces]`."""


class Traced:
    """ASGI middleware: a span a request, named by its method and its route."""

    def __init__(self, app: ASGIApp, open_tracer: OpenTracer) -> None:
        self._app = app
        self._open = cache(open_tracer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; of what it was asked nothing is told but which route took it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        beginning = self._open().start_as_current_span(
            method, record_exception=False, set_status_on_exception=False
        )
        with beginning as span:

            async def send_told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _tell(span, scope, method, message["status"])
                await send(message)

            await self._app(scope, receive, send_told)


def _tell(span: Any, scope: Scope, method: str, status: int) -> None:
    route = getattr(scope.get("route"), "path", None)
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.response.status_code", status)
    if route is not None:
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
    if status >= _SERVER_ERROR:
        span.set_attribute("error.type", str(status))


def traced(
    app: ASGIApp, settings: Settings, service: str, needed: Sequence[str] = _NEEDED
) -> ASGIApp:
    """The application with its requests traced, where the settings say where traces go.

    Raises TracesNotInstalledError.
    """
    if not settings.traces_url:
        return app
    if not all(map(_is_here, needed)):
        raise TracesNotInstalledError("traces_url is set; install tell-once[traces] for it")
    return Traced(app, lambda: _open_tracer(settings.traces_url, service))


def _is_here(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _open_tracer(url: str, service: str) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 an extra
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    # Made as it is, so that no variable of the environment adds what this machine is called.
    provider = TracerProvider(resource=Resource({"service.name": f"tell-once-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    return provider.get_tracer("tell-once")
