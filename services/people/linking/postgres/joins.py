"""Joins of persons in PostgreSQL; who is one by them: services.people.persons.postgres_clusters."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, IdentifierStatus, Source
from services.ledger.bound_tables import JOINS
from services.ledger.postgres_bound import BoundRows
from services.people.linking.ports import Join, Joinable, JoinId, JoinWarrant, Pair
from services.people.persons.clusters import JoinStanding
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.persons.postgres_identifiers import (
    PostgresPersonIdentifiers,
    StoredIdentifier,
)
from services.platform.errors import (
    KeyDestroyedError,
    KeyUnusableError,
    ServiceUnavailableError,
)
from services.platform.keys.hashing import EndedKind, TokenKind
from services.platform.keys.postgres import PersonKeys

_ONE_AT_A_TIME = 0x7E11_0C10
_SINGLE = (TokenKind.NHS_NUMBER, TokenKind.UPN)
_JOINABLE = text("""
    SELECT person_id, created_at, birth_token, wrapped_key, key_destroyed_at, left_behind_at
    FROM person WHERE person_id = ANY(:persons)
""")
# In one order, so that whoever writes down something else of them at once is not waited for in
# a circle.
_LOCK_PERSONS = text("""
    SELECT FROM person WHERE person_id = ANY(:persons) ORDER BY person_id FOR NO KEY UPDATE
""")
_NUMBERS = text("""
    SELECT kind, token FROM person_token WHERE person_id = ANY(:persons) AND kind = ANY(:kinds)
""")
_APART = text("""
    SELECT FROM person_apart WHERE (one = ANY(:some) AND other = ANY(:others))
        OR (one = ANY(:others) AND other = ANY(:some)) LIMIT 1
""")
_APART_FROM = text("""
    SELECT one, other FROM person_apart WHERE one = ANY(:persons) OR other = ANY(:persons)
""")
_KEEP_APART = text("""
    INSERT INTO person_apart (one, other, said_by, at) VALUES (:one, :other, :by, :at)
    ON CONFLICT DO NOTHING RETURNING one
""")
_LATEST = """
    NOT EXISTS (SELECT FROM person_join later WHERE later.join_id = j.join_id
                AND later.state > j.state)
"""
_AMONG = text(f"""
    SELECT j.* FROM person_join j WHERE kept = ANY(:persons) AND joined = ANY(:persons)
      AND {_LATEST} ORDER BY made_at, join_id
""")  # noqa: S608 of constant parts
_FIND = text(f"""
    SELECT j.* FROM person_join j WHERE join_id = :id AND {_LATEST}
