"""From pregnancy to two: what is due, done and overdue, and of what nothing is said.

Windows: health visitor service delivery metrics 2024 to 2025 (DOMAIN section 2.1.5); Births and
Deaths Registration Act 1953 s.2; booking by 10 weeks (NHS).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.health_visiting.clinical.timeliness import MandatedReview
from consent.question import Reason
from schemas.identifiers import PersonId
from schemas.records.payloads import (
    BIRTH_REGISTERED,
    FactStatus,
    Occurrence,
    OccurrenceKind,
    Period,
    RelationshipKind,
)
from schemas.vocabulary import Category, Source
from services.profile.merging.claims import Claim, Provenance
from services.profile.merging.deaths import DeathStanding, DeathView
from services.profile.merging.early import (
    EarlyStanding,
    WhyNotKnown,
    from_pregnancy_to_two,
    is_early,
)
from services.profile.merging.early_steps import EarlyStep, EarlyWindow, window_for
from services.profile.model import (
    NotShared,
    Profile,
    SourceState,
    SourceStatus,
    TimelineEntry,
)
from tests.support.portal.portal_builders import CHILD, HEALTH, MOTHER, a_person, a_profile

BORN = date(2026, 5, 3)
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_DONE, _OVERDUE, _DUE = EarlyStanding.DONE, EarlyStanding.OVERDUE, EarlyStanding.DUE
_NOT_KNOWN, _TO_COME = EarlyStanding.NOT_KNOWN, EarlyStanding.TO_COME
_RECORDED = EarlyStanding.NOT_RECORDED


def told(
    title: str,
    on: date | None,
    *,
    who: PersonId = CHILD,
    kind: OccurrenceKind = OccurrenceKind.REVIEW,
    status: FactStatus = FactStatus.HOLDS,
    source: Source = Source.HEALTH_VISITING,
    as_of: date | None = None,
) -> TimelineEntry:
    """Something that happened, told on its day unless on another."""
    said = as_of or on or BORN
    day = None if on is None else on.isoformat()
    occurrence = Occurrence(
        kind, title, Period(day), not_done=status is FactStatus.NOT_DONE, status=status
    )
    provenance = Provenance(source, said.isoformat())
    return TimelineEntry(day, who, Category.CHILD_HEALTH, occurrence, provenance)


def the_birth(born: date = BORN) -> TimelineEntry:
    """The notification of the birth, sent on that day."""
    return told("Birth", born, kind=OccurrenceKind.BIRTH)


def a_child(
    *happened: TimelineEntry,
    today: date,
    born: date | None = BORN,
    expected: date | None = None,
    **status: object,
) -> Profile:
    """A child of whom health visiting was heard on the day of reading."""
    child = a_person(born=None if born is None else born.isoformat())
    child = replace(child, expected_date_of_birth=expected and expected.isoformat())
    mother = a_person(MOTHER, relation=RelationshipKind.MOTHER)
    heard = datetime(today.year, today.month, today.day, 8, tzinfo=UTC)
    usual: dict[str, object] = {"state": SourceState.HAS_RECORDS, "last_heard": heard}
    read = SourceStatus(Source.HEALTH_VISITING, covers="All", **(usual | status))  # type: ignore[arg-type] # by name
    return replace(a_profile(), people=(child, mother), timeline=tuple(happened), sources=(read,))


def standings(profile: Profile, today: date) -> dict[EarlyStep, EarlyStanding]:
    """How each step stands."""
    return {view.step: view.standing for view in from_pregnancy_to_two(profile, today)}


def why(profile: Profile, today: date, step: EarlyStep) -> WhyNotKnown | None:
    """Why it is not known how a step stands."""
    return next(v.why for v in from_pregnancy_to_two(profile, today) if v.step is step)


@pytest.mark.parametrize(
    ("step", "opens", "closes"),
    [
        (EarlyStep.BOOKING, None, date(2025, 10, 5)),
        (EarlyStep.ANTENATAL, date(2026, 2, 8), date(2026, 5, 3)),
        (EarlyStep.BIRTH, date(2026, 5, 3), date(2026, 5, 5)),
        (EarlyStep.NEW_BIRTH, None, date(2026, 5, 17)),
        (EarlyStep.REGISTRATION, date(2026, 5, 3), date(2026, 6, 14)),
        (EarlyStep.SIX_TO_EIGHT_WEEKS, date(2026, 6, 14), date(2026, 6, 28)),
        (EarlyStep.MENTAL_HEALTH, None, date(2027, 5, 3)),
        (EarlyStep.FEEDING, None, date(2028, 5, 3)),
        (EarlyStep.TWELVE_MONTHS, None, date(2027, 5, 3)),
        (EarlyStep.TWO_YEARS, date(2028, 5, 3), date(2028, 11, 3)),
    ],
)
def test_when_each_step_is_due(step: EarlyStep, opens: date | None, closes: date) -> None:
    """For a child born on 3 May 2026, who was expected on that very day plus two."""
    expected = BORN + 2 * _DAY
    window = window_for(step, BORN, expected)
    shift = 2 * _DAY if step in {EarlyStep.BOOKING, EarlyStep.ANTENATAL} else timedelta(0)

    wanted = EarlyWindow(opens and opens + shift, closes + shift)
    if step is EarlyStep.ANTENATAL:
        wanted = replace(wanted, closes=BORN)
    assert window == wanted


def test_nothing_is_worked_out_from_a_day_that_is_not_known() -> None:
    """How long a pregnancy was no birthday tells; and a birth to come has no windows yet."""
    assert window_for(EarlyStep.BOOKING, BORN, None) == EarlyWindow()
    assert window_for(EarlyStep.ANTENATAL, BORN, None) == EarlyWindow(None, BORN)
    assert window_for(EarlyStep.NEW_BIRTH, None, BORN) == EarlyWindow()


@pytest.mark.parametrize(
    ("days", "new_birth", "six_weeks"),
    [
        (3, _DUE, _TO_COME),
        (14, _DUE, _TO_COME),
        (28, _DUE, _TO_COME),
        (29, _OVERDUE, _TO_COME),
        (50, _OVERDUE, _DUE),
        (57, _RECORDED, _DUE),
        (71, _RECORDED, _OVERDUE),
        (300, _RECORDED, _OVERDUE),
        (400, _RECORDED, _RECORDED),
    ],
)
def test_what_is_not_told_comes_due_and_overdue_and_then_is_not_recorded(
    days: int, new_birth: EarlyStanding, six_weeks: EarlyStanding
) -> None:
    """Two weeks are left for what was done on the last day to be sent."""
    today = BORN + days * _DAY

    found = standings(a_child(the_birth(), today=today), today)

    assert found[EarlyStep.BIRTH] is _DONE
    assert (found[EarlyStep.NEW_BIRTH], found[EarlyStep.SIX_TO_EIGHT_WEEKS]) == (
        new_birth,
        six_weeks,
    )


@pytest.mark.parametrize(("days", "wanted"), [(3, _TO_COME), (270, _TO_COME), (280, _DUE)])
def test_what_has_no_first_day_is_to_come_until_it_can_be_planned(
    days: int, wanted: EarlyStanding
) -> None:
    """The 12 month review is due by its day; a newborn's page does not call it due."""
    today = BORN + days * _DAY

    found = standings(a_child(the_birth(), today=today), today)

    assert found[EarlyStep.TWELVE_MONTHS] is wanted


