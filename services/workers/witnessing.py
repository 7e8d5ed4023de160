"""Asking the witnesses to cosign what was signed: beside the ledger's work, never in its way."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from services.adapters.ledger_access import LedgerAccess, LedgerApplication
from services.adapters.ledger_witnesses import HttpWitness
from services.adapters.logging import LogEvent, Logger, configure_logging
from services.workers.running import Stopping
from services.workers.witness_rounds import WitnessRounds

_ROUND_EVERY = 5.0


@contextmanager
def witnessing(application: LedgerApplication, stopping: Stopping, log: Logger) -> Iterator[None]:
    """Ask the witnesses, where there are any, beside what the block does; never ends the block."""
    if not application.witnesses:
        yield
        return
    rounds = _rounds(application, log)

    def run() -> None:
        while not stopping.is_asked():
            try:
                rounds.ask()
            except Exception as error:  # noqa: BLE001 a thread's door: told, and tried again
                log.warning(LogEvent.STEP_FAILED, error=type(error).__name__)
            stopping.wait(_ROUND_EVERY)

    Thread(target=run, name="witnessing", daemon=True).start()
    try:
        yield
    finally:
        rounds.close()


def ask_witnesses_once(application: LedgerApplication) -> int:
    """Ask each witness once, with little patience; gives how many cosignatures came."""
    if not application.witnesses:
        return 0
    rounds = _rounds(application, configure_logging("witnessing"))
    try:
        return rounds.ask()
    finally:
        rounds.close()


def _rounds(application: LedgerApplication, log: Logger) -> WitnessRounds:
    access = LedgerAccess(application.engine, signer=application.ledger_signer)
    witnesses = [HttpWitness(address) for address in application.witnesses]
    return WitnessRounds(access, witnesses, log=log)
