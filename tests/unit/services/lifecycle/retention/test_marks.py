"""What is noted beside a sealed record: a month, a year, and nothing that cannot be read."""

from datetime import date

import pytest

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    Address,
    ContactDetails,
    FactStatus,
    HelpWanted,
    Involvement,
    NextStep,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    PersonDetails,
    Plan,
    StoryEntry,
    Telecom,
    WrittenHere,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.lifecycle.retention.marks import about_until, born_year, said_on

TODAY = date(2026, 11, 22)
_BY = WrittenHere("A visitor", "2025-01-01T10:00:00Z", "ab" * 16)


@pytest.mark.parametrize(
    ("payload", "until"),
    [
        (Occurrence(OccurrenceKind.REVIEW, "A review", Period("2026-02-03")), date(2026, 2, 28)),
        (Occurrence(OccurrenceKind.REVIEW, "", Period("2026-02-03", "2026-03")), date(2026, 3, 31)),
        (Occurrence(OccurrenceKind.REVIEW, "", Period("2025")), date(2025, 12, 31)),
        (Occurrence(OccurrenceKind.REVIEW, "", Period()), None),
        (Involvement("A service", period=Period("2024-01-01")), None),
        (Involvement("A service", period=Period("2024-01-01", "2025-01-09")), date(2025, 1, 31)),
        (Involvement("A service", status=FactStatus.ENDED), date(2025, 3, 31)),
        (Plan("child-in-need", "", status=FactStatus.NOT_DONE), date(2025, 3, 31)),
        (Involvement("A service", status=FactStatus.PLANNED), None),
        (Plan("child-in-need", "", Period("2024", "2025-13-01")), None),
        (Plan("child-in-need", "", Period("2024", "soon")), None),
        (ContactDetails((Address((), period=Period(None, "2025-05-05")),)), date(2025, 5, 31)),
        (ContactDetails((Address((), period=Period(None, "2025")), Address(()))), None),
        (
            ContactDetails(
                (Address((), period=Period(None, "2025")),), (Telecom("phone", "01632 960001"),)
            ),
            None,
        ),
        (
            ContactDetails(
                (Address((), period=Period(None, "2025")),),
                (Telecom("phone", "01632 960001", Period(None, "2026-02-01")),),
            ),
            date(2026, 2, 28),
        ),
        (StoryEntry("x", "mother", "visitor", "2025-01-01"), None),
        (HelpWanted("Sleep", _BY), None),
        (HelpWanted("Sleep", _BY, None, FactStatus.UNDER_WAY, "2026-02-03"), None),
        (HelpWanted("Sleep", _BY, None, FactStatus.ENDED, "2026-02-03"), date(2026, 2, 28)),
        (NextStep("Ring", "Tom", _BY, "2026-02-03"), None),
        (NextStep("Ring", "Tom", _BY, status=FactStatus.NOT_DONE), date(2025, 3, 31)),
        (None, None),
    ],
)
def test_the_month_in_which_it_ended(payload: Payload | None, until: date | None):
    """What goes on has no end, and what cannot be read is no date."""
    assert about_until(_record(payload)) == until


@pytest.mark.parametrize(
    ("born", "expected", "year"),
    [
        ("2019-04-17", None, 2019),
        ("2019", None, 2019),
        (None, "2026-12-24", 2026),
        (None, None, None),
        ("soon", None, None),
        ("9999-12-31", None, None),
    ],
)
def test_the_year_of_birth(born: str | None, expected: str | None, year: int | None):
    """Or the expected one of a child who is not born yet."""
    details = PersonDetails(date_of_birth=born, expected_date_of_birth=expected)

    assert born_year(_record(details)) == year
    assert born_year(_record(StoryEntry("x", "y", "z", "2019"))) is None


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("2024-05-06T00:00:00Z/000000001", date(2024, 5, 6)),
        ("2027-01-01T00:00:00Z", date(2025, 1, 1)),
        ("17", date(2025, 1, 1)),
        ("", date(2025, 1, 1)),
    ],
    ids=["a time", "a clock that is ahead", "a number", "nothing"],
)
def test_the_day_on_which_it_was_said(version: str, day: date):
    """Where a version is no day gone by, the day on which it came."""
    assert said_on(version, stored_on=date(2025, 1, 1), today=TODAY) == day


def _record(payload: Payload | None) -> PublishedRecord:
    person, category = PersonId("a" * 32), Category.CHILD_HEALTH
    key = RecordKey("b" * 32)
    version = "2025-03-04T00:00:00Z/1"
    return PublishedRecord(key, Source.HEALTH_VISITING, category, (person,), version, payload)
