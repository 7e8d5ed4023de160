"""Parked parts of messages, for whoever reads the next message about the same; in PostgreSQL.

Only what nobody has answered waits: a part that was said again and could be read, or that a data
steward has discarded, completes nothing any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import zstandard
from sqlalchemy import Connection, text

from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import Publishing
from connectors.publishing.typed import namespace_of
from schemas.vocabulary import Source
from services.platform.keys.sealing import open_at_rest

_WAITING = text("""
    SELECT k.scope, p.ref, p.sealed FROM kept_scope k JOIN parked p USING (source, ref)
    WHERE k.source = :source AND k.scope = ANY(:scopes) AND p.state <> 'discarded'
      AND EXISTS (SELECT FROM parked_about a
                  WHERE a.source = p.source AND a.ref = p.ref AND a.answered_at IS NULL)
    ORDER BY p.version, p.parked_id
""")


@dataclass(frozen=True, slots=True)
class PartsThatWait:
    """What is parked in scopes of a source: the messages themselves, the older first."""

    connection: Connection
    source: Source
    parking_key: bytes

    def within(
        self, scopes: Sequence[str], publishing: Publishing
    ) -> Mapping[str, Sequence[bytes]]:
        """For each of these scopes of which something waits, what does."""
        if not scopes:
            return {}
        typed_by = namespace_of(publishing.feed)
        keys = RecordKeys(self.source, publishing.hasher, typed_by=typed_by)
        by_hash = dict(zip(keys.of_scopes(tuple(scopes)), scopes, strict=True))
        wanted = {"source": self.source.value, "scopes": list(by_hash)}
        found: dict[str, list[bytes]] = {}
        for row in self.connection.execute(_WAITING, wanted):
            packed = open_at_rest(
                self.parking_key, bytes(row.sealed), bound_to=bytes(row.ref).hex()
            )
            found.setdefault(by_hash[row.scope], []).append(zstandard.decompress(packed))
        return found
