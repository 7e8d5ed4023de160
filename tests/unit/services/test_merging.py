"""The pure merge: order-free, idempotent, and sources that disagree stand side by side."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
    StoryEntry,
    Telecom,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.aggregation import merging
from services.aggregation.merging import Directory
from tests.support.payload_strategies import PAYLOADS

CHILD, MOTHER, SIBLING = (PersonId(n * 16) for n in ("c0", "a0", "c1"))
TODAY = "2026-03-02"
DIRECTORY = Directory(
    {"HV-1": ("Priya Nair", "Health visitor", "01632 960001")}, {"RY4": "01632 960002"}
)
SECTIONS: dict[str, Callable[[Sequence[PublishedRecord]], object]] = {
    "people": lambda records: merging.people(records, CHILD, ()),
    "relatives": lambda records: merging.relatives(records, CHILD),
    "practitioners": lambda records: merging.practitioners(records, DIRECTORY, TODAY),
    "timeline": merging.timeline,
    "plans": lambda records: merging.plans(records, TODAY),
    "communication": merging.communication,
    "story": merging.story,
}


def a_record(
    payload: Payload,
    *others: PersonId,
    person: PersonId = CHILD,
    source: Source = Source.HEALTH_VISITING,
    key: str = "k",
    version: str = "2026-01-01T00:00:00Z/000000000",
) -> PublishedRecord:
    """Build a record of the child as it is opened from the store."""
    category = Category.CHILD_HEALTH
    return PublishedRecord(RecordKey(key), source, category, (person, *others), version, payload)


# A version says one thing: the same record in the same version has the same content.
worlds = st.lists(
    st.builds(
        PublishedRecord,
        key=st.sampled_from("klm").map(RecordKey),
        source=st.sampled_from([Source.HEALTH_VISITING, Source.SCHOOLS]),
        category=st.sampled_from([Category.CHILD_HEALTH, Category.STORY]),
        persons=st.sampled_from([(CHILD,), (MOTHER,), (CHILD, MOTHER), (SIBLING, MOTHER)]),
        version=st.sampled_from(["2026-01-01/1", "2026-01-02/1", "2026-01-02/2"]),
        payload=st.one_of(*PAYLOADS.values()),
    ),
    max_size=8,
    unique_by=lambda r: (r.source, r.key, r.persons[0], r.version),
)


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


def test_sources_that_disagree_stand_side_by_side_the_latest_first():
    """Two names and two addresses: both, each with its source and date."""
    records = [
        a_record(PersonDetails("Wren"), key="a", version="2026-01-01/1"),
        a_record(
            PersonDetails("Wren-Doyle"), key="b", version="2026-02-01/1", source=Source.SCHOOLS
        ),
        a_record(_lives_at("1 Mill Lane"), key="c", version="2026-01-01/1"),
        a_record(
            _lives_at("2 Quay Street"), key="d", version="2026-02-01/1", source=Source.SCHOOLS
        ),
    ]

    (child,) = merging.people(records, CHILD, ())

    assert [claim.family_name for claim in child.names] == ["Wren-Doyle", "Wren"]
    assert [claim.address.lines[0] for claim in child.addresses] == ["2 Quay Street", "1 Mill Lane"]
    assert [claim.provenance.source for claim in child.names] == [
        Source.SCHOOLS,
        Source.HEALTH_VISITING,
    ]
    assert child.addresses[0].provenance.as_of == "2026-02-01"


def test_the_child_who_was_opened_comes_first_and_the_others_youngest_first():
    """Also when nothing is known of the child."""
    records = [
        a_record(PersonDetails(date_of_birth="1996-02-11"), person=MOTHER),
        a_record(PersonDetails(date_of_birth="2026-01-01"), person=SIBLING),
    ]

    found = merging.people(records, CHILD, ())

    assert [view.id for view in found] == [CHILD, SIBLING, MOTHER]
    assert found[0].names == ()


def test_a_mother_and_her_other_child_are_named_as_such():
    """Children of the same parent are siblings; whoever else is there has no word for it."""
    of_child = a_record(Relationship(RelationshipKind.MOTHER, "Mum"), MOTHER, key="a")
    of_sibling = a_record(
        Relationship(RelationshipKind.MOTHER, "Mum"), MOTHER, person=SIBLING, key="b"
    )
    names = [a_record(PersonDetails("Wren"), person=p) for p in (CHILD, MOTHER, SIBLING)]

    views = {v.id: v.relation for v in merging.people([of_child, of_sibling, *names], CHILD, ())}

    assert views == {
        CHILD: None,
        MOTHER: RelationshipKind.MOTHER,
        SIBLING: RelationshipKind.SIBLING,
    }
    (relative,) = merging.relatives([of_child, of_sibling], CHILD)
    assert (relative.name, relative.person) == ("Mum", MOTHER)


def test_relatives_keep_the_order_in_which_their_source_says_to_ring_them():
    """A school's first contact comes first."""
    records = [
        a_record(Relationship(RelationshipKind.FATHER, "Second", contact_order=2), key="a"),
        a_record(Relationship(RelationshipKind.MOTHER, "First", contact_order=1), key="b"),
    ]

    assert [r.name for r in merging.relatives(records, CHILD)] == ["First", "Second"]


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
    (view,) = merging.practitioners([a_record(payload)], DIRECTORY, TODAY)

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

    views = merging.practitioners(records, DIRECTORY, TODAY)

    assert [view.service for view in views] == ["open", "today", "unknown", "past"]
    assert [view.is_current for view in views] == [True, True, True, False]


