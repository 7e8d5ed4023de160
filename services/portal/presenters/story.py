"""The family's story, in its own words. What was corrected stays, struck through."""

from dataclasses import dataclass

from services.aggregation.profile import Profile, StoryView
from services.portal.presenters.dates import day_in_words


@dataclass(frozen=True, slots=True, repr=False)
class StoryItem:
    """Something the family said. `anchor` is its id on the page."""

    anchor: str
    paragraphs: tuple[str, ...]
    told_by: str
    written_by: str
    written_at: str
    is_corrected: bool
    corrected_by: str | None
    corrects: str | None


def story_items(profile: Profile) -> tuple[StoryItem, ...]:
    """Write every entry, newest first."""
    newest_first = sorted(profile.story, key=lambda v: v.entry.written_at, reverse=True)
    anchors = {view.key: f"story-{n}" for n, view in enumerate(newest_first, start=1)}
    return tuple(_item(view, anchors) for view in newest_first)


def latest_words(profile: Profile) -> StoryItem | None:
    """Give the newest entry that nobody corrected, for the overview."""
    items = story_items(profile)
    return next((item for item in items if not item.is_corrected), None)


def _item(view: StoryView, anchors: dict[str, str]) -> StoryItem:
    entry = view.entry
    return StoryItem(
        anchor=anchors[view.key],
        paragraphs=tuple(line for line in entry.text.splitlines() if line.strip()),
        told_by=entry.told_by or "Who said it is not recorded",
        written_by=entry.written_by or "somebody not recorded",
        written_at=day_in_words(entry.written_at),
        is_corrected=view.corrected_by is not None,
        corrected_by=anchors.get(view.corrected_by) if view.corrected_by else None,
        corrects=anchors.get(entry.corrects) if entry.corrects else None,
    )
