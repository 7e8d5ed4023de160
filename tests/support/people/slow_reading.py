"""A family read the long way: everything is opened and in records before anything is put together.

What the quick way shows is held against this. Sections are of records here, and what happened is
put in order as records are; no record is passed on unread.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson

from schemas.records.payloads import ConnectionReport, Occurrence, Payload
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.interfaces.families.text import OF_THE_READING
from services.profile.merging.claims import completed, provenance_of
from services.profile.merging.connections import happened_in
from services.profile.model import Profile, TimelineEntry
from services.profile.parts.content import Content, content_of, record_of


def read_first(contents: Iterable[Content]) -> Iterator[Content]:
    """The same facts, each under a seal of its own, completed, and twice: nothing is told alone."""
    whole = completed(record_of(content, item) for content in contents for item in content.items)
    for record in list(whole):
        yield content_of(record)
        yield content_of(record)


def slow_timeline(contents: Iterable[Content]) -> tuple[TimelineEntry, ...]:
    """What happened of these contents, sorted step by step."""
    records = completed(record_of(content, item) for content in contents for item in content.items)
    entries = [
        TimelineEntry(
            said.period.start,
            record.persons[0],
            record.category,
            said,
            provenance_of(record),
            record.key,
        )
        for record in _latest_first(records)
        for said in _happened(record.payload)
    ]
    return tuple(sorted(entries, key=lambda entry: entry.date or "", reverse=True))


def _happened(payload: Payload) -> Sequence[Occurrence]:
    if isinstance(payload, ConnectionReport):
        return happened_in(payload)
    return [payload] if isinstance(payload, Occurrence) else []


def last_updated(contents: Iterable[Content]) -> dict[Source, str]:
    """As of when the latest of each source was said."""
    found = completed(record_of(content, item) for content in contents for item in content.items)
    ordered = sorted(found, key=lambda record: record.version)
    return {record.source: record.version.split("/")[0] for record in ordered}


def slow_document(profile: Profile) -> bytes:
    """The bytes of an answer, of a profile of which everything is read."""
    read = tuple(replace(entry, occurrence=entry.occurrence) for entry in profile.timeline)
    whole = replace(profile, timeline=read)
    document: dict[str, Any] = orjson.loads(orjson.dumps(whole, default=sorted))
    for name in OF_THE_READING:
        del document[name]
    for entry in document["timeline"]:
        del entry["key"]
    return orjson.dumps(document)


def _latest_first(records: Iterable[PublishedRecord]) -> list[PublishedRecord]:
    unique: dict[tuple[str, str, str], PublishedRecord] = {}
    for record in sorted(
        records, key=lambda r: (r.version, r.source, r.key, *r.persons), reverse=True
    ):
        unique.setdefault((record.source, record.key, record.persons[0]), record)
    return list(unique.values())
