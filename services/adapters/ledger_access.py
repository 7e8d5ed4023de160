"""One place that opens transactions on the ledger, for commands and jobs that have no other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from consent.checkpoint import LedgerSigner
from consent.errors import LedgerUnavailableError
from consent.ledger import LedgerEntry
from consent.ports import Clock
from consent.signed_note import NoteSignature
from consent.verifier_key import VerifierKey
from services.adapters.ledger import PostgresLedger
from services.adapters.ledger_copy import SignedCopy
from services.adapters.ledger_cosignatures import keep_cosignature
from services.adapters.ledger_integration import Integration, integrate
from services.adapters.ledger_reader import LedgerReader
from services.adapters.ledger_witnesses import WitnessAddress


class LedgerApplication(Protocol):
    """What the ledger commands need of the application."""

    @property
    def engine(self) -> Engine:
        """Connects as a role that may integrate."""

    @property
    def ledger_signer(self) -> LedgerSigner:
        """Signs checkpoints."""

    @property
    def ledger_copy(self) -> SignedCopy:
        """The copy of the checkpoint that was signed last, beside the key."""

    @property
    def witnesses(self) -> Sequence[WitnessAddress]:
        """Who is asked to cosign checkpoints."""

    @property
    def clock(self) -> Clock:
        """Tells the time."""


class LedgerAccess:
    """Works on the ledger in transactions of its own; raises LedgerUnavailableError."""

    def __init__(
        self,
        engine: Engine,
        *,
        signer: LedgerSigner,
        former_keys: Sequence[VerifierKey] = (),
        copy: SignedCopy | None = None,
    ) -> None:
        self._engine = engine
        self._signer = signer
        self._former_keys = former_keys
        self._copy = copy

    @property
    def keys(self) -> Sequence[VerifierKey]:
        """The public keys that the ledger's checkpoints are signed by."""
        return [self._signer.verifier_key, *self._former_keys]

    def integrate(self) -> Integration:
        """Give committed entries their place and sign; raises as ledger_integration.integrate.

        What was signed is kept beside the key, where there is a copy, before this returns.
        """
        before = (
            None if self._copy is None else self._copy.read(self.keys, origin=self._signer.name)
        )
        with self._begin("READ COMMITTED") as connection:
            done = integrate(
                connection, signer=self._signer, former_keys=self._former_keys, copy=before
            )
        if self._copy is not None:
            self._copy.keep(done.note)
        return done

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Write entries that go with nothing else."""
        with self._begin("READ COMMITTED") as connection:
            PostgresLedger(connection).append(entries)

    def keep_cosignature(self, size: int, key: VerifierKey, line: NoteSignature) -> None:
        """Put a checked cosignature below the checkpoint of this size."""
        with self._begin("READ COMMITTED") as connection:
            keep_cosignature(connection, size, key, line)

    @contextmanager
    def snapshot(self) -> Iterator[LedgerReader]:
        """Read one state of the ledger, whatever is signed meanwhile."""
        with self._begin("REPEATABLE READ") as connection:
            yield LedgerReader(connection)

    @contextmanager
    def _begin(self, isolation_level: str) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                connection.execution_options(isolation_level=isolation_level)
                with connection.begin():
                    yield connection
        except SQLAlchemyError as error:
            raise LedgerUnavailableError(
                "the ledger's database did not do as asked; nothing was changed, try again"
            ) from error
