from dataclasses import replace

import pytest

from tests.support.messages.as_shown import shown_of
from tests.support.messages.csc import a_child, an_episode, csc
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_permit_for
from tests.support.reading import csc as read_csc
from tests.support.reading import the_message
from tests.unit.services.portal.conftest import Fake

TIMELINE = f"/families/{CHILD}/timeline"


@pytest.fixture(autouse=True)
def permit(world: Fake) -> None:
    world.record(a_permit_for(CHILD))


def test_the_timeline_says_where_each_entry_is_from(priya: PageClient) -> None:
    """Newest first; a missing date is said, what was not given is marked."""
    page = priya.get(TIMELINE)

    assert "2 to 2½ year review 3 November 2026 · Ava Wren Outcome: Completed" in page.text
    assert "MMR vaccination Date not given · Ava Wren Offered, not given" in page.text
    assert "vaccinations. School, 1 September 2026" in page.text


def test_the_timeline_can_be_filtered_by_source(priya: PageClient) -> None:
    """With an ordinary form that needs no script."""
    page = priya.get(f"{TIMELINE}?source=schools")

    assert "MMR vaccination" in page.text
    assert "2½ year review" not in page.text
    assert page.links["Show entries from every source"] == TIMELINE


def test_a_filter_that_leaves_nothing_says_so(priya: PageClient) -> None:
    """An empty timeline is not a blank page."""
    page = priya.get(f"{TIMELINE}?source=family-hub")

    assert "Nothing on the timeline is from the sources you chose." in page.text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("2026-05-20", "20 May 2026"),
        ("2026-12-25", "planned for 25 December 2026"),
        ("Required", "Required"),
    ],
)
def test_a_conference_is_told_by_its_day_in_words(said: str, words: str):
    """One that is still to come was not held; the page is read on 30 November 2026."""
    held = {"icpc_date": said} if said != "Required" else {"icpc_required_flag": True}
    enquiry = {"section_47_assessment_id": "S-1", "start_date": "2026-05-05", **held}
    episode = an_episode(section_47_assessments=[enquiry])

    page = shown_of(the_message(read_csc, csc(a_child(social_care_episodes=[episode]))))

    assert page.text.endswith(f"Initial child protection conference: {words}")


def test_the_record_header_names_who_leads_with_a_number(priya: PageClient, world: Fake):
    """By a source's word; the overview says it among whom to ring."""
    profile = world.services.profiles[CHILD]
    works = replace(profile.practitioners[0], role="Key worker")
    world.services.profiles[CHILD] = replace(profile, practitioners=(works,))

    page = priya.get(TIMELINE)

    assert f"Lead worker: {works.practitioner_name}, {works.agency_name}" in _header(page)
    assert page.links[works.telephone or ""].startswith("tel:")
    assert "Lead worker" not in _header(priya.get(f"/families/{CHILD}"))


def _header(page: Page) -> str:
    return " ".join(page.tree.find_class("app-record")[0].text_content().split())
