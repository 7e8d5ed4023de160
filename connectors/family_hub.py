"""What is written on the pages of the family hub becomes a record like any other source's."""

from dataclasses import dataclass

from connectors.publishing import Publishing
from connectors.record_events import record_event
from consent import AccessRequest, OnRecord, Reason, SharedProfile, decide
from consent.ledger import entry_id_for, ledger_entry
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
    on_record = publishing.decisions.on_record([command.person])
    request = AccessRequest(
        subjects=(command.person,),
        category=Category.STORY,
        source=Source.FAMILY_HUB,
        recipient=SharedProfile(),
        at=now,
    )
    decision = decide(request, on_record.get(command.person, OnRecord()))
    if not decision.is_permitted:
        return decision.reasons
    key = RecordKey(
        publishing.hasher.opaque(
            "story", command.person, command.entry.written_at, command.entry.text
        )[:32]
    )
    record = PublishedRecord(
        key=key,
        source=Source.FAMILY_HUB,
        category=Category.STORY,
        persons=(command.person,),
        version=Version(command.entry.written_at).sort_key,
        payload=command.entry,
    )
    publishing.outbox.add(
        [record_event(command.person, [record], parts=(), sealing=publishing, at=now)]
    )
    publishing.outcomes.heard(Source.FAMILY_HUB, at=now)
    publishing.outcomes.save_published_subjects(Source.FAMILY_HUB, [command.person])
    publishing.ledger.append(
        [
            ledger_entry(
                LedgerEvent.STORY_ADDED,
                {"record": key, "subjects": [command.person]},
                at=now,
                actor=command.actor,
                entry_id=entry_id_for("story", key),
            )
        ]
    )
    return ()
