"""One place that opens transactions on the ledger, for commands and jobs that have no other.

Beside it the copy of the checkpoint that was signed last, in a file beside the key that signs. A
database that is restored from an older backup agrees with itself. The copy is not in the database,
so whoever signs next sees that entries it has signed before are gone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from consent.errors import ConsentError, LedgerBrokenError, LedgerUnavailableError
from consent.ledger import LedgerEntry
from consent.ports import Clock
from consent.transparency.checkpoint import Checkpoint, LedgerSigner, open_checkpoint
from consent.transparency.signed_note import NoteSignature, parse_note
from consent.transparency.verifier_key import VerifierKey
from services.ledger.postgres import PostgresLedger
from services.ledger.postgres_bound_verifying import BoundRowFault
from services.ledger.postgres_reading import LedgerReader
from services.ledger.postgres_tree import Integration, integrate
from services.ledger.witness.postgres import WitnessAddress, keep_cosignature
from services.platform.durable_files import FileLock, replace_durably


class SignedCopy:
    """The copy in one file; processes on this machine may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: str | None = None

    def read(self, keys: Sequence[VerifierKey], *, origin: str) -> Checkpoint | None:
        """Give the checkpoint that was signed last; None before the first.

        Raises LedgerBrokenError for a file that none of these keys signed under this origin, and
        LedgerUnavailableError when it cannot be read. While it is held back (`hold_back`) nothing
        is to be signed, and LedgerBrokenError says so.
        """
        if self._later.exists():
            raise LedgerBrokenError(
                f"more was signed than this restored database has, as {self._later.name} beside "
                "the key says; nothing is signed: runbook 004"
            )
        content = self._content()
        if content is None:
            if not self._path.parent.is_dir():  # never taken for a ledger that was never signed
                raise LedgerUnavailableError("the folder of keys is not there now; is its disk?")
            return None
        try:
            return open_checkpoint(content, keys, origin=origin).checkpoint
        except ConsentError as error:
            raise LedgerBrokenError(
                f"{self._path.name} beside the key is not ours: {error}; nothing is signed"
            ) from error

    def size(self) -> int:
        """Of the tree that was signed last, whoever signed it; 0 before the first."""
        content = self._content()
        try:
            return 0 if content is None else _size(content)
        except ConsentError as error:
            raise LedgerBrokenError(f"{self._path.name} beside the key is not ours") from error

    def hold_back(self, sizes: Mapping[str, int]) -> None:
        """Let nothing be signed here, as others have seen trees of these sizes. Raises OSError."""
        replace_durably(self._later, json.dumps(dict(sizes)).encode())

    @property
    def _later(self) -> Path:
        return self._path.with_suffix(".later")

    def keep(self, note: str) -> None:
        """Keep a checkpoint whose transaction has committed, durably, unless a larger one is kept.

        Raises LedgerUnavailableError when it cannot be written; keep it again before the next.
        """
        if note == self._kept:
            return
        with self._locked():
            before = self._content()
            if before is None or _size(before) < _size(note):
                replace_durably(self._path, note.encode())
        self._kept = note

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock.open(self._path.with_suffix(".lock")) as lock:
                lock.wait_exclusive()
                yield
        except OSError as error:
            raise LedgerUnavailableError(
                f"{self._path.name} cannot be written beside the key: {error.strerror}"
            ) from error

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LedgerUnavailableError(
                f"{self._path.name} beside the key cannot be read: {error.strerror}"
            ) from error


def _size(note: bytes | str) -> int:
    return Checkpoint.parse(parse_note(note).text).size


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

    def bound_row_faults(self) -> Sequence[BoundRowFault]:
        """Give all about which the ledger and the rows that it vouches for disagree."""


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
