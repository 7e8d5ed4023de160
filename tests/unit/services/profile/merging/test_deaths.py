"""What sources tell of a death comes to: certain, reported and contradicted, or nothing."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from schemas.records.payloads import PersonDetails
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.profile.merging.deaths import with_unreadable_death
from services.profile.merging.people import people
from services.profile.model import DeathStanding, DeathView
from tests.support.people.family_records import CHILD, TODAY, a_record

HEALTH, SCHOOLS, CARE = Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE
BORN = PersonDetails(date_of_birth="2020-05-03")
DIED, REPORTED = DeathStanding.DIED, DeathStanding.REPORTED


def said(
    source: Source = HEALTH, as_of: str = "2026-02-01", *, key: str = "death", **details: object
) -> PublishedRecord:
    """What one source says of a death, as of a day."""
    record = PersonDetails(**details)  # type: ignore[arg-type]
    return a_record(record, source=source, key=f"{source}/{key}", version=f"{as_of}/1")


def death_in(*records: PublishedRecord) -> DeathView | None:
    """What these records tell of the child's death."""
    child, *_ = people([a_record(BORN, key="born"), *records], CHILD, (), TODAY)
    return child.death


def test_nothing_is_told_of_whom_no_source_says_so():
    """Nor of whom a source says that they have not died."""
    assert death_in() is None
    assert death_in(said(has_died=False)) is None


def test_a_death_is_certain_where_nothing_contradicts_it():
    """With its day, or with no day recorded; a day says more than its month."""
    cases = {
        "with a date": ((said(died="2026-01-05"),), "2026-01-05"),
        "without one": ((said(has_died=True),), None),
        "two agree": ((said(died="2026-01-05"), said(CARE, died="2026-01-05")), "2026-01-05"),
        "one knows a month": (
            (said(died="2026-01"), said(CARE, died="2026-01-05")),
            "2026-01-05",
        ),
        "one knows the hour": (
            (said(died="2026-01-05T23:10:00+00:00"), said(CARE, died="2026-01-05")),
            "2026-01-05T23:10:00+00:00",
        ),
        "one knows no day": ((said(died="2026-01-05"), said(CARE, has_died=True)), "2026-01-05"),
        "alive before": (
            (said(died="2026-01-05"), said(CARE, "2026-01-04", has_died=False)),
            "2026-01-05",
        ),
        "on the day it was told": ((said(died="2026-02-01"),), "2026-02-01"),
        "born and died the same day": ((said(died="2020-05-03"),), "2020-05-03"),
    }

    for name, (records, day) in cases.items():
        death = death_in(*records)
        assert death is not None, name
        assert (death.standing, death.on) == (DIED, day), name


def test_a_death_that_something_contradicts_is_only_reported():
    """And no day of it is one to rely on; what each source says stays to be read."""
    cases = {
        "two days": (said(died="2026-01-05"), said(CARE, died="2026-01-07")),
        "two months": (said(died="2026-01"), said(CARE, died="2025-12-31")),
        "before birth": (said(died="2019-01-05"),),
        "after it was told": (said(died="2026-02-03"),),
        "after today": (said(as_of="2026-03-02", died="2027-03-02"),),
        "alive after it": (said(died="2026-01-05"), said(CARE, has_died=False)),
        "alive after it was told": (
            said(has_died=True),
            said(CARE, "2026-02-02", has_died=False),
        ),
        "by its source itself": (said(has_died=True, death_contradicted=True),),
        "by its source, of another's": (
            said(CARE, died="2026-01-05"),
            said(died="2026-01-05", death_contradicted=True),
        ),
    }

    for name, records in cases.items():
        death = death_in(*records)
        assert death is not None, name
        assert (death.standing, death.on) == (REPORTED, None), name
        assert len(death.said) == len(records), name


def test_whoever_takes_a_death_back_contradicts_nobody():
    """A source's newer version stands in the place of what it said before."""
    before, after = said(died="2026-01-05"), said(as_of="2026-02-09", has_died=False)

    assert death_in(before, after) is None


def test_a_death_is_told_of_whoever_died_and_of_nobody_else():
    """The day stands in the person's own view, with who says so."""
    child, *_ = people([a_record(BORN), said(died="2026-01-05")], CHILD, (), TODAY)

    assert child.died == "2026-01-05"
    assert child.death is not None
    ((one,),) = (child.death.said,)
    assert (one.value.on, one.provenance.source) == ("2026-01-05", HEALTH)


def test_a_report_that_cannot_be_read_is_told_unless_there_is_one_that_can():
    """What could be read says more."""
    readable = death_in(said(died="2026-01-05"))

    assert with_unreadable_death(None) == DeathView(DeathStanding.UNREADABLE)
    assert with_unreadable_death(readable) is readable


_details = st.builds(
    PersonDetails,
    date_of_birth=st.sampled_from([None, "2020-05-03"]),
    died=st.sampled_from([None, "2026-01", "2026-01-05", "2030-01-01", "no date"]),
    has_died=st.sampled_from([None, True, False]),
    death_contradicted=st.booleans(),
)
_worlds = st.lists(
    st.builds(a_record, _details, source=st.sampled_from(Source), key=st.sampled_from("abc")),
    max_size=4,
    unique_by=lambda record: (record.source, record.key),
)


@given(_worlds, st.randoms(use_true_random=False))
def test_whoever_reports_a_death_is_heard_whatever_else_is_said(
    records: list[PublishedRecord], order: Random
):
    """In any order; one more that denies it never makes it untold, and never makes it certain."""
    death = death_in(*records)
    shuffled = list(records)
    order.shuffle(shuffled)
    reported = any(isinstance(r.payload, PersonDetails) and r.payload.says_died for r in records)

    assert (death is not None) == reported
    assert death_in(*shuffled) == death
    denied = death_in(*records, said(as_of=TODAY, key="denial", has_died=False))
    assert (denied is not None) == reported
    assert denied is None or denied.standing is REPORTED or death == denied
