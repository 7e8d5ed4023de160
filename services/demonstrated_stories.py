"""What the invented families said: entries, what was corrected, what was confirmed."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.family_hub import (
    AddStory,
    ConfirmStory,
    CorrectStory,
    add_story,
    confirm_story,
    correct_story,
)
from connectors.publishing import Publishing
from connectors.story_entries import Told, correction_of, record_of
from schemas.identifiers import PersonId
from schemas.records.payloads import StoryEntry
from schemas.records.published import PublishedRecord

_Story = Mapping[str, Any]


def tell_stories(
    told: Mapping[str, Any],
    *,
    publishing: Publishing,
    person_of: Callable[[_Story], PersonId | None],
    actor_of: Callable[[str], str],
) -> None:
    """Write down what each family said, in order; what is about somebody unknown is left out."""
    names = {p["id"]: f"{p['name']}, {p['job_title']}" for p in told["practitioners"]}
    written: dict[str, PublishedRecord] = {}
    for story in told["stories"]:
        actor = actor_of(story["written_by"])
        if "confirms" in story:
            by = Told(story["told_by"], names[story["written_by"]], story["written_at"])
            records = [written[name] for name in story["confirms"] if name in written]
            confirm_story(ConfirmStory(records, by, actor), publishing=publishing)
            continue
        persons = tuple(map(person_of, (story["subject"], *story.get("also_about", ()))))
        known = tuple(person for person in persons if person is not None)
        if len(known) == len(persons):
            record = _write(story, known, names, written, actor, publishing)
            written[story.get("name", record.key)] = record


def _write(  # noqa: PLR0917 one step of tell_stories
    story: _Story,
    persons: tuple[PersonId, ...],
    names: Mapping[str, str],
    written: Mapping[str, PublishedRecord],
    actor: str,
    publishing: Publishing,
) -> PublishedRecord:
    entry = StoryEntry(
        text=story["text"],
        told_by=story["told_by"],
        written_by=names[story["written_by"]],
        written_at=story["written_at"],
        with_whom=story.get("with_whom"),
    )
    if corrected := written.get(story.get("corrects", "")):
        correct_story(CorrectStory(corrected, entry, actor), publishing=publishing)
        return correction_of(corrected, entry, publishing.hasher)
    kept_to = frozenset(story.get("kept_to", ()))
    add_story(AddStory(persons, entry, actor, kept_to), publishing=publishing)
    return record_of(persons, entry, kept_to, publishing.hasher)
