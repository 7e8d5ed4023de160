"""The family's story, in its own words, and when it was last confirmed.

What was corrected stays, struck through.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.records.payloads import StoryConfirmation
from services.portal.frame.addresses import FamilyAddresses
from services.portal.story.form_words import ReadersInWords
from services.portal.words.dates import day_in_words
from services.portal.words.people import Names, names_in
from services.profile.model import Profile, StoryScope, StoryView

# When the family last said that nothing has changed, in words.

Occasion = tuple[str, str, str]
"""One saying may have left several records: the same moment, the same two people."""


def confirmed_in_words(view: StoryView) -> str | None:
    """Say when an entry that stands was last confirmed; None where it never was."""
    if view.corrections or not view.confirmations:
        return None
    return f"Confirmed on {_when_and_with_whom(view.confirmations[0])}"


def whole_story_confirmed(story: Sequence[StoryView]) -> str | None:
    """Say when all that had been told by then was last confirmed, and what came since.

    None where the story never was confirmed as a whole, as far as this viewer may read it.
    """
    standing = [view for view in story if not view.corrections]
    known = {_occasion(c): c for view in standing for c in view.confirmations}
    for occasion, confirmation in sorted(known.items(), reverse=True):
        older = [v for v in standing if v.entry.written_at <= confirmation.written_at]
        if older and all(occasion in map(_occasion, view.confirmations) for view in older):
            return _in_words(confirmation, since=len(standing) - len(older))
    return None


def _in_words(confirmation: StoryConfirmation, *, since: int) -> str:
    said = f"Nothing has changed: confirmed on {_when_and_with_whom(confirmation)}."
    if not since:
        return said
    return f"{said} {since} {'entry was' if since == 1 else 'entries were'} written down since."


def _when_and_with_whom(confirmation: StoryConfirmation) -> str:
    day = day_in_words(confirmation.written_at)
    return f"{day} by {confirmation.told_by}, with {confirmation.written_by}"


def _occasion(confirmation: StoryConfirmation) -> Occasion:
    return confirmation.written_at, confirmation.told_by, confirmation.written_by


Readers = Mapping[StoryScope, ReadersInWords]


@dataclass(frozen=True, slots=True, repr=False)
class CorrectionLine:
    """By whom and when an entry was corrected. `anchor` is where those words are on the page."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class StoryItem:
    """Something the family said. `anchor` is its id on the page.

    `about` names the others whom it is about; `readers` is None where nobody asked.
    """

    key: str
    anchor: str
    paragraphs: tuple[str, ...]
    told_by: str
    written_by: str
    written_at: str
    about: tuple[str, ...]
    corrections: tuple[CorrectionLine, ...]
    corrects: str | None
    confirmed: str | None
    readers: ReadersInWords | None

    @property
    def is_corrected(self) -> bool:
        """Whether other words stand in its place."""
        return bool(self.corrections)


@dataclass(frozen=True, slots=True)
class StoryLinks:
    """What can be done about an entry."""

    correct: str
    confirm: str
    keep: str


def story_items(profile: Profile, readers: Readers | None = None) -> tuple[StoryItem, ...]:
    """Write every entry, newest first."""
    newest_first = sorted(profile.story, key=lambda v: v.entry.written_at, reverse=True)
    anchors = {view.key: f"story-{n}" for n, view in enumerate(newest_first, start=1)}
    names = names_in(profile)
    return tuple(
        _item(view, anchors, names, profile.child, (readers or {}).get(view.scope))
        for view in newest_first
    )


def one_item(profile: Profile, view: StoryView, readers: Readers | None = None) -> StoryItem:
    """Write one entry by itself."""
    found = (readers or {}).get(view.scope)
    return _item(view, {view.key: "entry"}, names_in(profile), profile.child, found)


def latest_words(profile: Profile) -> StoryItem | None:
    """Give the newest entry that nobody corrected, for the overview."""
    items = story_items(profile)
    return next((item for item in items if not item.is_corrected), None)


def links_of(items: tuple[StoryItem, ...], addresses: FamilyAddresses) -> Mapping[str, StoryLinks]:
    """Make the links of those entries that stand, by their keys."""
    return {
        item.key: StoryLinks(
            addresses.correct_story(item.key),
            addresses.confirm_entry(item.key),
            addresses.keep_story(item.key),
        )
        for item in items
        if not item.is_corrected
    }


def _item(
    view: StoryView,
    anchors: Mapping[str, str],
    names: Names,
    child: PersonId,
    readers: ReadersInWords | None,
) -> StoryItem:
    entry = view.entry
    others = tuple(names.of(person) for person in view.about if person != child)
    is_of_child = child in view.about or not view.about
    return StoryItem(
        key=view.key,
        anchor=anchors[view.key],
        paragraphs=tuple(line for line in entry.text.splitlines() if line.strip()),
        told_by=entry.told_by or "Who said it is not recorded",
        written_by=_written_by(entry.written_by, entry.with_whom),
        written_at=day_in_words(entry.written_at),
        about=(names.of(child), *others) if others and is_of_child else others,
        corrections=tuple(
            CorrectionLine(
                anchors[found.key],
                f"{day_in_words(found.written_at)} by {found.told_by}, "
                f"written down by {found.written_by}",
            )
            for found in view.corrections
            if found.key in anchors
        ),
        corrects=anchors.get(entry.corrects) if entry.corrects else None,
        confirmed=confirmed_in_words(view),
        readers=readers,
    )


def _written_by(written_by: str, with_whom: str | None) -> str:
    who = written_by or "somebody not recorded"
    return f"{who}, with {with_whom}" if with_whom else who
