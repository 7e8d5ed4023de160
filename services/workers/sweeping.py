"""Sweeps: what is past its time goes, a batch a transaction, whoever dies when."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from consent.ledger import ledger_entry
from consent.ledger_events import LedgerEvent
from schemas.identifiers import PersonId
from services.adapters.retention import PostgresKept
from services.adapters.retention_rows import Rows
from services.adapters.unit_of_work import Outside, UnitOfWork, unit_of_work
from services.aggregation.handlers import announce_changed
from services.aggregation.retention import RetentionRules
from services.aggregation.retention_sweep import (
    ACTOR,
    REMOVALS,
    Line,
    Sweeping,
    Swept,
    sweep_batch,
)

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
