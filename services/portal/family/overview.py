"""The overview of a family and its sections: whom to ring, what is new, sources, timeline."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from connectors.parsing.demographics import is_iso_date
from connectors.ports import Urgency
from schemas.records.payloads import FactStatus, Occurrence
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Source
from services.people.practitioners.people import SignedInPractitioner
from services.portal.family.involved import plan_lines
from services.portal.family.people import (
    households_of,
    parents_not_recorded,
    people_cards,
)
from services.portal.family.pictures.swimlane import InvolvementView, involvement
from services.portal.family.ringing import RingLine, who_to_ring
from services.portal.family.since import SinceView, since_the_last_look
from services.portal.family.writing.words import SupportLine, help_lines, late_steps
from services.portal.frame.addresses import FamilyAddresses
from services.portal.story.words import StoryItem, latest_words
from services.portal.words.cards import SHARED_UNDER_DUTY, Card, Tag, said_by
from services.portal.words.dates import NO_DATE, day_in_words, moment_in_words, period_in_words
from services.portal.words.people import death_in_words, kind_in_words, names_in, short_name
from services.portal.words.statuses import occurrence_tag
from services.profile.model import (
    KinView,
    NotShared,
    PersonView,
    Profile,
    SourceState,
    SourceStatus,
    TimelineEntry,
)

# Who has died: said before anything else, so that nobody rings first and reads afterwards.


def deaths_in(profile: Profile) -> tuple[str, ...]:
    """Write a line for each person of the family who has died, or is reported to have."""
    of_people = (
        f"{_who_died(person)}: {death_in_words(person.death)}"
        for person in profile.people
        if person.death is not None
    )
    told = {person.id for person in profile.people if person.death is not None}
    of_kin = (
        f"{_kin_in_words(kin)}: Reported to have died"
        for kin in profile.kin
        if kin.deaths and kin.person not in told
    )
    return (*of_people, *of_kin)


def _kin_in_words(kin: KinView) -> str:
    """Somebody whom sources only mention, with who they are to the child."""
    who = kind_in_words(kin.kinds[0].value)
    return f"{kin.names[0].value} ({who.lower()})" if kin.names else who


def _who_died(person: PersonView) -> str:
    """The name with who they are to the child, which who is not named is called by already."""
    kind = f" ({kind_in_words(person.relation).lower()})" if person.names else ""
    return f"{short_name(person)}{kind}"


# What whoever contacts the family has to know of beforehand, although nobody could read it.

_WARNINGS = {
    Urgency.RESTRICTION: (
        "A message that somebody is protected could not be read. Tell nobody where they are"
    ),
    Urgency.SAFETY: "A safety alert was sent that could not be read",
    Urgency.REMOVAL: (
        "Something was taken back that could not be applied. What is shown here may be wrong"
    ),
}


def warnings_in(profile: Profile) -> tuple[str, ...]:
    """Write a line for each thing that cannot wait and could not be read, and whom to ask.

    A death that could not be read stands with the other deaths.
    """
    return tuple(
        f"{_WARNINGS[urgency]}. Ask the source: {status.source.label}."
        for urgency in _WARNINGS
        for status in profile.sources
        if status.unread is not None and urgency in status.unread.urgent
    )


# What each source has to say, and what is not shared and why.


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source: what it has, when it was last heard from, what it covers."""

    source: str
    state: str
    last_heard: str
    covers: str
    no_data_means: str
    to_ask_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotSharedLine:
    """One kind of information that exists and is not shown, and why."""

    category: str
    source: str
    why: str


def source_lines(profile: Profile) -> tuple[SourceLine, ...]:
    """Write a line for every source; there is no blank in it."""
    return tuple(_source_line(status) for status in profile.sources)


def not_shared_lines(profile: Profile) -> tuple[NotSharedLine, ...]:
    """Write what may be known to exist and is not shown."""
    return tuple(_not_shared(entry) for entry in profile.not_shared)


def _source_line(status: SourceStatus) -> SourceLine:
    heard = status.last_heard
    return SourceLine(
        source=status.source.label,
        state=_state(status),
        last_heard=moment_in_words(heard) if heard else "Never",
        covers=status.covers or "Not stated",
        no_data_means="" if status.last_updated else status.no_data_means,
        to_ask_for=tuple(_to_ask_for(status)),
    )


def _to_ask_for(status: SourceStatus) -> Iterator[str]:
    """What the source has of the child that is not among what is shown here."""
    if status.unread is not None:
        since = day_in_words(uk_day(status.unread.since).isoformat())
        yield f"Since {since} {status.unread.in_words}. Ask the source"
    if status.more:
        yield f"More is at the source: {', '.join(kind.label for kind in status.more)}"


def _state(status: SourceStatus) -> str:
    """What it has as of when, and since when it does not answer: it may be out of date."""
    words = status.state.label
    if status.last_updated:
        words = f"{words}, last updated on {day_in_words(status.last_updated)}"
    if status.silent_since is None:
        return words
    since = f"Not answering since {moment_in_words(status.silent_since)}"
    return since if status.state is SourceState.NOT_ANSWERING else f"{words}. {since}"


