"""In which scopes lies what is kept back, so that it goes when its source takes that back."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from connectors.publishing_ports import KeptMessage
from schemas.identifiers import RecordKey
from schemas.vocabulary import Source

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
    """connectors.publishing_ports.KeptScopes as one transaction sees it."""

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
        if self._source is Source.HEALTH_VISITING:
            self._connection.execute(_HELD, {"refs": refs})
