"""What the health-visiting agency's own store holds of a person, opened for that agency alone.

Nothing of it was published, so nobody but its agency may tell it; it goes through the same
withholding as everything else, because its messages name relatives too.
"""

from collections.abc import Collection, Iterator
from io import BytesIO

from connectors.health_visiting.reader import read_nems
from connectors.record_keys import RecordKeys
from schemas.identifiers import PersonId
from schemas.records.message import Record, SourceMessage
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Source
from services.adapters.unit_of_work import UnitOfWork

_SOMEBODY = PersonId("0" * 32)
"""Whoever a message names and nobody knows: somebody else, at any rate."""


def held_records(
    work: UnitOfWork, person: PersonId, known_by: Collection[PersonId]
) -> Iterator[PublishedRecord]:
    """The records of the messages held that are about this person, in the order of messages."""
    tokens = work.persons.tokens_of_person(person)
    refs = work.outcomes.withheld_refs(Source.HEALTH_VISITING, tokens)
    for raw in work.health_visiting_store.held(refs):
        for received in read_nems(BytesIO(raw)):
            if isinstance(received.outcome, SourceMessage):
                yield from _records(received.outcome, work, person, known_by)


def _records(
    message: SourceMessage, work: UnitOfWork, person: PersonId, known_by: Collection[PersonId]
) -> Iterator[PublishedRecord]:
    resolved = work.persons.resolve(message.subjects)
    persons = {
        subject.ref: person if found.person in known_by else (found.person or _SOMEBODY)
        for subject, found in zip(message.subjects, resolved, strict=True)
    }
    keys = RecordKeys(message.source, work.hasher)
    for record in message.records:
        if record.action is Action.UPSERT and person in {persons[s] for s in record.subjects}:
            yield _published(record, message, persons, keys)


def _published(
    record: Record, message: SourceMessage, persons: dict[str, PersonId], keys: RecordKeys
) -> PublishedRecord:
    return PublishedRecord(
        key=keys.of(record),
        source=message.source,
        category=record.category,
        persons=tuple(persons[subject] for subject in record.subjects),
        version=message.version.sort_key,
        payload=record.payload,
        labels=record.labels,
    )
