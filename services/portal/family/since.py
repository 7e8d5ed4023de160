"""What is new to whoever looks, since they last looked at the family in an earlier visit.

A source sends all that it has again and again, so that it said something since tells nothing of
what is new. What has a day of its own is told by that; what happened before and only came here
since is told as such; what was sent again is told as that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.uk_time import uk_day
from schemas.vocabulary import Source
from services.portal.frame.addresses import FamilyAddresses
from services.portal.words.cards import Tag
from services.portal.words.dates import day_in_words, moment_in_words
from services.portal.words.statuses import title_with_status
from services.profile.model import Profile

_MOST, _MOST_LATE = 5, 2
_NEW, _CHANGED, _SENT = Tag("New", "blue"), Tag("Changed", "blue"), Tag("Sent", "grey")
_LATE = Tag("Came since", "blue")


@dataclass(frozen=True, slots=True, repr=False)
class ChangeLine:
    """One thing that is new, and where it stands."""

    tag: Tag
    text: str
    href: str


@dataclass(frozen=True, slots=True, repr=False)
class SinceView:
    """When they looked before, and what is new; `more` counts what is not listed."""

    looked: str
    lines: tuple[ChangeLine, ...]
    more: int


def since_the_last_look(profile: Profile, addresses: FamilyAddresses) -> SinceView:
    """Write what is new since the viewer's last look, the latest first."""
    before = profile.looked_before
    if before is None:
        return SinceView("You have not looked at this family before.", (), 0)
    looked = f"You looked on {moment_in_words(before)}."
    dated, late = _dated(profile, addresses, before), list(_late(profile, addresses, before))
    # What tells of long ago is not pushed out by what is of yesterday.
    first = _MOST - min(len(late), _MOST_LATE)
    found = [*dated[:first], *late, *dated[first:], *_sent(profile, addresses, before)]
    if not found:
        looked = f"{looked} Nothing that is shared with you has come since."
    return SinceView(looked, tuple(found[:_MOST]), max(0, len(found) - _MOST))


def _dated(profile: Profile, addresses: FamilyAddresses, before: datetime) -> list[ChangeLine]:
    """What happened, began or was said since, each by its own day."""
    found = [
        *_story(profile, addresses, before),
        *_happened(profile, addresses, before),
        *_began(profile, addresses, before),
        *_support(profile, addresses, before),
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    return [line for _, line in found]


_Found = tuple[str, ChangeLine]


def _story(profile: Profile, addresses: FamilyAddresses, before: datetime) -> Iterator[_Found]:
    for view in profile.story:
        entry = view.entry
        if is_since(entry.written_at, before):
            teller = entry.told_by or "Somebody"
            yield (
                entry.written_at,
                ChangeLine(_NEW, f"{teller} added to their story", addresses.story),
            )


def _happened(profile: Profile, addresses: FamilyAddresses, before: datetime) -> Iterator[_Found]:
    today = uk_day(profile.as_of)
    for entry in profile.timeline:
        if entry.date is None or entry.date > today.isoformat() or not is_since(entry.date, before):
            continue
        what = title_with_status(entry.occurrence, today)
        text = f"{what}, {day_in_words(entry.date)}"
        yield entry.date, ChangeLine(_NEW, text, addresses.timeline)


def _late(profile: Profile, addresses: FamilyAddresses, before: datetime) -> Iterator[ChangeLine]:
    """What came since and tells of before; of one source more than a few are counted together."""
    today = uk_day(profile.as_of)
    late: dict[Source, list[str]] = {}
    for entry in profile.timeline:
        source, day = entry.provenance.source, entry.date
        is_dated = day is not None and day <= today.isoformat() and is_since(day, before)
        if f"{source} {entry.key}" in profile.arrived and not is_dated:
            what = title_with_status(entry.occurrence, today)
            late.setdefault(source, []).append(f"{what}, {day_in_words(day)}")
    for source, told in late.items():
        counted = [f"{len(told)} things from before came from {source.label}"]
        for line in counted if len(told) > _MOST_LATE else told:
            yield ChangeLine(_LATE, line, addresses.timeline)


def _began(profile: Profile, addresses: FamilyAddresses, before: datetime) -> Iterator[_Found]:
    began = [(v.since, v.service) for v in profile.practitioners if v.is_current]
    began += [(v.plan.period.start, v.plan.title) for v in profile.plans if v.is_current]
    for since, what in began:
        if since is not None and is_since(since, before):
            text = f"{what}, since {day_in_words(since)}"
            yield since, ChangeLine(_NEW, text, addresses.people)


def _support(profile: Profile, addresses: FamilyAddresses, before: datetime) -> Iterator[_Found]:
    """What they want help with and next steps: when it was written, or the day it came to stand so.

    By its day alone where it changed since: then it is told as changed.
    """
    views = [
        (f"Help wanted: {v.wanted.text}", v.written.at, v.wanted.since) for v in profile.help_wanted
    ]
    views += [(f"Next step: {v.step.text}", v.written.at, v.step.since) for v in profile.next_steps]
    for text, written, since in views:
        if is_since(written, before):
            yield written, ChangeLine(_NEW, text, addresses.people)
        elif since is not None and since > written and is_since(since, before):
            yield since, ChangeLine(_CHANGED, text, addresses.people)


def _sent(profile: Profile, addresses: FamilyAddresses, before: datetime) -> Iterator[ChangeLine]:
    for status in profile.sources:
        said = status.last_updated
        if status.source is not Source.FAMILY_HUB and said and is_since(said, before):
            text = f"{status.source.label} sent what it has again on {day_in_words(said)}"
            yield ChangeLine(_SENT, text, addresses.people)


def is_since(said: str, before: datetime) -> bool:
    """Whether it was said, or happened, after that moment; on its day where only a day is told."""
    if "T" in said:
        return datetime.fromisoformat(said) > before
    return said >= uk_day(before).isoformat()[: len(said)]
