"""The records that a family's story is made of, and what the ledger says of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.publishing_ports import Hasher
from consent.ledger import FieldValue, LedgerEntry, entry_id_for, ledger_entry
from consent.ledger_events import LedgerEvent
from schemas.identifiers import PersonId, RecordKey
from schemas.kept_to import KeptTo, categories_in, recipients_in
from schemas.records.message import Version
from schemas.records.payloads import Payload, StoryConfirmation, StoryEntry
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source

_KEY_DIGITS = 32


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """Who of the family said something, who wrote it down, and when (ISO 8601, UTC)."""

    told_by: str
    written_by: str
    written_at: str


def record_of(
    persons: tuple[PersonId, ...],
    entry: StoryEntry,
    kept_to: frozenset[KeptTo],
    hasher: Hasher,
) -> PublishedRecord:
    """An entry as a record. The same words written down at the same moment are the same record."""
    key = hasher.opaque("story", persons[0], entry.written_at, entry.text)
    return _record(key, persons, entry.written_at, entry, kept_to)


def correction_of(corrected: PublishedRecord, entry: StoryEntry, hasher: Hasher) -> PublishedRecord:
    """The record that stands in the place of another, about and for the same people."""
    correction = replace(entry, corrects=corrected.key)
    return record_of(corrected.persons, correction, corrected.kept_to, hasher)


def confirmation_of(
    confirmed: Sequence[PublishedRecord], told: Told, hasher: Hasher
) -> PublishedRecord:
    """The record that says that these, which are about and for the same people, still hold."""
    first, keys = confirmed[0], tuple(sorted({record.key for record in confirmed}))
    payload = StoryConfirmation(keys, told.told_by, told.written_by, told.written_at)
    key = hasher.opaque("story-confirmed", first.persons[0], told.written_at, *keys)
    return _record(key, first.persons, told.written_at, payload, first.kept_to)


def entry_for(record: PublishedRecord, actor: str, at: datetime) -> LedgerEntry:
    """What was added, corrected or confirmed: keys and persons, no word of it."""
    fields: dict[str, FieldValue] = {"record": record.key, "subjects": record.persons}
    event = LedgerEvent.STORY_ADDED
    match record.payload:
        case StoryConfirmation(confirms=confirms):
            event = LedgerEvent.STORY_CONFIRMED
            fields["confirms"] = confirms
        case StoryEntry(corrects=str(corrects)):
            event = LedgerEvent.STORY_CORRECTED
            fields["corrects"] = corrects
        case _:
            pass
    entry_id = entry_id_for("story", record.key)
    return ledger_entry(event, fields, at=at, actor=actor, entry_id=entry_id)


def entry_for_kept(record: PublishedRecord, actor: str, at: datetime) -> LedgerEntry:
    """Whom the family keeps it to, as codes and opaque ids."""
    fields: dict[str, FieldValue] = {
        "record": record.key,
        "subjects": record.persons,
        "recipients": recipients_in(record.kept_to),
        "categories": categories_in(record.kept_to),
    }
    entry_id = entry_id_for("story-kept", record.key, record.version)
    return ledger_entry(LedgerEvent.STORY_KEPT, fields, at=at, actor=actor, entry_id=entry_id)


def _record(
    key: str,
    persons: tuple[PersonId, ...],
    written_at: str,
    payload: Payload,
    kept_to: frozenset[KeptTo],
) -> PublishedRecord:
    return PublishedRecord(
        key=RecordKey(key[:_KEY_DIGITS]),
        source=Source.FAMILY_HUB,
        category=Category.STORY,
        persons=persons,
        version=Version(written_at).sort_key,
        payload=payload,
        kept_to=kept_to,
    )
