"""A family read as it is read in service, and again record by record: both say the same.

What is folded, read ahead and kept unread until it is shown must never say anything else than the
records do, whatever has happened to them. So every test that reads a family asks for both. What
was shown before is kept sealed meanwhile, over all of them: nor may that ever say anything else.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from services.profile.model import Profile, ProfileRefused
from services.profile.parts.content import Content
from services.profile.parts.kept.sealed import SealedAnswers
from services.profile.ports import StoredRecord
from services.profile.reading import read_profile
from services.profile.viewing import ReadProfile
from services.work import Outside, ReadingPool, UnitOfWork

_KEPT = SealedAnswers()


class _OneByOne:
    """The records of a profile without their parts."""

    def __init__(self, records: Any) -> None:
        self._records = records

    def known_as(self, person: PersonId) -> PersonId:
        return self._records.known_as(person)

    def in_parts(self, persons: Collection[PersonId]) -> Sequence[StoredRecord]:
        return self._records.about(persons)

    def open(self, records: Sequence[StoredRecord]) -> Iterator[PublishedRecord]:
        return self._records.open(records)

    def contents(self, records: Sequence[StoredRecord]) -> Iterator[Content]:
        return self._records.contents(records)


def read_both_ways(order: ReadProfile, portal: Outside) -> Profile | ProfileRefused:
    """Read as it is read in service, entered; another time record by record, without a trace."""
    with ReadingPool(portal, _KEPT).reading_work() as work:
        found = read_profile(order, reading=work.reading())
    expected = _record_by_record(order, portal)
    assert _timeless(found) == _timeless(expected)
    return found


def _record_by_record(order: ReadProfile, portal: Outside) -> Profile | ProfileRefused:
    with portal.engine.connect() as connection:  # rolled back when it is closed
        reading = UnitOfWork(connection, portal).reading()
        records: Any = _OneByOne(reading.records)
        return read_profile(order, reading=replace(reading, records=records))


def _timeless(found: Profile | ProfileRefused) -> Profile | ProfileRefused:
    return replace(found, as_of=None) if isinstance(found, Profile) else found
