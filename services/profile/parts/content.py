"""What lies under a seal: facts in a form that is read without FHIR, and opened only when shown.

A first line says of whom and from where, and of each fact its key, version, kind and length; after
it come the facts themselves, each a text of JSON, one after the other. So a fact can be told, put
in order and handed on without being read. What was sealed before this form came is a bundle entry
of FHIR, which begins with a brace. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import orjson

from schemas.errors import UnreadableEventError
from schemas.fhir_mapping import records_from_bundle
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    CommunicationNeeds,
    ConnectionReport,
    ContactDetails,
    HelpWanted,
    Involvement,
    NextStep,
    Occurrence,
    Payload,
    PersonDetails,
    Plan,
    Relationship,
    StoryConfirmation,
    StoryEntry,
)
from schemas.records.published import NOT_KEPT, KeptTo, PublishedRecord
from schemas.records.unused import MoreAtSource, MoreKind
from schemas.unchanging import unchanging
from schemas.vocabulary import Category, Label, Source

_ENTRY = b"{"
"""What an entry of a bundle begins with, and no head of ours."""
_KINDS: dict[type[Any], str] = {
    PersonDetails: "details",
    ContactDetails: "contact",
    CommunicationNeeds: "needs",
    Relationship: "relationship",
    Involvement: "involvement",
    Occurrence: "occurrence",
    Plan: "plan",
    StoryEntry: "story",
    StoryConfirmation: "confirmation",
    HelpWanted: "help",
    NextStep: "step",
    ConnectionReport: "connection",
}
OCCURRENCE = _KINDS[Occurrence]
"""The kind of what happened: most of what there is, and put together with nothing."""
RELATIONSHIP = _KINDS[Relationship]
_PAYLOADS = {kind: payload for payload, kind in _KINDS.items()}
_MORE_KINDS = {kind.value: kind for kind in MoreKind}

_Texts = tuple[str, ...]


class StoredFact(msgspec.Struct, array_like=True):
    """One fact, not read yet: `text` is its payload as JSON, `date` when it began if it says so.

    The date is told of what happened alone. All but the text is how the head tells it, so that the
    reader of heads makes these. Not to be changed; it is not frozen because its text comes after.
    """

    key: RecordKey
    version: str
    kind: str
    length: int
    part_of: RecordKey | None
    date: str | None
    told_more: tuple[tuple[str, int], ...]
    text: bytes = b""

    __repr__ = object.__repr__

    @property
    def more(self) -> tuple[MoreAtSource, ...]:
        """What its source knows besides."""
        if not self.told_more:
            return ()
        told = ((_MORE_KINDS.get(kind, MoreKind.OTHER), count) for kind, count in self.told_more)
        return tuple(MoreAtSource(kind, count) for kind, count in told)

    @property
    def payload(self) -> Payload:
        """What it says. Raises UnreadableEventError."""
        try:
            found: Payload = _reader(self.kind).decode(self.text)
        except (KeyError, msgspec.DecodeError, UnicodeDecodeError):
            raise UnreadableEventError(f"stored fact of kind {self.kind}") from None
        return found


@unchanging(frozen=True, slots=True, repr=False)
class Content:
    """Facts and all that they have in common, the first person being whose they are.

    `kept_to` is as it was said; the family may have narrowed it since, which stands beside.
    """

    source: Source
    category: Category
    persons: tuple[PersonId, ...]
    labels: frozenset[Label]
    items: Sequence[StoredFact]
    kept_to: frozenset[KeptTo] = NOT_KEPT


_Head = tuple[str, str, _Texts, _Texts, _Texts, list[StoredFact]]
_HEADS: msgspec.json.Decoder[_Head] = msgspec.json.Decoder(_Head)


def occurrence_in(text: bytes) -> Occurrence:
    """What happened, from the text of such a fact. Raises UnreadableEventError."""
    try:
        found: Occurrence = _reader(OCCURRENCE).decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnreadableEventError("stored fact of what happened") from None
    return found


def item_of(record: PublishedRecord) -> StoredFact:
    """The record's fact; it is of an upsert, which has one."""
    payload = record.payload
    date = payload.period.start if isinstance(payload, Occurrence) else None
    kind, text = _KINDS[type(payload)], orjson.dumps(payload)
    more = tuple((one.kind.value, one.count) for one in record.more)
    marks = (record.part_of, date, more)
    return StoredFact(record.key, record.version, kind, len(text), *marks, text)


def content_of(record: PublishedRecord) -> Content:
    """One record alone, without its scopes, which stand beside it."""
    marks = (record.source, record.category, record.persons, record.labels)
    return Content(*marks, [item_of(record)], record.kept_to)


def written(content: Content) -> bytes:
    """The bytes to seal; the same content gives the same bytes."""
    head = [
        content.source.value,
        content.category.value,
        content.persons,
        sorted(content.labels),
        sorted(content.kept_to),
        [_told(item) for item in content.items],
    ]
    return b"".join((orjson.dumps(head), b"\n", *(item.text for item in content.items)))


def read(plain: bytes, *, kept_to: frozenset[KeptTo] | None = None) -> Content:
    """Back from `written`, or from a bundle entry of before; kept to fewer since, if that is told.

    Raises UnreadableEventError.
    """
    if plain.startswith(_ENTRY):
        found = _from_entry(plain)
        return found if kept_to is None else replace(found, kept_to=kept_to)
    line, _, texts = plain.partition(b"\n")
    try:
        source, category, persons, labels, kept, items = _HEADS.decode(line)
        return Content(
            Source(source),
            Category(category),
            tuple(map(PersonId, persons)),
            frozenset(map(Label, labels)),
            _with_texts(items, texts),
            frozenset(kept) if kept_to is None else kept_to,
        )
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise UnreadableEventError("stored content is not of its form") from None


def record_of(content: Content, item: StoredFact) -> PublishedRecord:
    """One fact as a record. Raises UnreadableEventError."""
    return PublishedRecord(
        item.key,
        content.source,
        content.category,
        content.persons,
        item.version,
        item.payload,
        labels=content.labels,
        part_of=item.part_of,
        kept_to=content.kept_to,
        more=item.more,
    )


def records_in(plain: bytes) -> Iterator[PublishedRecord]:
    """Every fact of these bytes as a record. Raises UnreadableEventError."""
    content = read(plain)
    return (record_of(content, item) for item in content.items)


def _told(item: StoredFact) -> list[object]:
    marks = (item.part_of, item.date, item.told_more)
    return [item.key, item.version, item.kind, item.length, *marks]


def _with_texts(items: list[StoredFact], texts: bytes) -> list[StoredFact]:
    start = 0
    for item in items:
        end = start + item.length
        item.text = texts[start:end]
        start = end
    return items


def _from_entry(plain: bytes) -> Content:
    try:
        (record,) = records_from_bundle({"entry": [orjson.loads(plain)]})
    except orjson.JSONDecodeError:
        raise UnreadableEventError("stored content is not of its form") from None
    return content_of(record)


@cache
def _reader(kind: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_PAYLOADS[kind])
