"""What deciding from the record needs from the outside world. All calls join one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent import OnRecord, Practitioner
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose


@dataclass(frozen=True, slots=True)
class Known:
    """Who asks, with every relationship on record, and what is on record about the person."""

    practitioner: Practitioner
    on_record: Mapping[PersonId, OnRecord]


class AccessRecords(Protocol):
    """Everything on record that may bear on a question."""

    def person(self, text: str) -> PersonId | None:
        """The person with this opaque id or `SCHEME:VALUE`; None when nobody is known by it."""

    def known(
        self, person: PersonId, practitioner: PractitionerId, purpose: Purpose, *, at: datetime
    ) -> Known | None:
        """What bears on this practitioner and person; None for an unknown practitioner."""
