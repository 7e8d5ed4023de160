"""What a process without pages shows: its numbers, that its loop turns, that it can work."""

import time
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

import structlog

from services.audit.integrity.seen.metrics import (
    LOGGED,
    OF_PROCESSES,
    TURNED,
    Collecting,
    Metric,
    Metrics,
)
from services.audit.integrity.seen.port import (
    LIVE_PATH,
    METRICS_PATH,
    READY_PATH,
    Tells,
    served,
    told_lacking,
    told_metrics,
)
from services.audit.integrity.seen.postgres_usable import Lacking, what_lacks
from services.platform.logging import LogEvent, Logger
from services.platform.processes.port import ADDRESSES
from services.platform.processes.tls import tls_as_set
from services.platform.settings import Settings
from services.work import Outside

TURNS_WITHIN: Final = 600.0
"""Seconds. A statement may take two minutes, and a batch several; a loop that hangs, for ever."""
_LISTED: Final = frozenset(LogEvent)

Step = Callable[[], int]


class Shown:
    """What a loop tells of itself as it turns."""

    def __init__(
        self, of: Iterable[Metric], also: Iterable[Collecting], *, turns: bool = True
    ) -> None:
        told = OF_PROCESSES if turns else (LOGGED,)
        self.metrics = Metrics([*of, *told], also=also)
        self._turned_at, self._turns = time.monotonic(), turns
        if turns:
            self.metrics.ask(TURNED, self.since_turned)

    def turning(self, step: Step) -> Step:
        """The same step, which is seen to be taken; one that fails is a turn too."""

        def seen() -> int:
            self._turned_at = time.monotonic()
            return step()

        return seen

    def since_turned(self) -> float:
        """How many seconds ago the last step began."""
        return time.monotonic() - self._turned_at

    def lacking_to_live(self) -> tuple[Lacking, ...]:
        """Nothing but a loop that hangs: starting a process anew brings back no database."""
        hangs = self._turns and self.since_turned() > TURNS_WITHIN
        return (Lacking.TURNING,) if hangs else ()


@contextmanager
def shown(
    settings: Settings,
    outside: Outside,
    log: Logger,
    *,
    of: Iterable[Metric] = (),
    also: Iterable[Collecting] = (),
) -> Iterator[Shown]:
    """Serve the process's port for metrics while the block runs, where the settings name one.

    A port that somebody else has is told in the log, and keeps nobody from their work.
    """
    lacks = partial(what_lacks, outside.engine, outside.vault)
    with shown_by(settings, lacks, log, of=of, also=also) as showing:
        yield showing


@contextmanager
def shown_by(
    settings: Settings,
    lacks: Callable[[], Sequence[str]],
    log: Logger,
    *,
    of: Iterable[Metric] = (),
    also: Iterable[Collecting] = (),
    turns: bool = True,
) -> Iterator[Shown]:
    """As `shown`, for a process that needs something else than ledger and keys: `lacks` tells.

    One whose step may take an hour says nothing of whether its loop `turns`.
    """
    showing = Shown(of, also, turns=turns)
    tells: Tells = {
        METRICS_PATH: partial(told_metrics, showing.metrics.registry),
        LIVE_PATH: lambda: told_lacking(showing.lacking_to_live()),
        READY_PATH: lambda: told_lacking(lacks()),
    }
    with ExitStack() as stack:
        stack.enter_context(_counting_lines(showing.metrics))
        if settings.metrics_port:
            try:
                address = ADDRESSES[settings.metrics_listen]
                tls = tls_as_set(settings)
                stack.enter_context(served(address, settings.metrics_port, tells, tls))
            except OSError:
                log.warning(LogEvent.METRICS_NOT_SERVED, port=settings.metrics_port)
        yield showing


@contextmanager
def _counting_lines(metrics: Metrics) -> Iterator[None]:
    """Count what is logged: in place, as loggers that were used already keep their processors."""
    processors: list[Any] = structlog.get_config()["processors"]

    def count(
        _logger: object, _method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event = line.get("event")
        if event in _LISTED:
            metrics.count(LOGGED, event=str(event))
        return line

    processors.insert(0, count)
    try:
        yield
    finally:
        processors.remove(count)
