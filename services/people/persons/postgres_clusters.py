"""Which persons are one: the only place that knows (see the decision "joins take two hands").

Records, tokens, keys and decisions stay under the person they came for. Whoever reads a table by
person asks here for all who are that person, and here by which id they are known outside. It
follows from the joins and partings on record, each as it was written.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.ledger.bound_tables import JOINS
from services.ledger.postgres_bound import BoundRows
from services.people.persons.clusters import ALWAYS, Clusters, Edge, JoinStanding

_NEVER = datetime.min.replace(tzinfo=UTC)
# Over every join, in whatever state: who is reached is not yet who is one. Where nobody is joined
# two empty indexes are looked at and no more.
REACHED_STEP = """
    SELECT reached.start, edge.person_id FROM reached CROSS JOIN LATERAL (
        SELECT j.joined AS person_id FROM person_join j WHERE j.kept = reached.person_id
        UNION ALL SELECT j.kept FROM person_join j WHERE j.joined = reached.person_id
    ) AS edge
"""
REACHED_JOINS = """
    SELECT j.*, (SELECT created_at FROM person WHERE person_id = j.kept) AS kept_since,
           (SELECT created_at FROM person WHERE person_id = j.joined) AS joined_since
    FROM person_join j WHERE j.kept IN (SELECT person_id FROM reached)
"""
JOINS_OF = text(f"""
    WITH RECURSIVE reached AS (
        SELECT wanted AS start, wanted AS person_id
        FROM unnest(CAST(:persons AS text[])) AS wanted
        UNION {REACHED_STEP}
    )
    {REACHED_JOINS}
""")  # noqa: S608 of constant parts


class PostgresClusters:
    """Clusters as one transaction sees them; what it read once it does not read again."""

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound
        self._read_already: set[PersonId] = set()
        self._edges: set[Edge] = set()
        self._clusters = Clusters(())
        self.version = 0
        """Another number once other joins are known: what follows from them is to be asked anew."""

    def members(self, persons: Collection[PersonId]) -> Mapping[PersonId, tuple[PersonId, ...]]:
        """For each person all who are one with them, themselves among them.

        The one by whose id they are known outside comes first, the others in order.
        """
        found = self._knowing(persons)
        return {person: found.one_with(person) for person in persons}

    def said_to_be(self, persons: Collection[PersonId]) -> Mapping[PersonId, tuple[PersonId, ...]]:
        """The same with those too who are one by one hand's word: for stewards, and nobody else."""
        found = self._knowing(persons)
        return {person: found.said_to_be(person) for person in persons}

    def denying(
        self, persons: Collection[PersonId]
    ) -> Mapping[PersonId, Mapping[PersonId, datetime]]:
        """For each person others whose no holds for them, and until when it must be on record."""
        found = self._knowing(persons)
        return {person: found.denying(person) for person in persons}

    def holding_for(
        self, persons: Collection[PersonId]
    ) -> Mapping[PersonId, Mapping[PersonId, datetime]]:
        """The same with who is one with them, of whom everything holds."""
        found = self._knowing(persons)
        return {person: found.holding_for(person) for person in persons}

    def concerned_by(self, persons: Collection[PersonId]) -> Mapping[PersonId, PersonId]:
        """Everybody for whom what is decided about one of these may count, each with that one."""
        denying = self.denying(persons).items()
        found = {other: person for person, others in denying for other in others}
        return found | {person: person for person in persons}

    def canonical(self, persons: Collection[PersonId]) -> Mapping[PersonId, PersonId]:
        """For each person the id by which they are known outside: their own, unless joined."""
        return {person: members[0] for person, members in self.members(persons).items()}

    def all_of(self, persons: Collection[PersonId]) -> list[PersonId]:
        """Everybody who is one of these, each once: what to ask a table for."""
        everyone = (p for members in self.members(persons).values() for p in members)
        return list(dict.fromkeys(everyone))

    def forget(self) -> None:
        """Read again what is asked next: this transaction has joined or parted somebody."""
        self._read_already.clear()
        self._edges.clear()
        self._clusters = Clusters(())
        self.version += 1

    def learn_of(self, persons: Collection[PersonId]) -> None:
        """Read at once what will be asked about each of these."""
        self._knowing(persons)

    def learn(self, persons: Collection[PersonId], edges: Collection[Edge]) -> None:
        """Take from another query all the joins that reach any of these."""
        self._read_already.update(persons)
        self._take(set(edges))

    def _knowing(self, persons: Collection[PersonId]) -> Clusters:
        unread = [person for person in persons if person not in self._read_already]
        if unread:
            rows = self._connection.execute(JOINS_OF, {"persons": unread}).all()
            self._read_already.update(unread)
            self._take(edges_of(rows, self._bound))
        return self._clusters

    def _take(self, edges: Collection[Edge]) -> None:
        if edges:
            self._edges.update(edges)
            self._read_already.update(p for e in self._edges for p in e.pair)
            self._clusters = Clusters(self._edges)
            self.version += 1


def edges_of(rows: Iterable[Any], bound: BoundRows) -> set[Edge]:
    """The joins of these rows, of which each is a state, as they stand.

    One of which any state is not as it was written joins for denials and for nothing else, and so
    whom any of its states names.
    """
    states: dict[str, list[Any]] = {}
    for row in rows:
        states.setdefault(row.join_id, []).append(row)
    edges: set[Edge] = set()
    for of_one in states.values():
        if all(bound.holds(JOINS, row) for row in of_one):
            edges.add(_edge(max(of_one, key=lambda row: row.state)))
        else:
            edges |= {_only_denying(row) for row in of_one}
    return edges


def joins_from_documents(documents: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Rows of joins that a query gave as JSON beside other rows."""
    return [SimpleNamespace(**row) for row in map(_row, documents)]


def _edge(row: Any) -> Edge:
    standing = JoinStanding(row.standing)
    ended_at = row.said_at if standing is JoinStanding.PARTED else ALWAYS
    since = row.kept_since, row.joined_since
    return Edge(PersonId(row.kept), PersonId(row.joined), standing, row.made_at, ended_at, since)


def _only_denying(row: Any) -> Edge:
    since = row.kept_since, row.joined_since
    return Edge(PersonId(row.kept), PersonId(row.joined), None, _NEVER, ALWAYS, since)


_TIMES = ("made_at", "warranted_at", "said_at", "kept_since", "joined_since")
_BYTES = ("salt", "seal")


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(document)
    row |= {name: datetime.fromisoformat(row[name]) for name in _TIMES if row[name] is not None}
    if row["score"] is not None:
        row["score"] = float(row["score"])
    row |= {name: bytes.fromhex(row[name][2:]) for name in _BYTES if row[name] is not None}
    if row["bound_by"] is not None:
        row["bound_by"] = UUID(row["bound_by"])
    return row
