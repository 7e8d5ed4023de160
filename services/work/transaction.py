"""Every port on PostgreSQL, bound to one transaction; and what lives longer than that."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, Engine

from connectors.publishing.ports import KeptBack
from connectors.registry import WithheldWait, row_of
from consent.ports import Clock
from schemas.vocabulary import Source
from services.decisions.postgres import PostgresDecisions
from services.decisions.postgres_agreements import PostgresAgreements
from services.intake.feeds.postgres import PostgresFeeds
from services.intake.postgres_dispositions import PostgresRecordedDispositions
from services.intake.postgres_kept_back import (
    FileRead,
    FilesToReread,
    HealthVisitingStore,
    StaysWithItsOwner,
)
from services.intake.postgres_unread import PostgresUnread
from services.intake.schools.postgres import PostgresSchools
from services.ledger.postgres import PostgresLedger
from services.ledger.postgres_bound import BoundRows
from services.lifecycle.retention.rules import RetentionRules
from services.lifecycle.tombstones.postgres import PostgresTombstones
from services.people.deciders.postgres import PostgresDeciderFacts
from services.people.deciders.postgres_names import PostgresDeciderNames
from services.people.family_access.ages import STANDARD, DoorAges
from services.people.governance.postgres import PostgresOrders, PostgresQueue
from services.people.linking.postgres.facts import PostgresLikenesses
from services.people.linking.scoring import Weights, shipped_weights
from services.people.own_cases.postgres_labels import LabelKeys
from services.people.persons.postgres import PostgresPersonIndex
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.postgres_case_loads import PostgresCaseLoads
from services.people.practitioners.postgres_directory import (
    PostgresColleagues,
    PostgresDirectory,
)
from services.people.practitioners.postgres_limits import PostgresLimits
from services.people.practitioners.postgres_memberships import PostgresMemberships
from services.people.practitioners.postgres_sessions import PostgresSessions
from services.people.protecting.postgres import PostgresProtection
from services.people.relationships.postgres import PostgresRelationships
from services.people.relationships.postgres_leads import PostgresLeads
from services.people.relationships.postgres_requests import PostgresRequests
from services.people.signing_in.postgres_accounts import PostgresSignInAccounts
from services.platform.bus.postgres_outbox import PostgresOutbox
from services.platform.clock import BootTime, read_boot_time
from services.platform.database.migrating import is_demonstration
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import JweSealer
from services.platform.keys.vault import KeyVault, SecretName
from services.platform.messages.ports import MessageChannel
from services.profile.parts.postgres_folding import PostgresFolding
from services.profile.postgres import PostgresStoredRecords
from services.profile.postgres_looks import PostgresLooks
from services.profile.protection.postgres import PostgresProtectedPlaces


@dataclass(frozen=True, slots=True)
class Outside:
    """What lives longer than a transaction: the database, the keys, the clock.

    Without `retention` what is past its time is stored until the next sweep. `own` is the database
    as whoever opens agencies' own labels; without it none are opened. `channels` is by what
    messages can be sent: by none a code reaches anybody.
    `past` is the database as it was, with connections of its own (services.work.postgres_past).
    `notice_version` is the newest of the privacy notice that families are given. `boot_time` is
    how long this machine has run. `family_ages` are those at which families' pages change.
    `within` is the transaction that is open already around one page (services.work.postgres_page):
    whoever begins a unit of work there is in that one.
    """

    engine: Engine
    vault: KeyVault
    hasher: KeyedHasher
    clock: Clock
    weights: Weights = field(default_factory=shipped_weights)
    retention: RetentionRules | None = None
    own: Engine | None = None
    channels: Collection[MessageChannel] = ()
    notice_version: str | None = None
    boot_time: Callable[[], BootTime] = read_boot_time
    past: Engine | None = None
    family_ages: Sequence[DoorAges] = STANDARD
    within: "PostgresTransaction | None" = None


class PostgresTransaction:
    """The ports of one transaction, each made when it is first asked for."""

    def __init__(self, connection: Connection, outside: Outside) -> None:
        self.connection = connection
        self.outside = outside

    @cached_property
    def now(self) -> datetime:
        """The one moment of this transaction."""
        return self.outside.clock.now()

    @property
    def hasher(self) -> KeyedHasher:
        """Opaque ids."""
        return self.outside.hasher

    @cached_property
    def keys(self) -> PersonKeys:
        """Data keys of persons."""
        return PersonKeys(self.connection, self.outside.vault)

    @cached_property
    def clusters(self) -> PostgresClusters:
        """Which persons are one."""
        return PostgresClusters(self.connection, self.bound)

    @cached_property
    def persons(self) -> PostgresPersonIndex:
        """Who is who."""
        ports = (self.connection, self.outside.hasher, self.keys, self.clusters)
        return PostgresPersonIndex(*ports, self.tombstones)

    @cached_property
    def tombstones(self) -> PostgresTombstones:
        """What is left of those who were erased."""
        return PostgresTombstones(
            self.connection,
            self.hasher,
            self.decisions,
            self.bound,
            protection=self.protection,
            queue=self.queue,
            seal=JweSealer(self.keys.data_key).seal,
            ledger=self.ledger,
            announce=self.outbox.add,
            at=self.now,
        )

    @cached_property
    def likenesses(self) -> PostgresLikenesses:
        """By what persons are compared."""
        ports = (self.connection, self.hasher, self.keys, self.persons, self.clusters)
        return PostgresLikenesses(*ports, weights=self.outside.weights, at=self.now)

    @cached_property
    def decider_facts(self) -> PostgresDeciderFacts:
        """Who may decide for whom, as sources have told it."""
        ports = (self.connection, self.hasher, self.keys, self.clusters)
        return PostgresDeciderFacts(*ports, self.directory, at=self.now)

    @cached_property
    def decider_names(self) -> PostgresDeciderNames:
        """Who has decided, by name."""
        return PostgresDeciderNames(self.connection, self.keys)

    @cached_property
    def protection(self) -> PostgresProtection:
        """Restrictions and exclusions."""
        return PostgresProtection(self.connection, self.bound, self.now)

    @cached_property
    def decisions(self) -> PostgresDecisions:
        """Decisions and restrictions."""
        return PostgresDecisions(self.connection, self.clusters, self.bound, self.protection)

    @cached_property
    def agreements(self) -> PostgresAgreements:
        """Data-sharing agreements."""
        return PostgresAgreements(self.connection, self.bound)

    @cached_property
    def dispositions(self) -> PostgresRecordedDispositions:
        """What became of messages."""
        return PostgresRecordedDispositions(self.connection, self.outside.hasher, self.clusters)

    @cached_property
    def unread(self) -> PostgresUnread:
        """About whom the messages are that could not be read."""
        return PostgresUnread(self.connection, self.hasher, self.clusters)

    @cached_property
    def outbox(self) -> PostgresOutbox:
        """What is to be announced."""
        return PostgresOutbox(self.connection)

    @cached_property
    def records(self) -> PostgresStoredRecords:
        """The records of the shared profile."""
        return PostgresStoredRecords(self.connection, self.keys, self.clusters, self.hasher)

    @cached_property
    def folding(self) -> PostgresFolding:
        """What makes parts of records."""
        return PostgresFolding(self.connection, self.keys, self.hasher)

    @cached_property
    def places(self) -> PostgresProtectedPlaces:
        """Where those are whom a restriction protects."""
        return PostgresProtectedPlaces(
            self.connection, self.hasher, self.clusters, self.records, at=self.now
        )

    @cached_property
    def case_loads(self) -> PostgresCaseLoads:
        """Which agencies records name."""
        return PostgresCaseLoads(self.connection)

    @cached_property
    def relationships(self) -> PostgresRelationships:
        """Why practitioners may ask about persons."""
        return PostgresRelationships(self.connection, self.now, self.bound, self.clusters)

    @cached_property
    def requests(self) -> PostgresRequests:
        """Requests to work with a family, and rotas of cover."""
        return PostgresRequests(self.connection, self.bound, self.clusters)

    @cached_property
    def orders(self) -> PostgresOrders:
        """What takes two hands."""
        return PostgresOrders(self.connection, self.bound)

    @cached_property
    def queue(self) -> PostgresQueue:
        """What governance has to look at."""
        return PostgresQueue(self.connection)

    @cached_property
    def is_demonstration(self) -> bool:
        """Whether only invented people are here, so that one command counts as both hands."""
        return is_demonstration(self.connection)

    @cached_property
    def limits(self) -> PostgresLimits:
        """How often."""
        return PostgresLimits(self.connection, self.hasher)

    @cached_property
    def directory(self) -> PostgresDirectory:
        """Agencies and practitioners."""
        return PostgresDirectory(self.connection, self.now, self.bound)

    @cached_property
    def memberships(self) -> PostgresMemberships:
        """Who works where, and as what."""
        return PostgresMemberships(self.connection, self.now, self.bound)

    @cached_property
    def sign_in_accounts(self) -> PostgresSignInAccounts:
        """Which sign-in opens which account."""
        hasher = KeyedHasher(self.outside.vault.secret(SecretName.SIGN_INS))
        return PostgresSignInAccounts(self.connection, self.now, self.bound, hasher)

    @cached_property
    def colleagues(self) -> PostgresColleagues:
        """Practitioners by name."""
        return PostgresColleagues(self.connection, self.now, self.bound)

    @cached_property
    def looks(self) -> PostgresLooks:
        """Who has looked."""
        return PostgresLooks(self.connection, self.clusters)

    @cached_property
    def sessions(self) -> PostgresSessions:
        """Who is signed in."""
        return PostgresSessions(self.connection, self.bound)

    @cached_property
    def ledger(self) -> PostgresLedger:
        """The ledger."""
        return PostgresLedger(self.connection)

    @cached_property
    def bound(self) -> BoundRows:
        """Rows that the ledger vouches for."""
        key = self.outside.vault.secret(SecretName.BOUND_ROWS)
        return BoundRows(self.connection, self.ledger, key=key, at=self.now)

    def kept_back(self, source: Source, file: FileRead | None) -> KeptBack:
        """Where this source's messages wait: its own store, or the file they came in.

        Without a file those of other sources wait with whoever sent them.
        """
        parking_key = self.outside.vault.secret(SecretName.PARKED)
        match row_of(source).withheld:
            case WithheldWait.HOLDING_STORE:
                return self.health_visiting_store
            case WithheldWait.ITS_FILE if file is not None:
                return FilesToReread(self.connection, source, file, parking_key=parking_key)
            case WithheldWait.ITS_FILE | WithheldWait.ITS_WRITER | WithheldWait.ITS_REQUEST:
                return StaysWithItsOwner(self.connection, source, parking_key)

    @cached_property
    def health_visiting_store(self) -> HealthVisitingStore:
        """The health-visiting agency's own store."""
        return HealthVisitingStore(
            self.connection,
            parking_key=self.outside.vault.secret(SecretName.PARKED),
            kept_back_key=self.outside.vault.secret(SecretName.KEPT_BACK_HEALTH_VISITING),
        )

    @cached_property
    def feeds(self) -> PostgresFeeds:
        """Whose a way in is."""
        known = (self.hasher, self.bound, self.is_demonstration)
        return PostgresFeeds(self.connection, self.now, *known)

    @cached_property
    def schools(self) -> PostgresSchools:
        """Schools by the national register, and their lists' own titles."""
        return PostgresSchools(self.connection, self.now)

    @cached_property
    def leads(self) -> PostgresLeads:
        """Who holds an agency's cases for which nobody is named."""
        return PostgresLeads(self.connection, self.now, self.bound)

    @cached_property
    def label_keys(self) -> LabelKeys:
        """What each agency's labels of its own cases are sealed under."""
        return LabelKeys(self.outside.vault.secret(SecretName.OWN_CASES), self.keys.data_key)
