"""Where what was not published waits, in PostgreSQL: parked, held, or to be read again."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import zstandard
from sqlalchemy import Connection, text

from connectors.ports import Received, Unreadable
from connectors.publishing.ports import KeptMessage
from connectors.registry import the_one_with_a_store
from schemas.identifiers import RecordKey
from schemas.vocabulary import Source
from services.intake.parked.postgres import bound_origin
from services.platform.keys.sealing import open_at_rest, seal_at_rest

HOLDING_TIME = timedelta(days=365)
HELD_FOR = the_one_with_a_store()
"""The source whose agency has a store of its own: the schema below, under its own key."""

# What is kept is what came first, so it stays of the feed by which that came.
_PARK = text("""
    INSERT INTO parked (parked_id, source, ref, position, message_id, field, reason, sealed, at,
                        feed_id, event, sender, urgency, origin, version)
    VALUES (:id, :source, :ref, :position, :message_id, :field, :reason, :sealed, :at,
            :feed, :event, :sender, :urgency, :origin, :version)
    ON CONFLICT (source, ref) DO UPDATE SET field = :field, reason = :reason, at = :at,
        event = :event, sender = :sender, urgency = :urgency, version = :version,
        origin = coalesce(:origin, parked.origin), state = CASE
            WHEN (parked.field, parked.reason) = (:field, :reason) THEN parked.state
            ELSE 'waiting' END
""")
_HOLD = text("""
    INSERT INTO holding_health_visiting.held_message
        (ref, record_keys, version, sealed, held_at, expires_at)
    VALUES (:ref, :keys, :version, :sealed, :at, :expires)
    ON CONFLICT (ref) DO UPDATE SET held_at = :at, expires_at = :expires
""")
_REREAD = text("""
    INSERT INTO file_to_reread (source, ref, path, school)
    SELECT :source, ref, :path, :school FROM unnest(CAST(:refs AS bytea[])) AS ref
    ON CONFLICT (source, ref) DO UPDATE SET path = excluded.path, school = excluded.school
""")


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that messages come in; `school` is whose own titles it was said to have."""

    path: Path
    school: str | None = None


class Parking:
    """Messages that could not be read, sealed, until they are replayed."""

    def __init__(self, connection: Connection, source: Source, key: bytes) -> None:
        self._connection = connection
        self._source = source
        self._key = key

    def park(
        self, ref: str, received: Received, why: Unreadable, *, at: datetime, feed: str | None
    ) -> None:
        """Keep the message sealed, with where and why it could not be read."""
        sealed = seal_at_rest(self._key, zstandard.compress(received.raw()), bound_to=ref)
        version = received.outcome.version
        self._connection.execute(
            _PARK,
            {
                "id": ref[:32],
                "source": self._source.value,
                "ref": bytes.fromhex(ref),
                "position": received.index,
                "message_id": why.message_id,
                "field": why.field,
                "reason": why.reason,
                "sealed": sealed,
                "at": at,
                "feed": feed,
                "event": None if why.about is None else why.about.kind.value,
                "sender": why.sender,
                "urgency": why.cannot_wait,
                "origin": self._sealed_origin(ref, received.origin),
                "version": version.sort_key if version is not None else None,
            },
        )

    def write_kept(self) -> None:
        """Nothing was gathered."""

    def _sealed_origin(self, ref: str, origin: str | None) -> bytes | None:
        """Sealed too: a file may be called after somebody."""
        if origin is None:
            return None
        said = origin.encode(errors="surrogateescape")
        return seal_at_rest(self._key, said, bound_to=bound_origin(ref))


