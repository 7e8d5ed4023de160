"""What happened, in order and passed on without being read: most of what there is of a family.

An occurrence is put together with nothing, so what is told of it beside its text is enough to put
it in its place. The others, and those of which something else under the same key is told, are read
and merged as all records are. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from schemas.identifiers import PersonId
from schemas.records.payloads import ConnectionReport, Occurrence
from schemas.records.published import PublishedRecord
from schemas.unchanging import unchanging
from schemas.vocabulary import Category, Label
from services.profile.merging.claims import (
    Provenance,
    as_of,
    completed,
    latest_first,
    provenance_of,
)
from services.profile.merging.connections import happened_in
from services.profile.parts.content import OCCURRENCE, Content, occurrence_in, record_of


class _ReadWhenAsked:
    """What happened, and `text`, which is the same as JSON: each made of the other when asked."""

    __slots__ = ("text",)
    text: bytes

    if not TYPE_CHECKING:  # it answers for these two names alone

        def __getattr__(self, name: str) -> object:
            if name == "occurrence":
                made = occurrence_in(self.text)
            elif name == "text":
                made = orjson.dumps(self.occurrence)
            else:
                raise AttributeError(name)
            object.__setattr__(self, name, made)
            return made


@unchanging(frozen=True, slots=True, repr=False)
class TimelineEntry(_ReadWhenAsked):
    """Something that happened; newest first on the timeline. `date` may be None (not stated)."""

    # To ask for an `occurrence` that was not read yet may raise UnreadableEventError.
    date: str | None
    person: PersonId
    category: Category
    occurrence: Occurrence
    provenance: Provenance
    key: str = ""
    """That of its record, by which what came lately is known; in no answer."""


def entry_of(  # noqa: PLR0917 its fields
    date: str | None,
    person: PersonId,
    category: Category,
    provenance: Provenance,
    key: str,
    text: bytes,
) -> TimelineEntry:
    """One of which the text is not read until somebody asks what happened."""
    entry: Any = object.__new__(TimelineEntry)  # being made: it is not changed afterwards
    entry.date = date
    entry.person = person
    entry.category = category
    entry.provenance = provenance
    entry.text = text
    entry.key = key
    made: TimelineEntry = entry
    return made


# What is under several seals: what has to be read to be merged, and what happened, which has not.


class OpenedFamily(NamedTuple):
    """Records, each with what completes it, and what happened, of which nothing is read."""

    records: Sequence[PublishedRecord]
    unread: Sequence[Content]


def opened(contents: Iterable[Content]) -> OpenedFamily:
    """What these say; nothing of it is told twice or in parts. Raises UnreadableEventError.

    Whatever shares its key with another is read, so that one record is made of them.
    """
    found = list(contents)
    told = Counter([item.part_of or item.key for content in found for item in content.items])
    again = {key for key, times in told.items() if times > 1}
    read: list[PublishedRecord] = []
    unread: list[Content] = []
    for content in found:
        happened = []
        for item in content.items:
            if item.kind == OCCURRENCE and item.part_of is None and item.key not in again:
                happened.append(item)
            else:
                read.append(record_of(content, item))
        if happened:
            is_whole = len(happened) == len(content.items)
            unread.append(content if is_whole else replace(content, items=happened))
    return OpenedFamily(list(completed(read)), unread)


def timeline(
    records: Iterable[PublishedRecord], unread: Iterable[Content] = ()
) -> tuple[TimelineEntry, ...]:
    """What happened, newest first; what has no date comes last.

    Of one day, what was said last comes first. Nothing of `unread` is among the records.
    """
    read = latest_first(records).of(Occurrence)
    found = [(_place_of(record, said), _entry(record, said)) for record, said in read]
    for record, told in latest_first(records).of(ConnectionReport):
        found += [(_place_of(record, one), _entry(record, one)) for one in happened_in(told)]
    for content in unread:
        found += _unread(content)
    found.sort(key=itemgetter(0), reverse=True)
    return tuple([entry for _, entry in found])


_Placed = tuple[tuple[Any, ...], TimelineEntry]


def _place_of(record: PublishedRecord, said: Occurrence) -> tuple[Any, ...]:
    return said.period.start or "", record.version, record.source, record.key, record.persons


def _entry(record: PublishedRecord, said: Occurrence) -> TimelineEntry:
    person, provenance = record.persons[0], provenance_of(record)
    return TimelineEntry(said.period.start, person, record.category, said, provenance, record.key)


def _unread(content: Content) -> list[_Placed]:
    source, persons = content.source, content.persons
    is_in_doubt = Label.DATES_CONTRADICT in content.labels
    provenances: dict[str, Provenance] = {}
    found: list[_Placed] = []
    for item in content.items:
        said = provenances.get(item.version)
        if said is None:
            said = Provenance(source, as_of(item.version), is_in_doubt)
            provenances[item.version] = said
        place = (item.date or "", item.version, source, item.key, persons)
        entry = entry_of(item.date, persons[0], content.category, said, item.key, item.text)
        found.append((place, entry))
    return found
