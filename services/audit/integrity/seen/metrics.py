"""Every metric there is, with every value that its labels may have: no id, no name, no path."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import Any, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from schemas.vocabulary import Source
from services.audit.integrity.standing import Stands, WatchedPart
from services.platform.errors import ServiceError
from services.platform.logging import LogEvent


class MetricKind(StrEnum):
    """What sort of number it is, as Prometheus has them."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


class BusGroup(StrEnum):
    """Who reads the bus."""

    AGGREGATION = "aggregation"
    CONNECTORS = "connectors"


class Area(StrEnum):
    """What is asked for over HTTP, as far as anybody is told here."""

    PAGES = "pages"
    OAUTH = "oauth"
    PARTNERS = "partners"
    ACCESS = "access"
    FAMILIES = "families"
    LEDGER = "ledger"
    HEALTH = "health"
    FAMILY_DOOR = "family-pages"
    ANSWERING = "answering"
    DIRECTORY = "directory"


class Of(StrEnum):
    """Which of several durations."""

    MEDIAN = "median"
    OFTEN = "95-in-100"
    WORST = "worst"


_NO_LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name, what it says, and its labels with all the values they may have."""

    name: str
    kind: MetricKind
    about: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_LABELS)
    buckets: tuple[float, ...] = ()


def _all(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


_SOURCE = {"source": _all(Source)}
_GROUP = {"group": _all(BusGroup)}
_STATUS = ("2xx", "3xx", "4xx", "5xx")

# Of a process that consumes.
LAG = Metric(
    "tell_once_lag_messages",
    MetricKind.GAUGE,
    "Messages on the bus that this member of a group has not dealt with; add the members up.",
    _GROUP,
)
HANDLED = Metric(
    "tell_once_handled_messages_total",
    MetricKind.COUNTER,
    "Messages from the bus whose effect was committed.",
    _GROUP,
)
DECISION_TO_PROFILE = Metric(
    "tell_once_decision_to_profile_seconds",
    MetricKind.HISTOGRAM,
    "From a change of a decision to the profile that follows it: what was stored is purged then.",
    buckets=(0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600),
)
# Of a process that serves.
REQUESTS = Metric(
    "tell_once_requests_total",
    MetricKind.COUNTER,
    "Requests that were answered.",
    {"area": _all(Area), "status": _STATUS},
)
REQUEST_SECONDS = Metric(
    "tell_once_request_seconds",
    MetricKind.HISTOGRAM,
    "How long an answer took to begin, with the wait for its tick where it was a refusal.",
    {"area": _all(Area)},
    (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15),
)
# Of each process.
LOGGED = Metric(
    "tell_once_log_events_total",
    MetricKind.COUNTER,
    "Lines that this process wrote to its log, by what happened.",
    {"event": _all(LogEvent)},
)
TURNED = Metric(
    "tell_once_turned_seconds",
    MetricKind.GAUGE,
    "Since the loop of this process last came round.",
)
# Of the database, as the relay reads it.
MEASURED = Metric(
    "tell_once_measured",
    MetricKind.GAUGE,
    "Whether what follows could be read from the database: 1, or 0 and nothing follows.",
)
QUEUED = Metric("tell_once_outbox_messages", MetricKind.GAUGE, "What waits to be put on the bus.")
PARKED = Metric(
    "tell_once_parked_messages",
    MetricKind.GAUGE,
    "Messages that could not be read and wait for somebody.",
    _SOURCE,
)
SILENT = Metric(
    "tell_once_source_silent_seconds",
    MetricKind.GAUGE,
    "Since anything came from a source; none where nothing ever came.",
    _SOURCE,
)
FAILING = Metric(
    "tell_once_source_failing_seconds",
    MetricKind.GAUGE,
    "Since a source has not answered; 0 where it does.",
    _SOURCE,
)
WAITING = Metric(
    "tell_once_ledger_waiting_entries",
    MetricKind.GAUGE,
    "Entries without a place in the tree; counted to 1000.",
)
WAITING_SECONDS = Metric(
    "tell_once_ledger_waiting_seconds",
    MetricKind.GAUGE,
    "How long the oldest of them has waited for the integrator.",
)
WITNESS_AGE = Metric(
    "tell_once_witness_age_seconds",
    MetricKind.GAUGE,
    "Since the witness that is furthest behind last signed.",
)
UNDELIVERED = Metric(
    "tell_once_undelivered_messages",
    MetricKind.GAUGE,
    "Messages to people outside that were tried and have not gone out.",
)
# Of requests to services, as the relay reads of them too: times and states, nothing of anybody.
FOLLOW_UP_LATE = Metric(
    "tell_once_follow_up_late_seconds",
    MetricKind.GAUGE,
    "How long ago the oldest request to a service was to lapse that has not lapsed.",
)
REQUESTS_UNDELIVERED = Metric(
    "tell_once_service_requests_undelivered",
    MetricKind.GAUGE,
    "Open requests to services that could not be brought to the partner.",
)
PARTNER_MAIL_WAITING = Metric(
    "tell_once_partner_mail_waiting_seconds",
    MetricKind.GAUGE,
    "How long the oldest mail to a partner has waited to be handed over.",
)
PARTNER_MAIL_UNTOLD = Metric(
    "tell_once_partner_mail_untold_seconds",
    MetricKind.GAUGE,
    "How long what became of a mail to a partner has been told to nobody.",
)
PARTNERS_OVERDUE = Metric(
    "tell_once_partners_overdue",
    MetricKind.GAUGE,
    "Partners that were not confirmed within a year, and so are offered to nobody.",
)
FEED_AGE = Metric(
    "tell_once_feed_age_seconds",
    MetricKind.GAUGE,
    "Since the feed of services was read that was read longest ago; none where there is no feed.",
)
BACKUP_AGE = Metric(
    "tell_once_backup_age_seconds", MetricKind.GAUGE, "Since the last backup was complete."
)
RESTORED_AGE = Metric(
    "tell_once_restored_age_seconds",
    MetricKind.GAUGE,
    "Since a backup was last restored as a test.",
)
STANDING = Metric(
    "tell_once_integrity",
    MetricKind.GAUGE,
    "How each part stands: 1 for what it is, 0 for what it is not.",
    {"part": _all(WatchedPart), "stands": _all(Stands)},
)
TO_PURGE = Metric(
    "tell_once_withdrawal_to_purge_seconds",
    MetricKind.GAUGE,
    "Of the withdrawals of the last day: how long until what was stored was purged.",
    {"of": _all(Of)},
)
LET_THROUGH = Metric(
    "tell_once_withdrawals_let_through",
    MetricKind.GAUGE,
    "Withdrawals of the last day on which a later look still rested: has to be none.",
)

OF_CONSUMERS = (LAG, HANDLED, DECISION_TO_PROFILE)
OF_REQUESTS = (REQUESTS, REQUEST_SECONDS)
OF_PROCESSES = (LOGGED, TURNED)
OF_DATABASE = (
    MEASURED,
    QUEUED,
    PARKED,
    SILENT,
    FAILING,
    WAITING,
    WAITING_SECONDS,
    WITNESS_AGE,
    UNDELIVERED,
    FOLLOW_UP_LATE,
    REQUESTS_UNDELIVERED,
    PARTNER_MAIL_WAITING,
    PARTNER_MAIL_UNTOLD,
    PARTNERS_OVERDUE,
    FEED_AGE,
    BACKUP_AGE,
    RESTORED_AGE,
    STANDING,
    TO_PURGE,
    LET_THROUGH,
)
METRICS = (*OF_CONSUMERS, *OF_REQUESTS, *OF_PROCESSES, *OF_DATABASE)
_STATUSES = len(_STATUS)


class NotAMetricError(ServiceError):
    """A label was to have a value that does not stand in the list."""


class Collecting(Protocol):
    """Something that Prometheus' registry asks at each scrape."""

    def collect(self) -> Iterator[Any]:
        """Families of metrics."""


