"""People and support: who is in a family, who lives where, who works with them, which plans."""

from dataclasses import dataclass

from markupsafe import Markup

from services.people.practitioners.people import SignedInPractitioner
from services.portal.family.involved import (
    PractitionerLine,
    past_lines,
    plan_cards,
    planned_lines,
    practitioner_lines,
)
from services.portal.family.people import (
    HouseholdsView,
    households_of,
    parents_not_recorded,
    people_cards,
)
from services.portal.family.pictures.homes import homes_picture
from services.portal.family.services_asked.reported import connection_lines
from services.portal.family.writing.words import SupportLine, help_lines, step_lines
from services.portal.frame.addresses import FamilyAddresses
from services.portal.words.cards import Card
from services.profile.model import Profile


@dataclass(frozen=True, slots=True, repr=False)
class SupportView:
    """Everything the page prints, in words; the picture of homes beside its cards."""

    people: tuple[Card, ...]
    parents_not_recorded: tuple[str, ...]
    households: HouseholdsView
    picture: Markup
    practitioners: tuple[PractitionerLine, ...]
    planned_practitioners: tuple[PractitionerLine, ...]
    past_practitioners: tuple[PractitionerLine, ...]
    plans: tuple[Card, ...]
    help_wanted: tuple[SupportLine, ...]
    next_steps: tuple[SupportLine, ...]
    connections: tuple[SupportLine, ...]
    is_address_protected: bool
    is_more_at_a_source: bool


def support_of(
    profile: Profile, addresses: FamilyAddresses, who: SignedInPractitioner
) -> SupportView:
    """Make the page of a profile for whoever looks at it."""
    return SupportView(
        people=people_cards(profile),
        parents_not_recorded=parents_not_recorded(profile),
        households=households_of(profile),
        picture=homes_picture(profile),
        practitioners=practitioner_lines(profile),
        planned_practitioners=planned_lines(profile),
        past_practitioners=past_lines(profile),
        plans=plan_cards(profile),
        help_wanted=help_lines(profile, addresses, who),
        next_steps=step_lines(profile, addresses, who),
        connections=connection_lines(profile),
        is_address_protected=profile.location_protected,
        is_more_at_a_source=any(s.unread is not None or s.more for s in profile.sources),
    )
