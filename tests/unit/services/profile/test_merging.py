"""The pure merge: order-free, idempotent, and sources that disagree stand side by side."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.records.payloads import (
    CommunicationNeeds,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
    Plan,
    StoryEntry,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.people.practitioners.people import Directory
from services.profile.merging import sections
from services.profile.merging.claims import latest_first
from services.profile.merging.households import family_sections
from services.profile.reading import family_of
from services.profile.story import entries as story
from tests.support.people.family_records import CHILD, TODAY, a_record, worlds

DIRECTORY = Directory(
    {"HV-1": ("Priya Nair", "Health visitor", "01632 960001")},
    {"RY4": "01632 960002"},
    {"RY4": "Monday to Friday, 9am to 5pm"},
)
SECTIONS: dict[str, Callable[[Sequence[PublishedRecord]], object]] = {
    "family": lambda records: family_sections(records, CHILD, (), TODAY),
    "reach": lambda records: family_of(CHILD, latest_first(records)),
    "practitioners": lambda records: sections.practitioners(records, DIRECTORY, TODAY),
    "timeline": sections.timeline,
    "plans": lambda records: sections.plans(records, TODAY),
    "communication": sections.communication,
    "story": story.story,
}


@pytest.mark.parametrize("section", SECTIONS)
@given(records=worlds, random=st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_order_and_repetition_do_not_matter(
    section: str, records: list[PublishedRecord], random: Random
):
    """Shuffled and doubled records make the same section, word for word."""
    doubled = records * 2
    random.shuffle(doubled)

    assert SECTIONS[section](doubled) == SECTIONS[section](records)


@given(records=worlds)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_older_version_beside_a_newer_one_changes_nothing(records: list[PublishedRecord]):
    """The latest statement of a record is the only one."""
    older = [replace(r, version="2025-01-01/1", payload=PersonDetails("Old")) for r in records]

    for section in SECTIONS.values():
        assert section(records + older) == section(records)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            Involvement("HV", practitioner_ref="HV-1"),
            ("Priya Nair", "Health visitor", "01632 960001"),
        ),
        (Involvement("HV", agency_code="RY4"), (None, None, "01632 960002")),
        (
            Involvement("HV", practitioner_ref="HV-1", practitioner_name="P. Nair", telephone="1"),
            ("P. Nair", "Health visitor", "1"),
        ),
        (Involvement("HV", practitioner_ref="HV-9", agency_code="X"), (None, None, None)),
    ],
)
def test_what_a_source_does_not_say_of_a_worker_the_directory_may(
    payload: Involvement, expected: tuple[Any, ...]
):
    """Name, role and telephone; what the source says itself stands."""
    (view,) = sections.practitioners([a_record(payload)], DIRECTORY, TODAY)

    assert (view.practitioner_name, view.role, view.telephone) == expected


def test_who_works_with_the_family_now_comes_before_who_did():
    """An end today is still now; the latest first within each."""
    periods = {
        "past": Period("2020-01-01", "2026-03-01"),
        "today": Period("2021-01-01", TODAY),
        "open": Period("2022-01-01"),
        "unknown": Period(),
    }
    records = [a_record(Involvement(name, period=p), key=name) for name, p in periods.items()]

    views = sections.practitioners(records, DIRECTORY, TODAY)

    assert [view.service for view in views] == ["open", "today", "unknown", "past"]
    assert [view.is_current for view in views] == [True, True, True, False]


def test_what_happened_last_comes_first_and_what_has_no_date_last():
    """The timeline."""
    starts = ("2026-01-01", None, "2026-02", "2025-12-31T10:00:00Z")
    records = [
        a_record(Occurrence(OccurrenceKind.REVIEW, str(s), Period(s)), key=str(s)) for s in starts
    ]

    dates = [entry.date for entry in sections.timeline(records)]

    assert dates == ["2026-02", "2026-01-01", "2025-12-31T10:00:00Z", None]


def test_a_plan_in_force_comes_before_one_that_ended():
    """Whenever they began."""
    records = [
        a_record(Plan("cp", "ended", Period("2026-01-01", "2026-02-01")), key="a"),
        a_record(Plan("cin", "in force", Period("2024-01-01")), key="b"),
    ]

    assert [view.plan.title for view in sections.plans(records, TODAY)] == ["in force", "ended"]


def test_a_corrected_story_says_by_what_and_stays():
    """Shown struck through, not deleted."""
    first = StoryEntry("Mornings.", "Mum", "Visitor", "2026-01-01T09:00:00Z")
    second = StoryEntry("Evenings.", "Mum", "Visitor", "2026-02-01T09:00:00Z", corrects="s1")

    views = story.story([a_record(first, key="s1"), a_record(second, key="s2")])

    assert [(view.key, view.corrected_by) for view in views] == [("s2", None), ("s1", "s2")]


def test_each_source_says_what_helps_a_person_to_be_understood():
    """Side by side: one may know of an interpreter, another not."""
    records = [
        a_record(CommunicationNeeds(("pl",), interpreter_needed=True), key="a"),
        a_record(CommunicationNeeds(("en",)), key="b", source=Source.SCHOOLS),
    ]

    found = {view.needs.languages for view in sections.communication(records)}

    assert found == {("pl",), ("en",)}
