"""What the mapper of one kind of event hands on: subjects and records."""

from dataclasses import dataclass, replace
from typing import Self

from connectors.health_visiting.focus import is_taken_back
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node
from connectors.health_visiting.people import Person, person_records
from schemas.records.message import Record
from schemas.records.subject import Subject


@dataclass(frozen=True, slots=True, repr=False)
class Mapped:
    """The subjects and records of one message."""

    subjects: tuple[Subject, ...]
    records: tuple[Record, ...] = ()

    @classmethod
    def of_person(
        cls, message: NemsMessage, focus: Node, person: Person, records: tuple[Record, ...]
    ) -> Self:
        """A message about one patient; one that takes its focus back says nothing else."""
        if is_taken_back(message, focus):
            also = (
                replace(record, subjects=(other.ref,))
                for other in person.others
                for record in records
            )
            return cls((person.subject, *person.others), (*records, *also))
        return cls((person.subject,), (*person_records(person), *records))
