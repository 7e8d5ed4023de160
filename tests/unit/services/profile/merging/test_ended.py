"""What a newer statement ends has ended, whoever said it last; nothing else is ended by it."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records.payloads import (
    DUAL_SCHOOL,
    GENERAL_PRACTICE,
    SCHOOL,
    Address,
    ContactDetails,
    Involvement,
    Payload,
    Period,
    PersonDetails,
    Plan,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.profile.merging.ended import with_ends
from services.profile.merging.people import people
from tests.support.people.family_records import CHILD, TODAY, a_record, worlds

OLD_SCHOOL = Involvement(SCHOOL, "9994003", "Invented High", period=Period("2024-09-02"))
HAS_LEFT = Involvement(SCHOOL, "9994003", period=Period("2024-09-02", "2026-01-22"))
SCHOOLS, CARE, HEALTH = Source.SCHOOLS, Source.SOCIAL_CARE, Source.HEALTH_VISITING


def old(payload: Payload, source: Source = SCHOOLS) -> PublishedRecord:
    """Build what was said first."""
    return a_record(payload, source=source, key="older", version="2026-01-21T06:30:00Z/0")


def new(payload: Payload, source: Source = SCHOOLS, key: str = "newer") -> PublishedRecord:
    """Build what was said later."""
    return a_record(payload, source=source, key=key, version="2026-01-25T06:30:00Z/0")


def ended(*records: PublishedRecord) -> dict[str, Payload | None]:
    """What each says in the light of the others."""
    return {record.key: record.payload for record in with_ends(records, TODAY)}


def test_a_school_is_left_once_a_newer_one_says_so():
    """One school is shown, as a former one, by who says so; what it told besides stays."""
    said = ended(old(OLD_SCHOOL), new(HAS_LEFT))

    assert said == {
        "older": Involvement(
            SCHOOL, "9994003", "Invented High", period=Period("2024-09-02", "2026-01-22")
        )
    }


ANOTHER_TIME = Involvement(SCHOOL, "9994003", period=Period("2019-09-02", "2021-07-20"))
WORKER = Involvement("Health visiting", "RY4", team="North", period=Period("2025-01-01"))
AUTHORITYS = Involvement("Children's social care", "999", practitioner_name="Kim Example")


def until(involvement: Involvement, end: str = "2026-01-22") -> Involvement:
    """Give the same with an end."""
    fields = {name: getattr(involvement, name) for name in involvement.__slots__}
    period = Period(involvement.period.start, end)
    return Involvement(**(fields | {"period": period}))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(old(OLD_SCHOOL), new(until(OLD_SCHOOL), HEALTH), id="another kind of source"),
        pytest.param(new(OLD_SCHOOL), old(HAS_LEFT), id="an older statement"),
        pytest.param(old(OLD_SCHOOL), new(ANOTHER_TIME), id="an earlier time there"),
        pytest.param(
            old(Involvement(SCHOOL, "9994003")), new(ANOTHER_TIME), id="perhaps an earlier time"
        ),
        pytest.param(
            old(OLD_SCHOOL),
            new(Involvement(SCHOOL, "9994004", period=Period(None, "2026-01-22"))),
            id="another school",
        ),
        pytest.param(
            old(Involvement(SCHOOL)),
            new(Involvement(SCHOOL, period=Period(None, "2026-01-22"))),
            id="a school without a code",
        ),
        pytest.param(
            old(WORKER, HEALTH),
            new(
                Involvement(
                    "Health visiting", "RY4", team="South", period=Period(None, "2026-01-22")
                ),
                HEALTH,
            ),
            id="another team",
        ),
        pytest.param(
            old(AUTHORITYS, CARE), new(until(AUTHORITYS)), id="a school of an authority's worker"
        ),
    ],
)
def test_nothing_else_ends_a_service(first: PublishedRecord, then: PublishedRecord):
    """Who speaks of something else, of another time, or of what is not theirs to end."""
    assert ended(first, then)[first.key] == first.payload


@pytest.mark.parametrize(
    ("first", "then", "end"),
    [
        (old(Involvement(DUAL_SCHOOL, "9994003")), new(HAS_LEFT), "2026-01-22"),
        (old(WORKER, HEALTH), new(until(WORKER), HEALTH), "2026-01-22"),
        (
            old(Involvement(GENERAL_PRACTICE, "A81001"), HEALTH),
            new(Involvement(GENERAL_PRACTICE, "A81002", period=Period("2026-01-24")), HEALTH),
            "2026-01-24",
        ),
        (
            old(Involvement(GENERAL_PRACTICE, "A81001"), HEALTH),
            new(Involvement(GENERAL_PRACTICE, "A81002"), HEALTH),
            "2026-01-25",
        ),
        (
            old(Involvement("Children's social care", practitioner_name="KIM EXAMPLE")),
            new(until(AUTHORITYS), CARE),
            "2026-01-22",
        ),
    ],
    ids=["dual", "team", "practice", "practice-undated", "social-worker"],
)
def test_whose_it_is_ends_a_service(first: PublishedRecord, then: PublishedRecord, end: str):
    """A handover, another practice, and an authority's worker whom a school still names."""
    said = ended(first, then)[first.key]

    assert isinstance(said, Involvement)
    assert said.period.end == end


