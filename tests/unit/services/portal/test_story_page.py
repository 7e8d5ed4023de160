"""Their story, as it is read."""

import pytest

from services.profile.story.writing import ToldStory
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD, MOTHER
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

STORY = f"/families/{CHILD}/story"


@pytest.fixture(autouse=True)
def permit(world: Fake) -> None:
    world.services.record_by_command(a_permit_for(CHILD, MOTHER))


def test_words_say_who_said_and_who_wrote_them(priya: PageClient) -> None:
    """With the day."""
    page = priya.get(STORY)

    assert "Please do not ring before nine." in page.text
    assert "Leanne, 3 November 2026 This corrects what was written before" in page.text
    assert "Please do not ring before nine. Written down by Priya Nair." in page.text


def test_what_was_corrected_is_struck_through_and_stays(priya: PageClient) -> None:
    """It says by whom and when, leads to its correction, and the correction back."""
    page = priya.get(STORY)

    assert [s.text for s in page.tree.iter("s")] == ["Mornings are the hardest."]
    assert "Corrected on 3 November 2026 by Leanne, written down by Priya Nair." in page.text
    correction = page.links["Read the correction of what Leanne said on 1 October 2026"]
    found = page.tree.get_element_by_id(correction.removeprefix("#"))
    assert "Please do not ring before nine." in found.text_content()


def test_each_entry_says_who_may_read_it(priya: PageClient) -> None:
    """As it is decided now."""
    page = priya.get(STORY)

    assert "May be read by: Every service that works with the family, for early help" in page.text


def test_what_is_kept_to_some_says_to_whom(priya: PageClient, world: Fake) -> None:
    """Services, people by name, and those who may see something else as well."""
    to = {
        "agency:health-visiting",
        f"practitioner:{world.practitioner.id}",
        "category:child-health",
    }
    told = ToldStory("He naps at noon.", "Dad", kept_to=frozenset(to))
    world.services.add_story(world.practitioner, CHILD, told)

    page = priya.get(STORY)

    kept = page.text.partition("The family keeps it to:")[2]
    assert kept.startswith(
        " Health visiting; Priya Nair, Health visitor; only those who may see “Child"
    )


def test_an_entry_about_several_names_them(priya: PageClient, world: Fake) -> None:
    """The child of the page among them."""
    told = ToldStory("They bake on Sundays.", "Leanne", with_whom="Nan", about=(MOTHER,))
    world.services.add_story(world.practitioner, CHILD, told)

    page = priya.get(STORY)

    assert "Written down by Priya Nair, with Nan. About Ava Wren, Leanne Wren" in page.text


def test_only_what_stands_can_be_changed(priya: PageClient) -> None:
    """The corrected entry offers nothing."""
    page = priya.get(STORY)

    (correct,) = (text for text in page.links if text.startswith("Correct ("))
    assert page.links[correct] == f"{STORY}/s2/correct"
    assert f"{STORY}/s1/correct" not in page.links.values()


def test_the_purpose_goes_with_every_link(priya: PageClient, world: Fake) -> None:
    """Whoever looks for another purpose goes on looking for it."""
    world.record(a_permit_for(CHILD))

    page = priya.get(f"{STORY}?purpose=early-help&done=added")

    assert "Written down. Those who may read it find it here" in page.text


def test_what_nobody_has_said_is_not_done(priya: PageClient) -> None:
    """An address that somebody made up says nothing on the page."""
    assert priya.http.get(f"{STORY}?done=everything-was-deleted").status_code in {400, 404, 422}
