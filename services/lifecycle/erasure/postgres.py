"""Erasing persons from every table, and every waiting message, that knows of them.

In the caller's transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from services.ledger.bound_tables import BOUND
from services.ledger.postgres_bound import BoundRows
from services.lifecycle.erasure.erasing import Deleted, Erasure, ErasureGround, ErasureRefusal
from services.lifecycle.erasure.postgres_unpublished import UnpublishedMessages
from services.lifecycle.retention.postgres import RetentionHolds
from services.lifecycle.tombstones.postgres import PostgresTombstones
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.presence.postgres_whose import WhoseVisits
from services.people.protecting.postgres import PostgresProtection
from services.platform.keys.vault import KeyVault, SecretName
from services.work import UnitOfWork

GONE: Mapping[str, tuple[str, ...]] = {
    "came_again": ("person_id",),
    "case_load": ("person_id",),
    "connection_person": ("person_id",),
    "connection": ("person_id",),
    "decider_fact": ("other_person_id", "person_id"),
    "decider_name": ("person_id",),
    "contact_held": ("person_id", "other_person_id"),
    "contact_told": ("person_id", "other_person_id"),
    "draft": ("person_id",),
    "emergency_told": ("person_id",),
    "exclusion": ("person_id",),
    "governance_item": ("person_id",),
    "legitimate_relationship": ("person_id",),
    "link_review": ("one", "other"),
    "link_to_consider": ("person_id",),
    "family_access": ("person_id",),
    "family_code": ("person_id",),
    "family_let_see": ("person_id", "other_person_id"),
    "family_copy": ("person_id", "about_id"),
    "family_question": ("person_id",),
    "family_reach": ("person_id",),
    "family_session": ("person_id",),
    "family_taken_off": ("person_id", "other_person_id"),
    "family_words": ("about_person_id", "person_id"),
    "listed_pupil": ("person_id",),
    "own.own_death": ("person_id",),
    "own.own_label": ("person_id",),
    "own.told_case": ("person_id",),
    "own.told_clearing": ("person_id",),
    "own.told_involvement": ("person_id",),
    "person_apart": ("one", "other"),
    "person_facts": ("person_id",),
    "person_identifier": ("person_id",),
    "person_join": ("kept", "joined"),
    "person_purge": ("person_id",),
    "person_token": ("person_id",),
    "presence": ("person_id",),
    "presence_confirmed": ("person_id",),
    "protected_place": ("person_id",),
    "published_subject": ("person_id",),
    "record_part": ("person_id", "other_person_id"),
    "relationship": ("person_id",),
    "relationship_words": ("person_id",),
    "relationship_request": ("person_id",),
    "restriction": ("person_id",),
    "retention_hold": ("person_id",),
    "sharing_decision_subject": ("person_id",),
}
"""Every other table that refers to a person, by these columns: its rows go."""

STAYS: Mapping[str, tuple[str, ...]] = {
    "person": ("person_id",),
    "erasure": ("person_id",),
    "look": ("person_id",),
    "audit_export": ("words_of",),
    "unusual_act": ("person_id",),
    "unusual_hit": ("person_id",),
}
"""Opaque ids that stay: that they were erased, who had looked at them, and who had exported.

What was said of an export is sealed under their key, and ends with it.
"""

_BOUND = frozenset(table.name for table in BOUND)
_LOCK = text("""
    SELECT person_id FROM person WHERE person_id = ANY(:persons) AND wrapped_key IS NOT NULL
    ORDER BY person_id FOR UPDATE
""")
_KEYS = text("""
    SELECT person_id, wrapped_key FROM person
    WHERE person_id = ANY(:persons) AND wrapped_key IS NOT NULL
""")
# What is about several persons names this one, whoever's key it lies under.
_RECORDS = text("""
    DELETE FROM record WHERE person_id = ANY(:persons) OR other_person_id = ANY(:persons)
        OR (also_about <> '{}' AND also_about && CAST(:persons AS text[]))
    RETURNING record_key, person_id, other_person_id, also_about