def test_a_school_that_sends_files_and_lists_is_one_school():
    """Each tells what the other leaves out; another school beside it is another."""
    listed = Involvement(SCHOOL, "9994003", team="Year 8, class 8C")
    other = Involvement(SCHOOL, "9994004")

    said = ended(old(OLD_SCHOOL), new(listed), new(other, key="other"))

    assert said == {
        "newer": Involvement(
            SCHOOL,
            "9994003",
            "Invented High",
            team="Year 8, class 8C",
            period=Period("2024-09-02"),
        ),
        "other": other,
    }


def at(line: str, start: str | None = None, end: str | None = None, use: str = "home") -> Address:
    """Build an address."""
    return Address((line,), "ZZ99 3WZ", Period(start, end), use)


def homes_of(*records: PublishedRecord) -> list[tuple[str, bool, str | None]]:
    """Each home: where, whether it is one now, until when."""
    (child, *_) = people(with_ends(records, TODAY), CHILD, (), TODAY)
    return [(c.address.lines[0], c.is_current, c.address.period.end) for c in child.addresses]


def test_a_home_ends_by_whoever_says_so_later_and_is_one_claim():
    """However it is written; both sources are named."""
    said = new(ContactDetails((at("1 OLD STREET", "2024-01-01", "2026-01-20"),)), HEALTH)
    records = (old(ContactDetails((at("1 Old Street"),))), said)

    (child, *_) = people(with_ends(records, TODAY), CHILD, (), TODAY)

    (claim,) = child.addresses
    assert not claim.is_current
    assert {claim.provenance.source, *(also.source for also in claim.also)} == {SCHOOLS, HEALTH}


def test_a_home_that_is_called_old_is_old():
    """Without a day."""
    said = new(ContactDetails((at("1 Old Street", use="old"),)), HEALTH)

    assert homes_of(old(ContactDetails((at("1 Old Street"),))), said) == [
        ("1 Old Street", False, None)
    ]


def test_a_home_moved_back_to_has_not_ended():
    """It began after that end."""
    said = new(ContactDetails((at("1 Old Street", None, "2025-12-01"),)), HEALTH)
    back = old(ContactDetails((at("1 Old Street", "2026-01-01"),)))

    assert ("1 Old Street", True, None) in homes_of(back, said)


@pytest.mark.parametrize(
    ("newer", "has_left", "is_home"),
    [
        (at("9 New Street"), True, False),
        (at("1 Old Street"), True, True),
        (at("9 New Street"), False, True),
        (at("9 New Street", None, "2026-01-20"), True, True),
        (None, True, True),
    ],
    ids=["moved", "the-same-home", "still-there", "no-home-now", "nothing-newer"],
)
def test_what_a_school_said_of_a_home_holds_until_the_child_has_left_and_lives_elsewhere(
    newer: Address | None,
    has_left: bool,  # noqa: FBT001 a column of the table above
    is_home: bool,  # noqa: FBT001 as above
):
    """Who has left a school and of whom nothing newer is known lives where they lived."""
    said = [old(ContactDetails((at("1 Old Street"),), said_by="9994003"))]
    said += [new(ContactDetails((newer,)), key="home")] if newer else []
    said += [new(HAS_LEFT if has_left else OLD_SCHOOL, key="school")]

    (where,) = {(is_now, end) for line, is_now, end in homes_of(*said) if "Old" in line}

    assert where == (is_home, None if is_home else "2026-01-22")


def test_where_one_sender_says_that_somebody_lives_is_where_it_said_last():
    """However it said so: a school may send transfer files and lists."""
    before = old(ContactDetails((at("1 Old Street"),), said_by="9994003"))
    same = new(ContactDetails((at("9 New Street"),), said_by="9994003"))
    other = new(ContactDetails((at("9 New Street"),), said_by="9994004"))

    assert ("1 Old Street", False, "2026-01-25") in homes_of(before, same)
    assert ("1 Old Street", True, None) in homes_of(before, other)


def test_an_authority_ends_what_a_school_says_of_its_plan():
    """And a plan that it has begun since then ends nothing."""
    copy = old(Plan("looked-after", "As the school records it"))
    ending = new(Plan("looked-after", "Looked after", Period("2025-01-01", "2026-01-20")), CARE)
    again = new(Plan("looked-after", "Looked after", Period("2026-01-24")), CARE, key="again")

    assert ended(copy, ending)["older"] == Plan(
        "looked-after", "As the school records it", Period("2025-01-01", "2026-01-20")
    )
    assert ended(copy, ending, again)["older"] == copy.payload