def test_what_is_told_is_done_planned_or_did_not_take_place() -> None:
    """What was planned for a day that is over tells nothing more."""
    today = BORN + 60 * _DAY
    visit, six = MandatedReview.NEW_BIRTH.label, MandatedReview.SIX_TO_EIGHT_WEEKS.label
    planned = told(six, today + _DAY, status=FactStatus.PLANNED, as_of=today)
    missed = told(six, today - _DAY, status=FactStatus.NOT_DONE)
    lapsed = told(six, today - 2 * _DAY, status=FactStatus.PLANNED)
    done = told(visit, BORN + 10 * _DAY)
    twice = told(visit, BORN + 12 * _DAY)

    first = from_pregnancy_to_two(
        a_child(the_birth(), twice, done, missed, planned, today=today), today
    )
    second = from_pregnancy_to_two(a_child(the_birth(), missed, lapsed, today=today), today)

    by_step = {view.step: view for view in first}
    assert by_step[EarlyStep.NEW_BIRTH].told == done
    assert by_step[EarlyStep.SIX_TO_EIGHT_WEEKS].standing is EarlyStanding.PLANNED
    (six_weeks,) = (v for v in second if v.step is EarlyStep.SIX_TO_EIGHT_WEEKS)
    assert (six_weeks.standing, six_weeks.told) == (_DUE, missed)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"state": SourceState.NOT_HEARD}, WhyNotKnown.NOT_READ),
        ({"state": SourceState.UNREAD}, WhyNotKnown.NOT_READ),
        ({"state": SourceState.NOTHING_TO_SHOW}, WhyNotKnown.NOTHING_SHOWN),
        ({"silent_since": datetime(2026, 6, 1, tzinfo=UTC)}, WhyNotKnown.NOT_READ),
        ({"last_heard": datetime(2026, 5, 20, tzinfo=UTC)}, WhyNotKnown.NOT_READ),
        ({"last_heard": None}, WhyNotKnown.NOT_READ),
    ],
)
def test_nothing_is_overdue_where_nobody_would_have_told(
    change: dict[str, object], wanted: WhyNotKnown
) -> None:
    """A source that is away, was last heard before, or sent what could not be read."""
    today = BORN + 40 * _DAY
    profile = a_child(the_birth(), today=today, **change)

    assert standings(profile, today)[EarlyStep.NEW_BIRTH] is _NOT_KNOWN
    assert why(profile, today, EarlyStep.NEW_BIRTH) is wanted


