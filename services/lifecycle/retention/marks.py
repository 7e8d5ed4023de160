"""What is noted beside a sealed record, so that a sweep need not open it. Pure.

As coarse as a rule can bear: a month, a year. A date that cannot be read is no date.
"""

import calendar
from datetime import date

from schemas.records.payloads import (
    ConnectionReport,
    ContactDetails,
    FactStatus,
    HelpWanted,
    Involvement,
    NextStep,
    Occurrence,
    Payload,
    PersonDetails,
    Plan,
    ReportedStatus,
)
from schemas.records.published import PublishedRecord

_OVER = frozenset({FactStatus.ENDED, FactStatus.BROKEN_OFF, FactStatus.NOT_DONE})
_HELPS = frozenset({ReportedStatus.ACCEPTED, ReportedStatus.CONTACTED, ReportedStatus.STARTED})
_LATEST_YEAR = date.max.year - 200
_MONTH_CHARACTERS = 7
_YEAR_CHARACTERS = 4
_MONTHS = range(1, 13)


def about_until(record: PublishedRecord) -> date | None:
    """The last day of the month in which what it says ended or happened.

    What is over and has no end ended at the latest when its source said so. None while it goes on
    as far as the source knows, and where it says nothing that ends.
    """
    match record.payload:
        case Occurrence(period=period):
            return _end_of_month(period.end or period.start)
        case Involvement(period=period, status=status) | Plan(period=period, status=status):
            is_over = status in _OVER
            return _end_of_month(period.end or (record.version[:10] if is_over else None))
        case HelpWanted(status=status, since=since) | NextStep(status=status, since=since):
            return _end_of_month(since or record.version[:10]) if status in _OVER else None
        case ConnectionReport(status=status, since=since):
            return _end_of_month(since) if status not in _HELPS else None
        case ContactDetails() as contact:
            return _end_of_addresses(contact)
        case _:
            return None


def born_year(record: PublishedRecord) -> int | None:
    """The year of birth that it states of the one whose record it is; also an expected one."""
    payload: Payload | None = record.payload
    if not isinstance(payload, PersonDetails):
        return None
    return _year(payload.date_of_birth or payload.expected_date_of_birth)


def said_on(version: str, *, stored_on: date, today: date) -> date:
    """The day of a version as its source counts; where that is no day gone by, when it came."""
    try:
        said = date.fromisoformat(version[:10])
    except ValueError:
        return stored_on
    return said if said <= today else stored_on


def _end_of_addresses(contact: ContactDetails) -> date | None:
    """When nobody lives at or is reached by any of them any more; most numbers have no end."""
    if not contact.addresses:
        return None
    periods = [one.period for one in contact.addresses]
    periods += [one.period for one in contact.telecoms if not one.is_former]
    ends = [_end_of_month(period.end) for period in periods]
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None


def _end_of_month(text: str | None) -> date | None:
    """Also of a year alone, which ends in December."""
    year = _year(text)
    if year is None or text is None:
        return None
    month = text[5:_MONTH_CHARACTERS] or "12"
    if not month.isdigit() or int(month) not in _MONTHS:
        return None
    return date(year, int(month), calendar.monthrange(year, int(month))[1])


def _year(text: str | None) -> int | None:
    year = (text or "")[:_YEAR_CHARACTERS]
    if len(year) != _YEAR_CHARACTERS or not (year.isascii() and year.isdigit()):
        return None
    return int(year) if 1 <= int(year) <= _LATEST_YEAR else None
