"""Restrictions that nobody has answered in 72 hours: told to governance, hour by hour."""

from services.decisions.restrictions import alarm_unanswered
from services.platform.loops import Every
from services.work import Outside, unit_of_work

_ASK_EVERY = 3600.0


class AlarmOfUnanswered:
    """The step of the aggregation process; what it says again is one item in the queue."""

    def __init__(self) -> None:
        self._asking = Every(_ASK_EVERY)

    def __call__(self, outside: Outside) -> None:
        """Look, when it is time."""
        if self._asking.is_due():
            with unit_of_work(outside) as work:
                alarm_unanswered(work.protection, queue=work.queue, ledger=work.ledger, at=work.now)
