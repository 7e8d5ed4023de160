"""What an encounter tells of safeguarding and care, which is no child health: a record of its own.

Who may see what a health visitor measured may not therefore see that a child is at risk: sharing
decisions name the two apart. Which is which is told by the words, so rather too much is set apart
than too little; legal statuses that are sent as such have plans (`legal_statuses`).
"""

import re
from dataclasses import replace

from connectors.health_visiting.mapped import scopes_of, without_others
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import Node
from schemas.records.message import Record
from schemas.records.payloads import Occurrence, OccurrenceKind
from schemas.vocabulary import Category

_TITLE = "Safeguarding, noted at a contact"
_WORDS = re.compile(
    r"safeguard|child protection|looked[ -]after|child(?:ren)? in need|significant harm|\bfgm\b"
    r"|(?:domestic|sexual) violence|\babuse\b|\bneglect|genital mutilation|exploitation"
    r"|non-?accidental"
)


def set_apart(message: NemsMessage, encounter: Node, record: Record) -> tuple[Record, ...]:
    """The record of an encounter without what it tells of safeguarding, and that beside it."""
    key, said = record.source_id, record.payload
    others = without_others(message, encounter, key, record.category, record.subjects[0])
    if not isinstance(said, Occurrence):
        return (record, *others)
    apart = [detail for detail in said.details if _WORDS.search(" ".join(detail).casefold())]
    if not apart:
        return (record, *others)
    rest = tuple(detail for detail in said.details if detail not in apart)
    noted = replace(
        said,
        kind=OccurrenceKind.CONTACT,
        title=_TITLE,
        coding=None,
        outcome=None,
        details=tuple(apart),
    )
    beside = replace(
        record,
        source_id=f"{key}/safeguarding",
        category=Category.SAFEGUARDING,
        payload=noted,
        scopes=scopes_of(key, 1),
    )
    return (replace(record, payload=replace(said, details=rest)), beside, *others)
