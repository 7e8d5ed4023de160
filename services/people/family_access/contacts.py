"""Whether a telephone or an address of e-mail is somebody's, and nobody else's. Pure."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connectors.publishing.telling.contacts import OWN
from schemas.identifiers import PersonId


@dataclass(frozen=True, slots=True)
class HeldOf:
    """One way in which a contact is held now: in whose record, and as whose.

    `held_as` is "own", or what whoever it is of is to the child whose record it stands in;
    `other` is who that is, where they are somebody known.
    """

    person: PersonId
    held_as: str
    other: PersonId | None


def only_theirs(
    held: Sequence[HeldOf], persons: Collection[PersonId], children: Collection[PersonId]
) -> bool:
    """Whether everybody who tells this contact means the one whom `persons` are.

    `children` are those in whose records they are named.

    (1) Somebody tells that it is theirs: in their own record, or as who they are to a child.
    (2) In no child's record does it stand for two: an address that two parents share is neither's.
    (3) Nobody else has it: a number that was given to somebody else is not theirs any more.
    """
    if not any(_names(one, persons) for one in held):  # (1)
        return False
    as_whose = {(one.person, one.held_as) for one in held if one.held_as != OWN}
    if any(times > 1 for times in Counter(child for child, _ in as_whose).values()):  # (2)
        return False
    return not any(_is_anothers(one, persons, children) for one in held)  # (3)


def _names(one: HeldOf, persons: Collection[PersonId]) -> bool:
    is_own = one.held_as == OWN and one.person in persons
    return is_own or (one.other is not None and one.other in persons)


def _is_anothers(
    one: HeldOf, persons: Collection[PersonId], children: Collection[PersonId]
) -> bool:
    if _names(one, persons):
        return False
    if one.other is not None or one.held_as == OWN:
        return True
    return one.person not in children  # of somebody unknown, in a stranger's record