def _not_shared(entry: NotShared) -> NotSharedLine:
    return NotSharedLine(
        category=entry.category.label,
        source=entry.source.label,
        why=" ".join(reason.label for reason in entry.reasons) or "No reason is recorded.",
    )


# What has happened, newest first, with where each entry is from.


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
        when=_when_it_was(entry),
        person=person,
        tags=_tags(entry, profile),
        details=_details(entry.occurrence, uk_day(profile.as_of).isoformat()),
        note=f"{entry.category.label}. {said_by(entry.provenance)}",
    )


def _when_it_was(entry: TimelineEntry) -> str:
    period = entry.occurrence.period
    if entry.occurrence.status is FactStatus.PLANNED and entry.date is not None:
        return f"planned for {day_in_words(entry.date)}"
    if period.start and period.end and period.start != period.end:
        return period_in_words(period)
    return NO_DATE if entry.date is None else day_in_words(entry.date)


def _tags(entry: TimelineEntry, profile: Profile) -> tuple[Tag, ...]:
    status = occurrence_tag(entry.occurrence, uk_day(profile.as_of))
    tags = [] if status is None else [status]
    if entry.category in profile.shared_under_duty:
        tags.append(SHARED_UNDER_DUTY)
    return tuple(tags)


def _details(occurrence: Occurrence, today: str) -> tuple[tuple[str, str], ...]:
    said = (
        ("Outcome", occurrence.outcome),
        ("Practitioner", occurrence.practitioner_name),
        ("Organisation", occurrence.agency_name),
    )
    more = ((label, _day_said(text, today)) for label, text in occurrence.details)
    return (*((label, text) for label, text in said if text), *more)


def _day_said(text: str, today: str) -> str:
    """What is only a day, in words; one that is still to come is planned."""
    if not is_iso_date(text):
        return text
    return f"{'planned for ' if text > today else ''}{day_in_words(text)}"


# What to look at before anything else is read.


@dataclass(frozen=True, slots=True, repr=False)
class AttentionLine:
    """Something that has to be known first; `href` is where there is more of it."""

    text: str
    more: str = ""
    href: str = ""
    link: str = ""


def attention_in(profile: Profile, addresses: FamilyAddresses) -> tuple[AttentionLine, ...]:
    """Plans in force, steps that are late, homes that differ, and messages nobody could read."""
    href = addresses.people
    plans = [AttentionLine(line, "", href, "See the plan") for line in plan_lines(profile)]
    plans += [AttentionLine(line, "", href, "See next steps") for line in late_steps(profile)]
    if about := households_of(profile).about_the_child:
        plans.append(AttentionLine(about, "", href, "See who lives where"))
    unread = [status.source for status in profile.sources if status.unread is not None]
    return (*plans, *(_unread(source) for source in unread))


def _unread(source: Source) -> AttentionLine:
    return AttentionLine(
        "Something was sent about this child that could not be read.",
        f"Ask the source: {source.label}.",
        f"#{SOURCES}",
        "See what each source has",
    )


SOURCES = "what-each-source-has"
_LATEST = 5


@dataclass(frozen=True, slots=True, repr=False)
class OverviewView:
    """Everything the overview prints, in words; who has died comes first.

    `people` is empty where they have a page of their own, which an emergency does not open.
    """

    deaths: tuple[str, ...]
    warnings: tuple[str, ...]
    ring: tuple[RingLine, ...]
    since: SinceView
    attention: tuple[AttentionLine, ...]
    words: StoryItem | None
    help_wanted: tuple[SupportLine, ...]
    involvement: InvolvementView
    latest: tuple[TimelineItem, ...]
    people: tuple[Card, ...]
    parents_not_recorded: tuple[str, ...]
    sources: tuple[SourceLine, ...]
    not_shared: tuple[NotSharedLine, ...]
    under_duty: tuple[Category, ...]
    is_address_protected: bool
    is_by_emergency_alone: bool
    as_of: str

    @property
    def is_more_at_a_source(self) -> bool:
        """Whether some source has to be asked for what is not shown here."""
        return any(line.to_ask_for for line in self.sources)


def overview_of(
    profile: Profile, addresses: FamilyAddresses, who: SignedInPractitioner
) -> OverviewView:
    """Make the overview of a profile for whoever looks at it."""
    is_alone = profile.is_by_emergency_alone
    return OverviewView(
        deaths=deaths_in(profile),
        warnings=warnings_in(profile),
        ring=who_to_ring(profile, who),
        since=since_the_last_look(profile, addresses),
        attention=attention_in(profile, addresses),
        words=latest_words(profile),
        help_wanted=help_lines(profile, addresses, who, is_open_only=True),
        involvement=involvement(profile),
        latest=timeline_items(profile, limit=None if is_alone else _LATEST),
        people=people_cards(profile) if is_alone else (),
        parents_not_recorded=parents_not_recorded(profile) if is_alone else (),
        sources=source_lines(profile),
        not_shared=not_shared_lines(profile),
        under_duty=profile.shared_under_duty,
        is_address_protected=profile.location_protected,
        is_by_emergency_alone=is_alone,
        as_of=moment_in_words(profile.as_of),
    )
