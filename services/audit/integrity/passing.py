"""A pass over the whole ledger and every row that it vouches for; what it found is kept."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from consent.errors import LedgerBrokenError
from services.audit.integrity.alarms import ACTOR, watch_integrity
from services.audit.integrity.postgres_looking import Watched
from services.audit.integrity.postgres_passes import MOST_FAULTS, LedgerPass, last_pass
from services.ledger.postgres_access import LedgerAccess, LedgerApplication
from services.ledger.postgres_tree import STRIDE
from services.ledger.verification import VerificationError, VerificationReport, verify_ledger
from services.work import Outside, unit_of_work

_PASS_EVERY = timedelta(hours=24)


class VerifiedApplication(LedgerApplication, Protocol):
    """What a pass needs of the application."""

    def keep_pass(self, found: LedgerPass) -> None:
        """Keep what it found, with how many rows the ledger vouches for."""


def keep_report(
    report: VerificationReport,
    application: VerifiedApplication,
    *,
    begun_at: datetime,
    said_by: str,
) -> None:
    """Keep what a verification of ledger and rows found, for the page of integrity."""
    application.keep_pass(
        LedgerPass(
            begun_at,
            application.clock.now(),
            report.entries,
            report.checkpoints,
            0,
            len(report.errors),
            [_in_words(error) for error in report.errors[:MOST_FAULTS]],
            said_by,
        )
    )


def _in_words(error: VerificationError) -> str:
    return error.what if error.index is None else f"entry {error.index}: {error.what}"


def pass_over_everything(application: VerifiedApplication) -> VerificationReport:
    """Verify the whole ledger and compare every row that it vouches for; keep what was found."""
    begun_at = application.clock.now()
    access = LedgerAccess(
        application.engine, signer=application.ledger_signer, copy=application.ledger_copy
    )
    refused: tuple[VerificationError, ...] = ()
    try:
        access.integrate()
    except LedgerBrokenError as error:
        refused = (VerificationError(None, str(error)),)
    with access.snapshot() as reader:
        report = verify_ledger(reader.log(with_nodes=True), keys=access.keys, node_stride=STRIDE)
    rows = [VerificationError(None, f"row {fault}") for fault in application.bound_row_faults()]
    report = replace(report, errors=(*refused, *report.errors, *rows), rows_compared=True)
    keep_report(report, application, begun_at=begun_at, said_by=ACTOR)
    return report


# As the relay's process does them.


def look_once(outside: Outside, watched: Watched) -> int:
    """Look how everything stands, and alarm where something more is off; a step of a loop."""
    watch_integrity(outside, watched)
    return 0


def pass_if_due(owner: Outside, application: VerifiedApplication) -> int:
    """Pass over everything where nobody did for a day, as the database's owner; a step of a loop.

    On a database of somebody's own no process is its owner: there `ledger verify` is run.
    """
    with unit_of_work(owner) as work:
        found, now = last_pass(work.connection), work.now
    if found is None or now - found.ended_at >= _PASS_EVERY:
        pass_over_everything(application)
    return 0
