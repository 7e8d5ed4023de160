"""Which persons are one: the only place that knows (see the decision "joins are virtual").

Records, tokens, keys and decisions stay under the person they came for. Whoever reads a table by
person asks here for all who are that person, and here by which id they are known outside.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId

# Only who is joined is found, so where nobody is, two empty indexes are looked at and no more.
_JOINED = text("""
    WITH eldest AS (
        SELECT unnest(CAST(:persons AS text[])) AS person_id
        UNION SELECT joined_into FROM person
        WHERE person_id = ANY(:persons) AND joined_into IS NOT NULL
    )
    SELECT person.person_id, person.joined_into FROM person
    JOIN eldest ON person.joined_into = eldest.person_id
""")


class PostgresClusters:
    """Clusters as one transaction sees them; what it read once it does not read again."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._clusters: dict[PersonId, tuple[PersonId, ...]] = {}

    def members(self, persons: Collection[PersonId]) -> Mapping[PersonId, tuple[PersonId, ...]]:
        """For each person all who are one with them, themselves among them.

        The one by whose id they are known outside comes first, the others in order.
        """
        self._read([person for person in persons if person not in self._clusters])
        return {person: self._clusters[person] for person in persons}

    def canonical(self, persons: Collection[PersonId]) -> Mapping[PersonId, PersonId]:
        """For each person the id by which they are known outside: their own, unless joined."""
        return {person: members[0] for person, members in self.members(persons).items()}

    def all_of(self, persons: Collection[PersonId]) -> list[PersonId]:
        """Everybody who is one of these, each once: what to ask a table for."""
        everyone = (p for members in self.members(persons).values() for p in members)
        return list(dict.fromkeys(everyone))

    def forget(self) -> None:
        """Read again what is asked next: this transaction has joined or parted somebody."""
        self._clusters.clear()

    def _read(self, persons: Collection[PersonId]) -> None:
        if not persons:
            return
        joined: dict[PersonId, list[PersonId]] = {}
        for row in self._connection.execute(_JOINED, {"persons": list(persons)}):
            joined.setdefault(PersonId(row.joined_into), []).append(PersonId(row.person_id))
        for eldest, others in joined.items():
            cluster = (eldest, *sorted(others))
            self._clusters.update(dict.fromkeys(cluster, cluster))
        for person in persons:
            self._clusters.setdefault(person, (person,))
