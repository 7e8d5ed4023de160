"""Asking the witnesses to cosign what was signed: in rounds, beside the ledger's work."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from consent.ledger.log import StoredCheckpoint
from consent.transparency.signed_note import NoteSignature
from consent.transparency.verifier_key import VerifierKey
from consent.transparency.witness import AddCheckpoint
from services.audit.integrity.postgres_facts import keep_refusal
from services.ledger.postgres_access import LedgerAccess, LedgerApplication
from services.ledger.witness.postgres import (
    HttpWitness,
    OtherSizeSeen,
    Witness,
    WitnessRefusedError,
)
from services.platform.database.engine import database_failures
from services.platform.logging import LogEvent, Logger, configure_logging
from services.platform.loops import Stopping

_FIRST_WAIT = 5.0
_LONGEST_WAIT = 300.0
_ROUND_SECONDS = 12.0
_MOST_AT_ONCE = 16
_CONFLICT = 409


@dataclass(slots=True)
class _WitnessAsked:
    """One witness, whether it is being asked, and when it may be asked again."""

    witness: Witness
    asking: Future[bool] | None = None
    next_wait: float = _FIRST_WAIT
    not_before: float = float("-inf")

    def is_due(self) -> bool:
        return self.asking is None and time.monotonic() >= self.not_before

    def put_off(self) -> None:
        self.not_before = time.monotonic() + self.next_wait * random.uniform(0.5, 1.0)
        self.next_wait = min(self.next_wait * 2, _LONGEST_WAIT)

    def answered(self) -> None:
        self.next_wait, self.not_before = _FIRST_WAIT, float("-inf")


class WitnessRounds:
    """Asks all witnesses about the same, newest checkpoint, so that they vouch for one tree.

    A witness that fails is asked again after a while, twice as long each time, up to five minutes;
    one that answers slowly is left behind and holds up nobody.
    """

    def __init__(
        self,
        access: LedgerAccess,
        witnesses: Sequence[Witness],
        *,
        log: Logger,
        refused: Callable[[VerifierKey, int], None] = lambda _, __: None,
    ) -> None:
        """Ask through `access`; `refused` is told which witness said no, and with which status."""
        self._access = access
        self._asked = [_WitnessAsked(witness) for witness in witnesses]
        self._log = log
        self._refused = refused
        self._pool = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="witness")

    def ask(self, *, seconds: float = _ROUND_SECONDS) -> int:
        """Ask whoever is due, for so long; gives how many cosignatures came.

        Raises LedgerUnavailableError when the database cannot be read; never for a witness.
        """
        latest = self._latest()
        if latest is None:
            return 0
        for each in self._asked:
            if each.is_due():
                each.asking = self._pool.submit(self._ask, each.witness, latest)
        wait([each.asking for each in self._asked if each.asking is not None], timeout=seconds)
        return sum(self._settle(each) for each in self._asked)

    def close(self) -> None:
        """Wait for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _latest(self) -> StoredCheckpoint | None:
        with self._access.snapshot() as reader:
            latest = reader.signed_checkpoint()
        # There is nothing to see in an empty tree.
        return latest if latest is not None and latest.size > 0 else None

    def _settle(self, each: _WitnessAsked) -> bool:
        asking = each.asking
        if asking is None or not asking.done():
            return False
        each.asking = None
        error = asking.exception()
        if error is None:
            each.answered()
            return asking.result()
        each.put_off()
        if isinstance(error, WitnessRefusedError):
            self._refused(each.witness.key, error.status)
        self._log.warning(
            LogEvent.WITNESS_FAILED,
            witness=each.witness.key.name,
            error=type(error).__name__,
            status=error.status if isinstance(error, WitnessRefusedError) else None,
        )
        return False

    def _ask(self, witness: Witness, latest: StoredCheckpoint) -> bool:
        """Get one cosignature and keep it; whether there was a new one to get."""
        with self._access.snapshot() as reader:
            old = reader.last_cosigned(witness.key)
        if old >= latest.size:
            return False
        answer = self._ask_from(old, witness, latest)
        # It saw another size than we know of: a cosignature got lost on its way here. That it
        # saw more than we ever signed, or another tree of one size, is for a person to look at.
        if isinstance(answer, OtherSizeSeen) and old != answer.size <= latest.size:
            answer = self._ask_from(answer.size, witness, latest)
        if not isinstance(answer, NoteSignature):
            raise WitnessRefusedError(witness.key.name, _CONFLICT)
        self._access.keep_cosignature(latest.size, witness.key, answer)
        return True

    def _ask_from(
        self, old: int, witness: Witness, latest: StoredCheckpoint
    ) -> NoteSignature | OtherSizeSeen:
        if old == 0:
            return witness.ask(AddCheckpoint(0, (), latest.note))
        with self._access.snapshot() as reader:
            proof = reader.consistency_proof(old, latest.size)
        return witness.ask(AddCheckpoint(old, proof, latest.note))


# Beside the ledger's work, never in its way.

_ROUND_EVERY = 5.0


@contextmanager
def witnessing(application: LedgerApplication, stopping: Stopping, log: Logger) -> Iterator[None]:
    """Ask the witnesses, where there are any, beside what the block does; never ends the block."""
    if not application.witnesses:
        yield
        return
    rounds = _rounds(application, log, refused=_keeping_refusals(application))

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


def _keeping_refusals(application: LedgerApplication) -> Callable[[VerifierKey, int], None]:
    """Integrity is off from a refusal on, until that witness signs again."""

    def keep(key: VerifierKey, status: int) -> None:
        with database_failures(), application.engine.begin() as connection:
            keep_refusal(connection, key, status, application.clock.now())

    return keep


def _rounds(
    application: LedgerApplication,
    log: Logger,
    *,
    refused: Callable[[VerifierKey, int], None] = lambda _, __: None,
) -> WitnessRounds:
    access = LedgerAccess(application.engine, signer=application.ledger_signer)
    witnesses = [HttpWitness(address) for address in application.witnesses]
    return WitnessRounds(access, witnesses, log=log, refused=refused)
