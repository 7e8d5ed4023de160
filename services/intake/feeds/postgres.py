"""Feeds in PostgreSQL: a row a state, never changed, and whose a way in is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, text

from connectors.publishing.ports import Feed
from schemas.vocabulary import Source
from services.intake.feeds.model import CameBy, FeedChannel, FeedClass, RegisteredFeed
from services.ledger.bound_tables import FEEDS
from services.ledger.postgres_bound import BoundRows
from services.platform.errors import ServiceUnavailableError
from services.platform.keys.hashing import KeyedHasher

_ID_DIGITS = 32
_LATEST = """
    NOT EXISTS (SELECT FROM feed later WHERE later.feed_id = f.feed_id AND later.state > f.state)
"""
_BY_WAY = text(f"""
    SELECT f.* FROM feed f WHERE f.source = :source AND f.channel = :channel
      AND f.reference = :reference AND f.since <= :now AND (f.until IS NULL OR f.until > :now)
      AND {_LATEST} ORDER BY f.since DESC LIMIT 1
""")  # noqa: S608 of constant parts
_FIND = text("SELECT * FROM feed WHERE feed_id = :id ORDER BY state DESC LIMIT 1")
_ALL = text(f"SELECT f.* FROM feed f WHERE {_LATEST} ORDER BY f.source, f.agency_code, f.feed_id")  # noqa: S608 as above


@dataclass(frozen=True, slots=True)
class PostgresFeeds:
    """Feeds as one transaction sees them at one moment."""

    connection: Connection
    at: datetime
    hasher: KeyedHasher
    bound: BoundRows
    is_demonstration: bool

    def feed_of(self, source: Source, came_by: CameBy | None) -> Feed | None:
        """Whose feed a message came by; None where that way in is nobody's.

        Where only invented people are, a file is of the agency that it names as its sender, as if
        by a feed that is kept; nothing else is taken for registered there either.
        """
        if came_by is not None:
            found = self._by_way(source, came_by)
            if found is not None:
                return _as_it_counts(found)
        is_file = came_by is None or came_by.channel in {FeedChannel.FOLDER, FeedChannel.UPLOAD}
        if self.is_demonstration and is_file:
            return Feed(self.id_of(source, CameBy(FeedChannel.UPLOAD, "demonstration")), None, True)
        return None

    def in_force(self, feed: str) -> Feed | None:
        """A feed as it counts now, by its id; None where it has ended."""
        found = self.find(feed)
        return _as_it_counts(found) if found is not None and found.is_in_force(self.at) else None

    def id_of(self, source: Source, came_by: CameBy) -> str:
        """The opaque id of the feed by this way: registering it again is the same feed."""
        parts = (source.value, came_by.channel.value, came_by.reference)
        return self.hasher.opaque("feed", *parts)[:_ID_DIGITS]

    def find(self, feed: str) -> RegisteredFeed | None:
        """One feed as it stands."""
        row = self.connection.execute(_FIND, {"id": feed}).first()
        return None if row is None or not self.bound.holds(FEEDS, row) else _feed(row)

    def all(self) -> Sequence[RegisteredFeed]:
        """Every feed as it stands, also those that have ended."""
        rows = self.connection.execute(_ALL)
        return [_feed(row) for row in rows if self.bound.holds(FEEDS, row)]

    def add(self, feed: RegisteredFeed) -> None:
        """Write a feed, or its next state."""
        row = {
            "feed_id": feed.id,
            "state": feed.state,
            "source": feed.source.value,
            "agency_code": feed.agency,
            "channel": feed.came_by.channel.value,
            "reference": feed.came_by.reference,
            "class": feed.feed_class.value,
            "asked_by": feed.asked_by,
            "warranted_by": feed.warranted_by,
            "since": feed.since,
            "until": feed.until,
            "known_at": self.at,
        }
        if not self.bound.add(FEEDS, [(row, feed.warranted_by)]):
            raise ServiceUnavailableError("another change of this feed came first; try again")

    def _by_way(self, source: Source, came_by: CameBy) -> RegisteredFeed | None:
        row = self.connection.execute(
            _BY_WAY,
            {
                "source": source.value,
                "channel": came_by.channel.value,
                "reference": came_by.reference,
                "now": self.at,
            },
        ).first()
        return None if row is None or not self.bound.holds(FEEDS, row) else _feed(row)


def _as_it_counts(feed: RegisteredFeed) -> Feed:
    return Feed(feed.id, feed.agency, feed.feed_class is FeedClass.KEPT)


def _feed(row: Row[tuple[object, ...]]) -> RegisteredFeed:
    return RegisteredFeed(
        row.feed_id,
        Source(row.source),
        row.agency_code,
        CameBy(FeedChannel(row.channel), row.reference),
        FeedClass(row._mapping["class"]),  # noqa: SLF001 the column is a word of Python's
        row.asked_by,
        row.warranted_by,
        row.since,
        row.until,
        row.state,
    )
