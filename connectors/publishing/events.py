"""Records of one person as one event: validated, under opaque keys, encrypted for that person."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from connectors.publishing.ports import Hasher, Sealer
from schemas.envelope import ENCRYPTED, PLAIN, Event, EventType
from schemas.errors import UnreadableMessageError
from schemas.fhir_mapping import bundle_from_records, validated_bundle
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Record
from schemas.records.published import PublishedRecord
from schemas.topics import SHARING_DECISIONS, records_topic
from schemas.vocabulary import Action, Source

EVENT_BYTES = 990_000
"""The bus takes a million bytes a message, headers included: one above would stop the relay."""
_MOST_PERSONS = 12


def record_event(
    person: PersonId,
    records: Sequence[PublishedRecord],
    *,
    parts: Sequence[str],
    sealer: Sealer,
    hasher: Hasher,
    at: datetime,
) -> Event:
    """One event with these records of one person.

    Its id follows from the records' keys and `parts`, so that handling a message again makes the
    same event. Raises UnreadableMessageError when the records are not valid FHIR, are about more
    persons than can be stored, or are together larger than any bus takes.
    """
    if any(len(record.persons) > _MOST_PERSONS for record in records):
        raise UnreadableMessageError(field="subjects", reason="too-many")
    bundle = validated_bundle(bundle_from_records(records))
    source = records[0].source
    removed = all(record.action is not Action.UPSERT for record in records)
    keys = (record.key for record in records)
    sealed = sealer.seal(person, orjson.dumps(bundle))
    if len(sealed) > EVENT_BYTES:
        raise UnreadableMessageError(field="message", reason="too-large")
    return Event(
        topic=records_topic(source),
        key=person,
        id=hasher.opaque("event", person, *keys, *parts)[:32],
        type=EventType.RECORD_REMOVED if removed else EventType.RECORD_UPSERTED,
        source=f"urn:tell-once:source:{source}",
        subject=person,
        time=at.isoformat(),
        content_type=ENCRYPTED,
        data=sealed,
    )


def resend_event(person: PersonId, *, hasher: Hasher, at: datetime) -> Event:
    """More is known of a person now, so messages held back may turn out to be theirs."""
    return Event(
        topic=SHARING_DECISIONS,
        key=person,
        id=hasher.opaque("resend", person, at.isoformat())[:32],
        type=EventType.RESEND_REQUESTED,
        source="urn:tell-once:connectors",
        subject=person,
        time=at.isoformat(),
        content_type=PLAIN,
        data=b"{}",
    )


# Opaque keys: keyed hashes of the source's own ids for records and scopes.

_KEY_DIGITS = 32


class RecordKeys:
    """The keys of one source, each made once: records share scopes, and are asked for twice.

    `typed_by` is the agency whose own ids they are, where one person can write them: whatever
    such a file calls its records, it means none of another agency's.
    """

    def __init__(self, source: Source, hasher: Hasher, *, typed_by: str | None = None) -> None:
        self._of = (source.value,) if typed_by is None else (source.value, "typed", typed_by)
        self._hasher = hasher
        self._made: dict[tuple[str, str], RecordKey] = {}

    def of(self, record: Record) -> RecordKey:
        """The key of a record, or of the scope that a clearing clears."""
        if record.action is Action.CLEAR:
            return self._of_scope(record.source_id)
        return self.of_record(record.source_id)

    def of_record(self, source_id: str) -> RecordKey:
        """The key of a record: the same for every version that its source sends."""
        return self._key("record", source_id)

    def of_scopes(self, scopes: Iterable[str]) -> tuple[RecordKey, ...]:
        """The keys of scopes, in their order."""
        return tuple(self._of_scope(scope) for scope in scopes)

    def _of_scope(self, scope: str) -> RecordKey:
        return self._key("scope", scope)

    def _key(self, kind: str, own_id: str) -> RecordKey:
        key = self._made.get((kind, own_id))
        if key is None:
            key = RecordKey(self._hasher.opaque(kind, *self._of, own_id)[:_KEY_DIGITS])
            self._made[kind, own_id] = key
        return key
