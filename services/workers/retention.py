"""Sweeps: what is past its time goes, a batch a transaction, whoever dies when."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.audit.reviews.postgres_held_back import alarm_of_too_long, raise_held_back
from services.audit.unusual.settings import HeldBackRules
from services.decisions.protection.restricting import alarm_unanswered
from services.intake.postgres_kept_back import remembered_files
from services.lifecycle.retention.postgres import (
    AGGREGATION,
    CONNECTORS,
    PostgresKept,
    Rows,
    take_turn,
)
from services.lifecycle.retention.rules import RetentionRules
from services.lifecycle.retention.sweep import ACTOR, REMOVALS, Line, Sweeping, Swept, sweep_batch
from services.platform.loops import Every
from services.profile.storing import announce_changed
from services.work import Outside, UnitOfWork, unit_of_work
from services.workers.files.done_folder import DONE, sweep_files
from services.workers.files.failed_folder import FAILED

_CONSUMER = "retention"
FIRST = PersonId("")
"""Before every person."""


@dataclass(slots=True)
class SweepReport:
    """What went, or would go: records by rule, source and category; rows by kind. No persons.

    `held_back` are records past their time of persons who are held.
    """

    rules: RetentionRules
    dry_run: bool
    persons: int = 0
    held_back: int = 0
    lines: Counter[Line] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """How many records with content."""
        return sum(count for (rule, _, _), count in self.lines.items() if rule != REMOVALS)

    def add(self, swept: Swept) -> None:
        """Count one batch in."""
        self.persons += swept.persons
        self.held_back += swept.held_back
        self.lines.update(swept.lines)


def sweep_next(after: PersonId, outside: Outside, report: SweepReport) -> PersonId | None:
    """Sweep the next persons in a transaction of their own; None when there are no more."""
    with unit_of_work(outside) as work:
        swept = sweep_batch(
            after, report.rules, dry_run=report.dry_run, sweeping=_sweeping(work, outside)
        )
    if swept is None:
        return None
    report.add(swept)
    return swept.last


def sweep_records(outside: Outside, report: SweepReport, tell: Callable[[int], None]) -> None:
    """Sweep everybody; `tell` hears how many persons are done. With aggregation's rights."""
    after: PersonId | None = FIRST
    while after is not None:
        after = sweep_next(after, outside, report)
        tell(report.persons)


def sweep_rows(outside: Outside, kinds: Mapping[str, Rows], report: SweepReport) -> None:
    """Sweep what is kept for a time beside the profile, each kind in its own transaction."""
    for kind, forget in kinds.items():
        with unit_of_work(outside) as work:
            trying = work.connection.begin_nested()
            count = forget(work.connection, work.now, report.rules.housekeeping)
            if report.dry_run:
                trying.rollback()
            report.rows[kind] += count


def enter_in_ledger(outside: Outside, report: SweepReport) -> None:
    """Say that a sweep was done, by which rules, and how much went; not for a dry run."""
    if report.dry_run:
        return
    with unit_of_work(outside) as work:
        entry = ledger_entry(
            LedgerEvent.RETENTION_SWEPT,
            {
                "version": report.rules.version,
                "rules": report.rules.sha256,
                "records": report.records,
                "rows": report.rows.total(),
            },
            at=work.now,
            actor=ACTOR,
        )
        work.ledger.append([entry])


def _sweeping(work: UnitOfWork, outside: Outside) -> Sweeping:
    aggregation = work.aggregation(_CONSUMER)
    return Sweeping(
        kept=PostgresKept(work.connection, work.clusters, work.case_loads),
        announce=lambda persons: announce_changed(persons, aggregation),
        ledger=work.ledger,
        clock=outside.clock,
    )


# Sweeps beside a process's own work: once a day, a little at a time.

_ASK_EVERY = 600.0
_BATCH_EVERY = 0.25
_ALARM_EVERY = 3600.0


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


class AlarmOfUnanswered:
    """Tells governance, hour by hour, of restrictions that nobody has answered in 72 hours."""

    def __init__(self) -> None:
        self._asking = Every(_ALARM_EVERY)

    def __call__(self, outside: Outside) -> None:
        """Look, when it is time; what is told again is one item in the queue."""
        if self._asking.is_due():
            with unit_of_work(outside) as work:
                ports = (work.protection, work.queue, work.ledger)
                alarm_unanswered(*ports, at=work.now)


class RaisingOfHeldBack:
    """Brings to governance, hour by hour, looks that families are not told yet."""

    def __init__(self, rules: HeldBackRules) -> None:
        self._rules = rules
        self._asking = Every(_ALARM_EVERY)

    def __call__(self, outside: Outside) -> None:
        """One month, when it is time, and what is late."""
        if self._asking.is_due():
            with unit_of_work(outside) as work:
                raise_held_back(self._rules, work=work)
            with unit_of_work(outside) as work:
                alarm_of_too_long(self._rules, work=work)


def sweep_folder(outside: Outside, folder: Path | None, report: SweepReport) -> None:
    """Sweep the files that were read and are kept in the folder; with the connectors' rights."""
    if folder is None:
        return
    with unit_of_work(outside) as work:
        waiting, today = remembered_files(work.connection), work.now.date()
    kept = report.rules.housekeeping
    report.rows["files-read"] += sum(
        sweep_files(
            folder / name,
            before=kept.files_read.before(today),
            waiting=waiting,
            waiting_before=kept.outcomes.before(today),
            dry_run=report.dry_run,
        )
        for name in (DONE, FAILED)
    )


def _is_our_turn(outside: Outside, part: str) -> bool:
    with unit_of_work(outside) as work:
        return take_turn(work.connection, part, work.now)


def _finish(outside: Outside, kinds: Mapping[str, Rows], report: SweepReport) -> None:
    sweep_rows(outside, kinds, report)
    enter_in_ledger(outside, report)
