"""What messages tell of who may decide for a person, for one check alone, whoever may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.identifiers import PersonId, RecordKey
from schemas.vocabulary import Source


@dataclass(frozen=True, slots=True, repr=False)
class ToldBirth:
    """When somebody was born, YYYY-MM-DD; whether a register stands behind it."""

    born: str
    is_registered: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class ToldResponsibility:
    """Who has responsibility for a child, until when, YYYY-MM-DD, where that is told."""

    name: str
    until: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ToldCare:
    """That an authority looks after a child, or when that ended, as `part_of` another record."""

    until: str | None = None
    part_of: RecordKey | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ToldDeath:
    """That somebody has died, or is reported to: nobody decides, or is asked, in their name."""


ToldForDeciding = ToldBirth | ToldResponsibility | ToldCare | ToldDeath


@dataclass(frozen=True, slots=True, repr=False)
class DeciderFact:
    """What one record says of who may decide for a person; None where it says nothing any more.

    `agency` is whose feed told it, None where that is not known. `other` is who has
    responsibility, where that is somebody known: erased, they are named no more.
    """

    person: PersonId
    key: RecordKey
    version: str
    said: ToldForDeciding | None
    scopes: tuple[RecordKey, ...] = ()
    other: PersonId | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class DeciderClearing:
    """Everything of a person in this scope that is older than that is taken back by its agency."""

    person: PersonId
    scope: RecordKey
    version: str
    keeps: tuple[RecordKey, ...] = ()
    agency: str | None = None


class DeciderIntake(Protocol):
    """Who may decide, as sources tell it: sealed with the person, read when somebody decides."""

    def keep(
        self,
        told: Sequence[DeciderFact],
        cleared: Sequence[DeciderClearing],
        source: Source,
        *,
        at: datetime,
    ) -> None:
        """Take back what is cleared, and keep what is newer than what is known of each record."""
