"""Parental responsibility: what a source states, which is three-valued, and what law settles."""

from schemas.records.payloads import Relationship, RelationshipKind
from schemas.vocabulary import LabelledCode


class Responsibility(LabelledCode):
    """What is to be said of somebody's parental responsibility for the child."""

    STATED = "stated", "Has parental responsibility"
    STATED_NOT = "stated-not", "Does not have parental responsibility"
    NOT_STATED = "not-stated", "Parental responsibility not stated"
    FOSTER_CARER = (
        "foster-carer",
        "Does not have parental responsibility: no foster carer has it",
    )
    FOSTER_CARER_STATED = (
        "foster-carer-stated",
        "Does not have parental responsibility: no foster carer has it, whatever the source states",
    )


def responsibility_of(relationship: Relationship) -> Responsibility:
    """What the statement comes to; silence is not no.

    A foster carer has none, whatever a source states (DOMAIN section 3.4; Children Act 1989).
    """
    stated = relationship.has_responsibility
    if relationship.kind is RelationshipKind.FOSTER_CARER:
        return Responsibility.FOSTER_CARER_STATED if stated else Responsibility.FOSTER_CARER
    if stated is None:
        return Responsibility.NOT_STATED
    return Responsibility.STATED if stated else Responsibility.STATED_NOT


def may_have_it(relationship: Relationship) -> bool | None:
    """The source's statement; False of a foster carer, None where nothing is stated."""
    if relationship.kind is RelationshipKind.FOSTER_CARER:
        return False
    return relationship.has_responsibility
