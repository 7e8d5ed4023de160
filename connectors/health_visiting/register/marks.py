"""Whom a source marks as protected: the security labels of a Patient.

Sources: HL7 v3 Confidentiality, as the Personal Demographics Service uses it on Patient.meta (U
unrestricted, R restricted: the S flag; V very restricted, REDACTED: the record was withdrawn).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import Node, child, children, value
from connectors.health_visiting.persons.numbers import verified_numbers
from schemas.records.message import Record, SourceMessage, Subject
from schemas.vocabulary import Label

_RESTRICTED: Final = frozenset({"R", "V", "REDACTED"})
_REDACTED: Final = "REDACTED"
_UNRESTRICTED: Final = "U"
_PROTECTED: Final = frozenset({Label.PROTECTED_LOCATION})


def is_restricted(patient: Node) -> bool:
    """Whether where they are is kept from whoever has no need to know it."""
    return not _RESTRICTED.isdisjoint(_codes(patient))


def is_redacted(patient: Node) -> bool:
    """Whether the record is not to be used any more."""
    return _REDACTED in _codes(patient)


def with_marks(message: SourceMessage, nems: NemsMessage) -> SourceMessage:
    """The message with whom it marks as protected, and where they are as such a place.

    That somebody is protected no longer is only for the register to say.
    """
    marked = [patient for patient in nems.of_type("Patient") if "meta" in patient]
    restricted = frozenset(_whose(message.subjects, [p for p in marked if is_restricted(p)], nems))
    others = [p for p in marked if nems.publisher == "pds" and _UNRESTRICTED in _codes(p)]
    freed = frozenset(_whose(message.subjects, others, nems)) - restricted
    if not (restricted or freed):
        return message
    records = tuple(_protected(record, restricted) for record in message.records)
    return replace(message, records=records, protects=restricted, protects_no_longer=freed)


def _protected(record: Record, restricted: frozenset[str]) -> Record:
    tells_where = Label.LOCATION in record.labels and not restricted.isdisjoint(record.subjects)
    return replace(record, labels=record.labels | _PROTECTED) if tells_where else record


def _whose(
    subjects: Sequence[Subject], patients: Sequence[Node], nems: NemsMessage
) -> Iterator[str]:
    """The subjects that these Patients are: by number, or as the only ones that there are."""
    is_alone = len(nems.of_type("Patient")) == 1
    for patient in patients:
        numbers = {number.value for number in verified_numbers(patient)}
        for subject in subjects:
            own = {identifier.value for identifier in subject.identifiers}
            if is_alone or not own.isdisjoint(numbers):
                yield subject.ref


def _codes(patient: Node) -> frozenset[str | None]:
    marks = children(child(patient, "meta") or {}, "security")
    return frozenset(value(mark, "code") for mark in marks)