class HealthVisitingStore(Parking):
    """The health-visiting agency's own store: a mailbox forgets what was acknowledged.

    Sealed under that agency's key, in a schema that portal and aggregation cannot read.
    """

    def __init__(self, connection: Connection, *, parking_key: bytes, kept_back_key: bytes) -> None:
        super().__init__(connection, HELD_FOR, parking_key)
        self._kept_back_key = kept_back_key

    def keep(
        self, ref: str, raw: bytes, record_keys: Sequence[str], *, version: str, at: datetime
    ) -> None:
        """Keep a withheld message for a year, or until it is permitted or removed."""
        sealed = seal_at_rest(self._kept_back_key, zstandard.compress(raw), bound_to=ref)
        self._connection.execute(
            _HOLD,
            {
                "ref": bytes.fromhex(ref),
                "keys": list(record_keys),
                "version": version,
                "sealed": sealed,
                "at": at,
                "expires": at + HOLDING_TIME,
            },
        )

    def clear(self, record_keys: Sequence[str], *, version: str) -> None:
        """Forget held messages of which their source has since removed every record.

        One that says something else besides stays whole; the removal waits beside it, and is
        the later version when both come. One that is newer than the removal stays: mailboxes
        deliver in no order, and a removal that comes late takes back only what was before it.
        """
        if record_keys:
            self._connection.execute(
                text("""
                    DELETE FROM holding_health_visiting.held_message
                    WHERE record_keys <@ CAST(:keys AS text[]) AND record_keys <> '{}'
                      AND version <= :version
                """),
                {"keys": list(record_keys), "version": version},
            )

    def release(self, refs: Collection[str]) -> None:
        """Forget messages that are now published in full."""
        if refs:
            self._connection.execute(
                text("DELETE FROM holding_health_visiting.held_message WHERE ref = ANY(:refs)"),
                {"refs": [bytes.fromhex(ref) for ref in refs]},
            )

    def kept(self, refs: Collection[str]) -> Iterator[bytes]:
        """The held messages themselves, oldest first."""
        rows = self._connection.execute(
            text("""
                SELECT ref, sealed FROM holding_health_visiting.held_message
                WHERE ref = ANY(:refs) ORDER BY held_at
            """),
            {"refs": [bytes.fromhex(ref) for ref in refs]},
        ).all()
        for row in rows:
            ref = bytes(row.ref).hex()
            packed = open_at_rest(self._kept_back_key, bytes(row.sealed), bound_to=ref)
            yield zstandard.decompress(packed)


class StaysWithItsOwner(Parking):
    """What is withheld is not kept at all: its owner has it, and sends it again."""

    def keep(
        self, ref: str, raw: bytes, record_keys: Sequence[str], *, version: str, at: datetime
    ) -> None:
        """Nothing is held."""

    def clear(self, record_keys: Sequence[str], *, version: str) -> None:
        """Nothing is held, so nothing is cleared."""

    def release(self, refs: Collection[str]) -> None:
        """Nothing was held."""


class FilesToReread(Parking):
    """File sources keep their files: only which file to read again is remembered.

    And by the titles of which school, where somebody said so who had it read.
    """

    def __init__(
        self, connection: Connection, source: Source, file: "FileRead", *, parking_key: bytes
    ) -> None:
        super().__init__(connection, source, parking_key)
        self._file = file
        self._to_reread: set[str] = set()

    def keep(
        self, ref: str, raw: bytes, record_keys: Sequence[str], *, version: str, at: datetime
    ) -> None:
        """Remember that the message is in this file, with all others of it at once."""
        del raw, record_keys, version, at
        self._to_reread.add(ref)

    def write_kept(self) -> None:
        """Write which messages are in this file."""
        if self._to_reread:
            refs = [bytes.fromhex(ref) for ref in sorted(self._to_reread)]
            file = {"path": str(self._file.path), "school": self._file.school}
            self._connection.execute(_REREAD, {"source": self._source.value, "refs": refs, **file})
            self._to_reread.clear()

    def clear(self, record_keys: Sequence[str], *, version: str) -> None:
        """Nothing is held here, so nothing is cleared."""

    def release(self, refs: Collection[str]) -> None:
        """Forget files that are read in full."""
        if refs:
            self._connection.execute(
                text("DELETE FROM file_to_reread WHERE source = :source AND ref = ANY(:refs)"),
                {"source": self._source.value, "refs": [bytes.fromhex(ref) for ref in refs]},
            )