def test_of_what_came_before_a_child_moved_here_nothing_is_overdue() -> None:
    """At 14 months: what is due later can be overdue, what was due before cannot."""
    came = BORN + 425 * _DAY
    contact = told("Home visit", came, kind=OccurrenceKind.CONTACT)
    sent_along = told(MandatedReview.NEW_BIRTH.label, BORN + 9 * _DAY, as_of=came)
    today = BORN + 1000 * _DAY

    found = a_child(contact, sent_along, today=today)

    stands = standings(found, today)
    assert stands[EarlyStep.NEW_BIRTH] is _DONE
    assert stands[EarlyStep.SIX_TO_EIGHT_WEEKS] is _NOT_KNOWN
    assert why(found, today, EarlyStep.TWELVE_MONTHS) is WhyNotKnown.BEFORE
    assert stands[EarlyStep.TWO_YEARS] is _OVERDUE


def test_a_child_of_whom_nothing_is_shown_is_not_known() -> None:
    """The same whether nothing is shared, nothing was sent, or it lies behind an adoption."""
    today = BORN + 40 * _DAY
    screening = told("Hearing", BORN + _DAY, kind=OccurrenceKind.SCREENING)

    for profile in (a_child(today=today), a_child(screening, today=today)):
        found = standings(profile, today)
        assert {found[step] for step in (EarlyStep.BIRTH, EarlyStep.NEW_BIRTH)} == {_NOT_KNOWN}
        assert why(profile, today, EarlyStep.NEW_BIRTH) is WhyNotKnown.NOTHING_SHOWN


def test_what_is_not_shared_is_said_only_where_that_there_is_any_may_be_shown() -> None:
    """As the profile names it; of other categories and sources it says nothing."""
    today = BORN + 40 * _DAY
    health = NotShared(Category.CHILD_HEALTH, Source.HEALTH_VISITING, (Reason.REFUSED,))
    other = replace(health, category=Category.SAFEGUARDING)

    named = standings(replace(a_child(today=today), not_shared=(health,)), today)
    beside = standings(replace(a_child(today=today), not_shared=(other,)), today)

    assert named[EarlyStep.NEW_BIRTH] is EarlyStanding.NOT_SHARED
    assert beside[EarlyStep.NEW_BIRTH] is _NOT_KNOWN


@pytest.mark.parametrize("standing", DeathStanding)
def test_nothing_is_due_of_a_child_who_died(standing: DeathStanding) -> None:
    """Nor where a death is only reported; support for the parents stays."""
    today = BORN + 40 * _DAY
    profile = a_child(the_birth(), today=today)
    child, *others = profile.people
    died = replace(child, death=DeathView(standing))

    found = standings(replace(profile, people=(died, *others)), today)

    assert found.pop(EarlyStep.BIRTH) is _DONE
    assert found.pop(EarlyStep.MENTAL_HEALTH) is EarlyStanding.OFFERED
    assert set(found.values()) == {EarlyStanding.NOT_DUE}


