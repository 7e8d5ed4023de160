"""What has happened, newest first, with where each entry is from."""

from collections.abc import Collection
from dataclasses import dataclass

from schemas.records.payloads import Occurrence
from schemas.vocabulary import Source
from services.aggregation.profile import Profile, TimelineEntry
from services.portal.presenters.cards import SHARED_UNDER_DUTY, Tag, said_by
from services.portal.presenters.dates import NO_DATE, day_in_words, period_in_words
from services.portal.presenters.names import names_in


@dataclass(frozen=True, slots=True, repr=False)
class TimelineItem:
    """One entry: what, to whom, when, and what more is known."""

    title: str
    when: str
    person: str
    tags: tuple[Tag, ...]
    details: tuple[tuple[str, str], ...]
    note: str


def timeline_items(
    profile: Profile, sources: Collection[Source] = (), *, limit: int | None = None
) -> tuple[TimelineItem, ...]:
    """Write the entries, newest first; only those of the given sources if there are any."""
    names = names_in(profile)
    entries = [e for e in profile.timeline if not sources or e.provenance.source in sources]
    return tuple(_item(entry, profile, names.of(entry.person)) for entry in entries[:limit])


def sources_on(profile: Profile) -> tuple[Source, ...]:
    """Give the sources that have something on the timeline, in their usual order."""
    present = {entry.provenance.source for entry in profile.timeline}
    return tuple(source for source in Source if source in present)


def _item(entry: TimelineEntry, profile: Profile, person: str) -> TimelineItem:
    return TimelineItem(
        title=entry.occurrence.title,
        when=_when(entry),
        person=person,
        tags=_tags(entry, profile),
        details=_details(entry.occurrence),
        note=f"{entry.category.label}. {said_by(entry.provenance)}",
    )


def _when(entry: TimelineEntry) -> str:
    period = entry.occurrence.period
    if period.start and period.end and period.start != period.end:
        return period_in_words(period)
    return NO_DATE if entry.date is None else day_in_words(entry.date)


def _tags(entry: TimelineEntry, profile: Profile) -> tuple[Tag, ...]:
    tags: list[Tag] = []
    if entry.occurrence.not_done:
        tags.append(Tag("Offered, not given", "yellow"))
    if entry.category in profile.shared_under_duty:
        tags.append(SHARED_UNDER_DUTY)
    return tuple(tags)


def _details(occurrence: Occurrence) -> tuple[tuple[str, str], ...]:
    said = (
        ("Outcome", occurrence.outcome),
        ("Practitioner", occurrence.practitioner_name),
        ("Organisation", occurrence.agency_name),
    )
    return (*((label, text) for label, text in said if text), *occurrence.details)
