"""A record with its parts in it: order-free, idempotent, the latest word on each field."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Involvement, Occurrence, OccurrenceKind, Payload, Period, Plan
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.profile.merging.claims import completed

PLAN = Plan("child-in-need", "Child in need plan", Period("2026-06-12"))
ENDS = replace(PLAN, period=Period(None, "2026-10-02"))


def a_part(payload: Payload, key: str = "plan/end", *, of: str | None = "plan", at: int = 1):
    """Build a record, by default a part of the plan."""
    return PublishedRecord(
        key=RecordKey(key),
        source=Source.SOCIAL_CARE,
        category=Category.SOCIAL_CARE,
        persons=(PersonId("child"),),
        version=f"2026-01-0{at}",
        payload=payload,
        part_of=None if of is None else RecordKey(of),
    )


def a_plan(at: int = 1) -> PublishedRecord:
    """Build the plan itself."""
    return a_part(PLAN, "plan", of=None, at=at)


def test_a_plan_and_its_end_are_one_plan():
    """Under the plan's own key, as of the latest word."""
    (plan,) = completed([a_part(ENDS, at=2), a_plan()])

    assert plan.payload == replace(PLAN, period=Period("2026-06-12", "2026-10-02"))
    assert (plan.key, plan.part_of, plan.version) == ("plan", None, "2026-01-02")


def test_an_end_without_its_plan_stands_in_for_it():
    """What is known is shown; the beginning may come later, or never be shared."""
    (plan,) = completed([a_part(ENDS)])

    assert (plan.key, plan.payload, plan.part_of) == ("plan", ENDS, None)


def test_what_is_said_twice_under_one_label_stays_twice():
    """Two blood pressures are two, also where a part says more."""
    twice = (("Pressure", "98"), ("Pressure", "95"), ("By", "Nurse"))
    seen = Occurrence(OccurrenceKind.CONTACT, "Clinic", details=twice)
    more = replace(seen, details=(("By", "Doctor"), ("To", "Us")))

    (found,) = completed([a_part(seen, "plan", of=None), a_part(more, at=2)])

    assert found.payload == replace(seen, details=(*twice[:2], ("By", "Doctor"), ("To", "Us")))


def test_where_they_disagree_the_latest_counts():
    """Field by field and label by label."""
    referral = Occurrence(OccurrenceKind.REFERRAL, "Referral", details=(("By", "Police"),))
    corrected = replace(referral, outcome="Taken further", details=(("By", "School"), ("To", "Us")))

    for earlier, later in ((1, 2), (2, 1)):
        base = a_part(referral, "plan", of=None, at=earlier)
        (found,) = completed([base, a_part(corrected, at=later)])

        by = "School" if later == 2 else "Police"
        assert found.payload == replace(corrected, details=(("By", by), ("To", "Us")))


def test_a_part_of_another_kind_says_nothing():
    """And takes nothing away."""
    (found,) = completed([a_plan(), a_part(Involvement("A service"), at=2)])

    assert found.payload == PLAN


def test_records_without_parts_and_of_others_are_left_alone():
    """A part counts for the same person and source alone."""
    elsewhere = replace(a_part(ENDS), persons=(PersonId("sibling"),))
    others = [a_plan(), a_part(PLAN, "other", of=None), elsewhere]

    assert [r.payload for r in completed(others)] == [PLAN, PLAN, ENDS]


@given(st.data())
def test_order_and_repetition_change_nothing(data: st.DataObject):
    """The same comes out."""
    said = [a_plan(2), a_part(ENDS, at=3), a_part(replace(PLAN, title="A plan"), "plan/t", at=1)]
    shuffled = data.draw(st.permutations([*said, *data.draw(st.lists(st.sampled_from(said)))]))

    assert list(completed(shuffled)) == list(completed(said))
