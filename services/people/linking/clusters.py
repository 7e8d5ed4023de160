"""Who is one by the joins that stand: joins are edges, and never more than needed. Pure."""

from collections.abc import Iterable, Sequence

from schemas.identifiers import PersonId
from services.people.linking.ports import Join


def parts_of(persons: Iterable[PersonId], joins: Iterable[Join]) -> list[frozenset[PersonId]]:
    """The persons, those in one part whom joins connect, directly or through others."""
    parts = {person: frozenset([person]) for person in persons}
    for join in joins:
        together = parts[join.kept] | parts[join.joined]
        parts.update(dict.fromkeys(together, together))
    return list(dict.fromkeys(parts.values()))


def joins_between(one: PersonId, other: PersonId, joins: Sequence[Join]) -> Sequence[Join]:
    """Those of these joins without any of which the two would not be connected; perhaps none."""
    persons = {one, other, *(person for join in joins for person in join.pair)}
    if not _are_connected(one, other, persons, joins):
        return ()
    return [
        join
        for join in joins
        if not _are_connected(one, other, persons, [j for j in joins if j is not join])
    ]


def _are_connected(
    one: PersonId, other: PersonId, persons: Iterable[PersonId], joins: Iterable[Join]
) -> bool:
    return any({one, other} <= part for part in parts_of(persons, joins))
