"""Records of one person as one event."""

from dataclasses import dataclass

import pytest

from connectors.publishing.events import record_event
from schemas.envelope import Event
from schemas.errors import UnreadableMessageError
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import StoryEntry
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from tests.support.builders import NOW


@dataclass(frozen=True)
class _Opaque:
    """Seals and hashes by what it is given, for tests that look at neither."""

    def seal(self, person: PersonId, plain: bytes) -> bytes:
        return person.encode() + plain

    def opaque(self, kind: str, *parts: str) -> str:
        return "-".join((kind, *parts))


def _a_record_about(persons: int) -> PublishedRecord:
    about = tuple(PersonId(f"{number:032x}") for number in range(persons))
    entry = StoryEntry("They bake.", "Nan", "Visitor", "2026-01-01T09:00:00Z")
    version = "2026-01-01T09:00:00Z/000000000"
    key = RecordKey("ab" * 16)
    return PublishedRecord(key, Source.FAMILY_HUB, Category.STORY, about, version, entry)


def _sent(record: PublishedRecord) -> Event:
    opaque = _Opaque()
    return record_event(record.persons[0], [record], parts=(), sealer=opaque, hasher=opaque, at=NOW)


@pytest.mark.parametrize("persons", [1, 2, 12])
def test_a_record_is_about_as_many_persons_as_a_family_has(persons: int):
    """It travels under the first of them."""
    record = _a_record_about(persons)

    assert _sent(record).subject == record.persons[0]


def test_a_record_about_more_persons_than_any_family_has_parks():
    """Rather than forgetting whom else it is about."""
    with pytest.raises(UnreadableMessageError, match="too-many"):
        _sent(_a_record_about(13))
