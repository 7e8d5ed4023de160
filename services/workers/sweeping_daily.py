"""Sweeps beside a process's own work: once a day, a little at a time."""

from collections.abc import Callable, Mapping
from pathlib import Path

from schemas.identifiers import PersonId
from services.adapters.kept_back import remembered_files
from services.adapters.retention_rows import AGGREGATION, CONNECTORS, Rows
from services.adapters.retention_turns import take_turn
from services.adapters.unit_of_work import Outside, unit_of_work
from services.aggregation.retention import RetentionRules
from services.workers.done_folder import DONE
from services.workers.running import Every
from services.workers.sweeping import (
    FIRST,
    SweepReport,
    enter_in_ledger,
    sweep_next,
    sweep_rows,
)
from services.workers.sweeping_files import sweep_files

_ASK_EVERY = 600.0
_BATCH_EVERY = 0.25

Step = Callable[[Outside], object]
"""Called over and over by a process; does a little when it is time."""


class DailySweepOfProfiles:
    """The step of an aggregation process: a batch of persons now and then.

    So what is to be purged at once does not wait behind what has had years.
    """

    def __init__(self, rules: RetentionRules) -> None:
        self._rules = rules
        self._asking, self._batching = Every(_ASK_EVERY), Every(_BATCH_EVERY)
        self._after: PersonId | None = None
        self._report = SweepReport(rules, dry_run=False)

    def __call__(self, outside: Outside) -> None:
        """Sweep the next batch; where no sweep is under way, begin one if none was today."""
        if self._after is not None:
            self._go_on(self._after, outside)
        elif self._asking.is_due() and _is_our_turn(outside, "profiles"):
            self._after, self._report = FIRST, SweepReport(self._rules, dry_run=False)

    def _go_on(self, after: PersonId, outside: Outside) -> None:
        if not self._batching.is_due():
            return
        self._after = sweep_next(after, outside, self._report)
        if self._after is None:
            _finish(outside, AGGREGATION, self._report)


class DailySweepOfMessages:
    """The step of the connectors' process: what is parked or was handled, and files read."""

    def __init__(self, rules: RetentionRules, folder: Path | None) -> None:
        self._rules = rules
        self._folder = folder
        self._asking = Every(_ASK_EVERY)

    def __call__(self, outside: Outside) -> None:
        """Sweep, if nobody has today."""
        if self._asking.is_due() and _is_our_turn(outside, "messages"):
            report = SweepReport(self._rules, dry_run=False)
            sweep_folder(outside, self._folder, report)
            _finish(outside, CONNECTORS, report)


def sweep_folder(outside: Outside, folder: Path | None, report: SweepReport) -> None:
    """Sweep the files that were read and are kept in the folder; with the connectors' rights."""
    if folder is None:
        return
    with unit_of_work(outside) as work:
        waiting, today = remembered_files(work.connection), work.now.date()
    kept = report.rules.housekeeping
    report.rows["files-read"] += sweep_files(
        folder / DONE,
        before=kept.files_read.before(today),
        waiting=waiting,
        waiting_before=kept.outcomes.before(today),
        dry_run=report.dry_run,
    )


def _is_our_turn(outside: Outside, part: str) -> bool:
    with unit_of_work(outside) as work:
        return take_turn(work.connection, part, work.now)


def _finish(outside: Outside, kinds: Mapping[str, Rows], report: SweepReport) -> None:
    sweep_rows(outside, kinds, report)
    enter_in_ledger(outside, report)
