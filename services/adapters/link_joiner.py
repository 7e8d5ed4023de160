"""Joins as linking asks for them: the same handlers as everybody's, in the same transaction."""

from collections.abc import Collection, Sequence

from schemas.identifiers import PersonId
from services.adapters.joins import PostgresJoins
from services.linking.joining import (
    JoinPersons,
    KeepApart,
    PartPersons,
    join_persons,
    keep_apart,
    part_persons,
)
from services.linking.joining_ports import Joining, JoinRefusal


class PostgresJoiner:
    """services.linking.ports.Joiner in one transaction."""

    def __init__(self, joins: PostgresJoins, joining: Joining) -> None:
        self._joins = joins
        self._joining = joining

    def lock(self) -> None:
        """Let nobody else join or part anybody until this transaction ends."""
        self._joins.lock()

    def kept_apart(self, persons: Collection[PersonId]) -> Collection[frozenset[PersonId]]:
        """Pairs with one of these that were said to be two; a join that was undone says so too."""
        return self._joins.apart_from(persons)

    def join(
        self,
        one: PersonId,
        other: PersonId,
        *,
        by: str,
        because: Sequence[str],
        bits: float,
        although_apart: bool = False,
        although_born_otherwise: bool = False,
    ) -> JoinRefusal | None:
        """Join them; gives why not, or None when they are one now."""
        order = JoinPersons(one, other, by, because, bits, although_apart, although_born_otherwise)
        return _refusal(join_persons(order, joining=self._joining))

    def keep_apart(self, one: PersonId, other: PersonId, *, by: str) -> JoinRefusal | None:
        """Never join them; gives why not, or None when that is written down."""
        return _refusal(keep_apart(KeepApart(one, other, by), joining=self._joining))

    def undo(self, one: PersonId, other: PersonId, *, by: str) -> JoinRefusal | None:
        """Undo what made them one; gives why not, or None when they are two."""
        return _refusal(part_persons(PartPersons(one, other, by), joining=self._joining))


def _refusal(answer: object) -> JoinRefusal | None:
    return answer if isinstance(answer, JoinRefusal) else None
