"""What an agency's feeds have told of one person: involvements, what took them back, mentions."""

import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Source

CaseId = tuple[str, PersonId]
"""Whose case of which agency: the agency's code, and the person."""

_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class ToldInvolvement:
    """One involvement as its source said it last; `named` is the agency that works there.

    Without one it is the agency of the feed. `is_of_kind` tells that it is work of the kind that
    the source does; `part_of` that it only tells an end; `is_dual` that another has them besides.
    Times are the source's own text.
    """

    agency: str
    source: Source
    person: PersonId
    key: RecordKey
    version: str
    feed: str
    is_kept: bool
    named: str | None = None
    worker: str | None = None
    since: str | None = None
    until: str | None = None
    scopes: tuple[RecordKey, ...] = ()
    part_of: RecordKey | None = None
    is_removed: bool = False
    is_of_kind: bool = True
    is_dual: bool = False

    @property
    def case(self) -> CaseId:
        """Whose case it tells of."""
        return self.agency, self.person


@dataclass(frozen=True, slots=True)
class ToldClearing:
    """That everything in a scope that is older is gone, but for what lies in a scope it keeps."""

    agency: str
    source: Source
    person: PersonId
    scope: RecordKey
    version: str
    keeps: tuple[RecordKey, ...] = ()

    @property
    def case(self) -> CaseId:
        """Whose case it tells of."""
        return self.agency, self.person


@dataclass(frozen=True, slots=True, repr=False)
class OwnDeath:
    """What one record of an agency's own feeds says of a death, in which version."""

    source: Source
    version: str
    said: PersonDetails


@dataclass(frozen=True, slots=True)
class AgencyCase:
    """That an agency was told of somebody at all: first, and last without a word of who works.

    `feed` is the one that told it first.
    """

    agency: str
    person: PersonId
    source: Source
    feed: str
    is_kept: bool
    first_told: datetime
    last_plain: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimedCase:
    """That an agency has somebody on its case-load: since when it says so, and until when.

    `named` are those of its kind whom it names itself as working there too, or before.
    """

    agency: str
    began: datetime
    until: datetime | None
    is_kept: bool
    is_dual: bool
    named: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All that bears on one agency's relationships with one person.

    `workers` are the agency's practitioners by its own ids; `others` the named agencies that are
    of its kind. `is_corroborated`: something that is not of this agency agrees; `is_named` that
    this is another agency's feed. `rivals` are what others of its kind claim.
    """

    case: AgencyCase
    involvements: Collection[ToldInvolvement] = ()
    clearings: Collection[ToldClearing] = ()
    workers: Mapping[str, PractitionerId] | None = None
    others: Collection[str] = ()
    is_corroborated: bool = False
    is_named: bool = False
    rivals: Collection[ClaimedCase] = ()


def instant_of(version: str) -> datetime:
    """When a version was said, as far as its source tells; the earliest there is otherwise."""
    try:
        said = datetime.fromisoformat(version.partition("/")[0])
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def start_of(text: str | None) -> datetime | None:
    """When a day that a source wrote begins in the United Kingdom; of a month or year its first."""
    day = _day_of(text, last=False)
    return None if day is None else _midnight(day)


def end_of(text: str | None) -> datetime | None:
    """When a day is over there: ends are inclusive; of a month or year its last."""
    day = _day_of(text, last=True)
    return None if day is None else _midnight(day + timedelta(days=1))


def _day_of(text: str | None, *, last: bool) -> date | None:
    found = _DAY.match(text or "")
    if found is None:
        return None
    parts = [int(part) for part in found[0].split("-")]
    try:
        month = parts[1] if len(parts) > 1 else (12 if last else 1)
        days = monthrange(parts[0], month)[1]
        return date(parts[0], month, parts[2] if len(parts) > 2 else (days if last else 1))  # noqa: PLR2004 year, month and day
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    """From the last Sunday of March to that of October an hour before it is at Greenwich."""
    utc = datetime(day.year, day.month, day.day, tzinfo=UTC)
    is_summer = _last_sunday(day.year, 3) < day <= _last_sunday(day.year, 10)
    return utc - timedelta(hours=1) if is_summer else utc


def _last_sunday(year: int, month: int) -> date:
    last_day = date(year, month, 31)
    return last_day - timedelta(days=(last_day.weekday() - _SUNDAY) % 7)
