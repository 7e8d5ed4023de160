"""Requests, counted by all workers of a port together, and shown by a process beside them.

Workers are forked, so their counts lie in files that Prometheus' client adds up (its multiprocess
mode). The process that shows them is another fork: the acceptor may have no threads.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.audit.integrity.seen.metrics import (
    OF_REQUESTS,
    REQUEST_SECONDS,
    REQUESTS,
    Area,
    Metrics,
    status_class,
)
from services.audit.integrity.seen.port import (
    LIVE_PATH,
    METRICS_PATH,
    PortAnswer,
    Tells,
    bound,
    told_lacking,
    told_metrics,
)
from services.platform.errors import ServiceError
from services.platform.processes.copied import start_copy
from services.platform.processes.port import ADDRESSES
from services.platform.processes.tls import tls_as_set
from services.platform.settings import Settings

_FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_STANDARD_ERROR: Final = 2


class CountedRequests:
    """ASGI middleware, the outermost: counts each answer and how long it took to begin."""

    def __init__(self, app: ASGIApp, metrics: Metrics, area_of: Callable[[str], Area]) -> None:
        self._app = app
        self._metrics = metrics
        self._area_of = area_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; nothing of it is kept but its area and how it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, area = time.perf_counter(), self._area_of(scope["path"]).value

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                took = time.perf_counter() - began
                self._metrics.count(REQUESTS, area=area, status=status_class(message["status"]))
                self._metrics.observe(REQUEST_SECONDS, took, area=area)
            await send(message)

        await self._app(scope, receive, send_counted)


def area_by(prefixes: Mapping[str, Area], *, others: Area = Area.PAGES) -> Callable[[str], Area]:
    """The area of a path, by what it begins with; everything else is the portal's pages."""
    found = tuple(prefixes.items())

    def area_of(path: str) -> Area:
        return next((area for prefix, area in found if path.startswith(prefix)), others)

    return area_of


@contextmanager
def counting(
    app: ASGIApp,
    settings: Settings,
    area_of: Callable[[str], Area],
    start: Callable[..., object] = start_copy,
) -> Iterator[ASGIApp]:
    """The application with its requests counted, and shown on a port of their own while it is on.

    Without such a port in the settings nothing is counted. To be called before anything is forked
    and before there are threads; `start` starts what shows them.
    """
    if not settings.metrics_port:
        yield app
        return
    folder, before = tempfile.mkdtemp(prefix="tell-once-metrics-"), values.ValueClass
    try:
        os.environ[_FOLDER_VARIABLE] = folder
        values.ValueClass = values.get_value_class()
        counted = CountedRequests(app, Metrics(OF_REQUESTS), area_of)
        run = partial(_show, settings)
        argv = ("tell-once", "metrics")
        with suppress(ServiceError):
            start(run, argv=argv, environment={}, output=_STANDARD_ERROR)
        yield counted
    finally:
        values.ValueClass = before
        del os.environ[_FOLDER_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


def _show(settings: Settings) -> int:
    tells: Tells = {METRICS_PATH: _told, LIVE_PATH: partial(told_lacking, ())}
    address, port = ADDRESSES[settings.metrics_listen], settings.metrics_port
    bound(address, port, tells, tls_as_set(settings)).serve_forever()
    return 0


def _told() -> PortAnswer:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return told_metrics(registry)
