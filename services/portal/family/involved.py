"""Who works and worked with a family, and which plans there are: cards and lines in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from schemas.records.payloads import FactStatus, Period, Plan
from services.portal.family.writing.words import steps_of_plan
from services.portal.words.cards import SHARED_UNDER_DUTY, Card, Fact, Row, said_by
from services.portal.words.dates import day_in_words, period_in_words
from services.portal.words.people import NO_TELEPHONE, names_in, telephone_link
from services.portal.words.statuses import involved_in_words, nobody_to_ring, plan_tag
from services.profile.model import PlanView, PractitionerView, Profile

# Plans in force and past.


def plan_cards(profile: Profile) -> tuple[Card, ...]:
    """Make a card for each plan, those in force first."""
    names = names_in(profile)
    views = sorted(profile.plans, key=lambda view: not view.is_current)
    return tuple(_card(view, profile, names.of(view.person)) for view in views)


def plan_lines(profile: Profile) -> tuple[str, ...]:
    """Write a line for each plan that is in force, not final or on hold."""
    names = names_in(profile)
    current = (view for view in profile.plans if view.is_current)
    return tuple(
        f"{view.plan.title}, for {names.of(view.person)}: {plan_tag(view).text.lower()}."
        for view in current
    )


def _card(view: PlanView, profile: Profile, person: str) -> Card:
    note = said_by(view.provenance)
    rows = (
        Row("For", (Fact(person),)),
        Row("When", (Fact(_when(view), note),)),
        *_in_closed_case(view),
        Row("Organisation", (Fact(view.plan.agency_name or "Organisation not given"),)),
        *_telephones(view.plan),
        *_steps(profile, view.key),
    )
    tags = [plan_tag(view)]
    if view.category in profile.shared_under_duty:
        tags.append(SHARED_UNDER_DUTY)
    return Card(view.plan.title, rows, tuple(tags))


def _in_closed_case(view: PlanView) -> Iterator[Row]:
    """Say what to do about a plan without an end whose case was closed."""
    if view.case_closed is not None:
        closed = f"Children's social care closed a case on {day_in_words(view.case_closed)}"
        yield Row("Ask them", (Fact(f"{closed}, and gave no end date for this plan"),))


def _telephones(plan: Plan) -> Iterator[Row]:
    """Say how to ring who keeps the plan, where its source said it."""
    numbers = (
        ("Telephone", plan.telephone),
        ("Telephone out of hours", plan.out_of_hours_telephone),
    )
    for label, number in numbers:
        if number:
            yield Row(label, (Fact(number, href=telephone_link(number)),))


def _steps(profile: Profile, plan: str) -> Iterator[Row]:
    """Say what is to be done next for it, by whom and by when."""
    steps = steps_of_plan(profile, plan)
    if steps:
        yield Row("Next step" if len(steps) == 1 else "Next steps", steps)


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
        note=_said_by(view),
    )


def _said_by(view: PractitionerView) -> str:
    """The source, or that the practitioner said so themselves."""
    if not view.is_first_hand:
        return said_by(view.provenance)
    return f"their own word, {day_in_words(view.provenance.as_of)}"


def _who(view: PractitionerView) -> str:
    name = view.practitioner_name or "Practitioner not named by the source"
    return f"{name}, {view.role}" if view.role else name
