"""One transaction and every port bound to it: opened and committed at the edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from connectors.publishing import Publishing
from connectors.publishing_ports import KeptBack
from consent.agreement_adopting import Adopting
from consent.errors import LedgerUnavailableError
from consent.handlers import Deciding
from consent.ports import Clock
from schemas.vocabulary import Source
from services.adapters.agreements import PostgresAgreements
from services.adapters.case_loads import PostgresCaseLoads
from services.adapters.consumer_state import PostgresInbox, PostgresPurges
from services.adapters.decisions import PostgresDecisionStore
from services.adapters.directory import PostgresDirectory, PostgresLooks, PostgresSessions
from services.adapters.hashing import KeyedHasher
from services.adapters.kept_back import FilesToReread, HealthVisitingStore, StaysWithItsOwner
from services.adapters.kept_scopes import PostgresKeptScopes
from services.adapters.ledger import PostgresLedger
from services.adapters.outbox import PostgresOutbox
from services.adapters.outcomes import PostgresOutcomes
from services.adapters.person_index import PostgresPersonIndex
from services.adapters.person_keys import PersonKeys
from services.adapters.sealing import JweSealer
from services.adapters.stored_records import PostgresStoredRecords
from services.aggregation.handlers import Aggregation
from services.aggregation.reading import Reading
from services.errors import ServiceUnavailableError
from services.key_vault import KeyVault, SecretName


@dataclass(frozen=True, slots=True)
class Outside:
    """What lives longer than a transaction: the database, the keys, the clock."""

    engine: Engine
    vault: KeyVault
    hasher: KeyedHasher
    clock: Clock


class UnitOfWork:
    """The ports of one transaction, each made when it is first asked for."""

    def __init__(self, connection: Connection, outside: Outside) -> None:
        self.connection = connection
        self._outside = outside

    @cached_property
    def now(self) -> datetime:
        """The one moment of this transaction."""
        return self._outside.clock.now()

    @property
    def hasher(self) -> KeyedHasher:
        """Opaque ids."""
        return self._outside.hasher

    @cached_property
    def keys(self) -> PersonKeys:
        """Data keys of persons."""
        return PersonKeys(self.connection, self._outside.vault)

    @cached_property
    def persons(self) -> PostgresPersonIndex:
        """Who is who."""
        return PostgresPersonIndex(self.connection, self._outside.hasher, self.keys)

    @cached_property
    def decisions(self) -> PostgresDecisionStore:
        """Decisions and restrictions."""
        return PostgresDecisionStore(self.connection)

    @cached_property
    def agreements(self) -> PostgresAgreements:
        """Data-sharing agreements."""
        return PostgresAgreements(self.connection)

    @cached_property
    def outcomes(self) -> PostgresOutcomes:
        """What became of messages."""
        return PostgresOutcomes(self.connection, self._outside.hasher)

    @cached_property
    def outbox(self) -> PostgresOutbox:
        """What is to be announced."""
        return PostgresOutbox(self.connection)

    @cached_property
    def records(self) -> PostgresStoredRecords:
        """The records of the shared profile."""
        return PostgresStoredRecords(self.connection, self.keys)

    @cached_property
    def case_loads(self) -> PostgresCaseLoads:
        """Legitimate relationships."""
        return PostgresCaseLoads(self.connection, self.now)

    @cached_property
    def directory(self) -> PostgresDirectory:
        """Agencies and practitioners."""
        return PostgresDirectory(self.connection)

    @cached_property
    def looks(self) -> PostgresLooks:
        """Who has looked."""
        return PostgresLooks(self.connection)

    @cached_property
    def sessions(self) -> PostgresSessions:
        """Who is signed in."""
        return PostgresSessions(self.connection)

    @cached_property
    def ledger(self) -> PostgresLedger:
        """The ledger."""
        return PostgresLedger(self.connection)

    def kept_back(self, source: Source, path: Path | None) -> KeptBack:
        """Where this source's messages wait: its own store, or the file they came in.

        Without a file those of other sources wait with whoever sent them.
        """
        parking_key = self._outside.vault.secret(SecretName.PARKED)
        if source is Source.HEALTH_VISITING:
            return self.health_visiting_store
        if path is None:
            return StaysWithItsOwner(self.connection, source, parking_key)
        return FilesToReread(self.connection, source, path, parking_key=parking_key)

    @cached_property
    def health_visiting_store(self) -> HealthVisitingStore:
        """The health-visiting agency's own store."""
        return HealthVisitingStore(
            self.connection,
            parking_key=self._outside.vault.secret(SecretName.PARKED),
            holding_key=self._outside.vault.secret(SecretName.HOLDING_HEALTH_VISITING),
        )

    def publishing(self, source: Source, path: Path | None) -> Publishing:
        """What connectors publish with."""
        return Publishing(
            persons=self.persons,
            decisions=self.decisions,
            outcomes=self.outcomes,
            outbox=self.outbox,
            sealer=JweSealer(self.keys.data_key),
            hasher=self._outside.hasher,
            kept_back=self.kept_back(source, path),
            kept_scopes=PostgresKeptScopes(self.connection, source),
            ledger=self.ledger,
            clock=self._outside.clock,
        )

    def deciding(self) -> Deciding:
        """What decisions are recorded with."""
        return Deciding(self.persons, self.decisions, self.outbox, self.ledger, self._outside.clock)

    def adopting(self) -> Adopting:
        """What agreements are adopted with."""
        return Adopting(self.agreements, self.outbox, self.ledger, self._outside.clock)

    def aggregation(self, consumer: str) -> Aggregation:
        """What records are stored and purged with."""
        return Aggregation(
            records=self.records,
            case_loads=self.case_loads,
            inbox=PostgresInbox(self.connection, consumer),
            decisions=self.decisions,
            opener=JweSealer(self.keys.data_key),
            purges=PostgresPurges(self.connection),
            announce=self.outbox.add,
            load_keys=self.keys.load,
            ledger=self.ledger,
            clock=self._outside.clock,
        )

    def reading(self) -> Reading:
        """What profiles are read with."""
        return Reading(
            records=self.records,
            case_loads=self.case_loads,
            decisions=self.decisions,
            directory=self.directory.for_profiles(),
            last_heard=self.directory.last_heard(),
            looks=self.looks,
            ledger=self.ledger,
            clock=self._outside.clock,
        )


@contextmanager
def unit_of_work(outside: Outside) -> Iterator[UnitOfWork]:
    """One transaction: committed when the block ends, rolled back when it raises.

    Raises ServiceUnavailableError when the database or the ledger cannot be reached or written.
    If that happened while committing, nobody knows whether it is: do the same again, which must
    change nothing if it was.
    """
    with database_failures(), outside.engine.begin() as connection:
        yield UnitOfWork(connection, outside)


@contextmanager
def database_failures() -> Iterator[None]:
    """Raise ServiceUnavailableError for whatever says that the database is away or too busy."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError, LedgerUnavailableError) as error:
        raise ServiceUnavailableError(
            f"the database did not take part ({type(error).__name__}); try again later"
        ) from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise ServiceUnavailableError("the connection to the database broke; try again") from error
