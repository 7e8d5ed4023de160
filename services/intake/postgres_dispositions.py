"""What became of each message, by keyed hashes only, in PostgreSQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from connectors.publishing.ports import RecordedDisposition
from connectors.publishing.receiving.taken import Earlier
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Subject
from schemas.vocabulary import Category, Disposition, Source
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.database.activity import ActivityKind, mark_in_flight
from services.platform.database.engine import Blobs, Texts
from services.platform.keys.hashing import (
    EndedKind,
    KeyedHasher,
    Token,
    ended_tokens_of,
    tokens_of,
)

# One lock a message, taken in one order by everyone, so that two who read the same file at once
# decide on each message one after the other.
_LOCK = text("""
    SELECT pg_advisory_xact_lock(h) FROM (
        SELECT DISTINCT hashtextextended(:source || encode(r, 'hex'), 0) AS h
        FROM unnest(CAST(:refs AS bytea[])) AS r ORDER BY h
    ) AS ordered
""")
_FIND = text("""
    SELECT ref, disposition, reason, withheld, at, is_accepted, about, version
    FROM message_outcome
    WHERE source = :source AND ref = ANY(:refs)
""")
# Before any message: whoever waits for those of one child decides on them after the other.
_LOCK_ABOUT = text("""
    SELECT pg_advisory_xact_lock(h) FROM (
        SELECT DISTINCT hashtextextended(:source || ' about ' || a, 0) AS h
        FROM unnest(CAST(:about AS text[])) AS a ORDER BY h
    ) AS ordered
""")
_NEWEST = text("""
    SELECT a.about, taken.ref, taken.version
    FROM unnest(CAST(:about AS text[])) AS a(about), LATERAL (
        SELECT ref, version FROM message_outcome o
        WHERE o.source = :source AND o.about = a.about ORDER BY version DESC LIMIT 1
    ) AS taken
""")
_VERSIONS = text("""
    SELECT ref, version FROM message_outcome WHERE source = :source AND ref = ANY(:refs)
""")
_SAVE = text("""
    INSERT INTO message_outcome
        (source, ref, disposition, reason, withheld, at, feed_id, is_accepted, about, version)
    SELECT source, ref, disposition, reason, string_to_array(withheld, ','), :at, feed, accepted,
           about, version
    FROM unnest(CAST(:sources AS text[]), CAST(:refs AS bytea[]), CAST(:dispositions AS text[]),
                CAST(:reasons AS text[]), CAST(:withheld AS text[]), CAST(:feeds AS text[]),
                CAST(:accepted AS boolean[]), CAST(:about AS text[]), CAST(:versions AS text[]))
         AS new(source, ref, disposition, reason, withheld, feed, accepted, about, version)
    ON CONFLICT (source, ref) DO UPDATE SET disposition = excluded.disposition,
        reason = excluded.reason, withheld = excluded.withheld, at = excluded.at,
        is_accepted = excluded.is_accepted,
        feed_id = coalesce(message_outcome.feed_id, excluded.feed_id),
        about = excluded.about, version = excluded.version
""")
_FEEDS = text("""
    SELECT ref, feed_id FROM message_outcome
    WHERE source = :source AND ref = ANY(:refs) ORDER BY feed_id, ref
""")
_FORGET_TOKENS = text("DELETE FROM withheld_token WHERE source = :source AND ref = ANY(:refs)")
_SAVE_TOKENS = text("""
    INSERT INTO withheld_token (token, source, ref)
    SELECT * FROM unnest(CAST(:tokens AS bytea[]), CAST(:sources AS text[]),
                         CAST(:refs AS bytea[])) ON CONFLICT DO NOTHING
""")
_HEARD = text("""
    INSERT INTO source_status (source, last_received_at) VALUES (:source, :at)
    ON CONFLICT (source) DO UPDATE SET failing_since = NULL,
        last_received_at = greatest(source_status.last_received_at, excluded.last_received_at)
    RETURNING EXISTS (SELECT FROM parked_about
                      WHERE source = :source AND answered_at IS NULL) AS is_some_unread