""")  # noqa: S608 as above


class PostgresJoins:
    """services.people.linking.ports.Joins in one transaction."""

    def __init__(
        self,
        connection: Connection,
        keys: PersonKeys,
        clusters: PostgresClusters,
        bound: BoundRows,
        identifiers: PostgresPersonIdentifiers,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._identifiers = identifiers
        self._clusters = clusters
        self._bound = bound
        self._never_apart: set[PersonId] = set()

    def lock(self, *persons: PersonId) -> None:
        """Let nobody else join or part anybody until this transaction ends; call it first.

        Nor erase any of these, or of those who are said to be one with them.
        """
        self._connection.execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME}
        )
        self._clusters.forget()
        self._never_apart.clear()
        if persons:
            said = self._clusters.said_to_be(persons).values()
            everyone = sorted({member for members in said for member in members})
            self._connection.execute(_LOCK_PERSONS, {"persons": everyone})

    def joinable(self, person: PersonId) -> Joinable | None:
        """What is known of all who are said to be one with the person; None for nobody."""
        return self.known_of(self._clusters.said_to_be([person])[person])

    def have_one_verified_number(self, one: PersonId, other: PersonId) -> bool:
        """Whether a health source verified the same NHS number for both, by a kept feed."""
        numbers: dict[PersonId, set[str]] = {one: set(), other: set()}
        try:
            for known in self._identifiers.of([one, other]):
                if known.is_kept and known.source is Source.HEALTH_VISITING and _says(known):
                    numbers[known.person].add(known.identifier.value)
        except (KeyDestroyedError, KeyUnusableError):
            return False
        return one != other and not numbers[one].isdisjoint(numbers[other])

    def known_of(self, persons: Collection[PersonId]) -> Joinable | None:
        """What is known of just these; None where there is none of them."""
        members = list(persons)
        found = self._connection.execute(_JOINABLE, {"persons": list(members)}).all()
        rows = {PersonId(row.person_id): row for row in found}
        if not rows:
            return None
        members = [member for member in members if member in rows]
        numbers: dict[str, set[bytes]] = {}
        kinds = [kind.value for kind in (*_SINGLE, EndedKind.SUPERSEDED)]
        for row in self._connection.execute(_NUMBERS, {"persons": list(members), "kinds": kinds}):
            numbers.setdefault(row.kind, set()).add(bytes(row.token))
        return Joinable(
            {member: rows[member].created_at for member in members},
            frozenset(bytes(r.birth_token) for r in rows.values() if r.birth_token is not None),
            {kind.value: frozenset(numbers.get(kind.value, ())) for kind in _SINGLE},
            frozenset(numbers.get(EndedKind.SUPERSEDED.value, ())),
            is_erased=any(self._is_erased(row) for row in rows.values()),
            is_left_behind=any(row.left_behind_at is not None for row in rows.values()),
        )

    def are_apart(self, some: Collection[PersonId], others: Collection[PersonId]) -> bool:
        """Whether any of the ones was said to be another person than any of the others."""
        wanted = {"some": list(some), "others": list(others)}
        return self._connection.execute(_APART, wanted).first() is not None

    def apart_from(self, persons: Collection[PersonId]) -> Collection[frozenset[PersonId]]:
        """Pairs with one of these that were said to be two; a join that was undone says so too."""
        asked = [person for person in persons if person not in self._never_apart]
        if not asked:
            return set()
        rows = self._connection.execute(_APART_FROM, {"persons": asked})
        return {frozenset((PersonId(row.one), PersonId(row.other))) for row in rows}

    def look_ahead(self, persons: Collection[PersonId]) -> None:
        """Know who of these was never said to be two, so that nobody asks about each of them."""
        said = {person for pair in self.apart_from(persons) for person in pair}
        self._never_apart.update(set(persons) - said)

    def keep_apart(self, pair: Pair, *, by: str, at: datetime) -> bool:
        """Remember that they are two, however often it is said; False where it was known."""
        self._never_apart.clear()
        one, other = pair
        row = {"one": one, "other": other, "by": by, "at": at}
        return self._connection.execute(_KEEP_APART, row).first() is not None

    def among(self, persons: Collection[PersonId]) -> Sequence[Join]:
        """The joins that stand between any of these, also by one hand, the oldest first."""
        return self._standing(self._connection.execute(_AMONG, {"persons": list(persons)}))

    def find(self, join: JoinId) -> Join | None:
        """A join that stands; None for one that is not as it was written."""
        found = self._standing(self._connection.execute(_FIND, {"id": join}))
        return next(iter(found), None)

    def save(self, join: Join) -> None:
        """Write down a join, or its next state; nothing is written over."""
        row = {
            "join_id": join.id,
            "state": join.state,
            "kept": join.kept,
            "joined": join.joined,
            "made_by": join.made_by,
            "made_at": join.made_at,
            "because": list(join.because),
            "score": join.score,
            "standing": join.standing.value,
            "warrant": None if join.warrant is None else join.warrant.value,
            "warranted_at": join.warranted_at,
            "said_by": join.said_by,
            "said_at": join.said_at or join.made_at,
        }
        if not self._bound.add(JOINS, [(row, join.said_by)]):
            raise ServiceUnavailableError("another change of this join came first; try again")
        self._clusters.forget()

    def leave_behind(self, person: PersonId, *, at: datetime) -> None:
        """Remember that an adoption left this identity behind."""
        self._connection.execute(
            text("UPDATE person SET left_behind_at = :at WHERE person_id = :person"),
            {"person": person, "at": at},
        )

    def _standing(self, rows: Iterable[Row[Any]]) -> list[Join]:
        joins = (_join_from_row(row) for row in rows if self._bound.holds(JOINS, row))
        return [join for join in joins if join.standing is not JoinStanding.PARTED]

    def _is_erased(self, row: Row[tuple[object, ...]]) -> bool:
        wrapped = None if row.wrapped_key is None else bytes(row.wrapped_key)
        return row.key_destroyed_at is not None or self._keys.is_destroyed(wrapped)


def _says(known: StoredIdentifier) -> bool:
    """That this NHS number is theirs, or was until another took its place."""
    is_number = known.identifier.scheme is IdentifierScheme.NHS_NUMBER
    told = {IdentifierStatus.VERIFIED, IdentifierStatus.SUPERSEDED}
    return is_number and known.identifier.status in told


def _join_from_row(row: Row[Any]) -> Join:
    return Join(
        id=row.join_id,
        kept=PersonId(row.kept),
        joined=PersonId(row.joined),
        made_by=row.made_by,
        made_at=row.made_at,
        because=tuple(row.because),
        score=row.score,
        standing=JoinStanding(row.standing),
        warrant=None if row.warrant is None else JoinWarrant(row.warrant),
        warranted_at=row.warranted_at,
        said_by=row.said_by,
        said_at=row.said_at,
        state=row.state,
    )
