"""What the database tells of how the service stands, asked at a scrape: a few rows each time."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Connection, text

from consent.errors import ConsentError
from services.audit.figures.postgres_timings import timings_told
from services.audit.figures.timings import Lasted
from services.audit.index.postgres_index import Fresh
from services.audit.integrity.postgres_facts import oldest_waiting
from services.audit.integrity.postgres_looking import Integrity, Watched, look_at_integrity
from services.audit.integrity.seen import metrics
from services.audit.integrity.seen.metrics import Metric, Of, require_listed
from services.audit.integrity.seen.postgres_services import of_services
from services.audit.integrity.standing import Stands, WatchedPart
from services.platform.errors import ServiceError
from services.platform.loops import Every
from services.work import Outside, unit_of_work

MOST_COUNTED = 10_000
_AGAIN_AFTER = 10.0
_TIMINGS_AGAIN_AFTER = 300.0
_LATELY = timedelta(days=1)
_QUEUED = text("SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT :most) AS few")
_UNDELIVERED = text("""
    SELECT count(*) FROM (SELECT 1 FROM message_out WHERE tries > 0 LIMIT :most) AS few
""")
_SOURCES = text("SELECT source, last_received_at, failing_since FROM source_status")
_PARKED = text("""
    SELECT source, count(*) AS waiting FROM (
        SELECT source FROM parked WHERE state <> 'discarded' LIMIT :most) AS few
    GROUP BY source
""")
_MOST_WITHDRAWALS = 500
_NOTHING_FRESH = Fresh((), ())

Value = tuple[Metric, float, Mapping[str, str]]


class Measuring:
    """Asks the database at a scrape, and at most every ten seconds; as the relay.

    Where it cannot be asked, that is all there is to say: what was true before is not told again.
    """

    def __init__(self, outside: Outside, watched: Watched) -> None:
        self._outside = outside
        self._watched = watched
        self._lock = Lock()
        self._looking, self._timing = Every(_AGAIN_AFTER), Every(_TIMINGS_AGAIN_AFTER)
        self._values: list[Value] = []
        self._timings: list[Value] = []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each as it is now."""
        with self._lock:
            if self._looking.is_due():
                self._values = self._measured()
            yield from _families(self._values)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The names alone, so that nothing is asked before the first scrape."""
        yield from (GaugeMetricFamily(one.name, one.about) for one in metrics.OF_DATABASE)

    def _measured(self) -> list[Value]:
        try:
            with unit_of_work(self._outside) as work:
                return list(self._read(work.connection, work.now))
        except (ServiceError, ConsentError):
            return [(metrics.MEASURED, 0, {})]

    def _read(self, connection: Connection, now: datetime) -> Iterator[Value]:
        yield metrics.MEASURED, 1, {}
        most = {"most": MOST_COUNTED}
        yield metrics.QUEUED, connection.execute(_QUEUED, most).scalar_one(), {}
        yield metrics.UNDELIVERED, connection.execute(_UNDELIVERED, most).scalar_one(), {}
        yield from _of_sources(connection, now)
        yield from of_services(connection, now)
        integrity = look_at_integrity(connection, self._watched, self._outside.vault, now)
        yield from _of_integrity(connection, integrity)
        if self._timing.is_due():
            self._timings = list(_of_withdrawals(connection, now))
        yield from self._timings


def _of_sources(connection: Connection, now: datetime) -> Iterator[Value]:
    counted = {row.source: row.waiting for row in connection.execute(_PARKED, _MOST)}
    for source in metrics.PARKED.labels["source"]:
        yield metrics.PARKED, counted.get(source, 0), {"source": source}
    for row in connection.execute(_SOURCES):
        of = {"source": row.source}
        if row.last_received_at is not None:
            yield metrics.SILENT, _since(row.last_received_at, now), of
        failing = 0.0 if row.failing_since is None else _since(row.failing_since, now)
        yield metrics.FAILING, failing, of


def _of_integrity(connection: Connection, found: Integrity) -> Iterator[Value]:
    oldest = oldest_waiting(connection)
    yield metrics.WAITING, found.ledger.waiting, {}
    yield metrics.WAITING_SECONDS, 0.0 if oldest is None else _since(oldest, found.at), {}
    signed = [one.at for one in found.witnesses if one.at is not None]
    if signed:
        yield metrics.WITNESS_AGE, _since(min(signed), found.at), {}
    for metric, part in (
        (metrics.BACKUP_AGE, WatchedPart.BACKUP),
        (metrics.RESTORED_AGE, WatchedPart.RESTORED),
    ):
        at = found.of(part).at
        if at is not None:
            yield metric, _since(at, found.at), {}
    for finding in found.findings:
        for stands in Stands:
            labels = {"part": finding.part.value, "stands": stands.value}
            yield metrics.STANDING, float(finding.stands is stands), labels


def _of_withdrawals(connection: Connection, now: datetime) -> Iterator[Value]:
    """By the index alone: what came in the last seconds is told at the next time."""
    between = (now - _LATELY, now)
    told, _ = timings_told(*between, connection, _NOTHING_FRESH, most=_MOST_WITHDRAWALS)
    yield metrics.LET_THROUGH, len(told.still_let_through), {}
    for of, read in _DURATIONS.items():
        lasted = read(told.to_purge)
        if lasted is not None:
            yield metrics.TO_PURGE, lasted.total_seconds(), {"of": of.value}


_DURATIONS: Mapping[Of, Callable[[Lasted], timedelta | None]] = {
    Of.MEDIAN: lambda lasted: lasted.median,
    Of.OFTEN: lambda lasted: lasted.often,
    Of.WORST: lambda lasted: lasted.worst,
}
_MOST = {"most": MOST_COUNTED}


def _since(at: datetime, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds())


def _families(values: list[Value]) -> Iterator[Any]:
    families: dict[str, GaugeMetricFamily] = {}
    for metric, value, labels in values:
        require_listed(metric, labels)
        family = families.get(metric.name)
        if family is None:
            family = GaugeMetricFamily(metric.name, metric.about, labels=list(metric.labels))
            families[metric.name] = family
        family.add_metric([labels[name] for name in metric.labels], value)
    yield from families.values()
