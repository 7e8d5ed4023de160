"""Everything that is held about one person, as it may be handed over: what is withheld says why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from consent import OnRecord
from consent.lawfulness import Basis
from consent.model import Restriction, SharingDecision
from schemas.identifiers import Identifier, PersonId, RecordKey
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, LabelledCode, Source
from services.people.linking.facts import LinkFacts
from services.profile.ports import StoredRecords


class GivenTo(StrEnum):
    """To whom the report is handed: somebody else who asks for them is told less."""

    PERSON = "person"
    PARENT = "parent"


class Withheld(LabelledCode):
    """Why something is not in the report where it would stand."""

    THIRD_PARTY = "third-party", "Withheld: this is about somebody else"
    RESTRICTED = "restricted", "Withheld: a restriction protects somebody"
    SERIOUS_HARM = "serious-harm", "Withheld: judged to be more detrimental to the child if shared"
    PROTECTED_PLACE = "protected-place", "Withheld: its source protects this place"
    KEPT_BY_FAMILY = "kept-by-family", "Withheld: whoever said this kept it to some"
    NOT_FOR_PARENTS = "not-for-parents", "Withheld: a young person asked that it is not told"


@dataclass(frozen=True, slots=True, repr=False)
class HeldRecord:
    """One record with on what basis it is shared; `record` is None where `withheld` says why.

    Of a record that is there, `parts_withheld` are the elements taken out of it, because they are
    somebody else's.
    """

    key: RecordKey
    source: Source
    category: Category
    as_of: str
    basis: tuple[Basis, ...]
    record: PublishedRecord | None
    withheld: tuple[Withheld, ...] = ()
    parts_withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class HeldDecision:
    """One sharing decision; None where `withheld` says why. It names nobody but the person."""

    decision: SharingDecision | None
    others: int = 0
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HeldRestriction:
    """One restriction that concerns the person; whom it lets in is not told."""

    restriction: Restriction | None
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HeldIdentifier:
    """A number of the person, as one source gave it; None where `withheld` says why."""

    source: Source
    identifier: Identifier
    since: datetime
    until: datetime | None
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class LookTaken:
    """Who looked, when, for what, and what was shown; None in `categories` where it is withheld."""

    at: datetime
    who: str
    agency: str
    purpose: str
    permitted: bool
    categories: tuple[Category, ...]
    through: str | None = None
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HeldFacts:
    """What one source says of who somebody is, kept to tell people apart; None where withheld.

    Where they live is in it and not told here: the records of the source tell that, or withhold it.
    """

    source: Source
    seen_at: datetime
    facts: LinkFacts | None
    withheld: Withheld | None = None


class KeptWhere(LabelledCode):
    """Where a message waits that was not published."""

    HOLDING_STORE = "holding-store", "In the health-visiting agency's own store, sealed"
    PARTNER = "partner", "With the system that sent it; here is only a keyed hash"
    FILE = "file", "In its source's own file; here is only which file"
    OWNER = "owner", "With its owner; here is only a keyed hash"


@dataclass(frozen=True, slots=True)
class KeptBack:
    """How many messages that may be about the person wait where, and until when at the latest."""

    source: Source
    where: KeptWhere
    messages: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class SubjectAccess:
    """Everything held about one person at one moment; `known_by` are all ids that are theirs.

    `waiting` are the records of messages that were not published, where the agency that has them
    makes the report itself; anybody else is told how many wait (`kept_back`).
    """

    report: str
    person: PersonId
    known_by: tuple[PersonId, ...]
    given_to: GivenTo
    made_at: datetime
    records: tuple[HeldRecord, ...]
    decisions: tuple[HeldDecision, ...]
    restrictions: tuple[HeldRestriction, ...]
    identifiers: tuple[HeldIdentifier, ...]
    looks: tuple[LookTaken, ...]
    kept_back: tuple[KeptBack, ...]
    is_erased: bool = False
    waiting: tuple[HeldRecord, ...] = ()
    facts: tuple[HeldFacts, ...] = ()

    @property
    def withheld_count(self) -> int:
        """How many things are withheld wholly or in part."""
        marks = (
            *(bool(r.withheld or r.parts_withheld) for r in (*self.records, *self.waiting)),
            *(d.withheld is not None for d in self.decisions),
            *(r.withheld is not None for r in self.restrictions),
            *(i.withheld is not None for i in self.identifiers),
            *(look.withheld is not None for look in self.looks),
            *(one.withheld is not None for one in self.facts),
        )
        return sum(marks)


# What a report of everything held needs from the outside world. All calls join one transaction.


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
