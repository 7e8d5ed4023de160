"""Everything that is held anywhere about one person, in one transaction of the database's owner."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Final

from sqlalchemy import text

from connectors.publishing.events import RecordKeys
from connectors.registry import read_messages
from consent import OnRecord
from consent.ledger import LedgerEntry, read_entry
from consent.ledger.events import PROFILE_READS, LedgerEvent
from consent.model import Restriction, SharingDecision
from schemas.identifiers import PersonId
from schemas.records.message import Record, SourceMessage
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Source
from services.intake.postgres_kept_back import HELD_FOR
from services.interfaces.subject_access.held import (
    HeldFacts,
    HeldForDeciding,
    HeldIdentifier,
    HeldOwnLabel,
    KeptWhere,
    LookTaken,
    WaitingMessages,
)
from services.interfaces.subject_access.postgres_beside import FoundBeside, PostgresBeside
from services.interfaces.subject_access.postgres_own_page import own_page
from services.people.deciders.documents import LINES_OF_A_NAME, lines_of_fact
from services.people.linking.postgres.facts import PostgresPersonFacts
from services.people.own_cases.postgres_deaths import with_deaths
from services.people.own_cases.postgres_labels import SealedLabels
from services.people.persons.postgres_identifiers import PostgresPersonIdentifiers
from services.platform.errors import KeyDestroyedError
from services.profile.postgres import PostgresStoredRecords
from services.profile.protection.hashed_places import places_written
from services.work import UnitOfWork

# What the health-visiting agency's own store holds of a person, opened for that agency alone.
#
# Nothing of it was published, so nobody but its agency may tell it; it goes through the same
# withholding as everything else, because its messages name relatives too.

_SOMEBODY = PersonId("0" * 32)
"""Whoever a message names and nobody knows: somebody else, at any rate."""


def held_records(
    work: UnitOfWork, person: PersonId, known_by: Collection[PersonId]
) -> Iterator[PublishedRecord]:
    """The records of the messages held that are about this person, in the order of messages."""
    tokens = work.persons.tokens_of_person(person)
    refs = work.dispositions.withheld_refs(HELD_FOR, tokens)
    for raw in work.health_visiting_store.kept(refs):
        for received in read_messages(HELD_FOR, BytesIO(raw), received_at=work.now):
            if isinstance(received.outcome, SourceMessage):
                yield from _records(received.outcome, work, person, known_by)


def _records(
    message: SourceMessage, work: UnitOfWork, person: PersonId, known_by: Collection[PersonId]
) -> Iterator[PublishedRecord]:
    resolved = work.persons.resolve(message.subjects)
    persons = {
        subject.ref: person if found.person in known_by else (found.person or _SOMEBODY)
        for subject, found in zip(message.subjects, resolved, strict=True)
    }
    keys = RecordKeys(message.source, work.hasher)
    for record in message.records:
        if record.action is Action.UPSERT and person in {persons[s] for s in record.subjects}:
            yield _published(record, message, persons, keys)


def _published(
    record: Record, message: SourceMessage, persons: dict[str, PersonId], keys: RecordKeys
) -> PublishedRecord:
    return PublishedRecord(
        key=keys.of(record),
        source=message.source,
        category=record.category,
        persons=tuple(persons[subject] for subject in record.subjects),
        version=message.version.sort_key,
        payload=record.payload,
        labels=record.labels,
    )


_ALL_LOOKS: Final = 1_000_000
# The store is the health-visiting agency's own; here messages are counted, not opened.
_KEPT_BACK = text("""
    WITH waiting AS (SELECT DISTINCT source, ref FROM withheld_token WHERE token = ANY(:tokens))
    SELECT w.source, count(*) AS messages, max(h.expires_at) AS until,
        CASE WHEN h.ref IS NOT NULL THEN 'holding-store'
             WHEN EXISTS (SELECT FROM partner_withheld p
                          WHERE p.source = w.source AND p.ref = w.ref) THEN 'partner'
             WHEN f.ref IS NOT NULL THEN 'file'
             ELSE 'owner' END AS kept
    FROM waiting w
        LEFT JOIN holding_health_visiting.held_message h
            ON h.ref = w.ref AND w.source = :held_for
        LEFT JOIN file_to_reread f ON f.source = w.source AND f.ref = w.ref
    GROUP BY w.source, kept ORDER BY w.source, kept
""")
_AGENCIES = text("SELECT agency_code, name FROM agency WHERE agency_code = ANY(:codes)")
# Once a report the ledger is read from end to end: it alone remembers who belongs to whom, when
# the records that said so had to go.
_NAMED_WITH = text("""
    SELECT body FROM ledger_entry WHERE EXISTS (
        SELECT FROM unnest(CAST(:needles AS bytea[])) AS needle WHERE position(needle IN body) > 0)
