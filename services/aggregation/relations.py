"""Who is related to the child, and how: what each source states of it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from schemas.identifiers import PersonId
from schemas.records.payloads import Relationship, RelationshipKind
from schemas.records.published import PublishedRecord
from services.aggregation.family import RelativeView
from services.aggregation.ordering import is_current, latest_first, provenance_of
from services.aggregation.responsibility import may_have_it, responsibility_of

PARENTS = frozenset({RelationshipKind.MOTHER, RelationshipKind.FATHER, RelationshipKind.PARENT})
_NAMED_APART = (RelationshipKind.MOTHER, RelationshipKind.FATHER)


class Tie(NamedTuple):
    """One person is something to another: `kind` is what `other` is to `of`."""

    of: PersonId
    other: PersonId
    kind: RelationshipKind


def ties_in(records: Iterable[PublishedRecord]) -> Iterator[Tie]:
    """Every relationship between two known persons, in the order of the records."""
    for record in records:
        if isinstance(payload := record.payload, Relationship) and len(record.persons) > 1:
            yield Tie(record.persons[0], record.persons[1], payload.kind)


def relatives(
    records: Iterable[PublishedRecord], child: PersonId, today: str
) -> tuple[RelativeView, ...]:
    """Whom any source names as related to the child, in the sources' own contact order."""
    found = [
        (payload.contact_order or 0, record, payload)
        for record in latest_first(records)
        if isinstance(payload := record.payload, Relationship) and record.persons[0] == child
    ]
    found.sort(key=lambda item: (item[1].source, item[0], item[1].key))
    return tuple(_relative(record, payload, today) for _, record, payload in found)


def relations_to(
    child: PersonId, records: Iterable[PublishedRecord]
) -> Mapping[PersonId, RelationshipKind | None]:
    """What each person is to the child; None of the child, and of a child of who was opened.

    Children of one parent are brothers and sisters; those who share a foster carer are not.
    """
    ties = list(ties_in(latest_first(records)))
    stated = {tie.other: tie.kind for tie in reversed(ties) if tie.of == child}
    parents = {person for person, kind in stated.items() if kind in PARENTS}
    found: dict[PersonId, RelationshipKind | None] = {}
    for tie in ties:
        if tie.of in parents and tie.kind in PARENTS:
            found[tie.other] = RelationshipKind.GRANDPARENT
        if tie.other in parents and tie.kind in PARENTS:
            found[tie.of] = RelationshipKind.SIBLING
        if tie.other == child:
            found[tie.of] = None
    return {**found, **stated, child: None}


def parents_not_named(
    kinds: Iterable[RelationshipKind | None],
) -> tuple[RelationshipKind, ...]:
    """Of mother and father, whom none of these names; nobody if a parent is without saying which.

    It is worked out from what is shown alone, so it is the same whether or not more is recorded.
    """
    named = set(kinds)
    if RelationshipKind.PARENT in named:
        return ()
    return tuple(kind for kind in _NAMED_APART if kind not in named)


def _relative(record: PublishedRecord, payload: Relationship, today: str) -> RelativeView:
    return RelativeView(
        kind=payload.kind,
        name=payload.name,
        telecoms=payload.telecoms,
        has_responsibility=may_have_it(payload),
        same_household=payload.same_household,
        languages=payload.languages,
        person=record.persons[1] if len(record.persons) > 1 else None,
        provenance=provenance_of(record),
        responsibility=responsibility_of(payload),
        period=payload.period,
        addresses=payload.addresses,
        is_current=is_current(payload.period, today),
    )
