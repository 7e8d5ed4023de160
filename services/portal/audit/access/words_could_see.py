"""One day of one worker with one family: what could be seen when, what was, and why."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.uk_time import first_moment, uk_day
from schemas.vocabulary import Category
from services.audit.explain.explaining import CATEGORIES_IN_SHORT, CouldSee, SpanOfDay, joined
from services.audit.explain.postgres_could_see import DayAnswer
from services.audit.looks import Access, Answered
from services.portal.audit.access.words_access import (
    DecisionLink,
    capital,
    decision_links,
    explain_address,
    reason_in_words,
)
from services.portal.audit.access.words_explain import services_in_words
from services.portal.words.cards import Tag
from services.portal.words.dates import date_in_words, moment_in_words, time_of_day

COLUMNS = ("category", "service", "from", "to", "could_see", "reasons", "decisions", "seen_at")
_YES, _NO = Tag("Yes", "green"), Tag("No", "red")
_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 26, 170, 24


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One category of services that answered alike all day."""

    category: str
    held_by: str
    could_see: Tag
    saw: str
    why: tuple[str, ...]
    decisions: tuple[DecisionLink, ...]
    spans: tuple[SpanOfDay, ...]


@dataclass(frozen=True, slots=True)
class ExplainedLook:
    """One look of that day."""

    at: str
    explain: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the picture: filled where it could be seen."""

    x: int
    width: int
    is_permitted: bool


@dataclass(frozen=True, slots=True)
class BarRow:
    """One row of the picture."""

    label: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class DayPicture:
    """The day as a picture: rows of bars, hours above, a line for each look."""

    rows: tuple[BarRow, ...]
    hours: tuple[tuple[int, str], ...]
    looks: tuple[int, ...]
    height: int


@dataclass(frozen=True, slots=True)
class DayInWords:
    """The whole page."""

    sentence: str
    untold: str | None
    lines: tuple[SeenLine, ...]
    looks: tuple[ExplainedLook, ...]
    picture: DayPicture | None
    is_cut: bool


def day_told(answer: DayAnswer) -> DayInWords:
    """Say what could be seen that day, and what was."""
    lines = seen_lines(answer.parts)
    return DayInWords(
        _sentence(answer, lines),
        _untold(answer),
        lines,
        tuple(ExplainedLook(time_of_day(one.at), explain_address(one)) for one in answer.looks),
        _picture(answer, lines),
        answer.is_cut,
    )


def _sentence(answer: DayAnswer, lines: Sequence[SeenLine]) -> str:
    day = date_in_words(uk_day(answer.since))
    alike: dict[str, list[str]] = {}
    for line in lines:
        if line.could_see != _NO:
            of_whom = f"{line.held_by[:1].lower()}{line.held_by[1:]}{_when(line.spans)}"
            alike.setdefault(of_whom, []).append(line.category.lower())
    could = [f"{joined(categories)} of {of_whom}" for of_whom, categories in alike.items()]
    could_see = "; ".join(could) or "nothing of this family"
    if not answer.parts and answer.lacks:
        could_see = "what cannot be told"
    return f"On {day} {answer.worker.name} could see {could_see}. {_looked(answer)}"


def _looked(answer: DayAnswer) -> str:
    seen = [one for one in answer.looks if one.answered is not Answered.REFUSED]
    refused = len(answer.looks) - len(seen)
    looked = f"They looked {_times(len(seen))}" if seen else "They did not look"
    told = [one for one in seen if _is_of_this_answer(one, answer)]
    wrongly = sorted({category for one in told for category in _not_allowed(one, answer)})
    said = ""
    if wrongly:
        said = f" and were shown what they could not see: {joined(wrongly)}"
    elif seen and seen == told:
        said = " and saw nothing that they could not"
    tried = f", and were refused {_times(refused)}" if refused else ""
    return f"{looked}{said}{tried}."


def _is_of_this_answer(look: Access, answer: DayAnswer) -> bool:
    """Whether the answer tells of its moment, and is to the end to which they looked."""
    is_told = answer.begins_at is None or look.at >= answer.begins_at
    return is_told and not answer.is_cut and look.purpose == answer.purpose


def _not_allowed(look: Access, answer: DayAnswer) -> Iterable[str]:
    """What a look showed that nothing of that moment allows.

    A look tells its categories and not of which service each is, so any service's answer is one.
    """
    for category in look.categories:
        spans = [span for part in answer.parts if part.category == category for span in part.spans]
        if not any(one.is_permitted and one.since <= look.at < one.until for one in spans):
            yield CATEGORIES_IN_SHORT[Category(category)]


def _when(spans: Sequence[SpanOfDay]) -> str:
    if all(span.is_permitted for span in spans):
        return ""
    return f" ({_permitted(spans)})"


def _permitted(spans: Sequence[SpanOfDay]) -> str:
    return ", ".join(
        f"{time_of_day(one.since)} to {time_of_day(one.until)}" for one in spans if one.is_permitted
    )


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _untold(answer: DayAnswer) -> str | None:
    if not answer.lacks:
        return None
    since = "." if answer.begins_at is None else f" before {moment_in_words(answer.begins_at)}."
    return f"What was on record then of {', '.join(answer.lacks)} is not held{since}"


def seen_lines(parts: Iterable[CouldSee]) -> tuple[SeenLine, ...]:
    """The answers, services that answered alike all day in one line; what could be seen first."""
    alike: dict[tuple[object, ...], list[CouldSee]] = {}
    for part in parts:
        alike.setdefault((part.category, part.spans, part.seen_at), []).append(part)
    lines = [_seen_line(each) for each in alike.values()]
    return tuple(sorted(lines, key=lambda line: line.could_see == _NO))


def _seen_line(alike: Sequence[CouldSee]) -> SeenLine:
    one = alike[0]
    reasons = [r for span in one.spans for r in span.reasons]
    decisions = [d for span in one.spans for d in span.decisions]
    return SeenLine(
        capital(CATEGORIES_IN_SHORT[one.category]),
        services_in_words(part.source for part in alike),
        _could(one.spans),
        ", ".join(time_of_day(at) for at in one.seen_at) or "No",
        tuple(reason_in_words(reason.value) for reason in dict.fromkeys(reasons)),
        decision_links(dict.fromkeys(decisions)),
        one.spans,
    )


def _could(spans: Sequence[SpanOfDay]) -> Tag:
    permitted = {span.is_permitted for span in spans}
    if permitted == {True}:
        return _YES
    return _NO if permitted == {False} else Tag(_permitted(spans), "yellow")


def _picture(answer: DayAnswer, lines: Sequence[SeenLine]) -> DayPicture | None:
    """The categories that could be seen at some time; nothing where none could."""
    shown = [line for line in lines if line.could_see != _NO]
    if not shown:
        return None
    # A day on which clocks change has 23 hours, or 25.
    end = first_moment(uk_day(answer.since) + timedelta(days=1))

    def place(at: datetime) -> int:
        return _LEFT + round(_WIDTH * ((at - answer.since) / (end - answer.since)))

    rows = tuple(
        BarRow(line.category, _TOP + n * _HEIGHT, tuple(_bars(line.spans, place)))
        for n, line in enumerate(shown)
    )
    hours = tuple((place(at), time_of_day(at)) for at in _every_four_hours(answer.since))
    looks = tuple(place(one.at) for one in answer.looks if one.answered is not Answered.REFUSED)
    return DayPicture(rows, hours, looks, _TOP + len(rows) * _HEIGHT + 14)


def _bars(spans: Iterable[SpanOfDay], place: Callable[[datetime], int]) -> Iterable[Bar]:
    for one in spans:
        x = place(one.since)
        yield Bar(x, max(1, place(one.until) - x), one.is_permitted)


def _every_four_hours(since: datetime) -> Iterable[datetime]:
    return (since + timedelta(hours=hours) for hours in range(0, 24, 4))


# As rows of a file.


def day_rows(parts: Iterable[CouldSee]) -> list[Sequence[object]]:
    """Each span of each category and service under COLUMNS."""
    return [_row(part, span) for part in parts for span in part.spans]


def _row(part: CouldSee, span: SpanOfDay) -> Sequence[object]:
    seen = [at.isoformat() for at in part.seen_at if span.since <= at < span.until]
    return (
        *(part.category.value, part.source.value, span.since.isoformat(), span.until.isoformat()),
        *("yes" if span.is_permitted else "no", " ".join(span.reasons), " ".join(span.decisions)),
        " ".join(seen),
    )
