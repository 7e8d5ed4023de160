"""The overview of a family, section by section."""

from dataclasses import dataclass

from schemas.vocabulary import Category
from services.aggregation.profile import Profile
from services.portal.presenters.cards import Card
from services.portal.presenters.dates import moment_in_words
from services.portal.presenters.households import HouseholdsView, households_of
from services.portal.presenters.people import parents_not_recorded, people_cards
from services.portal.presenters.plans import plan_cards
from services.portal.presenters.practitioners import PractitionerLine, practitioner_lines
from services.portal.presenters.sources import (
    NotSharedLine,
    SourceLine,
    not_shared_lines,
    source_lines,
)
from services.portal.presenters.story import StoryItem, latest_words
from services.portal.presenters.timeline import TimelineItem, timeline_items

_LATEST = 3


@dataclass(frozen=True, slots=True, repr=False)
class OverviewView:
    """Everything the overview prints, in words."""

    words: StoryItem | None
    people: tuple[Card, ...]
    parents_not_recorded: tuple[str, ...]
    households: HouseholdsView
    practitioners: tuple[PractitionerLine, ...]
    past_practitioners: tuple[PractitionerLine, ...]
    plans: tuple[Card, ...]
    latest: tuple[TimelineItem, ...]
    sources: tuple[SourceLine, ...]
    not_shared: tuple[NotSharedLine, ...]
    under_duty: tuple[Category, ...]
    is_address_protected: bool
    as_of: str
    policy_version: str


def overview_of(profile: Profile) -> OverviewView:
    """Make the overview of a profile."""
    return OverviewView(
        words=latest_words(profile),
        people=people_cards(profile),
        parents_not_recorded=parents_not_recorded(profile),
        households=households_of(profile),
        practitioners=practitioner_lines(profile, current=True),
        past_practitioners=practitioner_lines(profile, current=False),
        plans=plan_cards(profile),
        latest=timeline_items(profile, limit=_LATEST),
        sources=source_lines(profile),
        not_shared=not_shared_lines(profile),
        under_duty=profile.shared_under_duty,
        is_address_protected=profile.location_protected,
        as_of=moment_in_words(profile.as_of),
        policy_version=profile.policy_version,
    )
