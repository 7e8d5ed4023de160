"""By when a service has to open a request and answer it, and when it is asked again. Pure.

In working days from the day on which it was sent: Monday to Friday, without the bank holidays that
it is given (`bank_holidays`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from schemas.uk_time import last_moment, uk_day

STAYS_READABLE: Final = timedelta(days=14)
"""How long after its last day for an answer a request may be seen that nobody has closed."""
LONGEST: Final = timedelta(days=365)
"""As long as any referral lasts (DESIGN.md section 16)."""
PERIODS: Final = (91, 183, 365)
"""For how many days a family may agree that a service which says yes sees what was asked."""
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class ConnectionTimes:
    """After how many working days something is due; `chase` are those on which it is asked for.

    `holidays` are no working days.
    """

    to_open: int = 3
    to_answer: int = 5
    chase: tuple[int, ...] = (2, 4)
    holidays: frozenset[date] = frozenset()

    def open_by(self, sent_at: datetime) -> datetime:
        """The last moment of the day by which somebody should have opened it."""
        return last_moment(working_day(uk_day(sent_at), self.to_open, self.holidays))

    def respond_by(self, sent_at: datetime) -> datetime:
        """The last moment of the day by which it is answered, or lapses."""
        return last_moment(working_day(uk_day(sent_at), self.to_answer, self.holidays))

    def chased_by(self, sent_at: datetime, now: datetime) -> int:
        """How often it should have been asked for by now."""
        begun, today = uk_day(sent_at), uk_day(now)
        return sum(working_day(begun, days, self.holidays) <= today for days in self.chase)


def working_day(begun: date, days: int, holidays: Collection[date] = ()) -> date:
    """The day so many working days after another."""
    day, left = begun, days
    while left > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY and day not in holidays:
            left -= 1
    return day


def chase_days(text: str) -> tuple[int, ...]:
    """The days of a setting, as `2,4`. Raises ValueError."""
    return tuple(sorted(int(part) for part in text.split(",") if part.strip()))
