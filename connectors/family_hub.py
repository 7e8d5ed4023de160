"""What is written on the pages of the family hub becomes a record like any other source's."""

from dataclasses import dataclass
from datetime import datetime

from connectors.publishing import Publishing
from connectors.record_events import record_event
from consent import AccessRequest, Decision, Reason, SharedProfile
from consent.answers import Answers
from consent.ledger import FieldValue, entry_id_for, ledger_entry
from consent.ledger_events import LedgerEvent
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Version
from schemas.records.payloads import StoryEntry
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source


@dataclass(frozen=True, slots=True, repr=False)
class AddStory:
    """Order: write down what the family said. `actor` is who wrote it, as the ledger names it."""

    person: PersonId
    entry: StoryEntry
    actor: str


def add_story(command: AddStory, *, publishing: Publishing) -> tuple[Reason, ...]:
    """Publish a story entry if the family's decisions permit it; else the reasons why not."""
    now = publishing.clock.now()
    decision = _may_publish(command.person, publishing, now)
    if not decision.is_permitted:
        return decision.reasons
    record = _record(command, publishing)
    event = record_event(command.person, [record], parts=(), sealing=publishing, at=now)
    publishing.outbox.add([event])
    publishing.outcomes.heard(Source.FAMILY_HUB, at=now)
    publishing.outcomes.save_published_subjects(Source.FAMILY_HUB, [command.person])
    fields: dict[str, FieldValue] = {"record": record.key, "subjects": [command.person]}
    entry = ledger_entry(
        LedgerEvent.STORY_ADDED,
        fields,
        at=now,
        actor=command.actor,
        entry_id=entry_id_for("story", record.key),
    )
    publishing.ledger.append([entry])
    return ()


def _may_publish(person: PersonId, publishing: Publishing, at: datetime) -> Decision:
    request = AccessRequest(
        subjects=(person,),
        category=Category.STORY,
        source=Source.FAMILY_HUB,
        recipient=SharedProfile(),
        at=at,
    )
    on_record = publishing.decisions.on_record([person])
    return Answers(on_record).to(request)


def _record(command: AddStory, publishing: Publishing) -> PublishedRecord:
    """The same words written down at the same moment are the same record."""
    entry = command.entry
    key = publishing.hasher.opaque("story", command.person, entry.written_at, entry.text)
    return PublishedRecord(
        key=RecordKey(key[:32]),
        source=Source.FAMILY_HUB,
        category=Category.STORY,
        persons=(command.person,),
        version=Version(entry.written_at).sort_key,
        payload=entry,
    )