def files_to_reread(
    connection: Connection, source: Source, refs: Collection[str]
) -> list[FileRead]:
    """The files in which these messages are, each once."""
    rows = connection.execute(
        text("""
            SELECT DISTINCT path, school FROM file_to_reread
            WHERE source = :source AND ref = ANY(:refs) ORDER BY path
        """),
        {"source": source.value, "refs": [bytes.fromhex(ref) for ref in refs]},
    )
    return [FileRead(Path(row.path), row.school) for row in rows]


def remembered_files(connection: Connection) -> list[Path]:
    """Every file of which something waits to be read again."""
    rows = connection.execute(text("SELECT DISTINCT path FROM file_to_reread"))
    return [Path(row.path) for row in rows]


# In which scopes lies what is kept back, so that it goes when its source takes that back.

_NOTE = text("""
    INSERT INTO kept_scope (source, scope, ref, version)
    SELECT :source, scope, ref, version
    FROM unnest(CAST(:scopes AS text[]), CAST(:refs AS bytea[]), CAST(:versions AS text[]))
         AS kept(scope, ref, version)
    ON CONFLICT (source, scope, ref) DO UPDATE SET version = excluded.version
""")
_FORGET = text("DELETE FROM kept_scope WHERE source = :source AND ref = ANY(:refs)")
_TAKE = text("""
    DELETE FROM kept_scope
    USING unnest(CAST(:scopes AS text[]), CAST(:versions AS text[])) AS gone(scope, version)
    WHERE kept_scope.source = :source AND kept_scope.scope = gone.scope
      AND kept_scope.version < gone.version
    RETURNING kept_scope.ref
""")
# Wherever something of a message may lie that is kept back.
_PLACES = (
    text("DELETE FROM parked WHERE source = :source AND ref = ANY(:refs)"),
    text("DELETE FROM file_to_reread WHERE source = :source AND ref = ANY(:refs)"),
    text("DELETE FROM partner_withheld WHERE source = :source AND ref = ANY(:refs)"),
    text("DELETE FROM withheld_token WHERE source = :source AND ref = ANY(:refs)"),
    text("DELETE FROM message_outcome WHERE source = :source AND ref = ANY(:refs)"),
)
_HELD = text("DELETE FROM holding_health_visiting.held_message WHERE ref = ANY(:refs)")


class PostgresKeptScopes:
    """connectors.publishing.ports.KeptScopes as one transaction sees it."""

    def __init__(self, connection: Connection, source: Source) -> None:
        self._connection = connection
        self._source = source

    def note(self, kept: Sequence[KeptMessage]) -> None:
        """Remember where messages lie that are held, parked or to be sent again."""
        rows = {
            (scope, message.ref): message.version for message in kept for scope in message.scopes
        }
        if rows:
            self._connection.execute(
                _NOTE,
                {
                    "source": self._source.value,
                    "scopes": [scope for scope, _ in rows],
                    "refs": [bytes.fromhex(ref) for _, ref in rows],
                    "versions": list(rows.values()),
                },
            )

    def forget(self, refs: Collection[str]) -> None:
        """Forget it of messages that are kept back no longer."""
        if refs:
            raw = [bytes.fromhex(ref) for ref in refs]
            self._connection.execute(_FORGET, {"source": self._source.value, "refs": raw})

    def clear(self, gone: Collection[tuple[RecordKey, str]]) -> None:
        """Let go of every kept message that lies in one of these scopes and is older than that."""
        if not gone:
            return
        taken = self._connection.execute(
            _TAKE,
            {
                "source": self._source.value,
                "scopes": [scope for scope, _ in gone],
                "versions": [version for _, version in gone],
            },
        )
        refs = sorted({bytes(row.ref) for row in taken})
        if not refs:
            return
        found = {"source": self._source.value, "refs": refs}
        self._connection.execute(_FORGET, found)
        for place in _PLACES:
            self._connection.execute(place, found)
        if self._source is HELD_FOR:
            self._connection.execute(_HELD, {"refs": refs})
