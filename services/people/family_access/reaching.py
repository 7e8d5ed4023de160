"""Whom somebody reaches on their own page: themselves, and the children for whom they may act.

Asked anew at each page, by what sources hold at that moment: whoever has lost responsibility, or
whose child is protected since, reaches nothing of it from then on. Nothing is kept of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from connectors.publishing.telling.decider_ports import ToldResponsibility
from consent.decisions.ages import NamedAgency, age_from
from consent.model import DeciderKind, SharingDecision
from consent.question import OnRecord
from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.people.deciders.documents import (
    KeptFact,
    birth_from,
    cared_for_by,
    responsibility_from,
)
from services.people.deciders.naming import NameReferences, references_of
from services.people.family_access.acting import Acting, ChildFacts, ChildReach, WhyReach, reach_of
from services.people.family_access.ages import NextChange
from services.people.family_access.letting_see.letting import is_let_see
from services.people.family_access.model import FamilySession
from services.people.family_access.ports import FamilyDoor

_OF_ONESELF = frozenset({DeciderKind.ADULT_SELF, DeciderKind.YOUNG_PERSON, DeciderKind.PERSON})


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody on a page: whose it is, or a child of theirs; how much of it, and as what decider.

    `references` are by what whoever looks is named as a parent of this child, and nobody else is.
    """

    person: PersonId
    is_oneself: bool
    acting: Acting
    on_record: OnRecord
    references: frozenset[str] = frozenset()
    change: NextChange | None = None
    """The age at which less of them is reached, where it is time to say so."""

    def is_own(self, decision: SharingDecision, ones: Collection[PersonId]) -> bool:
        """Whether whoever looks decided this themselves; `ones` are all who are one with them."""
        if decision.decided_by.kind in _OF_ONESELF:
            return decision.subjects.issubset(ones)
        is_parent = decision.decided_by.kind is DeciderKind.PARENT
        return is_parent and decision.decided_by.reference in self.references


def reached_by(session: FamilySession, *, door: FamilyDoor) -> Sequence[Reached]:
    """Oneself first, then the children, in an order that tells nothing."""
    person = session.person
    known = door.here.decisions.on_record([person])[person]
    oneself = Reached(person, True, Acting(ChildReach.WHOLE, WhyReach.NAMED), known)
    giver = None
    if session.access.agency:
        giver_kind = door.here.directory.kind_of(session.access.agency)
        if giver_kind is None:
            return [oneself]
        giver = NamedAgency(giver_kind, session.access.agency)
    ones = door.clusters.all_of([person])
    off = {one.person for one in door.taken_off.of(ones)}
    found = (
        _child(child, ones, giver, door, is_taken_off=not off.isdisjoint(members))
        for child, members in _children(ones, door).items()
    )
    return [oneself, *(one for one in found if one.acting.reach is not ChildReach.NONE)]


def changes_to_come(person: PersonId, *, door: FamilyDoor) -> Sequence[NextChange]:
    """What soon changes by a birthday, of them or of a child of theirs: for whoever meets them."""
    about = [person, *_children(door.clusters.all_of([person]), door)]
    told = [
        door.ages.next_change(door.age_of(one).years) for one in about if not door.is_protected(one)
    ]
    return sorted({one for one in told if one is not None}, key=lambda one: one.at)


def _children(
    ones: Collection[PersonId], door: FamilyDoor
) -> Mapping[PersonId, Collection[PersonId]]:
    """Each child, in an order that tells nothing, and everybody who is one with it."""
    told = door.ties.children_of(ones)
    members = door.clusters.members(told) if told else {}
    found = {min(members[child]): members[child] for child in told}
    return {child: found[child] for child in sorted(found.keys() - set(ones))}


def _child(
    child: PersonId,
    ones: Collection[PersonId],
    giver: NamedAgency | None,
    door: FamilyDoor,
    *,
    is_taken_off: bool,
) -> Reached:
    kept, today = door.kept_of(child), uk_day(door.at)
    known = door.here.decisions.on_record([child])[child]
    births = [birth_from(fact) for fact in kept]
    of_them = [fact for fact in kept if fact.other in ones]
    facts = ChildFacts(
        age=age_from([one for one in births if one is not None], today),
        named_by=frozenset(f.agency for f in of_them if _still_named(f, door)),
        is_looked_after=bool(cared_for_by(kept, today)),
        is_protected=known.is_protected(door.at),
        has_died=bool(door.facts.have_died([child])),
        is_let_see=is_let_see(child, ones, door=door),
        is_taken_off=is_taken_off,
    )
    others = {name for f in kept if f.other not in ones for name in _names(f, door)}
    theirs = {name for f in of_them if _still_named(f, door) for name in _names(f, door)}
    acting = reach_of(facts, giver, door.ages)
    told = door.ages.next_change(facts.age.years)
    return Reached(child, False, acting, known, frozenset(theirs - others), told)


def _still_named(fact: KeptFact, door: FamilyDoor) -> bool:
    return responsibility_from(fact, uk_day(door.at), lambda n: _references(n, door)) is not None


def _names(fact: KeptFact, door: FamilyDoor) -> Collection[str]:
    if not isinstance(fact.said, ToldResponsibility):
        return ()
    found = _references(fact.said.name, door)
    return () if found is None else found.every


def _references(name: str, door: FamilyDoor) -> NameReferences | None:
    return references_of(name, door.here.hasher)
