"""Plans say whom to ring, and sources since when they have been silent."""

from dataclasses import replace

from schemas.records.payloads import Plan
from schemas.vocabulary import Source
from services.portal.family.overview import plan_cards, source_lines
from services.profile.model import Profile, SourceState
from tests.support.portal.portal_builders import AT, the_wren_family


def _with_plan(plan: Plan) -> Profile:
    profile = the_wren_family()
    return replace(profile, plans=(replace(profile.plans[0], plan=plan),))


def test_plan_says_whom_to_ring_and_whom_at_night():
    """Both numbers can be rung by touching them."""
    plan = Plan(
        "looked-after",
        "Looked after by the local authority",
        agency_name="Exbury Council",
        telephone="01632 960200",
        out_of_hours_telephone="01632 960299",
    )

    (card,) = plan_cards(_with_plan(plan))

    numbers = {row.label: row.facts[0] for row in card.rows if row.label.startswith("Telephone")}
    assert {label: fact.text for label, fact in numbers.items()} == {
        "Telephone": "01632 960200",
        "Telephone out of hours": "01632 960299",
    }
    assert all(fact.href for fact in numbers.values())


def test_plan_without_numbers_has_no_row_for_them():
    """A number that nobody gave is nothing to look for on this card."""
    (card,) = plan_cards(_with_plan(Plan("cin", "Child in need plan")))

    assert not [row for row in card.rows if row.label.startswith("Telephone")]


def test_silent_source_says_since_when():
    """Beside what it has, which may be out of date."""
    profile = the_wren_family()
    silent = tuple(
        replace(status, silent_since=AT) if status.source is Source.HEALTH_VISITING else status
        for status in profile.sources
    )

    lines = {line.source: line for line in source_lines(replace(profile, sources=silent))}

    state = lines[Source.HEALTH_VISITING.label].state
    assert state.startswith(f"{SourceState.HAS_RECORDS.label}. Not answering since ")
    assert "Not answering" not in lines[Source.SCHOOLS.label].state