def test_what_happened_last_comes_first_and_what_has_no_date_last():
    """The timeline."""
    starts = ("2026-01-01", None, "2026-02", "2025-12-31T10:00:00Z")
    records = [
        a_record(Occurrence(OccurrenceKind.REVIEW, str(s), Period(s)), key=str(s)) for s in starts
    ]

    dates = [entry.date for entry in merging.timeline(records)]

    assert dates == ["2026-02", "2026-01-01", "2025-12-31T10:00:00Z", None]


def test_a_plan_in_force_comes_before_one_that_ended():
    """Whenever they began."""
    records = [
        a_record(Plan("cp", "ended", Period("2026-01-01", "2026-02-01")), key="a"),
        a_record(Plan("cin", "in force", Period("2024-01-01")), key="b"),
    ]

    assert [view.plan.title for view in merging.plans(records, TODAY)] == ["in force", "ended"]


def test_a_corrected_story_says_by_what_and_stays():
    """Shown struck through, not deleted."""
    first = StoryEntry("Mornings.", "Mum", "Visitor", "2026-01-01T09:00:00Z")
    second = StoryEntry("Evenings.", "Mum", "Visitor", "2026-02-01T09:00:00Z", corrects="s1")

    views = merging.story([a_record(first, key="s1"), a_record(second, key="s2")])

    assert [(view.key, view.corrected_by) for view in views] == [("s2", None), ("s1", "s2")]


def test_a_placeholder_is_one_until_a_source_knows_the_name():
    """Baby Wren is no name."""
    baby = a_record(PersonDetails("Wren", ("Baby",), placeholder_name=True), key="a")
    named = a_record(PersonDetails("Wren", ("Ava",)), key="b")

    assert merging.people([baby], CHILD, ())[0].placeholder_name
    assert not merging.people([baby, named], CHILD, ())[0].placeholder_name


def test_whose_whereabouts_are_protected_is_told_to_who_may_know():
    """Of that person and of nobody else."""
    records = [a_record(PersonDetails("Wren"), person=person) for person in (CHILD, MOTHER)]

    views = {v.id: v.location_protected for v in merging.people(records, CHILD, {MOTHER})}

    assert views == {CHILD: False, MOTHER: True}


def test_each_source_says_what_helps_a_person_to_be_understood():
    """Side by side: one may know of an interpreter, another not."""
    records = [
        a_record(CommunicationNeeds(("pl",), interpreter_needed=True), key="a"),
        a_record(CommunicationNeeds(("en",)), key="b", source=Source.SCHOOLS),
    ]

    found = {view.needs.languages for view in merging.communication(records)}

    assert found == {("pl",), ("en",)}


def _lives_at(line: str) -> ContactDetails:
    return ContactDetails((Address((line,)),), (Telecom("phone", "1"),))
