"""What is to be done from pregnancy to two: each step, when it is due, and where that comes from.

Only what a source of the time says is here: where it gives no beginning there is none, and nothing
is corrected for a birth before its time. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from connectors.health_visiting.clinical.timeliness import (
    ON_TIME_MEANS,
    MandatedReview,
    months_after,
    window_of,
)
from schemas.records.payloads import BIRTH_REGISTERED
from schemas.vocabulary import LabelledCode

_WEEK: Final = timedelta(weeks=1)
_PREGNANCY: Final = 40 * _WEEK
LONGEST_PREGNANCY: Final = 44 * _WEEK
_YEAR, _SPAN = 12, 36


class EarlyStep(LabelledCode):
    """A step from pregnancy to two, in the order in which they come."""

    BOOKING = "booking", "Booking with a midwife"
    ANTENATAL = "antenatal", "Antenatal contact with a health visitor"
    BIRTH = "birth-notification", "Birth notification"
    NEW_BIRTH = "new-birth", "New birth visit"
    REGISTRATION = "registration", "Birth registration"
    SIX_TO_EIGHT_WEEKS = "six-to-eight-weeks", "6 to 8 week review"
    MENTAL_HEALTH = "mental-health", "Mental health support for parents"
    FEEDING = "feeding", "Help with feeding"
    TWELVE_MONTHS = "twelve-months", "12 month review"
    TWO_YEARS = "two-years", "2 to 2½ year review"


REVIEWS: Final[Mapping[EarlyStep, MandatedReview]] = {
    EarlyStep.ANTENATAL: MandatedReview.ANTENATAL,
    EarlyStep.NEW_BIRTH: MandatedReview.NEW_BIRTH,
    EarlyStep.SIX_TO_EIGHT_WEEKS: MandatedReview.SIX_TO_EIGHT_WEEKS,
    EarlyStep.TWELVE_MONTHS: MandatedReview.TWELVE_MONTHS,
    EarlyStep.TWO_YEARS: MandatedReview.TWO_YEARS,
}
OF_PREGNANCY: Final = frozenset({EarlyStep.BOOKING, EarlyStep.ANTENATAL})
OFFERS: Final = frozenset({EarlyStep.MENTAL_HEALTH, EarlyStep.FEEDING})
_METRICS: Final = "Health visitor service delivery metrics, 2024 to 2025"
BASIS: Final[Mapping[EarlyStep, tuple[str, str]]] = {
    EarlyStep.BOOKING: ("by 10 weeks of pregnancy", "NHS and NICE guidance"),
    EarlyStep.BIRTH: ("within 36 hours of birth", "National Health Service Act 2006"),
    EarlyStep.REGISTRATION: (
        "within 42 days of birth",
        "Births and Deaths Registration Act 1953, section 2",
    ),
    EarlyStep.MENTAL_HEALTH: ("offered until a year after birth", "Start for Life offer"),
    EarlyStep.FEEDING: ("offered until the child is two", "Start for Life offer"),
    **{step: (ON_TIME_MEANS[review], _METRICS) for step, review in REVIEWS.items()},
}
"""When each is done in words, and who says so."""

_WITHIN: Final = {
    # 36 hours from any hour of that day are over on the second day after it.
    EarlyStep.BIRTH: timedelta(days=2),
    EarlyStep.REGISTRATION: timedelta(days=42),
}
_OFFERED_FOR: Final = {EarlyStep.MENTAL_HEALTH: _YEAR, EarlyStep.FEEDING: 2 * _YEAR}
"""Months after birth."""
_BOOKING: Final = re.compile(r"\bbooking\b", re.IGNORECASE)
_FEEDING: Final = re.compile(r"feeding\b", re.IGNORECASE)


def is_told_by(step: EarlyStep, title: str) -> bool:
    """Whether something of this title that happened is this step."""
    match step:
        case EarlyStep.BOOKING:
            return _BOOKING.search(title) is not None
        case EarlyStep.BIRTH:
            return title == "Birth"
        case EarlyStep.REGISTRATION:
            return title == BIRTH_REGISTERED
        case EarlyStep.FEEDING:
            return _FEEDING.match(title) is not None
        case EarlyStep.MENTAL_HEALTH:
            return False
        case _:
            return title == REVIEWS[step].label


@dataclass(frozen=True, slots=True)
class EarlyWindow:
    """From which day until which day; None where the source of the time gives none."""

    opens: date | None = None
    closes: date | None = None


NO_WINDOW: Final = EarlyWindow()


def window_for(step: EarlyStep, born: date | None, expected: date | None) -> EarlyWindow:
    """The days of a step for a child born, or expected, on a day; none where that is not known."""
    if step in OF_PREGNANCY:
        return _of_pregnancy(step, born, expected)
    if born is None:
        return NO_WINDOW
    if step in _WITHIN:
        return EarlyWindow(born, born + _WITHIN[step])
    if step in OFFERS:
        return EarlyWindow(None, months_after(born, _OFFERED_FOR[step]))
    return EarlyWindow(*window_of(REVIEWS[step], born))


def _of_pregnancy(step: EarlyStep, born: date | None, expected: date | None) -> EarlyWindow:
    """Counted from the expected day alone: how long a pregnancy was no birthday tells."""
    if expected is None:
        return EarlyWindow(None, born if step is EarlyStep.ANTENATAL else None)
    began = expected - _PREGNANCY
    if step is EarlyStep.BOOKING:
        return EarlyWindow(None, began + 10 * _WEEK)
    return EarlyWindow(began + 28 * _WEEK, born or expected)


def is_over_for(born: date, today: date) -> bool:
    """Whether a child is too old for any of it to be due still."""
    return today >= months_after(born, _SPAN)
