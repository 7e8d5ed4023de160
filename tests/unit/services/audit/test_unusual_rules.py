"""Each rule: when it fires, what explains it away, and at its boundary."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from consent.model import RelationshipGround
from services.audit.unusual import days, later, looking
from services.audit.unusual.judging import SENTENCES, judge_acts
from services.audit.unusual.model import (
    ActKind,
    ExplainedBy,
    HashedPerson,
    Known,
    LedgerAct,
    OnStaffList,
    RelationshipState,
    RuleFinding,
    StaffIndex,
    UnusualRule,
)
from services.audit.unusual.settings import unusual_rules

NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WORKER, OTHER, CHILD = "w" * 32, "o" * 32, "c" * 32
NAME, POSTCODE, HOUSE, NEXT_DOOR = b"name", b"postcode", b"house", b"next door"
RULES = unusual_rules(None)


def an_act(kind: ActKind = ActKind.LOOK, at: datetime = NOON, **more: object) -> LedgerAct:
    """One about the child by the worker."""
    given: dict[str, object] = {"place": int(at.timestamp()), "by": WORKER, "persons": (CHILD,)}
    return LedgerAct(at=at, kind=kind, **(given | more))  # type: ignore[arg-type]


def known(
    *staff: OnStaffList,
    child: HashedPerson | None = None,
    held: Sequence[RelationshipState] = (),
    bits: float = 8.0,
) -> Known:
    """What is known, of the worker and the child."""
    persons = {} if child is None else {CHILD: child}
    return Known(RULES, StaffIndex(staff), {(WORKER, CHILD): held}, persons, lambda _: bits)


def held(
    ground: RelationshipGround = RelationshipGround.CASE_LOAD,
    *,
    since: datetime = NOON - 30 * DAY,
    until: datetime | None = None,
    known_at: datetime | None = None,
) -> RelationshipState:
    """A relationship of the worker's with the child."""
    return RelationshipState(f"r{ground}{since}", 1, ground, known_at or since, since, until)


def on_list(**more: object) -> OnStaffList:
    """The worker's row."""
    return OnStaffList(WORKER, **more)  # type: ignore[arg-type]


def told(found: RuleFinding | Iterable[RuleFinding] | None) -> list[ExplainedBy | None]:
    """What was found: each with what explains it."""
    several = [found] if isinstance(found, RuleFinding) else list(found or ())
    return [one.explained_by for one in several]


@pytest.mark.parametrize(
    ("mine", "childs", "rules"),
    [
        ({"surnames": {NAME}}, {"surnames": {NAME}}, {"same-surname"}),
        ({"postcodes": {POSTCODE}}, {"postcodes": {POSTCODE}}, {"same-place"}),
        ({"surnames": {NAME}, "postcodes": {POSTCODE}}, {"postcodes": {POSTCODE}}, {"same-place"}),
        (
            {"surnames": {NAME}, "postcodes": {POSTCODE}},
            {"surnames": {NAME}, "postcodes": {POSTCODE}},
            {"own-record", "same-place", "same-surname"},
        ),
        (
            {"postcodes": {POSTCODE}, "places": {HOUSE}},
            {"postcodes": {POSTCODE}, "places": {NEXT_DOOR}},
            set(),
        ),
        ({}, {"surnames": {NAME}, "postcodes": {POSTCODE}}, set()),
    ],
    ids=["name", "home", "another name", "both", "next door", "not on the list"],
)
def test_names_and_homes_are_compared(mine: dict, childs: dict, rules: set[str]) -> None:
    """Whole addresses before postcodes: next door is not at home."""
    row = on_list(**{name: frozenset(found) for name, found in mine.items()})
    child = HashedPerson(**{name: frozenset(found) for name, found in childs.items()})

    found = judge_acts([an_act()], known(row, child=child))

    assert {one.rule.value for one in found} == rules


