"""The family's story from its records: a pure merge, whatever order they come in.

A correction or a confirmation may come before what it is about, or of something that is not
shared with the viewer; then it changes nothing that is shown, and what it says stands by itself:
it does not name what is not shown.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from schemas.records.payloads import StoryConfirmation, StoryEntry
from schemas.records.published import PublishedRecord
from services.aggregation.ordering import latest_first
from services.aggregation.story_views import StoryCorrection, StoryView


def story(records: Iterable[PublishedRecord]) -> tuple[StoryView, ...]:
    """What the family said, newest first; each entry with its corrections and confirmations."""
    ordered = latest_first(records)
    entries = [(r, p) for r in ordered if isinstance(p := r.payload, StoryEntry)]
    shown = frozenset(record.key for record, _ in entries)
    corrections = _corrections(entries)
    confirmations = _confirmations(ordered, shown)
    views = {
        record.key: StoryView(
            key=record.key,
            entry=entry if entry.corrects in shown else replace(entry, corrects=None),
            corrections=tuple(corrections.get(record.key, ())),
            confirmations=tuple(confirmations.get(record.key, ())),
            about=record.persons,
            kept_to=record.kept_to,
        )
        for record, entry in reversed(entries)
    }
    return tuple(sorted(views.values(), key=_when_written, reverse=True))


def entries_in_chain(keys: Collection[str], corrects: Mapping[str, str | None]) -> frozenset[str]:
    """These entries, all that correct them and all that they correct: one thing that was said."""
    chain = set(keys)
    while True:
        more = {
            end
            for key, corrected in corrects.items()
            for end in (key, corrected)
            if end is not None and corrected is not None and chain & {key, corrected}
        } - chain
        if not more:
            return frozenset(chain)
        chain |= more


def _corrections(
    entries: Iterable[tuple[PublishedRecord, StoryEntry]],
) -> Mapping[str, list[StoryCorrection]]:
    """Who corrected each entry, the latest first. Nothing corrects itself."""
    found: dict[str, list[StoryCorrection]] = {}
    for record, entry in sorted(entries, key=_when_said, reverse=True):
        if entry.corrects and entry.corrects != record.key:
            correction = StoryCorrection(
                record.key, entry.told_by, entry.written_by, entry.written_at
            )
            found.setdefault(entry.corrects, []).append(correction)
    return found


def _confirmations(
    records: Iterable[PublishedRecord], shown: Collection[str]
) -> Mapping[str, list[StoryConfirmation]]:
    """When each entry that is shown was confirmed, the latest first."""
    found: dict[str, list[StoryConfirmation]] = {}
    said = [(r, p) for r in records if isinstance(p := r.payload, StoryConfirmation)]
    for _, confirmation in sorted(said, key=_when_said, reverse=True):
        told = tuple(key for key in confirmation.confirms if key in shown)
        for key in told:
            found.setdefault(key, []).append(replace(confirmation, confirms=told))
    return found


def _when_said(
    found: tuple[PublishedRecord, StoryEntry | StoryConfirmation],
) -> tuple[str, str]:
    record, said = found
    return said.written_at, record.key


def _when_written(view: StoryView) -> tuple[str, str]:
    return view.entry.written_at, view.key
