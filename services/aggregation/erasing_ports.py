"""What erasing a person needs from the outside world. All calls join one transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent.ports import Clock, Ledger
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode


class ErasureGround(LabelledCode):
    """Why a person is erased (UK GDPR Article 17(1)), as far as it applies to a council."""

    NO_LONGER_NEEDED = "no-longer-needed", "What is held is no longer needed"
    CONSENT_WITHDRAWN = "consent-withdrawn", "Consent was withdrawn and nothing else allows it"
    OBJECTION_UPHELD = "objection-upheld", "The person objected, and nothing overrides that"
    UNLAWFUL = "unlawful", "It should not have been held"
    LEGAL_OBLIGATION = "legal-obligation", "A law or a court requires it"
    RESTORED_BACKUP = "restored-backup", "They were erased before; a backup brought them back"


class ErasureRefusal(LabelledCode):
    """Why nobody was erased."""

    NOT_ALLOWED = "not-allowed", "Only information governance and administrators may erase"
    UNKNOWN_PERSON = "unknown-person", "No such person"
    RESTRICTED = "restricted", "A restriction protects them; if they come again it would not"
    NOT_ALONE = (
        "not-alone",
        "Others were joined with them and would go too; name each, or undo the join first",
    )
    HELD = "held", "An inquiry or a court wants their records kept; release them first"
    OLD_KEY = (
        "old-key",
        "Their key is from before keys could be destroyed; run `tell-once keys rotate` first",
    )


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure: everybody who was that person, and by what their keys are destroyed."""

    id: str
    persons: tuple[PersonId, ...]
    handles: tuple[bytes, ...]
    because: ErasureGround
    ordered_by: str
    ordered_at: datetime
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows went, and whose profiles changed besides."""

    records: int
    held: int
    parked: int
    others: frozenset[PersonId]


class Erasures(Protocol):
    """What is held about persons, as far as it can be deleted, and who was erased."""

    def lock(self, person: PersonId) -> Sequence[PersonId]:
        """Everybody who is that person and not erased, locked until commit; nobody if unknown."""

    def find(self, person: PersonId) -> Erasure | None:
        """The erasure that this person was part of."""

    def obstacles(self, persons: Collection[PersonId]) -> Sequence[ErasureRefusal]:
        """Everything that forbids erasing them, the first to be dealt with first."""

    def delete(self, persons: Collection[PersonId]) -> Deleted:
        """Delete what is held about them, by whatever it is found; again deletes what is left."""

    def begin(self, erasure: Erasure) -> Erasure:
        """Take their keys out of their rows and keep the order; gives it with the handles."""

    def unfinished(self) -> Sequence[Erasure]:
        """The erasures whose keys may not be destroyed yet."""

    def finish(self, erasure: Erasure, *, at: datetime) -> None:
        """Remember that the keys are destroyed."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """What erasing works with; every port joins one transaction."""

    erasures: Erasures
    announce: Callable[[Sequence[Event]], None]
    ledger: Ledger
    clock: Clock
