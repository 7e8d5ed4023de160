"""Who is related to the child, each person once, with what every source states of them. Pure.

What is put together here is put together on the page and nowhere else: two statements are of one
person where they name the same known person, or give the same name and the same relationship.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.identifiers import PersonId
from schemas.records.payloads import Address, FactStatus, Relationship, RelationshipKind, Telecom
from schemas.records.published import PublishedRecord
from services.profile.merging.claims import (
    NameClaim,
    Statement,
    claims_of,
    is_current,
    latest_first,
    provenance_of,
    status_on,
)
from services.profile.merging.whereabouts import addresses_of, letters_of, telecoms_of
from services.profile.model import (
    KinView,
    PersonView,
    RelativeView,
    Responsibility,
    may_have_it,
    responsibility_of,
)

_Called = tuple[RelationshipKind, str]


def kin_of(
    relatives: Sequence[RelativeView], people: Sequence[PersonView], today: str
) -> tuple[KinView, ...]:
    """Everybody whom a source names as related to the child, in the order of `relatives`."""
    known = _known_by_name(relatives, people)
    groups: dict[Hashable, list[RelativeView]] = {}
    for position, relative in enumerate(relatives):
        groups.setdefault(_who(relative, known, position), []).append(relative)
    return tuple(_kin(group, today) for group in groups.values())


def _known_by_name(
    relatives: Iterable[RelativeView], people: Iterable[PersonView]
) -> dict[_Called, set[PersonId]]:
    """Which known persons go by each name in each relationship to the child."""
    found: dict[_Called, set[PersonId]] = {}
    names = {person.id: {_spoken(name) for name in person.names} for person in people}
    for relative in relatives:
        if relative.person is not None:
            for name in {letters_of(relative.name), *names.get(relative.person, ())}:
                found.setdefault((relative.kind, name), set()).add(relative.person)
    return found


def _who(relative: RelativeView, known: dict[_Called, set[PersonId]], position: int) -> Hashable:
    """What tells one from another; who has no name is nobody else."""
    if relative.person is not None:
        return relative.person
    name = letters_of(relative.name)
    if not name:
        return position
    persons = known.get((relative.kind, name), set())
    return next(iter(persons)) if len(persons) == 1 else (relative.kind, name)


def _spoken(name: NameClaim) -> str:
    return letters_of("".join((*name.given_names[:1], name.family_name or "")))


def _kin(group: Sequence[RelativeView], today: str) -> KinView:
    stated = sorted(group, key=lambda r: (r.provenance.as_of, r.provenance.source), reverse=True)
    household = (
        Statement(r.same_household, r.provenance) for r in stated if r.same_household is not None
    )
    languages = (Statement(r.languages, r.provenance) for r in stated if r.languages)
    return KinView(
        person=next((r.person for r in stated if r.person is not None), None),
        kinds=claims_of(Statement(r.kind, r.provenance) for r in stated),
        names=claims_of(
            (Statement(r.name, r.provenance) for r in stated if r.name), alike=letters_of
        ),
        responsibility=claims_of(_responsibility(stated)),
        same_household=claims_of(household),
        telecoms=telecoms_of(_telecoms(stated), today),
        addresses=addresses_of(_addresses(stated), today),
        languages=claims_of(languages),
        is_current=any(r.is_current for r in stated),
        is_to_come=any(r.status is FactStatus.PLANNED for r in stated),
        deaths=claims_of(Statement(True, r.provenance) for r in stated if r.has_died),
    )


def _responsibility(stated: Iterable[RelativeView]) -> Iterator[Statement[Responsibility]]:
    for relative in stated:
        if relative.responsibility is not Responsibility.NOT_STATED:
            yield Statement(relative.responsibility, relative.provenance)


def _telecoms(stated: Iterable[RelativeView]) -> Iterator[Statement[Telecom]]:
    newest = sorted(stated, key=lambda one: one.provenance.as_of, reverse=True)
    for relative in newest:
        for telecom in (*relative.telecoms, *relative.former_telecoms):
            yield Statement(telecom, relative.provenance)


def _addresses(stated: Iterable[RelativeView]) -> Iterator[Statement[Address]]:
    for relative in stated:
        for address in relative.addresses:
            yield Statement(address, relative.provenance)


# Who is related to the child, and how: what each source states of it.

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
        for record, payload in latest_first(records).of(Relationship)
        if record.persons[0] == child
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
        telecoms=tuple(t for t in payload.telecoms if t.is_in_use(today)),
        former_telecoms=tuple(t for t in payload.telecoms if t.has_ended(today)),
        has_responsibility=may_have_it(payload),
        same_household=payload.same_household,
        languages=payload.languages,
        person=record.persons[1] if len(record.persons) > 1 else None,
        provenance=provenance_of(record),
        responsibility=responsibility_of(payload),
        period=payload.period,
        addresses=payload.addresses,
        is_current=is_current(payload.period, today, payload.status),
        status=status_on(today, payload.period, payload.status),
        has_died=payload.has_died,
    )
