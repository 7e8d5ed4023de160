"""About whom the parked messages are, by keyed hashes of the numbers that they name.

A row stands beside its message and goes with it. No content: what kind of message, since when.
Whose number it is follows from `person_token` when somebody asks: so who becomes known later is
told of what came before, and who turns out to be one with somebody of what came for either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from connectors.ports import Urgency
from connectors.publishing.receiving.unread import ReadAgain, UnreadMessage
from schemas.identifiers import PersonId
from schemas.records.kinds import MessageKind
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Source
from services.intake.unread import ParkedAbout
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.keys.hashing import KeyedHasher, tokens_of

_KEEP = text("""
    INSERT INTO parked_about (source, ref, token, kind, removes, names, version, since)
    VALUES (:source, :ref, :token, :kind, :removes, :names, :version, :at)
    ON CONFLICT (source, ref, token) DO UPDATE SET kind = excluded.kind,
        removes = excluded.removes, names = excluded.names, version = excluded.version
""")
# Only what the same sender's message said of the same person, and not before it.
_ANSWER = text("""
    UPDATE parked_about SET answered_at = :at
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:names AS bytea[]), CAST(:versions AS text[]))
         AS read(token, name, version)
    WHERE parked_about.source = :source AND parked_about.token = read.token
      AND parked_about.answered_at IS NULL
      AND read.name = ANY(parked_about.names)
      AND (parked_about.version IS NULL OR parked_about.version <= read.version)
""")
# A number is its holder's; only where nobody holds it is it that of who once did.
_THEIRS = """
    SELECT mine.token FROM person_token mine
    WHERE mine.person_id = ANY(:persons) AND mine.kind <> 'invalidated'
      AND (mine.kind <> 'superseded' OR NOT EXISTS (
          SELECT FROM person_token held WHERE held.token = mine.token
            AND held.kind NOT IN ('superseded', 'invalidated')))
"""
UNREAD_ABOUT = text(f"""
    SELECT DISTINCT ON (p.source, p.ref) p.parked_id, a.source, a.kind, a.removes, a.since,
           p.urgency
    FROM parked_about a JOIN parked p USING (source, ref)
    WHERE a.token IN ({_THEIRS}) AND a.answered_at IS NULL AND p.state <> 'discarded'
    ORDER BY p.source, p.ref, a.since
""")  # noqa: S608 of constant parts
_TOLD = text("""
    SELECT p.source, p.ref, min(a.since), min(a.answered_at)
    FROM parked p JOIN parked_about a USING (source, ref)
    WHERE p.parked_id = :parked GROUP BY p.source, p.ref
""")
_STILL = text("""
    UPDATE parked_about SET since = least(since, :since), answered_at = :answered
    WHERE source = :source AND ref = :ref
""")
# What is withheld of somebody protected, or of others as well, must not be hinted at: that nothing
# is found is said of records about this person alone, and apart from those that tell a place.
MAY_HOLD = text(f"""
    SELECT w.source FROM withheld_token w
    WHERE w.token IN ({_THEIRS})
      AND NOT EXISTS (SELECT FROM restriction r WHERE r.person_id = ANY(:persons))
      AND NOT EXISTS (
          SELECT FROM withheld_token beside JOIN person_token t USING (token)
          WHERE beside.source = w.source AND beside.ref = w.ref
            AND NOT t.person_id = ANY(:persons))
    UNION SELECT source FROM parked p WHERE p.state <> 'discarded' AND NOT EXISTS (
        SELECT FROM parked_about a WHERE a.source = p.source AND a.ref = p.ref)
""")  # noqa: S608 as above


@dataclass(frozen=True, slots=True)
class ToldUnread:
    """Since when a parked message was told of, and when its sender said the same again."""

    source: str
    ref: bytes
    since: datetime
    answered_at: datetime | None


class PostgresUnread:
    """Those that could not be read, kept and told of, as one transaction sees them."""

    def __init__(
        self, connection: Connection, hasher: KeyedHasher, clusters: PostgresClusters
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._clusters = clusters

    def keep(self, unread: Sequence[UnreadMessage], source: Source, *, at: datetime) -> None:
        """Remember about whom these are, where they name anybody by a number that is verified."""
        rows = [
            {
                "source": source.value,
                "ref": bytes.fromhex(one.ref),
                "token": token,
                "kind": one.about.kind.value,
                "removes": one.about.removes,
                "names": [self._name(source, name) for name in one.about.names],
                "version": None if one.about.version is None else one.about.version.sort_key,
                "at": at,
            }
            for one in unread
            for token in self._tokens(Subject("unread", one.about.identifiers, Demographics()))
        ]
        if rows:
            self._connection.execute(_KEEP, rows)

    def answer(self, read: Sequence[ReadAgain], source: Source, *, at: datetime) -> None:
        """Tell it of nobody any more where it has been said again and could be read."""
        rows = [
            (token, self._name(source, name), one.version.sort_key)
            for one in read
            for subject in one.subjects
            for token in self._tokens(subject)
            for name in one.names
        ]
        if rows:
            self._connection.execute(
                _ANSWER,
                {
                    "source": source.value,
                    "at": at,
                    "tokens": [token for token, _, _ in rows],
                    "names": [name for _, name, _ in rows],
                    "versions": [version for _, _, version in rows],
                },
            )

    def about(self, person: PersonId) -> Sequence[ParkedAbout]:
        """The parked messages about the person, or who is one with them, each once."""
        rows = self._connection.execute(UNREAD_ABOUT, {"persons": self._clusters.all_of([person])})
        return [
            ParkedAbout(
                row.parked_id,
                Source(row.source),
                MessageKind(row.kind),
                row.removes,
                row.since,
                None if row.urgency is None else Urgency(row.urgency),
            )
            for row in rows
        ]

    def told(self, parked_id: str) -> ToldUnread | None:
        """Since when a parked message is told of, and when it was said again, if it was."""
        row = self._connection.execute(_TOLD, {"parked": parked_id}).first()
        return None if row is None else ToldUnread(*row)

    def still(self, told: ToldUnread) -> None:
        """It was read again and parked again: it is told of as before."""
        wanted = {"source": told.source, "ref": told.ref, "since": told.since}
        self._connection.execute(_STILL, {**wanted, "answered": told.answered_at})

    def may_hold(self, person: PersonId) -> Collection[Source]:
        """The sources of which it cannot be said that they have sent nothing about the person."""
        rows = self._connection.execute(MAY_HOLD, {"persons": self._clusters.all_of([person])})
        return {Source(row.source) for row in rows}

    def _tokens(self, subject: Subject) -> set[bytes]:
        return {token.value for token in tokens_of(subject, self._hasher)}

    def _name(self, source: Source, name: str) -> bytes:
        return self._hasher.digest("message-name", source, name)
