"""Services in the community that were asked for a family: pure, in whatever order records come.

One record says how one request stands. What it tells of stands where it is looked for: among what
happened, and among who works with the family as long as a service does.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from schemas.identifiers import PersonId
from schemas.records.payloads import (
    ConnectionReport,
    FactStatus,
    Occurrence,
    OccurrenceKind,
    Period,
    ReportedStatus,
)
from schemas.records.published import PublishedRecord
from schemas.unchanging import unchanging
from schemas.vocabulary import Category
from services.profile.merging.claims import Provenance, latest_first, provenance_of

_S: Final = ReportedStatus
OPEN: Final = frozenset({_S.ACCEPTED, _S.CONTACTED, _S.STARTED})
"""While a service helps, or has said that it will."""
SAID: Final[Mapping[ReportedStatus, str]] = MappingProxyType(
    {
        _S.ACCEPTED: "said yes",
        _S.CONTACTED: "got in touch with the family",
        _S.STARTED: "began to help",
        _S.FINISHED: "finished",
        _S.DECLINED: "said no",
        _S.LAPSED: "did not answer in time",
        _S.WITHDRAWN: "stopped, as the family wished",
    }
)


@unchanging(frozen=True, slots=True, repr=False)
class ConnectionView:
    """A service that was asked, and how that stands; `key` is its record's."""

    key: str
    person: PersonId
    category: Category
    report: ConnectionReport
    provenance: Provenance

    @property
    def is_open(self) -> bool:
        """Whether the service helps, or has said that it will."""
        return self.report.status in OPEN


def connections(records: Iterable[PublishedRecord]) -> tuple[ConnectionView, ...]:
    """Services that were asked, those that help first, the latest first."""
    views = [
        ConnectionView(record.key, record.persons[0], record.category, told, provenance_of(record))
        for record, told in latest_first(records).of(ConnectionReport)
    ]
    views.sort(key=lambda view: view.report.since, reverse=True)
    views.sort(key=lambda view: not view.is_open)
    return tuple(views)


def happened_in(told: ConnectionReport) -> Iterator[Occurrence]:
    """What happened: that the service was asked, and how it stands since when."""
    asked = Period(told.asked_on, told.asked_on)
    yield Occurrence(
        OccurrenceKind.REFERRAL,
        f"{told.service} was asked to help",
        asked,
        agency_name=told.asked_by,
    )
    since = Period(told.since, told.since)
    yield Occurrence(
        OccurrenceKind.REFERRAL,
        f"{told.service} {SAID[told.status]}",
        since,
        outcome=told.reason_code and told.reason_code.replace("-", " "),
        agency_name=told.partner,
    )


def work_of(told: ConnectionReport) -> tuple[Period, FactStatus] | None:
    """Since when the service works with the family, and whether it does; None where it never did.

    One that has said yes is to begin.
    """
    match told.status:
        case ReportedStatus.ACCEPTED:
            return Period(), FactStatus.PLANNED
        case ReportedStatus.CONTACTED | ReportedStatus.STARTED:
            return Period(told.contacted_on or told.since), FactStatus.HOLDS
        case ReportedStatus.FINISHED:
            return Period(told.contacted_on, told.since), FactStatus.ENDED
        case _:
            return None
