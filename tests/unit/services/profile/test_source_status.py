"""Every source says something about a family: never a blank, and nothing that hints."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.records.kinds import MessageKind
from schemas.vocabulary import Source
from services.intake.unread import ParkedAbout
from services.people.practitioners.people import Heard
from services.profile.model import SourceState, UnreadHere
from services.profile.source_status import source_statuses

TODAY = date(2026, 3, 2)
HEARD = datetime(2026, 3, 1, tzinfo=UTC)
WELL, FAILING = Heard(HEARD, None), Heard(HEARD, HEARD)


def _state(
    source: Source = Source.SCHOOLS,
    *,
    has: bool = False,
    hidden: bool = False,
    left_out: bool = False,
    born: str | None = "2016-01-01",
    heard: Heard | None = WELL,
) -> SourceState:
    statuses = source_statuses(
        {source} if has else (),
        {source} if hidden else (),
        {source} if left_out else (),
        born=born,
        last_heard={} if heard is None else {source: heard},
        today=TODAY,
    )
    (status,) = [status for status in statuses if status.source is source]
    return status.state


def _parked(kind: MessageKind, day: int, source: Source = Source.SCHOOLS) -> ParkedAbout:
    at = datetime(2026, 2, day, tzinfo=UTC)
    return ParkedAbout(f"{day:032d}", source, kind, removes=False, since=at)


def test_what_could_not_be_read_is_counted_with_since_when_and_of_what_kinds():
    """Whatever else the source has: it has to be asked."""
    parked = [
        _parked(MessageKind.PUPIL, 3),
        _parked(MessageKind.SAFETY_ALERT, 2),
        _parked(MessageKind.PUPIL, 1),
        _parked(MessageKind.CARE_RECORD, 4, Source.SOCIAL_CARE),
    ]
    heard = dict.fromkeys(Source, WELL)

    for has in ({Source.SCHOOLS}, set[Source]()):
        found = source_statuses(
            has, (), born="2016-01-01", last_heard=heard, today=TODAY, unread=parked
        )
        unread = {status.source: status.unread for status in found}

        assert unread[Source.SCHOOLS] == UnreadHere(
            3, parked[2].since, (MessageKind.SAFETY_ALERT, MessageKind.PUPIL)
        )
        assert unread[Source.HEALTH_VISITING] is None


def test_a_source_that_sent_what_could_not_be_read_has_not_sent_nothing():
    """Before that it is silent, knows nobody of this age or has sent nothing; after what it has."""
    table = (
        # what else holds, and what is said
        ({}, SourceState.UNREAD),
        ({"born": "1990-01-01"}, SourceState.UNREAD),
        ({"last_heard": {Source.SCHOOLS: FAILING}}, SourceState.UNREAD),
        ({"last_heard": {}}, SourceState.UNREAD),
        ({"definitive": [Source.SCHOOLS]}, SourceState.UNREAD),
        ({"has_records": [Source.SCHOOLS]}, SourceState.HAS_RECORDS),
        ({"not_shared": [Source.SCHOOLS]}, SourceState.NOT_SHARED),
        ({"left_out": [Source.SCHOOLS]}, SourceState.LEFT_OUT),
    )
    for holds, expected in table:
        asked: dict[str, Any] = {
            "has_records": (),
            "not_shared": (),
            "born": "2016-01-01",
            "last_heard": {Source.SCHOOLS: WELL},
            "today": TODAY,
            "unread": [_parked(MessageKind.PUPIL, 1)],
        }
        states = {s.source: s.state for s in source_statuses(**(asked | holds))}
        assert states[Source.SCHOOLS] is expected, holds


def test_there_is_one_status_for_each_source_in_one_order():
    """Whatever is known."""
    statuses = source_statuses((), (), born=None, last_heard={}, today=TODAY)

    assert [status.source for status in statuses] == list(Source)
    assert all(status.covers for status in statuses)


def test_what_is_shown_comes_before_everything_else():
    """Also from a source that fails now."""
    assert _state(has=True, hidden=True, heard=FAILING) is SourceState.HAS_RECORDS


def test_what_may_be_known_to_exist_is_said():
    """Only what `decide` permits to be known is handed in."""
    assert _state(hidden=True) is SourceState.NOT_SHARED


@pytest.mark.parametrize(
    ("source", "born", "expected"),
    [
        (Source.SCHOOLS, "2024-01-01", SourceState.NOT_COVERED),
        (Source.SCHOOLS, "2023-03-02", SourceState.NOTHING_TO_SHOW),
        (Source.SCHOOLS, "2023-03-03", SourceState.NOT_COVERED),
        (Source.SCHOOLS, "2006-03-02", SourceState.NOT_COVERED),
        (Source.HEALTH_VISITING, "2026-03-01", SourceState.NOTHING_TO_SHOW),
        (Source.SOCIAL_CARE, "2000-03-03", SourceState.NOTHING_TO_SHOW),
        (Source.SCHOOLS, None, SourceState.NOTHING_TO_SHOW),
        (Source.SCHOOLS, "2016", SourceState.NOTHING_TO_SHOW),
        (Source.SCHOOLS, "2016-01-01T04:12:00Z", SourceState.NOTHING_TO_SHOW),
    ],
)
def test_who_is_not_of_the_age_is_not_covered(
    source: Source, born: str | None, expected: SourceState
):
    """By birthdays; an age that is not known covers nothing up."""
    assert _state(source, born=born) is expected


def test_who_is_not_born_yet_is_of_no_school_age():
    """Health visiting begins before birth; of a day that has passed nothing follows."""
    expected = {day: _states(expected=day) for day in ("2026-06-01", "2026-01-01")}

    assert expected["2026-06-01"][Source.SCHOOLS] is SourceState.NOT_COVERED
    assert expected["2026-06-01"][Source.HEALTH_VISITING] is SourceState.NOTHING_TO_SHOW
    assert expected["2026-01-01"][Source.SCHOOLS] is SourceState.NOTHING_TO_SHOW


def test_none_found_is_said_of_a_source_that_hides_nothing_from_the_reader():
    """Only where it is heard and covers the age; whoever may be hidden from is told less."""
    assert _states(definitive=[Source.SCHOOLS])[Source.SCHOOLS] is SourceState.NONE_FOUND
    assert _states()[Source.SCHOOLS] is SourceState.NOTHING_TO_SHOW
    silent = source_statuses(
        (), (), born=None, last_heard={}, today=TODAY, definitive=[Source.SCHOOLS]
    )
    assert {s.source: s.state for s in silent}[Source.SCHOOLS] is SourceState.NOT_HEARD


def test_every_source_says_what_its_silence_does_not_mean_and_since_when_its_records_are():
    """Two people must not draw two conclusions from a blank."""
    statuses = source_statuses(
        {Source.SCHOOLS},
        (),
        born=None,
        last_heard={},
        today=TODAY,
        last_updated={Source.SCHOOLS: "2026-02-01"},
    )

    assert all(status.no_data_means.startswith("No ") for status in statuses)
    updated = {status.source: status.last_updated for status in statuses}
    assert updated == dict.fromkeys(Source) | {Source.SCHOOLS: "2026-02-01"}


def _states(
    *, expected: str | None = None, definitive: Collection[Source] = ()
) -> dict[Source, SourceState]:
    statuses = source_statuses(
        (),
        (),
        born=None,
        expected=expected,
        last_heard=dict.fromkeys(Source, WELL),
        today=TODAY,
        definitive=definitive,
    )
    return {status.source: status.state for status in statuses}


def test_a_source_that_fails_or_was_never_heard_is_said_to():
    """Nobody may take silence for an answer."""
    assert _state(heard=FAILING) is SourceState.NOT_ANSWERING
    assert _state(heard=None) is SourceState.NOT_HEARD


def test_nothing_held_and_nothing_shown_look_alike():
    """The difference would tell what is hidden."""
    assert _state() is SourceState.NOTHING_TO_SHOW


@pytest.mark.parametrize("has", [True, False])
def test_what_the_agreement_leaves_out_is_told_of_every_family_alike(*, has: bool):
    """Whatever the source holds, has said or covers."""
    assert _state(has=has, left_out=True) is SourceState.LEFT_OUT
    assert _state(left_out=True, born="1990-01-01", heard=None) is SourceState.LEFT_OUT


def test_source_that_does_not_answer_says_since_when():
    """Also beside what it said before: that may be out of date."""
    statuses = source_statuses(
        {Source.SCHOOLS}, (), born=None, last_heard={Source.SCHOOLS: FAILING}, today=TODAY
    )

    assert {s.source: s.silent_since for s in statuses}[Source.SCHOOLS] == HEARD


def test_source_that_answers_and_never_said_anything_was_not_heard():
    """An empty mailbox is no news."""
    assert _state(heard=Heard(None, None)) is SourceState.NOT_HEARD
