"""What a report of everything held needs from the outside world. All calls join one transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from consent import OnRecord
from consent.model import Restriction, SharingDecision
from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from services.aggregation.ports import StoredRecords
from services.families.subject_access.held import (
    HeldFacts,
    HeldIdentifier,
    KeptBack,
    LookTaken,
)


class Holdings(Protocol):
    """Everything that is held anywhere about a person and who is one with them."""

    @property
    def records(self) -> StoredRecords:
        """The records of the shared profile."""

    def known_by(self, person: PersonId) -> tuple[PersonId, ...]:
        """All ids that are this person's, the one by which they are known outside first.

        Empty when there is no such person.
        """

    def on_record(self, persons: Collection[PersonId]) -> Mapping[PersonId, OnRecord]:
        """For each person everything that may bear on a request about them."""

    def named_with(self, persons: Collection[PersonId]) -> Collection[PersonId]:
        """Everybody whom the ledger names together with one of the persons.

        In one message, decision or reading, however long ago and whatever is left of it; also who
        is one with them.
        """

    def protecting(self, places: Collection[bytes]) -> Mapping[bytes, Sequence[Restriction]]:
        """Of these places those where somebody is who was ever restricted, each with why."""

    def places_in(self, record: PublishedRecord) -> frozenset[bytes]:
        """The keyed hashes of the places that a record names."""

    def decisions(self, person: PersonId) -> Sequence[SharingDecision]:
        """Every decision about the person, as it was recorded, whatever became of it."""

    def identifiers(self, person: PersonId) -> Sequence[HeldIdentifier]:
        """Every number of the person, opened; of an erased person there are none."""

    def facts(self, person: PersonId) -> Sequence[HeldFacts]:
        """What is kept to tell the person from others; of an erased person there is nothing."""

    def looks(self, person: PersonId) -> Sequence[LookTaken]:
        """Every look at the person, newest first."""

    def kept_back(self, person: PersonId) -> Sequence[KeptBack]:
        """What was not published and waits, counted by source and place."""

    def waiting(self, person: PersonId) -> Sequence[PublishedRecord]:
        """The records of messages about the person in the health-visiting agency's own store.

        Whoever else is in them and not known is somebody without an id of their own.
        """

    def is_erased(self, person: PersonId) -> bool:
        """Whether the person's key was destroyed."""