def test_a_case_load_before_the_look_explains_names_and_homes_but_not_ones_own_record() -> None:
    """One that became known later explains nothing."""
    row = on_list(surnames=frozenset({NAME}), postcodes=frozenset({POSTCODE}))
    child = HashedPerson(frozenset({NAME}), frozenset({POSTCODE}))

    before = judge_acts([an_act()], known(row, child=child, held=[held()]))
    dated_back = judge_acts(
        [an_act()], known(row, child=child, held=[held(known_at=NOON + MINUTE)])
    )

    assert {one.rule for one in before if not one.explained_by} == {UnusualRule.OWN_RECORD}
    assert len([one for one in dated_back if not one.explained_by]) == 3


@pytest.mark.parametrize(("bits", "fires"), [(5.4, False), (5.5, True)])
def test_a_surname_counts_where_few_have_it(bits: float, *, fires: bool) -> None:
    """At the bits that the rules name."""
    row, child = on_list(surnames=frozenset({NAME})), HashedPerson(frozenset({NAME}))

    found = looking.same_surname(an_act(), known(row, child=child, bits=bits))

    assert (found is not None) is fires


def test_a_colleague_is_somebody_else_on_the_list() -> None:
    """Of the same name and home; explained by a case-load."""
    other = OnStaffList(OTHER, frozenset({NAME}), frozenset({POSTCODE}))
    child = HashedPerson(frozenset({NAME}), frozenset({POSTCODE}))
    namesake = HashedPerson(frozenset({NAME}), frozenset({b"elsewhere"}))

    assert told(looking.colleague(an_act(), known(other, child=child))) == [None]
    assert told(looking.colleague(an_act(), known(other, child=namesake))) == []
    explained = looking.colleague(an_act(), known(other, child=child, held=[held()]))
    assert told(explained) == [ExplainedBy.CASE_LOAD]


@pytest.mark.parametrize(
    ("hour", "fires"), [(21, False), (22, True), (23, True), (5, True), (6, False)]
)
def test_nights_are_those_of_clocks_here(hour: int, *, fires: bool) -> None:
    """In summer an hour earlier by Greenwich."""
    winter = looking.odd_hours(an_act(at=NOON.replace(hour=hour)), known())
    summer = NOON.replace(month=7, hour=hour) - HOUR

    assert (winter is not None) is fires
    assert (looking.odd_hours(an_act(at=summer), known()) is not None) is fires


def test_a_rota_explains_its_day_and_the_night_after_it() -> None:
    """Until the morning, and no longer."""
    row = on_list(duty=frozenset({NOON.date()}))
    moments = [NOON.replace(hour=23), NOON.replace(hour=3) + DAY, NOON.replace(hour=23) + DAY]

    found = [told(looking.odd_hours(an_act(at=at), known(row))) for at in moments]

    assert found == [[ExplainedBy.ROTA], [ExplainedBy.ROTA], [None]]


@pytest.mark.parametrize(("days_on", "fires"), [(-1, False), (0, True), (6, True), (7, False)])
def test_leave_is_from_its_first_to_its_last_day(days_on: int, *, fires: bool) -> None:
    """A rota that has them at work that day explains nothing."""
    first = NOON.date()
    row = on_list(leave=((first, first + 6 * DAY),))
    at = NOON + days_on * DAY

    assert (looking.on_leave(an_act(at=at), known(row)) is not None) is fires
    on_duty = on_list(leave=row.leave, duty=frozenset({at.date()}))
    assert told(looking.on_leave(an_act(at=at), known(on_duty))) == ([None] if fires else [])


@pytest.mark.parametrize(("after", "fires"), [(90 * DAY, False), (90 * DAY + MINUTE, True)])
def test_a_former_case_is_one_that_ended_long_ago(after: timedelta, *, fires: bool) -> None:
    """One that was opened again is explained."""
    ended = held(until=NOON - after)
    again = held(RelationshipGround.OWN, since=NOON - DAY)

    assert (looking.former_case(an_act(), known(held=[ended])) is not None) is fires
    explained = looking.former_case(an_act(), known(held=[ended, again]))
    assert told(explained) == ([ExplainedBy.OPENED_AGAIN] if fires else [])
    assert looking.former_case(an_act(), known()) is None


