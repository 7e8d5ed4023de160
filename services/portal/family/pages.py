"""The pages of a family: overview, timeline, early years, people, who has looked."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.practitioners.permissions import Permission
from services.portal.family.early import early_lines, early_opening
from services.portal.family.looks import look_lines, looks_for_parents, some_are_not_for_parents
from services.portal.family.overview import overview_of, sources_on, timeline_items
from services.portal.family.pictures.timeline import timeline_picture
from services.portal.family.support import support_of
from services.portal.family.writing.words import SupportDone
from services.portal.frame.addresses import PersonInPath
from services.portal.frame.addresses_services import ServiceAddresses
from services.portal.frame.guard import guarded_router
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.cards import choices_of
from services.portal.words.frame import FamilyPage, purpose_bar
from services.profile.merging.early import from_pregnancy_to_two
from services.profile.model import Profile, ProfileRefused

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}")
def show_overview(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show the family as the practitioner may see it."""
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    return visit.show_family(
        "overview.html",
        FamilyPage.OVERVIEW,
        person,
        profile,
        overview=overview_of(profile, visit.addresses(person), visit.who),
        purposes=purpose_bar(visit.purpose),
    )


def _beyond_an_emergency(visit: Visit, person: PersonId) -> Profile | Response:
    """The profile for a page that an emergency alone does not open, or the refusal."""
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    return visit.show_nothing() if profile.is_by_emergency_alone else profile


# What has happened.


@router.get("/families/{person}/timeline")
def show_timeline(
    visit: CurrentVisit,
    person: PersonInPath,
    source: Annotated[frozenset[Source], Query()] = frozenset(),
) -> Response:
    """Show the timeline, of the chosen sources if any are chosen."""
    profile = _beyond_an_emergency(visit, person)
    if isinstance(profile, Response):
        return profile
    return visit.show_family(
        "timeline.html",
        FamilyPage.TIMELINE,
        person,
        profile,
        timeline=timeline_items(profile, source),
        picture=timeline_picture(profile, source),
        sources=choices_of(sources_on(profile), source),
        is_filtered=bool(source),
        purposes=purpose_bar(visit.purpose),
    )


# How far a young child has come from pregnancy to two.


@router.get("/families/{person}/from-pregnancy-to-two")
def show_early(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show what is due, done and overdue, by what is shared with whoever looks."""
    profile = _beyond_an_emergency(visit, person)
    if isinstance(profile, Response):
        return profile
    return visit.show_family(
        "early.html",
        FamilyPage.EARLY,
        person,
        profile,
        opening=early_opening(profile),
        programme=visit.portal.settings.early_programme,
        lines=early_lines(from_pregnancy_to_two(profile, visit.today), visit.today),
        purposes=purpose_bar(visit.purpose),
        find_services=ServiceAddresses(visit.addresses(person)).find,
    )


# Who is in the family, who lives where, and who works with them now and before.


@router.get("/families/{person}/people")
def show_people(
    visit: CurrentVisit, person: PersonInPath, done: SupportDone | None = None
) -> Response:
    """Show people and support; an emergency has all that it opens on the first page.

    `done` is what was just written about them.
    """
    profile = _beyond_an_emergency(visit, person)
    if isinstance(profile, Response):
        return profile
    return visit.show_family(
        "people.html",
        FamilyPage.PEOPLE,
        person,
        profile,
        support=support_of(profile, visit.addresses(person), visit.who),
        purposes=purpose_bar(visit.purpose),
        done=done,
    )


# Who has looked at a family, and who was refused.


@router.get("/families/{person}/who-has-looked")
def show_who_has_looked(visit: CurrentVisit, person: PersonInPath) -> Response:
    """List every look, newest first."""
    looks = visit.services.who_has_looked(visit.who, person)
    if isinstance(looks, ProfileRefused):
        return visit.show_refused(person, looks)
    decisions = visit.services.decisions(visit.who, person)
    if isinstance(decisions, ProfileRefused):
        return visit.show_refused(person, decisions)
    return visit.show_family(
        "who_has_looked.html",
        FamilyPage.WHO_HAS_LOOKED,
        person,
        looks=look_lines(looks),
        is_not_for_parents=some_are_not_for_parents(decisions),
    )


# Who has looked at a family, as its parents may be given it.


@router.get("/families/{person}/who-has-looked/for-parents")
def show_looks_for_parents(visit: CurrentVisit, person: PersonInPath) -> Response:
    """List the looks without what a young person has asked that their parents are not told."""
    looks = visit.services.who_has_looked(visit.who, person)
    if isinstance(looks, ProfileRefused):
        return visit.show_refused(person, looks)
    decisions = visit.services.decisions(visit.who, person)
    if isinstance(decisions, ProfileRefused):
        return visit.show_refused(person, decisions)
    return visit.show_family(
        "looks_for_parents.html",
        FamilyPage.WHO_HAS_LOOKED,
        person,
        looks=look_lines(looks_for_parents(looks, decisions)),
    )
