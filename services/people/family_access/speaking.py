"""As whom somebody speaks on their own page: for themselves, or for a child as a source names them.

A parent is the one whom the child's sources name so, by the reference that practitioners' pages
have for them too: whatever they said there before is the same voice's.
"""

from collections.abc import Collection, Sequence

from connectors.publishing.telling.decider_ports import ToldResponsibility
from consent.decisions.ages import FROM_16, FROM_18
from consent.model import Decider, DeciderKind, Response
from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.people.deciders.documents import KeptFact, responsibility_from
from services.people.deciders.naming import references_of
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached

_THEMSELVES = Decider(DeciderKind.PERSON, "themselves")
_ADULT = Decider(DeciderKind.ADULT_SELF, "adult-self")
_YOUNG = Decider(DeciderKind.YOUNG_PERSON, "young-person")


def speaks_as(one: Reached, reached: Sequence[Reached], *, door: FamilyDoor) -> Decider | None:
    """As whom they decide about somebody whom they reach; None where nobody can tell it is them.

    Below 16 a worker judges with them what they say yes to; to say no takes nobody (Gillick).
    """
    if one.is_oneself:
        age = door.age_of(one.person)
        if age.is_at_least(FROM_18):
            return _ADULT
        return _YOUNG if age.is_at_least(FROM_16) else _THEMSELVES
    name = name_of(one, reached, door=door)
    if name is None:
        return None
    named = door.facts.decider_named(name, [one.person])
    return named if named.reference in one.references else None


def may_say(response: Response, by: Decider) -> bool:
    """Whether whoever speaks so may say this."""
    return response is Response.REFUSED or by.kind is not DeciderKind.PERSON


def name_of(one: Reached, reached: Sequence[Reached], *, door: FamilyDoor) -> str | None:
    """What a source calls them that names them as having responsibility for this child now."""
    ones = door.clusters.all_of([each.person for each in reached if each.is_oneself])
    kept = responsible_for(one.person, door=door)
    return next((name for fact, name in kept if fact.other in ones), None)


def responsible_for(child: PersonId, *, door: FamilyDoor) -> Collection[tuple[KeptFact, str]]:
    """Who sources say has responsibility for the child now, and by what name."""
    today = uk_day(door.at)
    return [
        (fact, fact.said.name)
        for fact in door.kept_of(child)
        if isinstance(fact.said, ToldResponsibility)
        and responsibility_from(fact, today, lambda name: references_of(name, door.here.hasher))
    ]
