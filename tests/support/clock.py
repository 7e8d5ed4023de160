"""A clock that stands still until it is told to go on."""

from datetime import datetime, timedelta

from tests.support.builders import NOW


class StandingClock:
    """Keeps consent.ports.Clock: aware UTC times that never go back."""

    def __init__(self, start: datetime = NOW) -> None:
        self._now = start

    def now(self) -> datetime:
        """Tell the time, which passes only when told."""
        return self._now

    def pass_by(self, time: timedelta) -> None:
        """Let time go by."""
        self._now += time
