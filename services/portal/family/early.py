"""Words of the steps from pregnancy to two: how each stands, when it is due, and what tells so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.portal.words.cards import Tag
from services.portal.words.dates import date_in_words, day_in_words
from services.profile.merging.early import EarlyStanding, EarlyView
from services.profile.merging.early_steps import BASIS, EarlyStep
from services.profile.model import Profile

_COLOURS: Mapping[EarlyStanding, str] = {
    EarlyStanding.DONE: "green",
    EarlyStanding.PLANNED: "blue",
    EarlyStanding.DUE: "yellow",
    EarlyStanding.OVERDUE: "red",
    EarlyStanding.OFFERED: "blue",
    EarlyStanding.ASK: "yellow",
}


_NOW = frozenset({EarlyStanding.DUE, EarlyStanding.OVERDUE, EarlyStanding.ASK})


@dataclass(frozen=True, slots=True, repr=False)
class EarlyLine:
    """A step: how it stands, its days, why, and what tells so; `basis` is who says when it is due.

    `is_now` marks what somebody has to do something about, `is_to_book` what is booked at a hub.
    """

    step: str
    tag: Tag
    when: str
    said: str
    source: str
    basis: str
    is_now: bool
    is_to_book: bool = False


def early_opening(profile: Profile) -> str:
    """What is said before all steps: of a death, of a day that is not known; empty else."""
    child = profile.people[0]
    if child.death is not None:
        return "Nothing is due, as they have died or are reported to have died."
    if len(child.dates_of_birth) > 1:
        return "Sources do not agree on the date of birth, so no day is worked out from it."
    if child.date_of_birth is None and child.expected_date_of_birth is None:
        return "Neither a date of birth nor an expected date is shared with you."
    return ""


def early_lines(views: Iterable[EarlyView], today: date) -> list[EarlyLine]:
    """Write each step in its order."""
    return [_line(view, today) for view in views]


def _line(view: EarlyView, today: date) -> EarlyLine:
    meant, whose = BASIS[view.step]
    return EarlyLine(
        view.step.label,
        Tag(view.standing.label, _COLOURS.get(view.standing, "grey")),
        f"{meant[:1].upper()}{meant[1:]}{_days(view, today)}",
        _said(view),
        _source(view),
        whose,
        view.standing in _NOW,
        view.step is EarlyStep.REGISTRATION and view.standing in _NOW,
    )


def _days(view: EarlyView, today: date) -> str:
    """The days worked out for this child; none where nothing is due, or it is long over."""
    opens, closes = view.window.opens, view.window.closes
    if closes is None or view.standing in {EarlyStanding.NOT_DUE, EarlyStanding.NOT_SHARED}:
        return ""
    if opens is not None and today < opens:
        return f": from {date_in_words(opens)} until {date_in_words(closes)}"
    return f": until {date_in_words(closes)}"


_SAID: Mapping[EarlyStanding, str] = {
    EarlyStanding.OVERDUE: "Health visiting has told of none until now.",
    EarlyStanding.NOT_RECORDED: "Health visiting has told of none.",
    EarlyStanding.NOT_SHARED: (
        "Health visiting has records of this child that are not shared with you."
    ),
}


_BOOK: str = "Parents can book it with the registrar."
_REGISTRATION: Mapping[EarlyStanding, str] = {
    EarlyStanding.DUE: f"Nothing here tells whether it is done. {_BOOK}",
    EarlyStanding.ASK: f"Nothing here tells whether it is done. {_BOOK}",
    EarlyStanding.OVERDUE: f"The registrar’s list says that it is not done. {_BOOK}",
}


def _said(view: EarlyView) -> str:
    if view.standing is EarlyStanding.DONE:
        return _dated(view, "On")
    if view.standing is EarlyStanding.PLANNED:
        return _dated(view, "For")
    if view.step is EarlyStep.REGISTRATION and view.standing in _REGISTRATION:
        return _REGISTRATION[view.standing]
    said = _SAID.get(view.standing, "") if view.why is None else f"{view.why.label}."
    return f"{said}{_missed(view)}".strip()


def _dated(view: EarlyView, word: str) -> str:
    told = view.told
    if told is None or told.date is None:
        return "The day is not given."
    return f"{word} {day_in_words(told.date)}."


def _missed(view: EarlyView) -> str:
    """That it was to be and did not take place, or nobody knows."""
    told = view.told
    if told is None:
        return ""
    what = "did not take place" if told.occurrence.not_done else "may not have taken place"
    on = "" if told.date is None else f" on {day_in_words(told.date)}"
    return f" One{on} {what}."


def _source(view: EarlyView) -> str:
    told = view.told
    if told is None:
        return ""
    said = told.provenance
    who = ", ".join(p for p in (said.source.label, told.occurrence.agency_name) if p)
    return f"{who}, as of {day_in_words(said.as_of)}"
