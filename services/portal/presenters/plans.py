"""Plans in force and past."""

from collections.abc import Iterator

from schemas.records.payloads import Plan
from services.aggregation.profile import PlanView, Profile
from services.portal.presenters.cards import SHARED_UNDER_DUTY, Card, Fact, Row, Tag, said_by
from services.portal.presenters.dates import period_in_words
from services.portal.presenters.names import names_in
from services.portal.presenters.telephones import telephone_link


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
    tags = [Tag("In force", "green") if view.is_current else Tag("Ended", "grey")]
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
    words = period_in_words(view.plan.period)
    return words[:1].upper() + words[1:] or "Dates not given"
