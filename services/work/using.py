"""One transaction and what each use case works with in it: opened and committed at the edge."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from connectors.publishing.ports import Publishing
from consent.agreements.adopting import Adopting
from consent.circumstances import Circumstances
from consent.decisions.confirming import make_wait
from consent.decisions.keeping import STRANGER, Asker, Deciding
from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, RecordDecision, Response, Restriction
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source
from services.decisions.askers import Askers
from services.decisions.at_the_desk import Desk
from services.decisions.protection.excluding import Excluding
from services.decisions.protection.marked import MarksAsRestrictions
from services.decisions.protection.restricting import Restricting
from services.decisions.protection.taking_off import Taking
from services.intake.feeds.model import CameBy
from services.intake.lists.closing import KIND as LISTS
from services.intake.lists.closing import Closing
from services.intake.postgres_kept_back import FileRead, PostgresKeptScopes
from services.people.deciders.postgres_intake import PostgresDeciderIntake
from services.people.deciders.postgres_names import PostgresDeciders
from services.people.family_access.letting_see.postgres import PostgresLetSee
from services.people.family_access.letting_see.postgres_taken_off import PostgresTakenOff
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.postgres import PostgresFamilyAccess
from services.people.family_access.postgres_family import PostgresFamilyTies
from services.people.linking.facts import LinkFacts
from services.people.linking.ports import Considering, Joining
from services.people.linking.postgres.joins import PostgresJoins
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.people.own_cases.opening import OwnOpening, OwnShelf
from services.people.own_cases.postgres_deaths import PostgresOwnDeaths
from services.people.own_cases.postgres_labels import PostgresLabels
from services.people.own_cases.postgres_told import PostgresTold
from services.people.own_cases.taking import OwnCasesTaken
from services.people.persons.postgres_identifiers import PostgresPersonIdentifiers
from services.people.presence.model import WithWhom
from services.people.presence.ports import Presences
from services.people.presence.postgres import PostgresPresence
from services.people.presence.postgres_contacts import PostgresContacts
from services.people.presence.postgres_contacts_held import PostgresContactsHeld
from services.people.relationships.emergency import Emergencies
from services.people.relationships.postgres_emergencies import PostgresEmergencies
from services.people.relationships.requests import Referring
from services.platform.bus.postgres_positions import PostgresInbox, PostgresPurges
from services.platform.database.engine import database_failures
from services.platform.keys.sealing import JweSealer
from services.platform.keys.vault import SecretName
from services.platform.messages.postgres_outbox import PostgresMessagesOut
from services.profile.families import Searching, children_of
from services.profile.protection.hashed_places import places_compared
from services.profile.reading import Reading
from services.profile.storing import Aggregation
from services.profile.story.writing import StoryWriting
from services.profile.viewing import Opening
from services.work.intake import IntakeWork
from services.work.transaction import Outside

_PRACTITIONER = "practitioner:"


class UnitOfWork(IntakeWork):
    """What each use case works with, over the ports of one transaction."""

    def own_cases(self) -> OwnCasesTaken:
        """What feeds' own cases are taken in with."""
        told = PostgresTold(self.connection, self.now, self.bound)
        labels = PostgresLabels(self.connection, self.label_keys)
        deaths = PostgresOwnDeaths(self.connection, self.label_keys)
        return OwnCasesTaken(told, labels, deaths, self.persons, self.relationships, self.hasher)

    def publishing(
        self, source: Source, file: FileRead | None, came_by: CameBy | None = None
    ) -> Publishing:
        """What connectors publish with; `came_by` is the way by which the messages came."""
        return Publishing(
            persons=self.persons,
            decisions=self.decisions,
            dispositions=self.dispositions,
            outbox=self.outbox,
            sealer=JweSealer(self.keys.data_key),
            hasher=self.outside.hasher,
            kept_back=self.kept_back(source, file),
            kept_scopes=PostgresKeptScopes(self.connection, source),
            likenesses=self.likenesses,
            deciders=PostgresDeciderIntake(self.connection, self.keys),
            contacts=PostgresContactsHeld(
                self.connection, self.hasher, self.keys, source, self.bound, at=self.now
            ),
            places=self.places,
            unread=self.unread,
            ledger=self.ledger,
            clock=self.outside.clock,
            feed=self.feeds.feed_of(source, came_by),
            own_cases=self.own_cases(),
            lists=self.pupil_lists(source),
            marks=MarksAsRestrictions(self.restricting(), self.hasher, source),
        )

    def closing_lists(
        self, source: Source, came_by: CameBy | None = None, *, feed: str | None = None
    ) -> Closing:
        """What lists that were read to their end are closed with; `feed` of one that waited."""
        publishing = self.publishing(source, None, came_by)
        if feed is not None:
            publishing = replace(publishing, feed=self.feeds.in_force(feed) or publishing.feed)
        return Closing(
            publishing,
            self.pupil_lists(source),
            self.clusters.members,
            self.orders,
            lambda: self.orders.of_kinds(LISTS),
            self.ledger,
            self.now,
        )

    def own_opening(self) -> OwnOpening:
        """What an agency's own labels are opened with."""
        own = self.outside.own
        shelf = None if own is None else OwnShelf(own, self.label_keys)
        known = (self.relationships, self.decisions, self.clusters.members)
        return OwnOpening(*known, shelf, self.ledger, self.now)

    def deciding(self, asker: Asker = STRANGER) -> Deciding:
        """What decisions are recorded with, and for whom."""
        return Deciding(
            self.persons,
            self.decisions,
            self.outbox,
            self.ledger,
            self.outside.clock,
            self.places,
            PostgresDeciders(self.decider_facts, self.decider_names),
            asker,
            self.outside.notice_version,
            self.directory.agency_kind_of,
        )

    def operating(self) -> Deciding:
        """The same for a command: one is both hands only where families are invented."""
        return self.deciding(Asker(is_both_hands=self.is_demonstration))

    def desk(self) -> Desk:
        """What practitioners record and change decisions with."""
        known = (self.persons, self.clusters, self.decisions, self.relationships, self.looks)
        others = (self.limits, self.queue, self.decider_facts)
        return Desk(self.opening(), self.deciding(), *known, *others)

    def messages_out(self) -> PostgresMessagesOut:
        """What is to be sent to people outside."""
        return PostgresMessagesOut(self.connection, self.outside.vault.secret(SecretName.MESSAGES))

    def presences(self) -> Presences:
        """What families that are with a practitioner are confirmed with."""
        secret = self.outside.vault.secret
        return Presences(
            rows=PostgresPresence(self.connection),
            contacts=PostgresContacts(
                self.connection,
                self.hasher,
                self.keys,
                self.clusters,
                self.bound,
                have_died=self.decider_facts.have_died,
            ),
            messages=self.messages_out(),
            relationships=self.relationships,
            directory=self.directory,
            persons=self.persons,
            decisions=self.decisions,
            queue=self.queue,
            ledger=self.ledger,
            hasher=self.hasher,
            children_of=lambda person: children_of(person, records=self.records),
            refuse=self._refuse,
            channels=self.outside.channels,
            at=self.now,
            code_key=secret(SecretName.CODES),
            sheet_key=secret(SecretName.SHEETS),
        )

    def family_door(self) -> FamilyDoor:
        """What the family's own door works with."""
        return FamilyDoor(
            rows=PostgresFamilyAccess(self.connection, self.bound),
            ties=PostgresFamilyTies(self.connection, self.bound),
            here=self.presences(),
            facts=self.decider_facts,
            clusters=self.clusters,
            limits=self.limits,
            let_see=PostgresLetSee(self.connection, self.bound),
            taken_off=PostgresTakenOff(self.connection, self.bound),
            ages_told=self.outside.family_ages,
        )

    def taking(self) -> Taking:
        """What two hands take somebody off an own page with."""
        return Taking(self.family_door(), self.orders)

    def _refuse(
        self, person: PersonId, said_by: WithWhom, refused: frozenset[Category], actor: str
    ) -> DecisionId:
        """Record what somebody who is there says no to, by whatever purpose it is asked for."""
        is_adult = said_by is WithWhom.THEMSELVES
        kind = DeciderKind.ADULT_SELF if is_adult else DeciderKind.PARENT
        order = RecordDecision(
            subjects=(person,),
            response=Response.REFUSED,
            categories=refused,
            purposes=frozenset(Purpose),
            basis=Basis.CONSENT,
            decided_by=Decider(kind, said_by.value),
            actor=actor,
            circumstances=Circumstances(recorded_by=actor),
        )
        return record_decision(order, deciding=self.deciding()).decision.id

    def joining(self, *, by_one_hand: bool = False) -> Joining:
        """What persons are joined and parted with.

        Where families are invented a command is both hands; `by_one_hand` what is done on a page.
        """
        identifiers = PostgresPersonIdentifiers(self.connection, self.hasher, self.keys)
        known = (self.keys, self.clusters, self.bound, identifiers)
        joins = PostgresJoins(self.connection, *known)
        ports = (self.decisions, self.outbox, self.ledger, self.outside.clock)
        is_both_hands = self.is_demonstration and not by_one_hand
        return Joining(joins, *ports, self._propose_again, is_both_hands, self.orders.are_one)

    def _propose_again(self, persons: Collection[PersonId], since: datetime, by: str) -> None:
        for decision in self.decisions.permitted_since(persons, since):
            make_wait(decision, actor=by, deciding=self.deciding())

    def adopting(self) -> Adopting:
        """What agreements are adopted with."""
        return Adopting(self.agreements, self.outbox, self.ledger, self.outside.clock)

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
            clock=self.outside.clock,
            retention=self.outside.retention,
        )

    def concerned_by_emergencies(self) -> PostgresEmergencies:
        """Whom an emergency about somebody concerns."""
        ports = (self.connection, self.now, self.bound, self.protection, self.clusters)
        return PostgresEmergencies(*ports)

    def restricting(self) -> Restricting:
        """What restrictions are placed and changed with."""
        return Restricting(
            deciding=self.deciding(),
            relationships=self.relationships,
            concerned=self.concerned_by_emergencies(),
            protection=self.protection,
            directory=self.directory,
            orders=self.orders,
            queue=self.queue,
            is_demonstration=self.is_demonstration,
        )

    def excluding(self) -> Excluding:
        """What exclusions are recorded and ended with."""
        sealer = JweSealer(self.keys.data_key)
        return Excluding(
            deciding=self.deciding(),
            relationships=self.relationships,
            askers=Askers(self.relationships, self.clusters),
            protection=self.protection,
            directory=self.directory,
            orders=self.orders,
            queue=self.queue,
            seal=sealer.seal,
            unseal=sealer.open,
            is_demonstration=self.is_demonstration,
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
        return Emergencies(
            relationships=self.relationships,
            concerned=self.concerned_by_emergencies(),
            queue=self.queue,
            orders=self.orders,
            rota=self.requests,
            directory=self.directory,
            limits=self.limits,
            ledger=self.ledger,
            seal=seal,
            at=self.now,
        )

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
            last_heard=self.directory.last_heard,
            unread=self.unread,
            looks=self.looks,
            ledger=self.ledger,
            clock=self.outside.clock,
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
    change nothing if it was. Within a page that is its own transaction it is that one, which
    whoever opened it ends.
    """
    if isinstance(outside.within, UnitOfWork):
        yield outside.within
        return
    with database_failures(), outside.engine.begin() as connection:
        yield UnitOfWork(connection, outside)


# What linking works with in one transaction.


def considering(work: UnitOfWork, outside: Outside, *, by_one_hand: bool = False) -> Considering:
    """The ports that persons are compared through; see `UnitOfWork.joining`."""

    def restrictions_at(facts: LinkFacts) -> Collection[Restriction]:
        places = places_compared(facts.postcode, facts.address, work.hasher)
        protecting = work.decisions.protecting(places)
        return [restriction for there in protecting.values() for restriction in there]

    return Considering(
        facts=work.likenesses,
        reviews=PostgresLinkQueue(work.connection),
        members=work.clusters.members,
        said_to_be=work.clusters.said_to_be,
        joining=work.joining(by_one_hand=by_one_hand),
        restrictions_at=restrictions_at,
        decisions=work.decisions,
        ledger=work.ledger,
        clock=outside.clock,
        weights=outside.weights,
    )
