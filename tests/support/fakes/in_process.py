"""The main job in one process on a real PostgreSQL: what several processes do, step by step."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from sqlalchemy import text

from connectors.ports import Received
from connectors.publishing.publish import (
    IndexedDisposition,
    PublishIfPermitted,
    publish_if_permitted,
)
from consent.agreement import Agreement
from consent.agreements.adopting import AdoptAgreement, Adopted, adopt_agreement
from consent.decisions.changing import withdraw_decision
from consent.decisions.keeping import Recorded
from consent.decisions.recording import record_decision
from consent.decisions.restrictions import place_restriction
from consent.lawfulness import Basis
from consent.ledger import LedgerEntry, read_entry
from consent.ledger.events import LedgerEvent
from consent.model import RecordDecision, Response, Restriction, RestrictionScope, TakenBack
from schemas.identifiers import DecisionId, Identifier, PersonId, PractitionerId
from schemas.records.message import Demographics, SourceMessage, Subject
from schemas.records.published import PublishedRecord
from schemas.topics import PARTITIONS
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Role, Source
from services.bootstrap import DatabaseRole
from services.intake.feeds.model import CameBy, FeedChannel
from services.people.persons.subjects import identifier_of
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.platform.bus.postgres import PostgresEventBus
from services.platform.database.engine import open_engine
from services.profile.model import Profile, ProfileRefused
from services.profile.viewing import ReadProfile
from services.work import Outside, unit_of_work
from services.workers.aggregation import aggregator, consider_links, fold_all
from services.workers.consuming import Consumer
from services.workers.files.reading import FileDisposition, ingest
from services.workers.relaying import relay_batch
from services.workers.resending import resender
from tests.support.builders import BOTH_HANDS, MOTHER, TEACHER, VISITOR
from tests.support.consents.agreements import file_of
from tests.support.people.feeding import put_on_the_list, register_feed
from tests.support.read_both_ways import read_both_ways

AGENCY = "RY4"
SCHOOL = "9992001"
FEEDS = {
    Source.HEALTH_VISITING: CameBy(FeedChannel.UPLOAD, AGENCY),
    Source.SCHOOLS: CameBy(FeedChannel.UPLOAD, SCHOOL),
}
"""By which way what tests receive comes: registered to the agency, and kept by others."""
DECIDED = "(SELECT DISTINCT decision_id FROM sharing_decision) AS decided"
"""What `InProcess.count` counts decisions by: each version is a row."""


@dataclass(slots=True)
class InProcess:
    """One database, and what would be processes of their own, each with its own rights in it.

    `outside` is the owner's, for looking on.
    """

    outside: Outside
    portal: Outside
    connectors: Outside
    relay: Outside
    bus: PostgresEventBus
    aggregating: Consumer
    resending: Consumer
    folding: Outside

    @classmethod
    @contextmanager
    def running(cls, outside: Outside) -> Iterator[Self]:
        """Start on an empty, migrated database that has the bus's topics; stop at the end."""
        with cls.going_on(outside) as running:
            running._enter_directory()
            yield running

    @classmethod
    @contextmanager
    def going_on(cls, outside: Outside) -> Iterator[Self]:
        """Start on a database on which another has run and stopped, or on a copy of it."""
        with ExitStack() as stack:
            portal, connectors, relay, aggregation = (
                stack.enter_context(acting_for(outside, role))
                for role in (
                    DatabaseRole.PORTAL,
                    DatabaseRole.CONNECTORS,
                    DatabaseRole.RELAY,
                    DatabaseRole.AGGREGATION,
                )
            )
            bus = PostgresEventBus(relay.engine)
            aggregating = aggregator(PostgresEventBus(aggregation.engine), aggregation)
            resending = resender(PostgresEventBus(connectors.engine), connectors)
            stack.callback(aggregating.close)
            stack.callback(resending.close)
            yield cls(outside, portal, connectors, relay, bus, aggregating, resending, aggregation)

    def receive(self, *messages: SourceMessage, raw: bytes = b"") -> list[IndexedDisposition]:
        """Publish what may be published of these messages of one source."""
        found = [Received(n, message, raw=lambda: raw) for n, message in enumerate(messages)]
        source = messages[0].source
        with unit_of_work(self.connectors) as work:
            publishing = work.publishing(source, None, FEEDS.get(source))
            return publish_if_permitted(PublishIfPermitted(source, found), publishing=publishing)

    def ingest(self, source: Source, *paths: Path, **more: Any) -> list[FileDisposition]:
        """Publish what may be published of these files."""
        came_by = FEEDS.get(source)
        return list(ingest(source, paths, outside=self.connectors, came_by=came_by, **more))

    def settle(self) -> None:
        """Relay, aggregate, resend, compare and fold until nothing is left to do."""
        while self._moved() or self._is_waited_for():
            pass
        fold_all(self.folding)

    def _moved(self) -> int:
        """How much each of them did once."""
        moved = relay_batch(self.bus, self.relay)
        for consumer in (self.aggregating, self.resending):
            moved += consumer.consume(most=500, timeout=0)
        return moved + consider_links(self.connectors)

    def _is_waited_for(self) -> bool:
        """Whether there is more on the bus: what lies in a partition that nobody has is unknown."""
        consumers = (self.aggregating, self.resending)
        return any(not each.has_all(PARTITIONS) or each.lag() for each in consumers)

    def decide(
        self,
        *subjects: Subject | PersonId,
        response: Response = Response.GIVEN,
        categories: Collection[Category] = Category,
        purposes: Collection[Purpose] = (Purpose.DIRECT_CARE,),
        **more: Any,
    ) -> Recorded:
        """Record a decision: by default the mother's consent to share everything."""
        defaults = {"basis": Basis.CONSENT, "decided_by": MOTHER, "actor": "job:test"}
        command = RecordDecision(
            subjects=subjects,
            response=response,
            categories=frozenset(categories),
            purposes=frozenset(purposes),
            **(defaults | {name: _as_told(value) for name, value in more.items()}),
        )
        with unit_of_work(self.portal) as work:
            return record_decision(command, deciding=work.deciding(BOTH_HANDS))

    def withdraw(self, decision: DecisionId, told: TakenBack | None = None) -> None:
        """Withdraw a decision from now on."""
        with unit_of_work(self.portal) as work:
            both_hands = work.deciding(BOTH_HANDS)
            withdraw_decision(decision, actor="job:test", deciding=both_hands, told=told)

    def restrict(self, person: PersonId, *allowed: PractitionerId) -> Restriction:
        """Protect a whole person."""
        with unit_of_work(self.portal) as work:
            return place_restriction(
                person,
                RestrictionScope.PERSON,
                allowed,
                actor="job:test",
                deciding=work.deciding(BOTH_HANDS),
            )

    def adopt(self, agreement: Agreement, *, although_not_valid: bool = False) -> Adopted:
        """Adopt an agreement, as the owner of the database."""
        order = AdoptAgreement(file_of(agreement), "job:test", although_not_valid)
        with unit_of_work(self.outside) as work:
            return adopt_agreement(order, adopting=work.adopting())

    def read(
        self, person: PersonId, purpose: Purpose = Purpose.DIRECT_CARE
    ) -> Profile | ProfileRefused:
        """Read a family as the health visitor."""
        order = ReadProfile(person, VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING, purpose)
        return read_both_ways(order, self.portal)

    def person(self, subject: Subject) -> PersonId | None:
        """Who a subject is known to be."""
        with unit_of_work(self.outside) as work:
            return work.persons.resolve([subject])[0].person

    def stored(self, *persons: PersonId) -> list[PublishedRecord]:
        """What the shared profile holds about these persons, opened, in one order."""
        with unit_of_work(self.outside) as work:
            found = list(work.records.open(work.records.about(persons)))
        return sorted(found, key=lambda record: (record.source, record.key, record.persons))

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with self.outside.engine.connect() as connection:
            return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608

    def ledger(self, *events: LedgerEvent) -> list[LedgerEntry]:
        """The entries, or those of some events, in order."""
        with self.outside.engine.connect() as connection:
            rows = connection.execute(text("SELECT body FROM ledger_entry ORDER BY seq"))
            found = [read_entry(bytes(row.body)) for row in rows]
        return [entry for entry in found if not events or entry.event in events]

    def break_the_ledger(self) -> None:
        """Make every later append fail, whoever tries."""
        with self.outside.engine.begin() as connection:
            connection.execute(text("ALTER TABLE ledger_entry RENAME TO ledger_entry_away"))

    def _enter_directory(self) -> None:
        with unit_of_work(self.portal) as work:
            work.directory.save_agency(Agency(AGENCY, "Trust", Source.HEALTH_VISITING, None))
            work.directory.save_agency(Agency(SCHOOL, "School", Source.SCHOOLS, None))
            for person, agency in ((VISITOR, AGENCY), (TEACHER, SCHOOL)):
                work.directory.save_practitioner(_entry(person, agency))
                put_on_the_list(work, agency, person)
        with unit_of_work(self.outside) as work:
            for source, came_by in FEEDS.items():
                register_feed(work, source, came_by)


@contextmanager
def acting_for(outside: Outside, role: DatabaseRole) -> Iterator[Outside]:
    """Give database, keys and clock with the rights of one role."""
    engine = open_engine(outside.engine.url.render_as_string(hide_password=False), role=role.value)
    try:
        yield replace(outside, engine=engine)
    finally:
        engine.dispose()


def by_number(number: str, born: str | None = "2024-05-03") -> Subject:
    """Somebody known by NHS number and date of birth."""
    identifier = identifier_of(IdentifierScheme.NHS_NUMBER, number)
    return _subject(identifier, born)


def _subject(identifier: Identifier, born: str | None) -> Subject:
    return Subject("child", (identifier,), Demographics(date_of_birth=born))


def _entry(person: PractitionerId, agency: str) -> PractitionerEntry:
    return PractitionerEntry(
        person, "A worker", Role.PRACTITIONER, "Worker", agency, None, None, Purpose.DIRECT_CARE
    )


def ids_of(dispositions: Sequence[IndexedDisposition]) -> list[str]:
    """What became of each message."""
    return [disposition.disposition.value for disposition in dispositions]


def _as_told(value: object) -> object:
    """A set as commands hold them: what is decided is compared by its value."""
    return frozenset(value) if isinstance(value, set) else value
