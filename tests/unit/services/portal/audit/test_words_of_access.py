"""What lists, files and days of the workbench say."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from starlette.responses import StreamingResponse

from consent.ledger.events import LedgerEvent
from consent.question import Reason
from schemas.vocabulary import Category, Source
from services.audit.explain.explaining import (
    RULES,
    CouldSee,
    Explanation,
    PartThen,
    Retold,
    SpanOfDay,
)
from services.audit.explain.postgres_could_see import DayAnswer
from services.audit.looks import Access, Answered, AuditedWorker
from services.audit.postgres_what_waits import GovernanceWaits, OpenItems
from services.people.governance.queue import ItemKind
from services.portal.audit.access.words_access import access_line, reason_in_words, what_in_words
from services.portal.audit.access.words_could_see import day_rows, day_told
from services.portal.audit.access.words_explain import explanation_in_words, rule_lines
from services.portal.audit.csv_files import csv_file
from services.portal.audit.home.words import waiting_in_words

_DAY = datetime(2026, 11, 26, tzinfo=UTC)
_ENTRY = UUID(int=7)
_WORKER = AuditedWorker("practitioner:a", "Tom Ellis", job_title="Attendance lead")
_PERSON = "ab" * 16


def _at(hour: int, minute: int = 0) -> datetime:
    return _DAY + timedelta(hours=hour, minutes=minute)


def _access(event: LedgerEvent = LedgerEvent.PROFILE_READ, **more: object) -> Access:
    answered = more.pop("answered", Answered.ALLOWED)
    return Access(_ENTRY, 1, _at(16, 12), event, _WORKER.actor, answered, **more)  # type: ignore[arg-type] # by name


def _text_of(response: object) -> str:
    assert isinstance(response, StreamingResponse)

    async def read() -> str:
        return "".join([str(chunk) async for chunk in response.body_iterator])

    # In a thread of its own: where a browser is driven, a loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(read())).result()


def test_a_file_says_when_there_is_more() -> None:
    """In a line of as many cells; what could be a formula is none; nothing is empty."""
    whole = _text_of(csv_file("x", ("a", "b"), [("=1+1", None)]))
    cut = _text_of(csv_file("x", ("a", "b"), [("1", "2")], is_cut=True))

    assert whole.splitlines()[0] == "a,b"
    assert not whole.splitlines()[1].startswith("=")
    assert whole.splitlines()[1].endswith(",")
    assert cut.splitlines()[-1].startswith('"There are more than these 5000 rows')
    assert cut.splitlines()[-1].endswith(",")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("no-relationship", "No relationship with the family was on record (rule 3)."),
        ("withdrawn", "The family had withdrawn (rule 5)."),
        ("not-governance", "Not governance."),
    ],
)
def test_every_reason_is_said_with_its_rule(code: str, said: str) -> None:
    """One that `decide` does not know is said by its code."""
    assert reason_in_words(code) == said


def test_every_event_reason_and_rule_has_words() -> None:
    """No list stops at one for which nothing better than its code is kept."""
    parts = [PartThen(_PERSON, Category.STORY, Source.SCHOOLS, False, (r,), ()) for r in Reason]
    decided = {line.number for line in rule_lines(parts) if line.decided}
    assert decided == set(RULES.values())
    assert all(what_in_words(event)[0].isupper() for event in LedgerEvent)
    assert all(reason_in_words(reason.value).endswith(".") for reason in Reason)


def test_a_search_says_how_many_it_found() -> None:
    """It is about no family."""
    line = access_line(_access(LedgerEvent.SEARCH_MADE, answered=Answered.DONE, counted=0), {})

    assert (line.why, line.families, line.what) == (("Found: 0.",), (), "Searched for a family")


def test_what_waits_is_said_as_far_as_it_is_counted() -> None:
    """Each kind has its line, also where nothing waits."""
    many = OpenItems(501, _at(9), _at(17), 501)
    words = waiting_in_words(GovernanceWaits(_ENTRY, {ItemKind.EMERGENCY: many}, OpenItems(2)))

    assert words.heading == "Waiting: more than 502, of which more than 500 overdue"
    first = words.lines[0]
    assert (first.times, first.do) == ("more than 500", "Review more than 500")
    assert first.overdue == "more than 500 overdue since 26 November 2026"
    assert first.href == "/audit/reviews?kind=emergency"
    assert [line.do for line in words.lines if line.what == "Unusual access"] == ["Look at 2"]
    assert {line.do for line in words.lines[1:3]} == {"See"}


def _span(since: int, until: int, *, yes: bool) -> SpanOfDay:
    reason = Reason.CONSENT if yes else Reason.REFUSED
    return SpanOfDay(_at(since), _at(until), yes, (reason,), ("d0" * 16,))


def _day(*parts: CouldSee, looks: tuple[Access, ...] = (), **more: object) -> DayAnswer:
    worker = _WORKER
    return DayAnswer(_ENTRY, worker, (), _DAY, _at(24), None, parts, looks, **more)  # type: ignore[arg-type] # by name


def test_a_day_is_told_until_when_something_could_be_seen() -> None:
    """Services that answer alike are one line and one bar; what could not be seen is last."""
    half = (_span(0, 14, yes=True), _span(14, 24, yes=False))
    parts = [CouldSee(Category.EDUCATION, source, half, (_at(10, 31),)) for source in Source]
    no = CouldSee(Category.STORY, Source.FAMILY_HUB, (_span(0, 24, yes=False),), ())

    words = day_told(_day(no, *parts, looks=(_access(persons=(_PERSON,)),)))
    wrong = day_told(_day(*parts, looks=(_access(categories=("education",)),)))
    other = day_told(
        _day(*parts, looks=(_access(categories=("education",), purpose="safeguarding"),))
    )
    untold = day_told(
        _day(lacks=("joins",), begins_at=_at(17), looks=(_access(categories=("story",)),))
    )

    assert words.sentence == (
        "On 26 November 2026 Tom Ellis could see education of every service (00:00 to 14:00). "
        "They looked once and saw nothing that they could not."
    )
    assert wrong.sentence.endswith("and were shown what they could not see: education.")
    assert untold.sentence.endswith("They looked once.")
    assert other.sentence.endswith("They looked once.")
    assert [(one.category, one.could_see.text, one.saw) for one in words.lines] == [
        ("Education", "00:00 to 14:00", "10:31"),
        ("Story", "No", "No"),
    ]
    assert words.picture is not None
    ((yes, no_more),) = [row.bars for row in words.picture.rows]
    assert (yes.is_permitted, no_more.is_permitted) == (True, False)
    assert yes.x + yes.width == no_more.x
    assert len(words.picture.looks) == 1
    assert len(day_rows(parts)) == 2 * len(Source)
    assert [row[-1] for row in day_rows(parts[:1])] == [_at(10, 31).isoformat(), ""]


def test_a_day_of_which_nothing_is_kept_cannot_be_told() -> None:
    """It is neither yes nor no, and has no picture."""
    words = day_told(_day(lacks=("relationships",), begins_at=_at(48)))

    assert "could see what cannot be told" in words.sentence
    assert words.untold is not None
    assert words.untold.startswith("What was on record then of relationships is not held before")
    assert words.picture is None


def _part(category: Category, *, yes: bool = True) -> PartThen:
    reason = Reason.CONSENT if yes else Reason.REFUSED
    return PartThen(_PERSON, category, Source.SCHOOLS, yes, (reason,), ())


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ((Category.EDUCATION,), None),
        ((), "Asked today, it is refused."),
        ((Category.STORY,), "Asked today, no longer allowed: education; also allowed: story."),
    ],
)
def test_what_would_be_answered_today_is_said_where_it_differs(
    today: tuple[Category, ...], said: str | None
) -> None:
    """By what was allowed then, whether or not something of it was held."""
    parts = (_part(Category.EDUCATION), _part(Category.STORY, yes=False))
    access = _access(persons=(_PERSON,), categories=("education",))

    told = explanation_in_words(Explanation(access, _WORKER, Retold.SAME, parts, today=today))

    assert told.today == said
    assert [line.answer.text for line in told.answers] == ["Allowed", "Refused"]
    assert {line.number: line.decided for line in told.rules if line.decided} == {
        "5": "Story",
        "7": "Education",
    }


def test_what_cannot_be_told_names_what_is_held_and_what_is_not() -> None:
    """Each history by itself."""
    told = explanation_in_words(
        Explanation(_access(persons=(_PERSON,)), _WORKER, Retold.CANNOT, lacks=("relationships",))
    )

    assert told.is_untold
    held = {line.label: line.held.text for line in told.known}
    assert held["Relationships, and what stood for them"] == "Not held"
    assert set(held.values()) == {"Held", "Not held"}
