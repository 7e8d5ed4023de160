"""An entry of somebody's own story as JSON, to be sealed with them."""

from dataclasses import dataclass
from typing import Any

import orjson

from schemas.identifiers import PersonId
from schemas.records.payloads import StoryEntry
from schemas.records.published import KeptTo
from services.profile.story.own.postgres import OwnUse, OwnWords


@dataclass(frozen=True, slots=True, repr=False)
class StoryWords:
    """What was said, about whom, and whom it is kept to; whether it was let through is not told."""

    entry: StoryEntry
    persons: tuple[PersonId, ...]
    kept_to: tuple[KeptTo, ...] = ()
    confirmed_at: str | None = None
    is_shared: bool = False


def told_as(words: StoryWords) -> bytes:
    """JSON."""
    entry = words.entry
    stated: dict[str, Any] = {
        "text": entry.text,
        "told_by": entry.told_by,
        "written_by": entry.written_by,
        "written_at": entry.written_at,
        "corrects": entry.corrects,
        "persons": words.persons,
        "kept_to": words.kept_to,
        "confirmed_at": words.confirmed_at,
        "is_shared": words.is_shared,
    }
    return orjson.dumps(stated)


def story_from(document: bytes) -> StoryWords:
    """Back from told_as."""
    told = orjson.loads(document)
    entry = StoryEntry(
        told["text"], told["told_by"], told["written_by"], told["written_at"], told["corrects"]
    )
    persons = tuple(PersonId(one) for one in told["persons"])
    kept_to = tuple(told["kept_to"])
    return StoryWords(entry, persons, kept_to, told["confirmed_at"], told["is_shared"])


def words_in(words: OwnWords) -> str:
    """Only what somebody wrote, whatever it was for."""
    told = orjson.loads(words.said)
    text = told["text"] if words.use is OwnUse.STORY else told["words"]
    return str(text)
