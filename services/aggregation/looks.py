"""What is remembered of a reading: who looked, and at whose records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose
from services.aggregation.stored import StoredRecord


@dataclass(frozen=True, slots=True)
class Look:
    """What who-has-looked shows of one reading; written with its ledger entry.

    `shown_as_one` are those whose records were shown as the person's own, who are one with them:
    if that is undone, each can still be told who has looked at theirs.
    """

    disclosure: str
    person: PersonId
    practitioner: PractitionerId
    purpose: Purpose
    permitted: bool
    categories: tuple[Category, ...]
    at: datetime
    shown_as_one: tuple[PersonId, ...] = ()


class Looks(Protocol):
    """Who has looked at whom."""

    def save(self, look: Look) -> None:
        """Write down one reading, permitted or refused."""


def whose(records: Sequence[StoredRecord]) -> Iterator[PersonId]:
    """Whom these are about, and for whom they came: after a join is undone both can be told."""
    return (p for record in records for p in (*record.persons, record.stored_under))


def shown_as_one(records: Sequence[StoredRecord], child: PersonId) -> tuple[PersonId, ...]:
    """For whom else the child's own records came."""
    own = {record.stored_under for record in records if record.persons[0] == child}
    return tuple(sorted(own - {child}))