@pytest.mark.parametrize(
    ("kind", "rule"),
    [(ActKind.EMERGENCY, UnusualRule.EMERGENCY), (ActKind.CLAIM, UnusualRule.SELF_CLAIMED)],
)
def test_emergencies_and_ones_own_word_are_always_asked_about(
    kind: ActKind, rule: UnusualRule
) -> None:
    """A case-load explains neither."""
    found = list(judge_acts([an_act(kind)], known(held=[held()])))

    assert [(one.rule, one.explained_by) for one in found] == [(rule, None)]


@pytest.mark.parametrize(
    ("times", "apart", "fires"),
    [(4, MINUTE, False), (5, 15 * MINUTE, True), (5, 15 * MINUTE + timedelta(seconds=1), False)],
)
def test_refused_often_is_five_times_in_an_hour(
    times: int, apart: timedelta, *, fires: bool
) -> None:
    """An hour apart, first and last, and no more."""
    acts = [an_act(ActKind.REFUSED, NOON + n * apart) for n in range(times)]

    found = list(days.refused_often(NOON.date(), acts, known()))

    assert [len(one.places) for one in found] == ([5] if fires else [])


def test_refused_over_midnight_is_told_once() -> None:
    """On the day of the last."""
    late = NOON.replace(hour=23, minute=45)
    acts = [an_act(ActKind.REFUSED, late + n * 5 * MINUTE) for n in range(5)]

    found = [list(days.refused_often(late.date() + n * DAY, acts, known())) for n in (0, 1)]

    assert [len(one) for one in found] == [0, 1]


@pytest.mark.parametrize(("later_by", "fires"), [(24 * HOUR, True), (24 * HOUR + MINUTE, False)])
def test_refused_then_allowed_is_within_a_day(later_by: timedelta, *, fires: bool) -> None:
    """A case-load that was given meanwhile explains it."""
    acts = [an_act(ActKind.REFUSED), an_act(at=NOON + later_by)]
    day = acts[1].day
    given = held(since=NOON + HOUR)

    assert told(days.refused_then_allowed(day, acts, known())) == ([None] if fires else [])
    explained = told(days.refused_then_allowed(day, acts, known(held=[given])))
    assert explained == ([ExplainedBy.CASE_LOAD] if fires else [])


def test_searches_count_while_nobody_is_opened() -> None:
    """Ten, and a look between them begins anew."""
    acts = [an_act(ActKind.SEARCH, NOON + n * MINUTE, persons=()) for n in range(10)]
    between = an_act(at=NOON + 5 * MINUTE + timedelta(seconds=1))
    refused = an_act(ActKind.REFUSED, NOON + 5 * MINUTE + timedelta(seconds=1))

    assert told(days.search_fishing(NOON.date(), acts, known())) == [None]
    assert told(days.search_fishing(NOON.date(), acts[:9], known())) == []
    assert told(days.search_fishing(NOON.date(), [*acts, between], known())) == []
    assert told(days.search_fishing(NOON.date(), [*acts, refused], known())) == [None]


def test_a_family_is_widely_looked_at_by_more_than_eight_strangers() -> None:
    """Not by those whose case it is; an emergency explains it."""
    acts = [an_act(at=NOON + n * MINUTE, by=f"{n}" * 32) for n in range(9)]
    emergency = an_act(ActKind.EMERGENCY, NOON - 20 * HOUR)
    day = NOON.date()
    of_one = Known(RULES, StaffIndex(), {("0" * 32, CHILD): [held()]})

    assert told(days.widely_looked(day, CHILD, acts, known())) == [None]
    assert told(days.widely_looked(day, CHILD, acts[:8], known())) == []
    assert told(days.widely_looked(day, CHILD, acts, of_one)) == []
    explained = told(days.widely_looked(day, CHILD, [*acts, emergency], known()))
    assert explained == [ExplainedBy.INCIDENT]


