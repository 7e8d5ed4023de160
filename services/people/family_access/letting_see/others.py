"""Who else may act for a child, as far as whoever looks may know: by first name and by whom told.

Never how somebody is reached, where they are, or whether they have a page. Of whom a restriction
protects, or who may be one whom it does, nothing is listed: as where no source names them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.deciders.naming import first_name_in, references_of
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached
from services.people.family_access.speaking import responsible_for


@dataclass(frozen=True, slots=True, repr=False)
class MayAct:
    """Somebody who may act for a child, and the kinds of service that say so."""

    name: str | None
    is_reader: bool
    told_by: tuple[Source, ...]


def who_may_act(one: Reached, reached: Sequence[Reached], *, door: FamilyDoor) -> Sequence[MayAct]:
    """Those who may act for this child: whoever looks first, the others by name."""
    ones = door.clusters.all_of([each.person for each in reached if each.is_oneself])
    known = [(f, name) for f, name in responsible_for(one.person, door=door) if f.other]
    hidden = _hidden({f.other for f, _ in known if f.other}, door)
    left_out = {ref for f, name in known if f.other in hidden for ref in _references(name, door)}
    found: dict[tuple[bool, str], set[Source]] = {}
    for fact, name in known:
        is_reader = fact.other in ones
        if not is_reader and (fact.other in hidden or left_out & _references(name, door)):
            continue
        called = (is_reader, "" if is_reader else (first_name_in(name) or ""))
        found.setdefault(called, set()).add(fact.agency.kind)
    return [
        MayAct(called or None, is_reader, tuple(one for one in Source if one in told))
        for (is_reader, called), told in sorted(found.items(), key=lambda o: (not o[0][0], o[0][1]))
    ]


def _hidden(others: Collection[PersonId], door: FamilyDoor) -> Collection[PersonId]:
    """Those of them who are protected, or have died."""
    dead = door.facts.have_died(others) if others else frozenset()
    return {other for other in others if other in dead or door.is_protected(other)}


def _references(name: str, door: FamilyDoor) -> frozenset[str]:
    found = references_of(name, door.here.hasher)
    return frozenset() if found is None else found.every
