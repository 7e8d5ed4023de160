"""Listed services in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.interfaces.directory.entries.writing import NotWritten
from services.portal.front.listed.services import ListedForWriter, SaidWrong, WaitingEntry
from services.portal.words.dates import date_in_words, moment_in_words

DONE: Final = {
    "written": "The entry is listed.",
    "waits": "Somebody of a family hub has to agree. Until then nothing is changed.",
    "seen": "What families said of it is noted as looked at.",
    "accept": "You agreed, and the entry is listed.",
    "decline": "You did not agree. Nothing is changed.",
    **{why.value: f"{why.label}." for why in NotWritten},
}
_STATES: Final = {
    "temporarily closed": "Closed for the moment",
    "inactive": "Not listed",
}


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry in the list."""

    href: str
    name: str
    partner: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingEntryLine:
    """What waits until somebody else agrees."""

    id: str
    name: str
    about: str
    why: str
    asked: str
    where: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class WrongLine:
    """What families say is wrong."""

    service: str
    name: str
    said: str


def entry_lines(listed: ListedForWriter) -> list[EntryLine]:
    """Every entry, by name."""
    names = {one.code: one.name for one in listed.partners}
    found = []
    for entry in listed.entries:
        tags = [_STATES.get(entry.document["status"]), "Address not shown"]
        shown = (tags[0], tags[1] if entry.is_withheld else None)
        more = "Waits for somebody to agree" if entry.is_waiting else None
        found.append(
            EntryLine(
                f"/services-we-list/{entry.id}",
                entry.name,
                names.get(entry.partner or "", ""),
                tuple(filter(None, (*shown, more))),
            )
        )
    return found


def waiting_lines(listed: ListedForWriter) -> list[WaitingEntryLine]:
    """What waits, the oldest first."""
    names = {one.code: one.name for one in listed.partners}
    return [_waiting(one, names.get(one.partner, "")) for one in listed.waiting]


def wrong_lines(wrong: Sequence[SaidWrong], today: date) -> list[WrongLine]:
    """What families say is wrong, the newest first."""
    return [WrongLine(one.service, one.name, " ".join(_said(one, today))) for one in wrong]


def _waiting(waiting: WaitingEntry, partner: str) -> WaitingEntryLine:
    form = waiting.form
    where = ", ".join(filter(None, (form.place, form.address, form.town, form.postcode)))
    return WaitingEntryLine(
        waiting.id,
        f"{form.name}, {partner}",
        form.about,
        waiting.why.label,
        moment_in_words(waiting.asked_at),
        "Address not shown" if form.is_withheld else where,
        waiting.is_own,
    )


def _said(wrong: SaidWrong, today: date) -> Iterator[str]:
    times = "once" if wrong.presses == 1 else f"{wrong.presses} times"
    last = "today" if wrong.last == today else f"on {date_in_words(wrong.last)}"
    yield f"{wrong.mistake.label}: said {times}, last {last}"
