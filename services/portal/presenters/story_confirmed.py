"""When the family last said that nothing has changed, in words."""

from collections.abc import Sequence

from schemas.records.payloads import StoryConfirmation
from services.aggregation.profile import StoryView
from services.portal.presenters.dates import day_in_words

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
