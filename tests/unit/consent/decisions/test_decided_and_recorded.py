"""When something was decided and when it was written down, and what follows from each."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from consent import Reason, decide
from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.changing import withdraw_decision
from consent.decisions.deciders import DeciderFacts, DeciderOutcome, SubjectFacts, check_decider
from consent.decisions.states import DecisionState, state_of
from consent.errors import DecisionInvalidError
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.records.message import Demographics
from schemas.uk_time import first_moment
from schemas.vocabulary import Source
from tests.support.builders import DAY, NOW, a_permit, a_refusal, a_request, on_record
from tests.support.consents.deciding_world import ACTOR, WREN, World, an_order

MONDAY = NOW - 7 * DAY


@pytest.fixture
def world() -> World:
    """Give ports of which nothing is known yet."""
    return World()


def test_last_mondays_form_is_decided_then_and_recorded_now(world: World):
    """Both times are on record, and in the entry that proves it, with the notice they had."""
    circumstances = replace(an_order().circumstances, notice_version="2026-03")

    recorded = world.record(decided_at=MONDAY, circumstances=circumstances).decision

    (entry,) = world.ledger.of(LedgerEvent.SHARING_DECISION_WRITTEN_DOWN)
    assert (recorded.decided_at, recorded.recorded_at) == (MONDAY, NOW)
    assert entry.at == NOW
    assert entry.fields["decided_at"] == "2026-02-23T09:30:00.000000Z"
    assert entry.fields["notice_version"] == ["2026-03"]


def test_what_is_decided_now_is_recorded_then_too(world: World):
    """The two are one moment, which is written once."""
    recorded = world.record().decision

    assert (recorded.decided_at, recorded.recorded_at, recorded.known_at) == (NOW, None, NOW)


def test_nothing_opens_before_it_was_written_down():
    """A question about the days between is answered as it was answered on them."""
    paper = a_permit(decided_at=MONDAY, recorded_at=NOW)

    answers = [
        decide(a_request(at=at), on_record(paper)).is_permitted
        for at in (MONDAY, NOW - timedelta(seconds=1), NOW)
    ]

    assert answers == [False, False, True]


YES = {"id": "d3" * 16}
NO = {"id": "d4" * 16}


@pytest.mark.parametrize(
    ("yes", "no", "holds"),
    [
        # Said Monday and written down now; the no of yesterday was written down yesterday.
        ((MONDAY, NOW), (NOW - DAY, None), Reason.REFUSED),
        # Said yesterday and written down now; the no was said on Monday and written down since.
        ((NOW - DAY, NOW), (MONDAY, NOW - 2 * DAY), Reason.CONSENT),
        # A no that was said before holds from when it is written down all the same.
        ((NOW - DAY, None), (MONDAY, NOW), Reason.REFUSED),
        # Said on the same day, whichever came first: the no.
        ((MONDAY, NOW), (MONDAY, NOW - DAY), Reason.REFUSED),
        # Both at once as they were said.
        ((NOW - DAY, None), (MONDAY, None), Reason.CONSENT),
    ],
)
def test_of_one_deciders_words_the_one_said_later_holds(
    yes: tuple[datetime, datetime | None], no: tuple[datetime, datetime | None], holds: Reason
):
    """And a no narrows at once, until a yes is written down that was said later still."""
    given = a_permit(decided_at=yes[0], recorded_at=yes[1], **YES)
    refused = a_refusal(decided_at=no[0], recorded_at=no[1], **NO)

    answer = decide(a_request(), on_record(given, refused))

    assert answer.reasons == (holds,)
    assert answer == decide(a_request(), on_record(refused, given))


def test_a_yes_that_was_said_before_takes_no_no_back_by_another_yes():
    """Each yes is held against every no: two that are beaten do not help one another."""
    beaten_by_when_said = a_permit(id="d5" * 16, decided_at=MONDAY, recorded_at=NOW)
    beaten_by_when_written = a_permit(id="d6" * 16, decided_at=NOW - DAY)
    no = a_refusal(decided_at=MONDAY + DAY, recorded_at=NOW - timedelta(hours=1))

    answer = decide(a_request(), on_record(beaten_by_when_said, beaten_by_when_written, no))

    assert answer.reasons == (Reason.REFUSED,)


def test_a_yes_said_before_the_withdrawal_opens_nothing_again(world: World):
    """A form that is found later is older than what was taken back since."""
    first = world.record(decided_at=MONDAY).decision
    withdraw_decision(first.id, actor=ACTOR, deciding=world.deciding)
    world.clock.pass_by(DAY)

    world.record(decided_at=MONDAY + DAY)

    assert world.answer().reasons == (Reason.WITHDRAWN,)


@pytest.mark.parametrize(
    ("decided_at", "message"),
    [
        (NOW + timedelta(seconds=1), "decided-on: is-in-the-future"),
        (first_moment(date(1899, 12, 31)), "decided-on: is-too-long-ago"),
        (datetime(2026, 2, 23, 9), "decided-on: has-no-time-zone"),  # noqa: DTZ001 on purpose
    ],
)
def test_nobody_decided_in_time_to_come_or_before_anybody_lived(
    world: World, decided_at: datetime, message: str
):
    """What is typed is judged before anybody is looked up."""
    with pytest.raises(DecisionInvalidError, match=message):
        world.record(decided_at=decided_at)

    assert world.entered() == []


def test_nobody_decided_before_the_date_of_birth_that_is_typed(world: World):
    """On that day they may have."""
    born = replace(WREN, demographics=Demographics(date_of_birth="2026-02-23"))

    world.record(subjects=(born,), decided_at=first_moment(date(2026, 2, 23)))
    with pytest.raises(DecisionInvalidError, match="decided-on: is-before-they-were-born"):
        world.record(subjects=(born,), decided_at=first_moment(date(2026, 2, 22)))


@pytest.mark.parametrize(
    ("born", "outcome"),
    [
        ([date(2026, 2, 24)], DeciderOutcome.REFUSED),
        ([date(2026, 2, 24), date(2026, 2, 23)], DeciderOutcome.ONLY_PROPOSED),
        ([date(2026, 2, 23)], DeciderOutcome.ONLY_PROPOSED),
    ],
)
def test_nobody_decided_before_everybody_has_them_as_born(
    born: list[date], outcome: DeciderOutcome
):
    """Where one who told it has them born by then, that is left open."""
    told = [HeldBirth(day, NamedAgency(Source.HEALTH_VISITING, "RY4")) for day in born]
    facts = DeciderFacts((SubjectFacts(births=tuple(told)),))

    check = check_decider(an_order(decided_at=MONDAY), facts, recorder_agency=None, now=NOW)

    assert check.outcome is outcome


def test_the_day_to_ask_again_counts_from_when_it_was_decided(world: World):
    """Of what was decided in 2001 it is long past: it holds, and somebody should ask at once."""
    recorded = world.record(decided_at=MONDAY).decision
    old = world.record(decided_at=datetime(2001, 5, 4, tzinfo=UTC)).decision

    assert recorded.review_at == datetime(2027, 2, 23, 9, 30, tzinfo=UTC)
    assert state_of(old, NOW) is DecisionState.DUE_FOR_REVIEW
    with pytest.raises(DecisionInvalidError, match="review-at: is-not-in-the-future"):
        world.record(decided_at=MONDAY, review_at=NOW - DAY)


def test_an_older_word_takes_the_place_of_no_later_one(world: World):
    """By naming it a yes of last Monday would undo the no of yesterday; recorded alone it waits."""
    no = world.record(response=Response.REFUSED).decision
    world.clock.pass_by(DAY)

    with pytest.raises(DecisionInvalidError, match="supersedes: was-decided-later"):
        world.record(supersedes=no.id, decided_at=MONDAY)
    later = world.record(supersedes=no.id, decided_at=NOW + timedelta(hours=1)).decision

    assert world.now_stands(no.id).superseded_by == later.id


# A day that somebody writes down is a day in the United Kingdom, whichever way the clocks go on it.
CLOCK_CHANGES = [date(2026, 3, 29), date(2026, 10, 25)]


@pytest.mark.parametrize("day", CLOCK_CHANGES)
def test_a_day_is_23_or_25_hours_where_the_clocks_change(world: World, day: date):
    """A yes of the day of the change is younger than a no of the day before's last second."""
    start, end = first_moment(day), first_moment(day + DAY)
    before = a_refusal(decided_at=start - timedelta(seconds=1), recorded_at=end, **NO)
    on_the_day = a_permit(decided_at=start, recorded_at=end + DAY, **YES)
    world.clock.pass_by(start - NOW)

    last = world.record(decided_at=start, until=end - timedelta(seconds=1)).decision

    assert end - start == timedelta(hours=23 if day.month == 3 else 25)
    known = on_record(before, on_the_day)
    assert decide(a_request(at=end + DAY), known).is_permitted
    assert not decide(a_request(at=end), known).is_permitted
    assert last.until is not None
    assert state_of(last, last.until - timedelta(seconds=1)) is DecisionState.IN_FORCE
    assert state_of(last, end) is DecisionState.EXPIRED
