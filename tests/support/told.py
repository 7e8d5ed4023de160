"""The whole way of messages in small and without a database: what is left of what was told."""

from collections.abc import Iterable

from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Record, SourceMessage
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action
from services.profile.merging.claims import completed
from tests.support.portal.in_words import in_words
from tests.support.scopes import what_is_left


def told(messages: Iterable[SourceMessage]) -> list[str]:
    """What is left of these messages in words, each record with what completes it."""
    said = [[_published(record, message) for record in message.records] for message in messages]
    return in_words(completed(what_is_left(said)))


def _published(record: Record, message: SourceMessage) -> PublishedRecord:
    """Under its own ids, which hide nothing here; scopes and records are kept apart as ever."""
    own = _scope(record.source_id) if record.action is Action.CLEAR else record.source_id
    return PublishedRecord(
        key=RecordKey(own),
        source=message.source,
        category=record.category,
        persons=tuple(PersonId(ref) for ref in record.subjects),
        version=message.version.sort_key,
        payload=record.payload,
        action=record.action,
        labels=record.labels,
        scopes=tuple(_scope(scope) for scope in record.scopes),
        keeps=tuple(_scope(scope) for scope in record.keeps),
        part_of=None if record.part_of is None else RecordKey(record.part_of),
    )


def _scope(name: str) -> RecordKey:
    return RecordKey(f"scope:{name}")
