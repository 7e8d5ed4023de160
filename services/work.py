"""One transaction and every port bound to it: opened and committed at the edge."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, Engine

from connectors.publishing.ports import KeptBack, Publishing
from connectors.registry import WithheldWait, row_of
from consent.agreements.adopting import Adopting
from consent.decisions.keeping import STRANGER, Asker, Deciding
from consent.model import Restriction
from consent.ports import Clock
from schemas.vocabulary import Source
from services.decisions.at_the_desk import Desk
from services.decisions.postgres import PostgresDecisions
from services.decisions.postgres_agreements import PostgresAgreements
from services.intake.feeds.model import CameBy
from services.intake.feeds.postgres import PostgresFeeds
from services.intake.postgres_dispositions import PostgresRecordedDispositions
from services.intake.postgres_kept_back import (
    FilesToReread,
    HealthVisitingStore,
    PostgresKeptScopes,
    StaysWithItsOwner,
)
from services.ledger.postgres import PostgresLedger
from services.lifecycle.retention.rules import RetentionRules
from services.people.deciders.postgres import PostgresDeciderFacts
from services.people.deciders.postgres_intake import PostgresDeciderIntake
from services.people.deciders.postgres_names import PostgresDeciderNames
from services.people.governance.postgres import PostgresOrders, PostgresQueue
from services.people.linking.facts import LinkFacts
from services.people.linking.ports import Considering, Joining
from services.people.linking.postgres.facts import PostgresLikenesses
from services.people.linking.postgres.joins import PostgresJoins
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.people.linking.scoring import Weights, shipped_weights
from services.people.own_cases.opening import OwnOpening, OwnShelf
from services.people.own_cases.postgres_labels import LabelKeys, PostgresLabels
from services.people.own_cases.postgres_told import PostgresTold
from services.people.own_cases.taking import OwnCasesTaken
from services.people.persons.postgres import PostgresPersonIndex
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.postgres_case_loads import PostgresCaseLoads
from services.people.practitioners.postgres_directory import (
    PostgresColleagues,
    PostgresDirectory,
    PostgresSessions,
)
from services.people.practitioners.postgres_limits import PostgresLimits
from services.people.relationships.emergency import Emergencies
from services.people.relationships.postgres import PostgresRelationships
from services.people.relationships.postgres_leads import PostgresLeads
from services.people.relationships.postgres_requests import PostgresRequests
from services.people.relationships.requests import Referring
from services.platform.bus.postgres_outbox import PostgresOutbox
from services.platform.bus.postgres_positions import PostgresInbox, PostgresPurges
from services.platform.database.engine import database_failures
from services.platform.database.migrating import is_demonstration
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import JweSealer
from services.platform.keys.vault import KeyVault, SecretName
from services.profile.families import Searching
from services.profile.postgres import PostgresStoredRecords
from services.profile.postgres_looks import PostgresLooks
from services.profile.protection.hashed_places import places_compared
from services.profile.protection.postgres import PostgresProtectedPlaces
from services.profile.reading import Reading
from services.profile.storing import Aggregation
from services.profile.story_writing import StoryWriting
from services.profile.viewing import Opening


@dataclass(frozen=True, slots=True)
class Outside:
    """What lives longer than a transaction: the database, the keys, the clock.

    Without `retention` what is past its time is stored until the next sweep. `own` is the database
    as whoever opens agencies' own labels; without it none are opened.
    """

    engine: Engine
    vault: KeyVault
    hasher: KeyedHasher
    clock: Clock
    weights: Weights = field(default_factory=shipped_weights)
    retention: RetentionRules | None = None
    own: Engine | None = None


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
    def clusters(self) -> PostgresClusters:
        """Which persons are one."""
        return PostgresClusters(self.connection)

    @cached_property
    def persons(self) -> PostgresPersonIndex:
        """Who is who."""
        return PostgresPersonIndex(self.connection, self._outside.hasher, self.keys, self.clusters)

    @cached_property
    def likenesses(self) -> PostgresLikenesses:
        """By what persons are compared."""
        ports = (self.connection, self.hasher, self.keys, self.persons, self.clusters)
        return PostgresLikenesses(*ports, weights=self._outside.weights, at=self.now)

    @cached_property
    def decider_facts(self) -> PostgresDeciderFacts:
        """Who may decide for whom, as sources have told it."""
        ports = (self.connection, self.hasher, self.keys, self.clusters)
        return PostgresDeciderFacts(*ports, at=self.now)

    @cached_property
    def decider_names(self) -> PostgresDeciderNames:
        """Who has decided, by name."""
        return PostgresDeciderNames(self.connection, self.keys)

    @cached_property
    def decisions(self) -> PostgresDecisions:
        """Decisions and restrictions."""
        return PostgresDecisions(self.connection, self.clusters)

    @cached_property
    def agreements(self) -> PostgresAgreements:
        """Data-sharing agreements."""
        return PostgresAgreements(self.connection)

    @cached_property
    def dispositions(self) -> PostgresRecordedDispositions:
        """What became of messages."""
        return PostgresRecordedDispositions(self.connection, self._outside.hasher, self.clusters)

    @cached_property
    def outbox(self) -> PostgresOutbox:
        """What is to be announced."""
        return PostgresOutbox(self.connection)

    @cached_property
    def records(self) -> PostgresStoredRecords:
        """The records of the shared profile."""
        return PostgresStoredRecords(self.connection, self.keys, self.clusters, self.hasher)

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
        return PostgresRelationships(self.connection, self.now)

    @cached_property
    def requests(self) -> PostgresRequests:
        """Requests to work with a family, and rotas of cover."""
        return PostgresRequests(self.connection)

    @cached_property
    def orders(self) -> PostgresOrders:
        """What takes two hands."""
        return PostgresOrders(self.connection)

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
        return PostgresDirectory(self.connection)

    @cached_property
    def colleagues(self) -> PostgresColleagues:
        """Practitioners by name."""
        return PostgresColleagues(self.connection)

    @cached_property
    def looks(self) -> PostgresLooks:
        """Who has looked."""
        return PostgresLooks(self.connection, self.clusters)

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
        match row_of(source).withheld:
            case WithheldWait.HOLDING_STORE:
                return self.health_visiting_store
            case WithheldWait.ITS_FILE if path is not None:
                return FilesToReread(self.connection, source, path, parking_key=parking_key)
            case WithheldWait.ITS_FILE | WithheldWait.ITS_WRITER:
                return StaysWithItsOwner(self.connection, source, parking_key)

    @cached_property
    def health_visiting_store(self) -> HealthVisitingStore:
        """The health-visiting agency's own store."""
        return HealthVisitingStore(
            self.connection,
            parking_key=self._outside.vault.secret(SecretName.PARKED),
            kept_back_key=self._outside.vault.secret(SecretName.KEPT_BACK_HEALTH_VISITING),
        )

    @cached_property
    def feeds(self) -> PostgresFeeds:
        """Whose a way in is."""
        return PostgresFeeds(self.connection, self.now, self.hasher, self.is_demonstration)

    @cached_property
    def leads(self) -> PostgresLeads:
        """Who holds an agency's cases for which nobody is named."""
        return PostgresLeads(self.connection, self.now)

    @cached_property
    def label_keys(self) -> LabelKeys:
        """What each agency's labels of its own cases are sealed under."""
        return LabelKeys(self._outside.vault.secret(SecretName.OWN_CASES), self.keys.data_key)

    def own_cases(self) -> OwnCasesTaken:
        """What feeds' own cases are taken in with."""
        told = PostgresTold(self.connection, self.now)
        labels = PostgresLabels(self.connection, self.label_keys)
        return OwnCasesTaken(told, labels, self.persons, self.relationships, self.hasher)

    def own_opening(self) -> OwnOpening:
        """What an agency's own labels are opened with."""
        own = self._outside.own
        shelf = None if own is None else OwnShelf(own, self.label_keys)
        known = (self.relationships, self.decisions, self.clusters.members)
        return OwnOpening(*known, shelf, self.ledger, self.now)

    def publishing(
        self, source: Source, path: Path | None, came_by: CameBy | None = None
    ) -> Publishing:
        """What connectors publish with; `came_by` is the way by which the messages came."""
        return Publishing(
            persons=self.persons,
            decisions=self.decisions,
            dispositions=self.dispositions,
            outbox=self.outbox,
            sealer=JweSealer(self.keys.data_key),
            hasher=self._outside.hasher,
            kept_back=self.kept_back(source, path),
            kept_scopes=PostgresKeptScopes(self.connection, source),
            likenesses=self.likenesses,
            deciders=PostgresDeciderIntake(self.connection, self.keys),
            places=self.places,
            ledger=self.ledger,
            clock=self._outside.clock,
            feed=self.feeds.feed_of(source, came_by),
            own_cases=self.own_cases(),
        )

    def deciding(self, asker: Asker = STRANGER) -> Deciding:
        """What decisions are recorded with, and for whom."""
        return Deciding(
            self.persons,
            self.decisions,
            self.outbox,
            self.ledger,
            self._outside.clock,
            self.places,
            asker,
        )

    def operating(self) -> Deciding:
        """The same for a command: one is both hands only where families are invented."""
        return self.deciding(Asker(is_both_hands=self.is_demonstration))

    def desk(self) -> Desk:
        """What practitioners record and change decisions with."""
        known = (self.persons, self.clusters, self.decisions, self.relationships, self.looks)
        return Desk(self.opening(), self.deciding(), *known, self.limits)

    def joining(self) -> Joining:
        """What persons are joined and parted with."""
        joins = PostgresJoins(self.connection, self.keys, self.clusters)
        return Joining(joins, self.decisions, self.outbox, self.ledger, self._outside.clock)

    def adopting(self) -> Adopting:
        """What agreements are adopted with."""
        return Adopting(self.agreements, self.outbox, self.ledger, self._outside.clock)

    def aggregation(self, consumer: str) -> Aggregation:
        """What records are stored and purged with."""
        return Aggregation(
            records=self.records,
            case_loads=self.case_loads,
            take_new=PostgresInbox(self.connection, consumer).take,
            decisions=self.decisions,
            unseal=JweSealer(self.keys.data_key).open,
            purges=PostgresPurges(self.connection),
            places=self.places,
            announce=self.outbox.add,
            load_keys=self.keys.load,
            ledger=self.ledger,
            clock=self._outside.clock,
            retention=self._outside.retention,
        )

    def searching(self) -> Searching:
        """What a family is searched with."""
        return Searching(self.persons, self.opening(), self.limits, self.queue, self.ledger)

    def opening(self) -> Opening:
        """What families are opened with."""
        known = (self.records, self.decisions, self.relationships)
        return Opening(*known, self.looks, self.ledger, self.now)

    def emergencies(self) -> Emergencies:
        """What emergencies are opened with."""
        seal = JweSealer(self.keys.data_key).seal
        return Emergencies(self.relationships, self.queue, self.ledger, seal, self.now)

    def referring(self) -> Referring:
        """What referrals are made with."""
        seal = JweSealer(self.keys.data_key).seal
        return Referring(self.requests, self.relationships, self.ledger, seal, self.now)

    def reading(self) -> Reading:
        """What profiles are read with."""
        return Reading(
            records=self.records,
            relationships=self.relationships,
            decisions=self.decisions,
            directory=self.directory.entries_for,
            last_heard=self.directory.last_heard(),
            looks=self.looks,
            ledger=self.ledger,
            clock=self._outside.clock,
        )

    def story_writing(self) -> StoryWriting:
        """What a family's story is written with."""
        hub = self.publishing(Source.FAMILY_HUB, None)
        return StoryWriting(self.opening(), hub, self.records.keep_to_fewer)


@contextmanager
def unit_of_work(outside: Outside) -> Iterator[UnitOfWork]:
    """One transaction: committed when the block ends, rolled back when it raises.

    Raises ServiceUnavailableError when the database or the ledger cannot be reached or written.
    If that happened while committing, nobody knows whether it is: do the same again, which must
    change nothing if it was.
    """
    with database_failures(), outside.engine.begin() as connection:
        yield UnitOfWork(connection, outside)


# What linking works with in one transaction.


def considering(work: UnitOfWork, outside: Outside) -> Considering:
    """The ports that persons are compared through."""

    def restrictions_at(facts: LinkFacts) -> Collection[Restriction]:
        places = places_compared(facts.postcode, facts.address, work.hasher)
        protecting = work.decisions.protecting(places)
        return [restriction for there in protecting.values() for restriction in there]

    return Considering(
        facts=work.likenesses,
        reviews=PostgresLinkQueue(work.connection),
        members=work.clusters.members,
        joining=work.joining(),
        restrictions_at=restrictions_at,
        decisions=work.decisions,
        ledger=work.ledger,
        clock=outside.clock,
        weights=outside.weights,
    )
