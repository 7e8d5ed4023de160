"""What is taken out of a record that may be handed over: the parts that are somebody else's."""

from dataclasses import replace

from schemas.identifiers import PersonId
from schemas.records.payloads import Relationship, StoryConfirmation, StoryEntry
from schemas.records.published import PublishedRecord

TAKEN_OUT = "withheld"
_OF_THE_OTHER = ("name", "telecoms", "languages", "addresses")
_TOGETHER = "same_household"


def redacted(
    record: PublishedRecord, person: PersonId
) -> tuple[PublishedRecord | None, tuple[str, ...]]:
    """The record without what is not the person's own, and which elements were taken out.

    None where nothing would be left of it: it is about several persons together.
    """
    payload = record.payload
    if isinstance(payload, Relationship):
        return _relationship(record, payload, person)
    if len(record.persons) > 1 or payload is None:
        return None, ()
    if isinstance(payload, StoryEntry | StoryConfirmation):
        return _told(record, payload)
    return replace(record, persons=(person,)), ()


def _relationship(
    record: PublishedRecord, payload: Relationship, person: PersonId
) -> tuple[PublishedRecord | None, tuple[str, ...]]:
    """What is said of the other goes, of whom is said who they are to the child.

    In a child's own record that is the relative; in a relative's it is the child.
    """
    is_the_childs = record.persons[0] == person
    taken = (*_OF_THE_OTHER, _TOGETHER) if is_the_childs else (_TOGETHER,)
    there = tuple(name for name in taken if getattr(payload, name) not in {None, ()})
    left = replace(payload, same_household=None)
    if is_the_childs:
        left = replace(left, name=None, telecoms=(), languages=(), addresses=())
    parts = there if is_the_childs else ("child", *there)
    return replace(record, persons=(person,), payload=left), parts


def _told(
    record: PublishedRecord, payload: StoryEntry | StoryConfirmation
) -> tuple[PublishedRecord, tuple[str, ...]]:
    """Who told it may be anybody of the family: the words stay, the names go."""
    if isinstance(payload, StoryConfirmation):
        return replace(record, payload=replace(payload, told_by=TAKEN_OUT)), ("told_by",)
    there = ("told_by", "with_whom") if payload.with_whom else ("told_by",)
    left = replace(payload, told_by=TAKEN_OUT, with_whom=None)
    return replace(record, payload=left), there
