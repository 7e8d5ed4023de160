"""The words of the workbench's first page: what waits, and where each question is answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.audit.asked import AuditQuestion
from services.audit.postgres_what_waits import MOST_COUNTED, GovernanceWaits, OpenItems
from services.people.governance.queue import ItemKind
from services.portal.audit import addresses
from services.portal.words.dates import moment_in_words, uk_day_in_words


@dataclass(frozen=True, slots=True)
class AnsweredAt:
    """A question, and the page that answers it."""

    question: str
    href: str


_ANSWERED_AT = {
    AuditQuestion.LOOKS: addresses.LOOKS,
    AuditQuestion.COULD_SEE: addresses.COULD_SEE,
    AuditQuestion.REFUSALS: addresses.REFUSALS,
    AuditQuestion.REVIEWS: addresses.REVIEWS,
    AuditQuestion.DECISIONS: addresses.DECISIONS,
    AuditQuestion.TIMINGS: addresses.TIMINGS,
    AuditQuestion.EXPORTS: addresses.EXPORTS,
    AuditQuestion.UNUSUAL: addresses.UNUSUAL,
}


def questions() -> tuple[AnsweredAt, ...]:
    """The eight questions, each with its page."""
    return tuple(AnsweredAt(question.label, href) for question, href in _ANSWERED_AT.items())


# What waits.

_NOTHING = "–"
_KINDS: Mapping[ItemKind, tuple[str, str]] = {
    ItemKind.EMERGENCY: ("Emergency access to review", "Review"),
    ItemKind.FAMILY_QUESTION: ("A family’s question", "Answer"),
    ItemKind.UNCONFIRMED_PRESENCE: ("With a family that did not confirm it", "Review"),
    ItemKind.ONE_PERSONS_WORD: ("One person’s word made the decision", "Check"),
    ItemKind.DUTY_OVER_REFUSAL: ("A duty used over a refusal", "Check"),
    ItemKind.CAPACITY_DOUBT: ("Doubt whether somebody could decide", "Check"),
    ItemKind.UNCONFIRMED_NARROWING: ("A refusal that nobody has asked about yet", "Check"),
    ItemKind.HELD_BACK: ("Looks that a family is not told of yet", "Review"),
    ItemKind.HELD_TOO_LONG: ("Looks not reviewed in the longest time", "Review"),
    ItemKind.NAME_USED: ("A name used by somebody else", "Review"),
}
_UNUSUAL = "Unusual access", "Look at"
_UNUSUAL_AFTER = ItemKind.UNCONFIRMED_PRESENCE


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One sort of thing that waits: how much, since when, by when, and where it is done."""

    what: str
    times: str
    oldest: str
    due: str
    overdue: str | None
    do: str
    href: str


@dataclass(frozen=True, slots=True)
class WaitingInWords:
    """What waits, with its heading."""

    heading: str
    lines: tuple[WaitingLine, ...]


def waiting_in_words(waits: GovernanceWaits) -> WaitingInWords:
    """Say what waits, each kind in its line also where nothing does."""
    every = [*waits.by_kind.values(), waits.unusual]
    total = _sum([one.times for one in every])
    overdue = _sum([one.overdue for one in every])
    late = "" if overdue == "0" else f", of which {overdue} overdue"
    return WaitingInWords(f"Waiting: {total}{late}", tuple(_lines(waits)))


def _sum(numbers: list[int]) -> str:
    """A sum of what is counted only so far."""
    is_more = any(number > MOST_COUNTED for number in numbers)
    total = f"{sum(min(number, MOST_COUNTED) for number in numbers):,}"
    return f"more than {total}" if is_more else total


def _lines(waits: GovernanceWaits) -> Iterator[WaitingLine]:
    for kind, (what, do) in _KINDS.items():
        is_question = kind is ItemKind.FAMILY_QUESTION
        href = addresses.with_query(addresses.REVIEWS, {"kind": kind.value})
        href = addresses.FAMILY_QUESTIONS if is_question else href
        yield _line(what, do, href, waits.by_kind.get(kind, OpenItems()))
        if kind is _UNUSUAL_AFTER:
            yield _line(*_UNUSUAL, addresses.UNUSUAL, waits.unusual)


def _line(what: str, do: str, href: str, waiting: OpenItems) -> WaitingLine:
    times = _sum([waiting.times])
    overdue = None
    if waiting.overdue and waiting.due is not None:
        overdue = f"{_sum([waiting.overdue])} overdue since {uk_day_in_words(waiting.due)}"
    doing = f"{do} {times}" if waiting.times else "See"
    return WaitingLine(
        what, times, _moment(waiting.oldest), _moment(waiting.due), overdue, doing, href
    )


def _moment(moment: datetime | None) -> str:
    return _NOTHING if moment is None else moment_in_words(moment)
