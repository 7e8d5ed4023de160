"""What has not begun, what is over and what goes on, by the day on which it is read; any source."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    CASE_CLOSED,
    Address,
    ContactDetails,
    FactStatus,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    Plan,
    Relationship,
    RelationshipKind,
    Telecom,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.people.practitioners.people import Directory
from services.portal.words.statuses import occurrence_tag
from services.profile.merging import sections
from services.profile.merging.claims import completed, status_on
from services.profile.merging.households import family_sections
from tests.support.each_case import each_case

TODAY = "2026-11-30"
CHILD = PersonId("person-1")
NEXT, LAST = Period(start="2027-01-04"), Period(start="2025-01-01", end="2026-11-29")
NOW = Period(start="2026-11-30", end="2027-07-31")
_DIRECTORY = Directory({"w-1": ("Priya Nair", "Social worker", "01632 960001")}, {})


def a_record(payload: Payload, source: Source = Source.SOCIAL_CARE) -> PublishedRecord:
    return PublishedRecord(
        RecordKey(type(payload).__name__),
        source,
        Category.SOCIAL_CARE,
        (CHILD,),
        "2026-11-01/1",
        payload,
    )


@pytest.mark.parametrize("source", [Source.SCHOOLS, Source.SOCIAL_CARE, Source.HEALTH_VISITING])
def test_a_service_is_rung_only_while_it_works_with_them(source: Source):
    """A school from January, a worker who left yesterday, one until next July."""
    told = (
        (NOW, FactStatus.HOLDS, True),
        (NEXT, FactStatus.PLANNED, False),
        (LAST, FactStatus.ENDED, False),
        (Period(), FactStatus.HOLDS, True),
        (Period(start="2026"), FactStatus.HOLDS, True),
        (Period(start="2027"), FactStatus.PLANNED, False),
        (Period(end="2026-11"), FactStatus.HOLDS, True),
        (Period(end="2026-10"), FactStatus.ENDED, False),
    )
    with each_case() as case:
        for period, status, is_current in told:
            with case(period.start, period.end):
                said = Involvement("Service", practitioner_ref="w-1", period=period)
                (view,) = sections.practitioners([a_record(said, source)], _DIRECTORY, TODAY)

                assert (view.status, view.is_current) == (status, is_current)
                assert view.telephone == ("01632 960001" if is_current else None)


def test_a_plan_is_in_force_only_in_its_time():
    """One that begins in January is planned, not in force and not over."""
    told = ((NOW, FactStatus.HOLDS), (NEXT, FactStatus.PLANNED), (LAST, FactStatus.ENDED))
    with each_case() as case:
        for period, status in told:
            with case(status):
                (view,) = sections.plans([a_record(Plan("cp", "Plan", period))], TODAY)

                assert view.status is status
                assert view.is_current is (status is FactStatus.HOLDS)


def test_what_its_source_says_is_not_undone_by_its_dates():
    """Who has finished without an end has finished; what is planned stays so until it is told."""
    for status in (FactStatus.ENDED, FactStatus.PLANNED, FactStatus.NOT_DONE, FactStatus.UNKNOWN):
        assert status_on(TODAY, NOW, status) is status


def test_a_home_to_come_is_nobodys_home_yet():
    """Neither that of the child nor that of who is yet to live with them."""
    known = ContactDetails((Address(("1 Lane",)), Address(("2 Lane",), period=NEXT)))
    to_come = Relationship(RelationshipKind.FATHER, "Jo", same_household=True, period=NEXT)
    family = family_sections([a_record(known), a_record(to_come)], CHILD, (), TODAY)

    (now, later) = family.people[0].addresses
    assert (now.is_current, now.is_to_come) == (True, False)
    assert (later.is_current, later.is_to_come) == (False, True)
    assert [home.address and home.address.lines for home in family.households] == [("1 Lane",)]
    assert family.kin[0].is_to_come


def test_a_number_that_has_ended_since_is_not_given():
    """It was in use when its source said so."""
    ended = Telecom("phone", "1", Period(end="2026-06-01"))
    family = family_sections(
        [
            a_record(ContactDetails(telecoms=(ended, Telecom("phone", "2", NOW)))),
            a_record(Relationship(RelationshipKind.MOTHER, "Leanne", telecoms=(ended,))),
        ],
        CHILD,
        (),
        TODAY,
    )

    assert [claim.telecom.value for claim in family.people[0].telecoms] == ["2"]
    assert family.kin[0].telecoms == ()
    assert family.relatives[0].telecoms == ()


def test_what_is_dated_later_than_today_did_not_take_place_yet():
    """Though its source says nothing of it."""
    later = Occurrence(OccurrenceKind.REVIEW, "Review", NEXT)
    today = datetime(2026, 11, 30, tzinfo=UTC).date()

    tag = occurrence_tag(later, today)

    assert tag is not None
    assert tag.text == "Dated later than today"


def test_an_end_told_by_itself_leaves_what_its_record_says_of_itself():
    """A part that says nothing of it does not make it hold."""
    whole = a_record(Plan("cp", "Plan", Period(start="2026-01-01"), status=FactStatus.ON_HOLD))
    end = PublishedRecord(
        RecordKey("end"),
        Source.SOCIAL_CARE,
        Category.SOCIAL_CARE,
        (CHILD,),
        "2026-11-02/1",
        Plan("cp", "Plan", Period(end="2026-11-01")),
        part_of=whole.key,
    )

    (record,) = completed([whole, end])

    assert record.payload == Plan(
        "cp", "Plan", Period("2026-01-01", "2026-11-01"), status=FactStatus.ON_HOLD
    )


def _closed(day: str, key: str = "closure") -> PublishedRecord:
    closure = Occurrence(OccurrenceKind.REFERRAL, CASE_CLOSED, Period(day))
    return replace(a_record(closure), key=RecordKey(key))


@pytest.mark.parametrize(
    ("plan", "others", "case_closed"),
    [
        (Plan("cp", "Plan", Period("2025-05-01")), [_closed("2026-03-02")], "2026-03-02"),
        (Plan("cp", "Plan"), [_closed("2026-03-02")], "2026-03-02"),
        (
            Plan("cp", "Plan", Period("2025-05-01")),
            [_closed("2026-03-02"), _closed("2025-12-01", "first"), _closed("2024-01-01", "old")],
            "2025-12-01",
        ),
        (Plan("cp", "Plan", Period("2026-05-01")), [_closed("2026-03-02")], None),
        (Plan("cp", "Plan", Period("2025-05-01")), [_closed("2026-12-24")], None),
        (Plan("cp", "Plan", Period("2025-05-01", "2026-03-02")), [_closed("2026-03-02")], None),
        (Plan("cp", "Plan", Period("2025-05-01")), [], None),
    ],
)
def test_a_plan_without_an_end_in_a_closed_case_is_not_told_to_be_in_force(
    plan: Plan, others: list[PublishedRecord], case_closed: str | None
):
    """It stays where it is looked for, with the day of the closure; a later plan is in force."""
    (view,) = sections.plans([a_record(plan), *others], TODAY)

    assert view.case_closed == case_closed
    assert (view.status is FactStatus.UNKNOWN) == (case_closed is not None)
    assert view.is_current == (plan.period.end is None)


def test_another_agencys_word_closes_no_case():
    """Only the authority that keeps the plan does."""
    closure = replace(_closed("2026-03-02"), source=Source.SCHOOLS)
    (view,) = sections.plans([a_record(Plan("cp", "Plan", Period("2025-05-01"))), closure], TODAY)

    assert view.case_closed is None


def test_what_a_family_hub_sends_of_its_services_is_nobodys_own_word():
    """On our own pages a practitioner says so, and the agency is the service."""
    own = Involvement("Northfield Hub", "H1", "Northfield Hub", practitioner_name="Ada Orr")
    sent = Involvement("Family support", "H1", "Northfield Hub", practitioner_name="Ada Orr")
    told = sections.practitioners(
        [
            replace(a_record(one, Source.FAMILY_HUB), key=RecordKey(one.service))
            for one in (own, sent)
        ],
        _DIRECTORY,
        TODAY,
    )

    assert {view.service: view.is_first_hand for view in told} == {
        "Northfield Hub": True,
        "Family support": False,
    }