""")
_OF_FAMILIES = frozenset(
    {
        LedgerEvent.SHARING_DECISION_RECORDED,
        LedgerEvent.SHARING_DECISION_RECORDED_IN_FULL,
        LedgerEvent.SHARING_DECISION_WRITTEN_DOWN,
        LedgerEvent.PUBLICATION_PERMITTED,
        LedgerEvent.PUBLICATION_WITHHELD,
        LedgerEvent.STORING_REFUSED,
        *PROFILE_READS,
        LedgerEvent.STORY_ADDED,
        LedgerEvent.SUPPORT_WRITTEN,
    }
)
"""Events whose subjects are of one family."""


class PostgresHoldings:
    """Everything that is held anywhere about a person and who is one with them."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    @property
    def records(self) -> PostgresStoredRecords:
        """The records of the shared profile."""
        return self._work.records

    def known_by(self, person: PersonId) -> tuple[PersonId, ...]:
        """All ids that are this person's, the one by which they are known outside first.

        Empty when there is no such person.
        """
        if not self._work.persons.exists(person):
            return ()
        return self._work.clusters.members([person])[person]

    def on_record(self, persons: Collection[PersonId]) -> Mapping[PersonId, OnRecord]:
        """For each person everything that may bear on a request about them."""
        return self._work.decisions.on_record(persons)

    def named_with(self, persons: Collection[PersonId]) -> Collection[PersonId]:
        """Everybody whom the ledger names together with one of the persons.

        In one message, decision or reading, however long ago and whatever is left of it; also who
        is one with them.
        """
        everyone = self._work.clusters.all_of(persons)
        needles = [f'"{person}"'.encode() for person in everyone]
        rows = self._work.connection.execute(_NAMED_WITH, {"needles": needles})
        entries = [read_entry(bytes(row.body)) for row in rows]
        found = {
            subject
            for entry in entries
            if entry.event in _OF_FAMILIES
            for subject in _subjects(entry)
            if not _subjects(entry).isdisjoint(everyone)
        }
        return set(self._work.clusters.canonical(found).values()) | found

    def protecting(self, places: Collection[bytes]) -> Mapping[bytes, Sequence[Restriction]]:
        """Of these places those where somebody is who was ever restricted, each with why."""
        return self._work.decisions.protecting(places)

    def places_in(self, record: PublishedRecord) -> frozenset[bytes]:
        """The keyed hashes of the places that a record names."""
        return places_written(record.payload, self._work.hasher)

    def decisions(self, person: PersonId) -> Sequence[SharingDecision]:
        """Every decision about the person, as it was recorded, whatever became of it.

        The earliest comes first.
        """
        found = self._work.decisions.recorded_about([person])[person]
        return sorted(found, key=lambda d: (d.decided_at, d.id))

    def identifiers(self, person: PersonId) -> Sequence[HeldIdentifier]:
        """Every number of the person, opened; of an erased person there are none."""
        kept = PostgresPersonIdentifiers(self._work.connection, self._work.hasher, self._work.keys)
        found = []
        for one in self.known_by(person):
            try:
                found += list(kept.of([one]))
            except KeyDestroyedError:
                continue
        return [
            HeldIdentifier(one.source, one.identifier, one.valid_from, one.valid_until)
            for one in found
        ]

    def facts(self, person: PersonId) -> Sequence[HeldFacts]:
        """What is kept to tell the person from others; of an erased person there is nothing."""
        kept = PostgresPersonFacts(self._work.connection, self._work.keys)
        claims = kept.claims(self.known_by(person), at=self._work.now)
        found = [claim for one in sorted(claims) for claim in claims[one]]
        return [HeldFacts(claim.source, claim.seen_at, claim.facts) for claim in found]

    def own_labels(self, person: PersonId) -> Sequence[HeldOwnLabel]:
        """How each agency knows the person, opened; of an erased person there is nothing."""
        shelf = SealedLabels(self._work.connection, self._work.label_keys)
        connection, keys = self._work.connection, self._work.label_keys
        found = with_deaths(shelf.of(self.known_by(person)), connection, keys)
        codes = {"codes": sorted({one.agency for one in found})}
        rows = self._work.connection.execute(_AGENCIES, codes)
        names = {row.agency_code: row.name for row in rows}
        return [
            HeldOwnLabel(names[one.agency], one.heard_on, one.label, deaths=one.deaths)
            for one in found
        ]

    def deciding(self, person: PersonId) -> Sequence[HeldForDeciding]:
        """What is kept to tell who may decide for the person; of an erased person nothing."""
        persons = self.known_by(person)
        kept = self._work.decider_facts.kept(persons)
        named = self._work.decider_names.of(persons)
        return [
            *(HeldForDeciding(f.agency.kind, f.seen_at, lines_of_fact(f.said)) for f in kept),
            *(HeldForDeciding(None, one.since, LINES_OF_A_NAME) for one in named),
        ]

    def beside(self, person: PersonId) -> Sequence[FoundBeside]:
        """What is held of the person beside all that: contacts, visits, who may ask."""
        known_by = self.known_by(person)
        beside = PostgresBeside(self._work, known_by).everything()
        return [*beside, *own_page(self._work.connection, known_by)]

    def looks(self, person: PersonId) -> Sequence[LookTaken]:
        """Every look at the person, newest first."""
        return [
            LookTaken(
                look.at,
                look.practitioner_name,
                look.agency_name,
                look.purpose,
                look.permitted,
                look.categories,
                look.through,
            )
            for look in self._work.looks.of(person, most=_ALL_LOOKS)
        ]

    def kept_back(self, person: PersonId) -> Sequence[WaitingMessages]:
        """What was not published and waits, counted by source and place."""
        tokens = list(self._work.persons.tokens_of_person(person))
        wanted = {"tokens": tokens, "held_for": HELD_FOR.value}
        rows = self._work.connection.execute(_KEPT_BACK, wanted)
        return [
            WaitingMessages(Source(row.source), KeptWhere(row.kept), row.messages, row.until)
            for row in rows
        ]

    def waiting(self, person: PersonId) -> Sequence[PublishedRecord]:
        """The records of messages about the person in the health-visiting agency's own store.

        Whoever else is in them and not known is somebody without an id of their own.
        """
        return list(held_records(self._work, person, self.known_by(person)))

    def is_erased(self, person: PersonId) -> bool:
        """Whether a key of the person was destroyed."""
        for one in self.known_by(person):
            try:
                self._work.keys.data_key(one)
            except KeyDestroyedError:
                return True
        return False


def _subjects(entry: LedgerEntry) -> set[PersonId]:
    subjects = entry.fields.get("subjects", ())
    return {PersonId(s) for s in subjects} if isinstance(subjects, tuple) else set()
