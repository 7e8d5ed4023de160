"""The overview of a family and its sections: plans, practitioners, sources, timeline."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from connectors.parsing.demographics import is_iso_date
from connectors.ports import Urgency
from schemas.records.payloads import FactStatus, Occurrence, Period, Plan
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Source
from services.portal.family.people import (
    HouseholdsView,
    households_of,
    parents_not_recorded,
    people_cards,
)
from services.portal.story.words import StoryItem, latest_words
from services.portal.words.cards import SHARED_UNDER_DUTY, Card, Fact, Row, Tag, said_by
from services.portal.words.dates import NO_DATE, day_in_words, moment_in_words, period_in_words
from services.portal.words.people import (
    NO_TELEPHONE,
    death_in_words,
    kind_in_words,
    names_in,
    short_name,
    telephone_link,
)
from services.portal.words.statuses import (
    involved_in_words,
    nobody_to_ring,
    occurrence_tag,
    plan_tag,
)
from services.profile.model import (
    NotShared,
    PersonView,
    PlanView,
    PractitionerView,
    Profile,
    SourceState,
    SourceStatus,
    TimelineEntry,
)

# Who has died: said before anything else, so that nobody rings first and reads afterwards.


def deaths_in(profile: Profile) -> tuple[str, ...]:
    """Write a line for each person of the family who has died, or is reported to have."""
    return tuple(
        f"{_who_died(person)}: {death_in_words(person.death)}"
        for person in profile.people
        if person.death is not None
    )


def _who_died(person: PersonView) -> str:
    """The name with who they are to the child, which who is not named is called by already."""
    kind = f" ({kind_in_words(person.relation).lower()})" if person.names else ""
    return f"{short_name(person)}{kind}"


# Plans in force and past.


def plan_cards(profile: Profile) -> tuple[Card, ...]:
    """Make a card for each plan, those in force first."""
    names = names_in(profile)
    views = sorted(profile.plans, key=lambda view: not view.is_current)
    return tuple(_card(view, profile, names.of(view.person)) for view in views)


def _card(view: PlanView, profile: Profile, person: str) -> Card:
    note = said_by(view.provenance)
    rows = (
        Row("For", (Fact(person),)),
        Row("When", (Fact(_when(view), note),)),
        Row("Organisation", (Fact(view.plan.agency_name or "Organisation not given"),)),
        *_telephones(view.plan),
    )
    tags = [plan_tag(view.status)]
    if view.category in profile.shared_under_duty:
        tags.append(SHARED_UNDER_DUTY)
    return Card(view.plan.title, rows, tuple(tags))


def _telephones(plan: Plan) -> Iterator[Row]:
    """Say how to ring who keeps the plan, where its source said it."""
    numbers = (
        ("Telephone", plan.telephone),
        ("Telephone out of hours", plan.out_of_hours_telephone),
    )
    for label, number in numbers:
        if number:
            yield Row(label, (Fact(number, href=telephone_link(number)),))


def _when(view: PlanView) -> str:
    is_to_come = view.status is FactStatus.PLANNED
    words = period_in_words(view.plan.period, is_to_come=is_to_come)
    return words[:1].upper() + words[1:] or "Dates not given"


# Who is working with the family, and how to ring them.


@dataclass(frozen=True, slots=True, repr=False)
class PractitionerLine:
    """One service that works or worked with somebody of the family."""

    service: str
    who: str
    agency: str
    telephone: str
    telephone_href: str | None
    has_telephone: bool
    works_with: str
    when: str
    note: str


def practitioner_lines(profile: Profile) -> tuple[PractitionerLine, ...]:
    """Write those who are involved now."""
    return _lines(profile, lambda view: view.is_current)


def past_lines(profile: Profile) -> tuple[PractitionerLine, ...]:
    """Write those who were, and what was called off."""
    return _lines(profile, lambda view: not view.is_current and view.status not in _NOT_YET)


def planned_lines(profile: Profile) -> tuple[PractitionerLine, ...]:
    """Write those who are to be, and those of whom it is not known whether they are."""
    return _lines(profile, lambda view: not view.is_current and view.status in _NOT_YET)


_NOT_YET = frozenset({FactStatus.PLANNED, FactStatus.UNKNOWN})


def _lines(
    profile: Profile, is_meant: Callable[[PractitionerView], bool]
) -> tuple[PractitionerLine, ...]:
    names = names_in(profile)
    views = (view for view in profile.practitioners if is_meant(view))
    return tuple(_line(view, names.of(view.person)) for view in views)


def _line(view: PractitionerView, works_with: str) -> PractitionerLine:
    return PractitionerLine(
        service=view.service,
        who=_who(view),
        agency=", ".join(part for part in (view.agency_name, view.team) if part)
        or "Organisation not given",
        telephone=view.telephone or nobody_to_ring(view.status) or NO_TELEPHONE,
        telephone_href=telephone_link(view.telephone) if view.telephone else None,
        has_telephone=bool(view.telephone),
        works_with=works_with,
        when=involved_in_words(view.status, Period(view.since, view.until)),
        note=said_by(view.provenance),
    )


def _who(view: PractitionerView) -> str:
    name = view.practitioner_name or "Practitioner not named by the source"
    return f"{name}, {view.role}" if view.role else name


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


_LATEST = 3


@dataclass(frozen=True, slots=True, repr=False)
class OverviewView:
    """Everything the overview prints, in words; who has died comes first."""

    deaths: tuple[str, ...]
    warnings: tuple[str, ...]
    words: StoryItem | None
    people: tuple[Card, ...]
    parents_not_recorded: tuple[str, ...]
    households: HouseholdsView
    practitioners: tuple[PractitionerLine, ...]
    planned_practitioners: tuple[PractitionerLine, ...]
    past_practitioners: tuple[PractitionerLine, ...]
    plans: tuple[Card, ...]
    latest: tuple[TimelineItem, ...]
    sources: tuple[SourceLine, ...]
    not_shared: tuple[NotSharedLine, ...]
    under_duty: tuple[Category, ...]
    is_address_protected: bool
    is_by_emergency_alone: bool
    as_of: str
    policy_version: str
    is_something_unread: bool = False

    @property
    def is_more_at_a_source(self) -> bool:
        """Whether some source has to be asked for what is not shown here."""
        return any(line.to_ask_for for line in self.sources)


def overview_of(profile: Profile) -> OverviewView:
    """Make the overview of a profile."""
    return OverviewView(
        deaths=deaths_in(profile),
        warnings=warnings_in(profile),
        words=latest_words(profile),
        people=people_cards(profile),
        parents_not_recorded=parents_not_recorded(profile),
        households=households_of(profile),
        practitioners=practitioner_lines(profile),
        planned_practitioners=planned_lines(profile),
        past_practitioners=past_lines(profile),
        plans=plan_cards(profile),
        latest=timeline_items(profile, limit=None if profile.is_by_emergency_alone else _LATEST),
        sources=source_lines(profile),
        not_shared=not_shared_lines(profile),
        under_duty=profile.shared_under_duty,
        is_address_protected=profile.location_protected,
        is_by_emergency_alone=profile.is_by_emergency_alone,
        as_of=moment_in_words(profile.as_of),
        policy_version=profile.policy_version,
        is_something_unread=any(status.unread is not None for status in profile.sources),
    )
