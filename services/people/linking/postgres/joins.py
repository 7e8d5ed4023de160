"""Joins of persons in PostgreSQL; who is one by them: services.people.persons.postgres_clusters."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from services.people.linking.ports import Join, Joinable, JoinId, Pair
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.keys.hashing import EndedKind, TokenKind
from services.platform.keys.postgres import PersonKeys

_ONE_AT_A_TIME = 0x7E11_0C10
_SINGLE = (TokenKind.NHS_NUMBER, TokenKind.UPN)
_JOINABLE = text("""
    SELECT person_id, created_at, birth_token, wrapped_key, key_destroyed_at, left_behind_at
    FROM person WHERE person_id = ANY(:persons)
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
_AMONG = text("""
    SELECT * FROM person_join WHERE undone_at IS NULL AND kept = ANY(:persons)
        AND joined = ANY(:persons) ORDER BY made_at, join_id
""")
_SAVE = text("""
    INSERT INTO person_join (join_id, kept, joined, made_by, made_at, because, score)
    VALUES (:id, :kept, :joined, :by, :at, :because, :score)
""")
_UNDO = text("""
    UPDATE person_join SET undone_by = :by, undone_at = :at
    WHERE join_id = :id AND undone_at IS NULL
""")
# In one order, so that whoever writes down something else of them at once is not waited for in
# a circle.
_PUT_TOGETHER = text("""
    WITH locked AS (
        SELECT person_id FROM person WHERE person_id = ANY(:persons)
        ORDER BY person_id FOR NO KEY UPDATE
    )
    UPDATE person SET joined_into = nullif(CAST(:known_as AS text), person.person_id)
    FROM locked WHERE person.person_id = locked.person_id
""")


class PostgresJoins:
    """services.people.linking.ports.Joins in one transaction."""

    def __init__(
        self, connection: Connection, keys: PersonKeys, clusters: PostgresClusters
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._clusters = clusters

    def lock(self) -> None:
        """Let nobody else join or part anybody until this transaction ends; call it first."""
        self._connection.execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME}
        )
        self._clusters.forget()

    def joinable(self, person: PersonId) -> Joinable | None:
        """What is known of all who are one with the person; None where there is no such person."""
        members = self._clusters.members([person])[person]
        found = self._connection.execute(_JOINABLE, {"persons": list(members)}).all()
        rows = {PersonId(row.person_id): row for row in found}
        if not rows:
            return None
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
        rows = self._connection.execute(_APART_FROM, {"persons": list(persons)})
        return {frozenset((PersonId(row.one), PersonId(row.other))) for row in rows}

    def keep_apart(self, pair: Pair, *, by: str, at: datetime) -> bool:
        """Remember that they are two, however often it is said; False where it was known."""
        one, other = pair
        row = {"one": one, "other": other, "by": by, "at": at}
        return self._connection.execute(_KEEP_APART, row).first() is not None

    def among(self, persons: Collection[PersonId]) -> Sequence[Join]:
        """The joins in force between any of these, the oldest first."""
        rows = self._connection.execute(_AMONG, {"persons": list(persons)})
        return [_join_from_row(row) for row in rows]

    def find(self, join: JoinId) -> Join | None:
        """A join that is in force."""
        row = self._connection.execute(
            text("SELECT * FROM person_join WHERE join_id = :id AND undone_at IS NULL"),
            {"id": join},
        ).first()
        return None if row is None else _join_from_row(row)

    def save(self, join: Join) -> None:
        """Write down a join."""
        self._connection.execute(
            _SAVE,
            {
                "id": join.id,
                "kept": join.kept,
                "joined": join.joined,
                "by": join.made_by,
                "at": join.made_at,
                "because": list(join.because),
                "score": join.score,
            },
        )

    def undo(self, join: JoinId, *, by: str, at: datetime) -> None:
        """Take a join out of force; it stays on record."""
        self._connection.execute(_UNDO, {"id": join, "by": by, "at": at})

    def leave_behind(self, person: PersonId, *, at: datetime) -> None:
        """Remember that an adoption left this identity behind."""
        self._connection.execute(
            text("UPDATE person SET left_behind_at = :at WHERE person_id = :person"),
            {"person": person, "at": at},
        )

    def put_together(self, known_as: PersonId, others: Collection[PersonId]) -> None:
        """From now on all of these, and nobody else, are one, known outside by the first's id."""
        self._connection.execute(
            _PUT_TOGETHER, {"known_as": known_as, "persons": [known_as, *others]}
        )
        self._clusters.forget()

    def _is_erased(self, row: Row[tuple[object, ...]]) -> bool:
        wrapped = None if row.wrapped_key is None else bytes(row.wrapped_key)
        return row.key_destroyed_at is not None or self._keys.is_destroyed(wrapped)


def _join_from_row(row: Row[tuple[object, ...]]) -> Join:
    return Join(
        row.join_id,
        PersonId(row.kept),
        PersonId(row.joined),
        row.made_by,
        row.made_at,
        tuple(row.because),
        row.score,
    )