""")


class PostgresRecordedDispositions:
    """Outcomes as one transaction sees them."""

    def __init__(
        self, connection: Connection, hasher: KeyedHasher, clusters: PostgresClusters
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._clusters = clusters

    def lock_and_find(
        self, source: Source, refs: Sequence[str]
    ) -> Mapping[str, RecordedDisposition]:
        """Earlier ones; keeps others from deciding the same messages until commit."""
        mark_in_flight(self._connection, ActivityKind.PUBLISHING)
        wanted = {"source": source.value, "refs": [bytes.fromhex(ref) for ref in refs]}
        self._connection.execute(_LOCK, wanted)
        return {
            bytes(row.ref).hex(): RecordedDisposition(
                bytes(row.ref).hex(),
                source,
                Disposition(row.disposition),
                row.reason,
                tuple(Category(c) for c in row.withheld),
                row.at,
                is_accepted=row.is_accepted,
                about=row.about,
                version=row.version,
            )
            for row in self._connection.execute(_FIND, wanted)
        }

    def newest(self, source: Source, about: Collection[RecordKey]) -> Mapping[RecordKey, Earlier]:
        """The last of each that was taken; keeps others from taking any of them until commit."""
        if not about:
            return {}
        wanted = {"source": source.value, "about": list(about)}
        self._connection.execute(_LOCK_ABOUT, wanted)
        return {
            RecordKey(row.about): Earlier(bytes(row.ref).hex(), row.version)
            for row in self._connection.execute(_NEWEST, wanted)
        }

    def versions(self, source: Source, refs: Collection[str]) -> Mapping[str, str | None]:
        """Of those of the messages that were taken, the version; None where none was noted."""
        if not refs:
            return {}
        wanted = {"source": source.value, "refs": [bytes.fromhex(ref) for ref in refs]}
        rows = self._connection.execute(_VERSIONS, wanted)
        return {bytes(row.ref).hex(): row.version for row in rows}

    def save(
        self, dispositions: Sequence[tuple[RecordedDisposition, Sequence[Subject]]], *, at: datetime
    ) -> bool:
        """Keep them; withheld ones can be found again by their subjects' hashes.

        Gives whether of anything that the source sent before, and could not be read, it is known
        about whom it is.
        """
        if not dispositions:
            return False
        source = dispositions[0][0].source
        latest = {recorded.ref: (recorded, subjects) for recorded, subjects in dispositions}
        self._save_dispositions([recorded for recorded, _ in latest.values()], at)
        refs = Blobs(bytes.fromhex(ref) for ref in latest)
        self._connection.execute(_FORGET_TOKENS, {"source": source.value, "refs": refs})
        self._save_tokens(source, latest)
        return self._heard(source, at)

    def heard(self, source: Source, *, at: datetime) -> None:
        """Remember when the source was last heard from."""
        self._heard(source, at)

    def _heard(self, source: Source, at: datetime) -> bool:
        heard = self._connection.execute(_HEARD, {"source": source.value, "at": at})
        return bool(heard.scalar_one())

    def withheld_refs(self, source: Source, tokens: Collection[bytes]) -> Collection[str]:
        """The messages of this source held back that one of the tokens belongs to."""
        rows = self._connection.execute(
            text("""
                SELECT DISTINCT ref FROM withheld_token
                WHERE source = :source AND token = ANY(:tokens)
            """),
            {"source": source.value, "tokens": list(tokens)},
        )
        return [bytes(row.ref).hex() for row in rows]

    def by_feed(
        self, source: Source, refs: Collection[str]
    ) -> Mapping[str | None, Collection[str]]:
        """These messages by the feed by which each came first; None for those of no feed."""
        wanted = {"source": source.value, "refs": [bytes.fromhex(ref) for ref in refs]}
        found: dict[str | None, list[str]] = {}
        for row in self._connection.execute(_FEEDS, wanted):
            found.setdefault(row.feed_id, []).append(bytes(row.ref).hex())
        return found

    def purged(self, persons: Collection[PersonId]) -> Mapping[PersonId, datetime]:
        """When the shared side last purged records of the persons, or who are one with them."""
        rows = self._connection.execute(
            text("SELECT person_id, at FROM person_purge WHERE person_id = ANY(:persons)"),
            {"persons": self._clusters.all_of(persons)},
        )
        at = {PersonId(row.person_id): row.at for row in rows}
        times = {
            person: [at[member] for member in members if member in at]
            for person, members in self._clusters.members(persons).items()
        }
        return {person: max(purged) for person, purged in times.items() if purged}

    def published_subjects(
        self, source: Source, persons: Collection[PersonId]
    ) -> Collection[PersonId]:
        """Those of the persons of whom this source has ever published anything.

        What it published of anybody who is one with them was of them.
        """
        rows = self._connection.execute(
            text("""
                SELECT person_id FROM published_subject
                WHERE source = :source AND person_id = ANY(:persons)
            """),
            {"source": source.value, "persons": self._clusters.all_of(persons)},
        )
        known = {PersonId(row.person_id) for row in rows}
        return {p for p, m in self._clusters.members(persons).items() if not known.isdisjoint(m)}

    def save_published_subjects(self, source: Source, persons: Collection[PersonId]) -> None:
        """Remember that something of them was published."""
        if persons:
            self._connection.execute(
                text("""
                    INSERT INTO published_subject (source, person_id)
                    SELECT :source, p FROM unnest(CAST(:persons AS text[])) AS p
                    ON CONFLICT DO NOTHING
                """),
                {"source": source.value, "persons": sorted(persons)},
            )

    def _save_dispositions(self, dispositions: Sequence[RecordedDisposition], at: datetime) -> None:
        self._connection.execute(
            _SAVE,
            {
                "sources": Texts(o.source.value for o in dispositions),
                "refs": Blobs(bytes.fromhex(o.ref) for o in dispositions),
                "dispositions": Texts(o.disposition.value for o in dispositions),
                "reasons": Texts(o.reason for o in dispositions),
                "withheld": Texts(",".join(o.withheld) for o in dispositions),
                "feeds": Texts(o.feed for o in dispositions),
                "accepted": [o.is_accepted for o in dispositions],
                "about": Texts(o.about for o in dispositions),
                "versions": Texts(o.version for o in dispositions),
                "at": at,
            },
        )

    def _replaced(self, subject: Subject) -> Iterator[Token]:
        """What is decided about whoever has a number that was replaced may let the message go."""
        ended = ended_tokens_of(subject, self._hasher)
        return (token for token, kind in ended if kind is EndedKind.SUPERSEDED)

    def _save_tokens(
        self, source: Source, latest: Mapping[str, tuple[RecordedDisposition, Sequence[Subject]]]
    ) -> None:
        tokens = [
            (token.value, bytes.fromhex(ref))
            for ref, (_, subjects) in latest.items()
            for subject in subjects
            for token in (*tokens_of(subject, self._hasher), *self._replaced(subject))
        ]
        if tokens:
            self._connection.execute(
                _SAVE_TOKENS,
                {
                    "tokens": [token for token, _ in tokens],
                    "sources": [source.value] * len(tokens),
                    "refs": [ref for _, ref in tokens],
                },
            )