def test_an_unborn_child_is_reached_through_the_mother() -> None:
    """What she was told in this pregnancy counts for it, and what in another does not."""
    expected, today = date(2026, 12, 20), date(2026, 11, 20)
    antenatal = MandatedReview.ANTENATAL.label
    now = told(antenatal, date(2026, 11, 1), who=MOTHER)
    before = told(antenatal, date(2024, 3, 1), who=MOTHER)
    booked = told("Antenatal booking", date(2026, 6, 1), who=MOTHER, kind=OccurrenceKind.CONTACT)
    unborn = {"today": today, "born": None, "expected": expected}

    found = standings(a_child(now, before, booked, **unborn), today)  # type: ignore[arg-type] # by name
    without = standings(a_child(before, booked, **unborn), today)  # type: ignore[arg-type] # by name

    assert (found[EarlyStep.BOOKING], found[EarlyStep.ANTENATAL]) == (_DONE, _DONE)
    assert without[EarlyStep.ANTENATAL] is _DUE
    assert {found[s] for s in (EarlyStep.BIRTH, EarlyStep.NEW_BIRTH, EarlyStep.TWO_YEARS)} == {
        _TO_COME
    }
    assert found[EarlyStep.MENTAL_HEALTH] is EarlyStanding.OFFERED


def test_one_twins_visit_is_not_the_others() -> None:
    """What was done with somebody else of the family counts for nobody."""
    today = BORN + 40 * _DAY
    other = told(MandatedReview.NEW_BIRTH.label, BORN + 9 * _DAY, who=PersonId("the-other-twin"))

    assert (
        standings(a_child(the_birth(), other, today=today), today)[EarlyStep.NEW_BIRTH] is _OVERDUE
    )


@pytest.mark.parametrize("claims", [(), ("2026-05-03", "2026-03-05"), ("2026-05",)])
def test_without_one_day_of_birth_nothing_is_due(claims: Sequence[str]) -> None:
    """Unknown, told differently by sources, or only a month."""
    today = BORN + 40 * _DAY
    profile = a_child(the_birth(), today=today)
    child, *others = profile.people
    told_born = tuple(Claim(one, HEALTH) for one in claims)
    born = claims[0] if claims else None
    child = replace(child, date_of_birth=born, dates_of_birth=told_born)

    found = standings(replace(profile, people=(child, *others)), today)

    assert found[EarlyStep.NEW_BIRTH] is _NOT_KNOWN
    assert not {_DUE, _OVERDUE, _TO_COME, _RECORDED} & set(found.values())


def test_registration_is_done_where_the_registrar_says_so_and_else_asked_for() -> None:
    """Never overdue: whether a registrar's list was read lately nothing tells."""
    today = BORN + 60 * _DAY
    listed = told(
        BIRTH_REGISTERED, BORN + 20 * _DAY, kind=OccurrenceKind.CONTACT, source=Source.FAMILY_HUB
    )

    done = standings(a_child(the_birth(), listed, today=today), today)
    asked = standings(a_child(the_birth(), today=today), today)

    assert done[EarlyStep.REGISTRATION] is _DONE
    assert asked[EarlyStep.REGISTRATION] is EarlyStanding.ASK


@pytest.mark.parametrize(
    ("today", "listed", "expected"),
    [
        (42, None, _DUE),  # the last day of the law's 42
        (43, None, EarlyStanding.ASK),  # nothing is known: never overdue
        (42, 42, _DUE),
        (50, 42, EarlyStanding.ASK),  # a list from before the days were over
        (50, 43, _OVERDUE),
        (74, 43, _OVERDUE),
        (75, 43, EarlyStanding.ASK),  # a list of more than a month ago
    ],
)
def test_registration_is_overdue_only_where_the_registrar_s_list_says_that_it_is_not_done(
    today: int, listed: int | None, expected: EarlyStanding
) -> None:
    """Births and Deaths Registration Act 1953, section 2: within 42 days."""
    day = BORN + today * _DAY
    rows = [
        told(
            BIRTH_REGISTERED,
            None,
            kind=OccurrenceKind.CONTACT,
            status=FactStatus.NOT_DONE,
            source=Source.FAMILY_HUB,
            as_of=BORN + one * _DAY,
        )
        for one in (listed,)
        if one is not None
    ]

    assert (
        standings(a_child(the_birth(), *rows, today=day), day)[EarlyStep.REGISTRATION] is expected
    )


def test_the_page_is_for_those_not_yet_three() -> None:
    """And for whoever is expected; of an older child nothing is due any more."""
    today = date(2026, 11, 22)

    assert [
        is_early("2023-11-23", None, today),
        is_early("2023-11-22", None, today),
        is_early(None, "2026-12-20", today),
        is_early(None, None, today),
        is_early("2026-11", "2026-12-20", today),
    ] == [True, False, True, False, False]
    old = BORN + 1300 * _DAY
    assert standings(a_child(the_birth(), today=old), old)[EarlyStep.TWO_YEARS] is _NOT_KNOWN