""")
_CASE_LOADS = text("DELETE FROM case_load WHERE record_key = ANY(:keys)")
_LONELY_DECISIONS = text("""
    DELETE FROM sharing_decision WHERE decision_id = ANY(:decisions) AND NOT EXISTS (
        SELECT FROM sharing_decision_subject s WHERE s.decision_id = sharing_decision.decision_id)
    RETURNING bound_by
""")
_DECISIONS = text("""
    SELECT DISTINCT decision_id FROM sharing_decision_subject WHERE person_id = ANY(:persons)
""")
_BEGIN = text("""
    INSERT INTO erasure (person_id, erasure_id, because, ordered_by, ordered_at, handle)
    VALUES (:person, :erasure, :because, :by, :at, :handle)
    ON CONFLICT (person_id) DO UPDATE SET erasure_id = :erasure, because = :because,
        ordered_by = :by, ordered_at = :at, destroyed_at = NULL,
        handle = coalesce(:handle, erasure.handle)
""")
_TAKE_KEYS = text("""
    UPDATE person SET wrapped_key = NULL, birth_token = NULL
    WHERE person_id = ANY(:persons)
""")
_OF_PERSON = text("""
    SELECT * FROM erasure WHERE erasure_id = (
        SELECT erasure_id FROM erasure WHERE person_id = :person) ORDER BY person_id
""")
_UNFINISHED = text("""
    SELECT * FROM erasure WHERE erasure_id IN (
        SELECT erasure_id FROM erasure WHERE destroyed_at IS NULL) ORDER BY ordered_at, person_id
""")
_HANDLES = text("SELECT handle FROM erasure WHERE handle IS NOT NULL")
_FINISH = text("UPDATE erasure SET destroyed_at = :at WHERE erasure_id = :erasure")
_FINISH_PERSONS = text("""
    UPDATE person SET key_destroyed_at = :at WHERE person_id = ANY(:persons)
