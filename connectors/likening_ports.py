"""What publishing needs to notice that somebody nobody knows may be somebody known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.identifiers import PersonId
from schemas.records.payloads import ContactDetails, PersonDetails
from schemas.records.subject import Subject
from schemas.vocabulary import Source


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """What one message tells of one of its subjects: the subject, and the records about them."""

    subject: Subject
    details: PersonDetails | None = None
    contact: ContactDetails | None = None


class Likenesses(Protocol):
    """Facts by which persons are compared: sealed, and found by keyed hashes only."""

    def keep(self, told: Sequence[tuple[Told, PersonId]], source: Source, *, at: datetime) -> None:
        """Keep what a source tells of persons; who is told of anew is compared again."""

    def alike(self, told: Sequence[tuple[Told, PersonId | None]]) -> Sequence[Collection[PersonId]]:
        """For each the known persons whom they may be: enough agrees for somebody to look.

        Who has an id already is not like themselves, nor like those they were kept apart from.
        """

    def hold(self, told: Told, source: Source, *, at: datetime) -> PersonId | None:
        """Make a person of somebody nobody knows yet, to be compared; None if nothing names them.

        Who cannot be told again by what is known of them would be made again with each message.
        """

    def wait(self, waiting: Sequence[tuple[str, Told]], source: Source) -> None:
        """Let messages held back be found by whoever turns out to be like their subjects."""

    def forget(self, persons: Collection[PersonId], source: Source) -> None:
        """Forget what a source has told of them, because it takes it back."""
