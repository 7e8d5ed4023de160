"""Where protected persons are, in PostgreSQL: keyed hashes that outlive the records they are from.

What is said of who lives there goes when a restriction is placed; that it is a place to protect has
to stay, or the record of whoever lives there too would tell it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, text

from schemas.errors import UnreadableEventError
from schemas.identifiers import PersonId
from schemas.records.payloads import Address
from schemas.records.published import homes_told
from schemas.uk_time import uk_day
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.database.engine import Blobs, Texts
from services.platform.errors import KeyUnusableError
from services.platform.keys.hashing import KeyedHasher
from services.profile.merging.whereabouts import is_lived_in
from services.profile.ports import StoredRecord
from services.profile.postgres import PostgresStoredRecords
from services.profile.protection.hashed_places import places_protected

_ADD = text("""
    INSERT INTO protected_place (person_id, place)
    SELECT person, place
    FROM unnest(CAST(:persons AS text[]), CAST(:places AS bytea[])) AS new(person, place)
    ON CONFLICT DO NOTHING
""")


class PostgresProtectedPlaces:
    """Protected places as one transaction sees them, on its one day."""

    def __init__(
        self,
        connection: Connection,
        hasher: KeyedHasher,
        clusters: PostgresClusters,
        records: PostgresStoredRecords,
        *,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._clusters = clusters
        self._records = records
        self._today = uk_day(at).isoformat()

    def protect(self, told: Collection[tuple[PersonId, Address]]) -> None:
        """Keep where these persons live now, under everybody who is one with them.

        Also by one hand's word, as what protects one of them protects both; and so it stays
        protected for each of them if they are parted again.
        """
        said = self._clusters.said_to_be({person for person, _ in told})
        rows = {
            (member, place)
            for person, address in told
            if is_lived_in(address, self._today)
            for place in places_protected(address, self._hasher)
            for member in said[person]
        }
        if rows:
            persons, places = zip(*sorted(rows), strict=True)
            new = {"persons": Texts(persons), "places": Blobs(places)}
            self._connection.execute(_ADD, new)

    def protect_stored(self, person: PersonId) -> None:
        """Keep where this person lives, and who is one with them, as far as records tell.

        What nobody can open tells nobody anything.
        """
        known_as = self._records.known_as(person)
        stored = self._records.about([person], outdated=True)
        homes = (home for record in stored if record.places for home in self._homes(record))
        self.protect([(whose, address) for whose, address in homes if whose == known_as])

    def _homes(self, record: StoredRecord) -> Sequence[tuple[PersonId, Address]]:
        try:
            opened = list(self._records.open([record]))
        except (KeyUnusableError, UnreadableEventError, orjson.JSONDecodeError):
            return []
        return [home for one in opened for home in homes_told(one.payload, one.persons)]
