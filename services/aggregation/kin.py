"""The people around a child, each once, with what every source states of them. Pure.

What is put together here is put together on the page and nowhere else: two statements are of one
person where they name the same known person, or give the same name and the same relationship.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence

from schemas.identifiers import PersonId
from schemas.records.payloads import Address, RelationshipKind, Telecom
from services.aggregation.claims import NameClaim, Statement, claims_of
from services.aggregation.family import KinView, PersonView, RelativeView
from services.aggregation.responsibility import Responsibility
from services.aggregation.sameness import letters_of
from services.aggregation.whereabouts import addresses_of, telecoms_of

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
        telecoms=telecoms_of(_telecoms(stated)),
        addresses=addresses_of(_addresses(stated), today),
        languages=claims_of(languages),
        is_current=any(r.is_current for r in stated),
    )


def _responsibility(stated: Iterable[RelativeView]) -> Iterator[Statement[Responsibility]]:
    for relative in stated:
        if relative.responsibility is not Responsibility.NOT_STATED:
            yield Statement(relative.responsibility, relative.provenance)


def _telecoms(stated: Iterable[RelativeView]) -> Iterator[Statement[Telecom]]:
    for relative in stated:
        for telecom in relative.telecoms:
            yield Statement(telecom, relative.provenance)


def _addresses(stated: Iterable[RelativeView]) -> Iterator[Statement[Address]]:
    for relative in stated:
        for address in relative.addresses:
            yield Statement(address, relative.provenance)