def test_no_school_ends_an_authoritys_plan_and_no_authority_anothers():
    """It is theirs to end."""
    plan = Plan("child-protection", "Child protection plan", Period("2025-01-01"), "Northfield")
    over = Period("2025-01-01", "2026-01-20")
    theirs = Plan("child-protection", "Child protection plan", over, "Southfield")

    for ending in (new(theirs, CARE), new(Plan(plan.kind, plan.title, over, "Northfield"))):
        assert ended(old(plan, CARE), ending)["older"] == plan


def test_a_name_that_a_newer_statement_calls_former_is_no_name_now():
    """It is told as a former one; what else the older record says stays."""
    before = old(PersonDetails("Marlow", ("Edie",), date_of_birth="2019-03-05"))
    after = new(PersonDetails("Hale", ("Edie",), former_names=("Edie Marlow",)), HEALTH)

    (child, *_) = people(with_ends((before, after), TODAY), CHILD, (), TODAY)

    assert [(name.family_name, name.former_names) for name in child.names] == [
        ("Hale", ("Edie Marlow",))
    ]
    assert child.date_of_birth == "2019-03-05"


STATEMENTS = st.one_of(
    st.builds(
        Involvement,
        st.sampled_from([SCHOOL, GENERAL_PRACTICE]),
        st.sampled_from(["9994003", "9994004"]),
        period=st.sampled_from(
            [Period(), Period("2025-01-01"), Period("2025-01-01", "2026-01-01")]
        ),
    ),
    st.builds(
        lambda *addresses, said_by: ContactDetails(addresses, said_by=said_by),
        st.builds(
            at,
            st.sampled_from(["1 Old Street", "9 New Street"]),
            end=st.sampled_from([None, "2026-01-01"]),
        ),
        said_by=st.sampled_from([None, "9994003"]),
    ),
    st.builds(
        Plan,
        st.just("looked-after"),
        st.just("Looked after"),
        st.sampled_from([Period(), Period(None, "2026-01-01")]),
    ),
)
SAID = st.lists(
    st.builds(
        a_record,
        STATEMENTS,
        source=st.sampled_from([SCHOOLS, CARE, HEALTH]),
        key=st.sampled_from("klmn"),
        version=st.sampled_from(["2025-12-01/1", "2026-01-02/1", "2026-01-03/1", "2026-01-04/1"]),
    ),
    max_size=7,
    unique_by=lambda record: (record.source, record.key),
)


@given(records=st.one_of(SAID, worlds), data=st.data())
def test_neither_order_nor_repetition_matters(records: list[PublishedRecord], data: st.DataObject):
    """Nor does doing it again."""
    once = with_ends(records, TODAY)

    assert with_ends(data.draw(st.permutations([*records, *records])), TODAY) == once
    assert sorted(with_ends(once, TODAY), key=place_of) == sorted(once, key=place_of)


@given(records=SAID)
def test_what_was_said_last_stays_as_it_was_said(records: list[PublishedRecord]):
    """Whatever was said before: only older claims are ended, and none comes to be."""
    last = max(record.version for record in records) if records else ""
    said = {place_of(record): record for record in records}

    for record in with_ends(records, TODAY):
        before = said[place_of(record)]
        assert type(record.payload) is type(before.payload)
        if before.version == last:
            assert _as_said(record, before) == before


def _as_said(record: PublishedRecord, before: PublishedRecord) -> PublishedRecord:
    """Without what other records of the same school tell and this one leaves out."""
    told, said = record.payload, before.payload
    if not (isinstance(told, Involvement) and isinstance(said, Involvement)):
        return record
    left_out = {
        field.name: None
        for field in fields(Involvement)
        if field.default is None and getattr(said, field.name) is None
    }
    start = told.period.start if said.period.start is not None else None
    return replace(record, payload=replace(told, **left_out, period=Period(start, told.period.end)))


def place_of(record: PublishedRecord) -> tuple[str, ...]:
    """Which record it is."""
    return record.source, record.key, record.persons[0]


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        pytest.param(OLD_SCHOOL, 1, id="since before they are said to have left"),
        pytest.param(Involvement(SCHOOL, "9994003"), 1, id="since nobody says when"),
        pytest.param(
            Involvement(SCHOOL, "9994003", period=Period("2026-01-23")), 2, id="there again"
        ),
        pytest.param(Involvement(SCHOOL, "9994004"), 2, id="another school"),
    ],
)
def test_who_is_said_to_have_left_and_later_to_be_there_is_not_former_and_current(
    now: Involvement, shown: int
):
    """The school's newer file stands; another time there, and another school, are told beside."""
    told = [one.payload for one in with_ends([old(HAS_LEFT), new(now)], "2026-02-01")]

    assert len(told) == shown
    assert told[0] == now