@pytest.mark.parametrize(
    ("work", "explained"),
    [
        ([], None),
        ([an_act(ActKind.WORK, NOON + 14 * DAY)], ExplainedBy.LATER_WORK),
        ([an_act(ActKind.WORK, NOON + 14 * DAY + MINUTE)], None),
        ([an_act(ActKind.WORK, NOON - MINUTE)], None),
        ([an_act(ActKind.WORK, NOON + DAY, by=OTHER)], None),
        (
            [an_act(ActKind.WORK, NOON + DAY, by="", source="schools")],
            ExplainedBy.LATER_WORK,
        ),
        ([an_act(ActKind.WORK, NOON + DAY, by="", source="health-visiting")], None),
    ],
    ids=["none", "last day", "too late", "before", "another's", "agency's", "another agency's"],
)
def test_work_within_a_fortnight_explains_a_claimed_relationship(
    work: list[LedgerAct], explained: ExplainedBy | None
) -> None:
    """Of their own, or what their agency sent."""
    claimed = known(held=[held(RelationshipGround.REFERRAL)])

    found = later.no_later_work(an_act(), work, claimed, is_asked_already=False, source="schools")

    assert told(found) == [explained]


def test_nobody_is_asked_for_work_whose_case_it_is_nor_twice_about_one_look() -> None:
    """A case-load is given and not claimed."""
    both = [held(RelationshipGround.REFERRAL), held()]
    claimed = known(held=both[:1])

    given = later.no_later_work(an_act(), [], known(held=both), is_asked_already=False, source=None)
    asked = later.no_later_work(an_act(), [], claimed, is_asked_already=True, source=None)

    assert told(given) == []
    assert told(asked) == [ExplainedBy.ASKED_ALREADY]


def of_period(by: str, now: int, before: int = 0, **more: object) -> later.LooksOfPeriod:
    """Somebody's figures."""
    return later.LooksOfPeriod(by, now, before, "practitioner", None, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "before", "usual", "on_duty", "told_of"),
    [
        (61, 0, (20, 20), (0, 0), [None]),
        (60, 0, (20, 20), (0, 0), []),
        (39, 0, (1, 1), (0, 0), []),
        (61, 61, (20, 20), (0, 0), []),
        (61, 0, (20, 20), (2, 0), [ExplainedBy.ROTA]),
    ],
    ids=["much", "three times as usual", "few", "told already", "on duty"],
)
def test_volume_is_more_than_peers_and_than_usual(
    now: int, before: int, usual: tuple[int, ...], on_duty: tuple[int, int], told_of: list
) -> None:
    """On the first day of its being so; looks on days of duty do not count."""
    one = of_period(WORKER, now, before, usual=usual, on_duty=on_duty)
    peers = later.Peers([one, *(of_period(f"p{n}", 10) for n in range(100))])

    found = later.volume(NOON.date(), one, peers, [an_act()], known())

    assert told(found) == told_of


def test_volume_is_nothing_where_one_in_a_hundred_peers_does_as_much() -> None:
    """The ninety-ninth of a hundred is the limit, and not the highest."""
    one = of_period(WORKER, 100, usual=(1,))
    same = later.Peers([one, *(of_period(f"p{n}", 100 if n < 2 else 10) for n in range(100))])
    fewer = later.Peers([one, *(of_period(f"p{n}", 100 if n < 1 else 10) for n in range(100))])

    assert not later.may_be_much(one, same, known())
    assert later.may_be_much(one, fewer, known())


def test_every_rule_says_when_it_fires_why_and_what_explains_it() -> None:
    """In sentences that a page prints."""
    assert SENTENCES.keys() == set(UnusualRule)
    assert all(one.fires and one.reason.endswith(".") for one in SENTENCES.values())
    assert isinstance(NOON.date(), date)
