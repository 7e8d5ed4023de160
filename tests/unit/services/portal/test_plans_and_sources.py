"""Plans say whom to ring, and sources since when they have been silent."""

from dataclasses import replace

from schemas.records.kinds import MessageKind
from schemas.records.payloads import FactStatus, Plan
from schemas.records.unused import MoreKind
from schemas.vocabulary import Source
from services.portal.family.involved import plan_cards, plan_lines
from services.portal.family.overview import OverviewView, overview_of, source_lines
from services.portal.frame.addresses import FamilyAddresses
from services.portal.words.dates import day_in_words
from services.profile.model import Profile, SourceState, UnreadHere
from tests.support.portal.portal_builders import AT, CHILD, a_practitioner, the_wren_family


def _with_plan(plan: Plan) -> Profile:
    profile = the_wren_family()
    return replace(profile, plans=(replace(profile.plans[0], plan=plan),))


def _overview(profile: Profile) -> OverviewView:
    return overview_of(profile, FamilyAddresses(CHILD), a_practitioner())


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


def test_what_has_to_be_asked_for_is_said_beside_what_a_source_has():
    """What could not be read, since when and of what kinds; and of what kinds there is more."""
    unread = UnreadHere(2, AT, (MessageKind.SAFETY_ALERT, MessageKind.VACCINATION))
    profile = the_wren_family()
    told = tuple(
        replace(status, unread=unread, more=(MoreKind.PLAN, MoreKind.NOTE))
        if status.source is Source.HEALTH_VISITING
        else status
        for status in profile.sources
    )

    overview = _overview(replace(profile, sources=told))

    lines = {line.source: line.to_ask_for for line in overview.sources}
    since = day_in_words(AT.date().isoformat())
    unreadable = "2 messages could not be read: a safety alert, a vaccination"
    assert lines.pop(Source.HEALTH_VISITING.label) == (
        f"Since {since} {unreadable}. Ask the source",
        "More is at the source: a plan, a note in words",
    )
    assert set(lines.values()) == {()}
    assert any("could not be read" in line.text for line in overview.attention)
    assert not _overview(profile).is_more_at_a_source


def test_a_plan_without_an_end_in_a_closed_case_says_what_is_known_and_to_ask():
    """On its card, in the line of the first page and in the header: nowhere that it is in force."""
    profile = the_wren_family()
    (plan,) = (
        replace(
            view,
            plan=Plan("cp", "Child protection plan"),
            status=FactStatus.UNKNOWN,
            is_current=True,
            case_closed="2026-03-02",
        )
        for view in profile.plans[:1]
    )
    profile = replace(profile, plans=(plan,))
    (card,) = plan_cards(profile)

    asked = next(row.facts[0].text for row in card.rows if row.label == "Ask them")
    assert asked == (
        "Children's social care closed a case on 2 March 2026, and gave no end date for this plan"
    )
    assert card.tags[0].text == "Case closed, no end of it given"
    (line,) = plan_lines(profile)
    assert line.endswith(": case closed, no end of it given.")
