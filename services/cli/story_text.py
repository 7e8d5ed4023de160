"""A family's story as a document and in plain lines."""

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.records.payloads import StoryConfirmation
from services.aggregation.profile import Profile
from services.aggregation.story_views import StoryCorrection, StoryView
from services.portal.presenters.story_readers import readers_in_words
from services.portal.story_ports import StoryReaders


def document_of(profile: Profile, readers: Sequence[StoryReaders]) -> dict[str, Any]:
    """The story as JSON: each entry with what was said of it later and who may read it."""
    pairs = zip(profile.story, readers, strict=True)
    return {
        "person": profile.child,
        "purpose": profile.purpose.value,
        "story": [_entry(view, may_read) for view, may_read in pairs],
    }


def text_of(profile: Profile, readers: Sequence[StoryReaders]) -> str:
    """The story, newest first."""
    pairs = zip(profile.story, readers, strict=True)
    lines = [line for view, may_read in pairs for line in _lines(view, may_read)]
    return "\n".join(lines) or "Nothing is written down that is shared with this practitioner."


def _entry(view: StoryView, readers: StoryReaders) -> dict[str, Any]:
    entry = view.entry
    return {
        "entry": view.key,
        "text": entry.text,
        "told_by": entry.told_by,
        "written_by": entry.written_by,
        "written_at": entry.written_at,
        "with_whom": entry.with_whom,
        "about": list(view.about),
        "corrects": entry.corrects,
        "corrected": [_said(c) | {"by_entry": c.key} for c in view.corrections],
        "confirmed": [_said(c) for c in view.confirmations],
        "kept_to": sorted(view.kept_to),
        "readers": {
            "agencies": [
                {
                    "agency": found.agency.value,
                    "purposes": [purpose.value for purpose in found.purposes],
                    "leads_only": found.leads_only,
                }
                for found in readers.agencies
            ],
            "practitioners": [
                {"id": found.colleague.id, "purposes": [p.value for p in found.purposes]}
                for found in readers.named
            ],
        },
    }


def _said(said: StoryCorrection | StoryConfirmation) -> dict[str, str]:
    return {
        "told_by": said.told_by,
        "written_by": said.written_by,
        "written_at": said.written_at,
    }


def _lines(view: StoryView, readers: StoryReaders) -> Iterator[str]:
    entry, words = view.entry, readers_in_words(readers, view.kept_to)
    yield f"{entry.written_at[:10]} {entry.told_by}, written down by {entry.written_by}"
    for correction in view.corrections:
        yield f"  corrected on {correction.written_at[:10]} by {correction.told_by}"
    for confirmation in view.confirmations[:1]:
        yield f"  confirmed on {confirmation.written_at[:10]} by {confirmation.told_by}"
    yield from (f"  {line}" for line in entry.text.splitlines())
    yield f"  may be read by: {'; '.join(words.lines) or 'nobody'}"
    yield f"  entry {view.key}"