class Metrics:
    """Some of the metrics, as one process has them."""

    def __init__(self, of: Iterable[Metric], *, also: Iterable[Collecting] = ()) -> None:
        disable_created_metrics()
        self.registry = CollectorRegistry()
        self._made = {metric.name: (metric, _made(metric, self.registry)) for metric in of}
        for other in also:
            self.registry.register(other)

    def count(self, metric: Metric, by: float = 1, **labels: str) -> None:
        """So many more of it."""
        self._labelled(metric, labels).inc(by)

    def put(self, metric: Metric, value: float, **labels: str) -> None:
        """It is so much now."""
        self._labelled(metric, labels).set(value)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """It was so much once."""
        self._labelled(metric, labels).observe(value)

    def ask(self, metric: Metric, value: Any) -> None:
        """Have `value()` say how much it is, at each scrape."""
        self._made[metric.name][1].set_function(value)

    def _labelled(self, metric: Metric, labels: Mapping[str, str]) -> Any:
        made = self._made[metric.name][1]
        if not metric.labels:
            return made
        require_listed(metric, labels)
        return made.labels(**labels)


def require_listed(metric: Metric, labels: Mapping[str, str]) -> None:
    """Raise NotAMetricError for a value that does not stand in the list."""
    for name, value in labels.items():
        if value not in metric.labels[name]:
            raise NotAMetricError(f"{metric.name}: {name} has a value that it may not have")


def status_class(status: int) -> str:
    """The class of a status of HTTP, such as 4xx."""
    return _STATUS[min(max(status // 100 - 2, 0), _STATUSES - 1)]


def _made(metric: Metric, registry: CollectorRegistry) -> Any:
    names = tuple(metric.labels)
    match metric.kind:
        case MetricKind.GAUGE:
            return Gauge(metric.name, metric.about, names, registry=registry)
        case MetricKind.COUNTER:
            counter = Counter(metric.name, metric.about, names, registry=registry)
            for values in product(*metric.labels.values()):
                counter.labels(*values)  # 0 from the start, so that the first one is a change
            return counter
        case MetricKind.HISTOGRAM:
            return Histogram(
                metric.name, metric.about, names, registry=registry, buckets=metric.buckets
            )