""")


class PostgresErasures:
    """Erasures as one transaction of the database's owner sees them."""

    def __init__(
        self,
        connection: Connection,
        clusters: PostgresClusters,
        vault: KeyVault,
        *,
        messages: UnpublishedMessages,
        visits: WhoseVisits,
        bound: BoundRows,
        protection: PostgresProtection,
        at: datetime,
        tombstones: PostgresTombstones,
    ) -> None:
        self._connection = connection
        self._clusters = clusters
        self._vault = vault
        self._messages = messages
        self._visits = visits
        self._bound = bound
        self._protection = protection
        self._at = at
        self._tombstones = tombstones

    @classmethod
    def of(cls, work: UnitOfWork, vault: KeyVault) -> "PostgresErasures":
        """Those of a transaction."""
        messages = UnpublishedMessages(work.connection, work.hasher, work.keys, vault, at=work.now)
        visits = WhoseVisits(work.connection, work.hasher, vault.secret(SecretName.SHEETS))
        return cls(
            work.connection,
            work.clusters,
            vault,
            messages=messages,
            visits=visits,
            bound=work.bound,
            protection=work.protection,
            at=work.now,
            tombstones=work.tombstones,
        )

    def lock(self, person: PersonId) -> Sequence[PersonId]:
        """Everybody who is that person and not erased, locked until commit; nobody if unknown."""
        members: list[PersonId] = []
        locked: list[PersonId] = []
        # Whoever is joined before the lock is there at the second look; nobody is after it.
        while set(members) != set(members := self._clusters.all_of([person])):
            rows = self._connection.execute(_LOCK, {"persons": members})
            locked = [PersonId(row.person_id) for row in rows]
            self._clusters.forget()
        return locked

    def find(self, person: PersonId) -> Erasure | None:
        """The erasure that this person was part of."""
        found = self._connection.execute(_OF_PERSON, {"person": person})
        return next(iter(_erasures(found)), None)

    def obstacles(self, persons: Collection[PersonId]) -> Sequence[ErasureRefusal]:
        """Everything that forbids erasing them, the first to be dealt with first."""
        found = {
            ErasureRefusal.RESTRICTED: self._are_restricted(persons),
            ErasureRefusal.HELD: bool(
                RetentionHolds(self._connection, self._clusters).held_among(persons)
            ),
            ErasureRefusal.OLD_KEY: None in self._handles(persons).values(),
        }
        return [refusal for refusal, is_so in found.items() if is_so]

    def leave_tombstone(self, erasure: Erasure) -> None:
        """Keep what is to come back to whoever comes again under the same identifiers."""
        self._tombstones.leave(erasure.id, erasure.persons, by=erasure.ordered_by)

    def delete(self, persons: Collection[PersonId], *, by: str) -> Deleted:
        """Delete what is held about them, by whatever it is found; again deletes what is left."""
        everyone = {"persons": list(persons)}
        held, parked = self._messages.delete(persons)
        self._visits.delete(persons)
        records = self._connection.execute(_RECORDS, everyone).all()
        self._connection.execute(_CASE_LOADS, {"keys": [row.record_key for row in records]})
        decisions = list(self._connection.execute(_DECISIONS, everyone).scalars())
        released: list[UUID] = []
        for table, columns in GONE.items():
            which = " OR ".join(f"{column} = ANY(:persons)" for column in columns)
            told = "RETURNING bound_by" if table in _BOUND else ""
            gone = self._connection.execute(
                text(f"DELETE FROM {table} WHERE {which} {told}"),  # noqa: S608 - our own names
                everyone,
            )
            released.extend(gone.scalars() if told else ())
        lonely = self._connection.execute(_LONELY_DECISIONS, {"decisions": decisions})
        self._bound.release([*released, *lonely.scalars()], "erasure", actor=by)
        self._clusters.forget()
        about = {p for row in records for p in _persons_of(row)}
        return Deleted(len(records), held, parked, frozenset(about - set(persons)))

    def begin(self, erasure: Erasure) -> Erasure:
        """Take their keys out of their rows and keep the order; gives it with the handles."""
        handles = self._handles(erasure.persons)
        for person in erasure.persons:
            self._connection.execute(
                _BEGIN,
                {
                    "person": person,
                    "erasure": erasure.id,
                    "because": erasure.because.value,
                    "by": erasure.ordered_by,
                    "at": erasure.ordered_at,
                    "handle": handles.get(person),
                },
            )
        self._connection.execute(_TAKE_KEYS, {"persons": list(erasure.persons)})
        found = (handles.get(person) for person in erasure.persons)
        return replace(erasure, handles=tuple(h for h in found if h is not None))

    def unfinished(self) -> Sequence[Erasure]:
        """The erasures whose keys may not be destroyed yet."""
        return _erasures(self._connection.execute(_UNFINISHED))

    def handles(self) -> Sequence[bytes]:
        """By what all keys were destroyed that ever were, or will be."""
        return [bytes(handle) for handle in self._connection.execute(_HANDLES).scalars()]

    def finish(self, erasure: Erasure, *, at: datetime) -> None:
        """Remember that the keys are destroyed."""
        self._connection.execute(_FINISH, {"erasure": erasure.id, "at": at})
        persons = {"persons": list(erasure.persons), "at": at}
        self._connection.execute(_FINISH_PERSONS, persons)

    def _are_restricted(self, persons: Collection[PersonId]) -> bool:
        return any(r.is_in_force(self._at) for r in self._protection.restrictions(persons))

    def _handles(self, persons: Collection[PersonId]) -> dict[PersonId, bytes | None]:
        rows = self._connection.execute(_KEYS, {"persons": list(persons)})
        return {
            PersonId(row.person_id): self._vault.handle_of(bytes(row.wrapped_key)) for row in rows
        }


def _persons_of(row: Row[tuple[object, ...]]) -> list[PersonId]:
    named = (row.person_id, row.other_person_id, *row.also_about)
    return [PersonId(person) for person in named if person is not None]


def _erasures(rows: Iterable[Row[tuple[object, ...]]]) -> list[Erasure]:
    found: dict[str, list[Row[tuple[object, ...]]]] = {}
    for row in rows:
        found.setdefault(row.erasure_id, []).append(row)
    return [
        Erasure(
            erasure_id,
            tuple(PersonId(row.person_id) for row in parts),
            tuple(bytes(row.handle) for row in parts if row.handle is not None),
            ErasureGround(parts[0].because),
            parts[0].ordered_by,
            parts[0].ordered_at,
            is_finished=all(row.destroyed_at is not None for row in parts),
        )
        for erasure_id, parts in found.items()
    ]
