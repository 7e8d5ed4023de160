"""The words of who has looked: months, and looks by whom they are at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.interfaces.family_door.languages.speaking import Phrase
from services.interfaces.family_door.looking.services import LookedPage
from services.interfaces.family_door.words import LookedLine, called, looked_line

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class LookedPart:
    """Looks at one person on this page, the newest first."""

    name: str
    is_own_part: bool
    looks: Sequence[LookedLine]


@dataclass(frozen=True, slots=True)
class MonthChoice:
    """A month in which somebody looked."""

    code: str
    words: str
    is_chosen: bool


def looked_parts(found: LookedPage) -> Sequence[LookedPart]:
    """Who looked, by whom it is about; nobody is left out of whom there is nothing to tell."""
    shown = found.shown.looks
    return [
        LookedPart(
            called(one, n - 1),
            one.is_own_part,
            [looked_line(look.told) for look in shown if look.person == one.person],
        )
        for n, one in enumerate(found.people)
    ]


def month_choices(found: LookedPage) -> Sequence[MonthChoice]:
    """The months that there is a choice of."""
    return [
        MonthChoice(f"{month:%Y-%m}", month_words(month, count), month == found.shown.month)
        for month, count in found.shown.months
    ]


def month_words(month: date, count: int) -> str:
    """A month, and how many looks in it are told."""
    name = Phrase(_MONTHS[month.month - 1])
    return Phrase("{month} {year} ({count})", month=name, year=str(month.year), count=str(count))


def month_names() -> Sequence[str]:
    """What is put into sentences here, for translators' lists."""
    return _MONTHS
