"""What is written on the pages of the family hub becomes a record like any other source's.

The family's story is never changed in place: what was said wrongly is corrected by another entry,
and that nothing has changed is an entry too. Who writes for whom is checked before; here it is
decided whether it may be published, as for every other source.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.publishing.ports import Hasher, Publishing
from connectors.publishing.written import KEY_DIGITS, later_than, queue, why_not
from consent import Reason
from consent.ledger import FieldValue, LedgerEntry, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Version
from schemas.records.payloads import Payload, StoryConfirmation, StoryEntry
from schemas.records.published import (
    NOT_KEPT,
    KeptTo,
    PublishedRecord,
    categories_in,
    is_within,
    recipients_in,
)
from schemas.vocabulary import Category, Source

# The records, and what the ledger says of them.


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
        key=RecordKey(key[:KEY_DIGITS]),
        source=Source.FAMILY_HUB,
        category=Category.STORY,
        persons=persons,
        version=Version(written_at).sort_key,
        payload=payload,
        kept_to=kept_to,
    )


@dataclass(frozen=True, slots=True, repr=False)
class AddStory:
    """Order: write down what the family said about these persons.

    It is the record of the first of them. `actor` is who wrote it, as the ledger names it.
    """

    persons: tuple[PersonId, ...]
    entry: StoryEntry
    actor: str
    kept_to: frozenset[KeptTo] = NOT_KEPT


@dataclass(frozen=True, slots=True, repr=False)
class CorrectStory:
    """Order: put these words in the place of an entry, which stays and is shown as corrected.

    They are about the same persons and are kept to the same people, so that whoever reads one
    reads the other.
    """

    corrected: PublishedRecord
    entry: StoryEntry
    actor: str


@dataclass(frozen=True, slots=True, repr=False)
class ConfirmStory:
    """Order: the family says that nothing has changed in these entries."""

    confirmed: Sequence[PublishedRecord]
    told: Told
    actor: str


@dataclass(frozen=True, slots=True, repr=False)
class KeepStory:
    """Order: from now on keep these entries to fewer people than before."""

    kept: Sequence[PublishedRecord]
    kept_to: frozenset[KeptTo]
    actor: str


def add_story(command: AddStory, *, publishing: Publishing) -> tuple[Reason, ...]:
    """Publish a story entry if the family's decisions permit it; else the reasons why not."""
    record = record_of(command.persons, command.entry, command.kept_to, publishing.hasher)
    return _publish([record], command.actor, publishing)


def correct_story(command: CorrectStory, *, publishing: Publishing) -> tuple[Reason, ...]:
    """Publish a correction if the family's decisions permit it; else the reasons why not."""
    record = correction_of(command.corrected, command.entry, publishing.hasher)
    return _publish([record], command.actor, publishing)


def confirm_story(command: ConfirmStory, *, publishing: Publishing) -> tuple[Reason, ...]:
    """Publish that these entries still hold, or none of it and the reasons why not.

    One record for those about the same persons that are kept to the same people: whoever may not
    read an entry learns nothing of its confirmation either.
    """
    groups: dict[object, list[PublishedRecord]] = {}
    for record in command.confirmed:
        groups.setdefault((record.persons, record.kept_to), []).append(record)
    records = [confirmation_of(g, command.told, publishing.hasher) for g in groups.values()]
    return _publish(records, command.actor, publishing)


def keep_story(command: KeepStory, *, publishing: Publishing) -> tuple[Reason, ...]:
    """Publish the entries anew for fewer readers; refused where they would be more for any."""
    if not all(is_within(command.kept_to, record.kept_to) for record in command.kept):
        return (Reason.KEPT_TO_OTHERS,)
    now = publishing.clock.now()
    records = [
        replace(record, kept_to=command.kept_to, version=later_than(record.version, now))
        for record in command.kept
    ]
    return _publish(records, command.actor, publishing, is_new=False)


def _publish(
    records: Sequence[PublishedRecord], actor: str, publishing: Publishing, *, is_new: bool = True
) -> tuple[Reason, ...]:
    """Queue these records and enter them in the ledger, or none of them."""
    refused = why_not(records, publishing)
    if refused:
        return refused
    now = publishing.clock.now()
    queue([(record, (record.version,)) for record in records], publishing, at=now)
    said = [entry_for(record, actor, now) for record in records if is_new]
    kept = [entry_for_kept(record, actor, now) for record in records if record.kept_to]
    publishing.ledger.append([*said, *kept])
    return ()
