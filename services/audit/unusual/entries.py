"""Which entries of the ledger tell of a look, a search, or work for a family. Pure."""

from collections.abc import Mapping
from typing import Final

from consent.ledger import LedgerEntry
from consent.ledger.events import PROFILE_READS, PROFILE_READS_REFUSED, LedgerEvent
from consent.model import RelationshipGround
from services.audit.unusual.model import ActKind, LedgerAct

_PRACTITIONER = "practitioner:"
# By which field an event of work names whom it was for.
_WORK: Final[Mapping[LedgerEvent, str]] = {
    LedgerEvent.STORY_ADDED: "subjects",
    LedgerEvent.STORY_CORRECTED: "subjects",
    LedgerEvent.STORY_CONFIRMED: "subjects",
    LedgerEvent.STORY_KEPT: "subjects",
    LedgerEvent.SUPPORT_WRITTEN: "subjects",
    LedgerEvent.SHARING_DECISION_RECORDED: "subjects",
    LedgerEvent.SHARING_DECISION_RECORDED_IN_FULL: "subjects",
    LedgerEvent.SHARING_DECISION_WRITTEN_DOWN: "subjects",
    LedgerEvent.SHARING_DECISION_WITHDRAWN: "subjects",
    LedgerEvent.SHARING_DECISION_CONFIRMED: "subjects",
    LedgerEvent.PRESENCE_CONFIRMED: "subjects",
    LedgerEvent.RELATIONSHIP_REQUESTED: "person",
    LedgerEvent.RESTRICTION_PLACED: "subject",
    LedgerEvent.RESEND_REQUESTED: "subject",
    LedgerEvent.PUBLICATION_PERMITTED: "subjects",
}
_KINDS: Final[Mapping[LedgerEvent, tuple[ActKind, str]]] = {
    **dict.fromkeys(PROFILE_READS, (ActKind.LOOK, "subjects")),
    **dict.fromkeys(PROFILE_READS_REFUSED, (ActKind.REFUSED, "subjects")),
    LedgerEvent.SEARCH_MADE: (ActKind.SEARCH, ""),
    LedgerEvent.EMERGENCY_ACCESS_ANNOUNCED: (ActKind.EMERGENCY, "person"),
    LedgerEvent.RELATIONSHIP_MADE: (ActKind.CLAIM, "person"),
    LedgerEvent.LEGITIMATE_RELATIONSHIP_CLAIMED: (ActKind.CLAIM, "person"),
    **{event: (ActKind.WORK, field) for event, field in _WORK.items()},
}
EVENTS: Final = frozenset(event.value.encode() for event in _KINDS)
"""What an entry's body says of its event where it may tell of an act."""
_OWN_WORD = frozenset({RelationshipGround.FAMILY_UNCONFIRMED, RelationshipGround.FAMILY_PRESENT})


def act_of(entry: LedgerEntry, place: int, asked_about: str | None = None) -> LedgerAct | None:
    """What an entry tells; None where that is nothing that a rule asks about.

    A reading names everybody who was shown: `asked_about` is whom it was for, where it is known.
    """
    known = _KINDS.get(entry.event)
    if known is None:
        return None
    kind, field = known
    by = entry.actor.removeprefix(_PRACTITIONER)
    is_by_practitioner = by != entry.actor
    source = _source_of(entry)
    if kind is ActKind.CLAIM and not _is_own_word(entry):
        return None
    if not is_by_practitioner and (kind is not ActKind.WORK or source is None):
        return None
    persons = _persons(entry, field)
    if asked_about in persons:
        persons = (asked_about, *(one for one in persons if one != asked_about))
    if field and not persons:
        return None
    who = by if is_by_practitioner else ""
    return LedgerAct(place, entry.at, kind, who, persons, None if who else source)


def disclosure_of(entry: LedgerEntry) -> str | None:
    """The id of a reading, by which it is known whom it was for."""
    is_read = entry.event in PROFILE_READS
    return str(entry.fields["disclosure"]) if is_read else None


def _source_of(entry: LedgerEntry) -> str | None:
    is_record = entry.event is LedgerEvent.PUBLICATION_PERMITTED
    return str(entry.fields["source"]) if is_record else None


def _is_own_word(entry: LedgerEntry) -> bool:
    """Whether nobody but the practitioner stands for the relationship."""
    if entry.event is LedgerEvent.LEGITIMATE_RELATIONSHIP_CLAIMED:
        return True
    return entry.fields["ground"] in _OWN_WORD


def _persons(entry: LedgerEntry, field: str) -> tuple[str, ...]:
    if not field:
        return ()
    told = entry.fields[field]
    if isinstance(told, str):
        return (told,)
    return tuple(sorted(map(str, told))) if isinstance(told, tuple | list | set | frozenset) else ()
