"""Writing down what the family said."""

from dataclasses import replace

import pytest

from consent.model import Response
from services.portal.story.form import MAX_TEXT
from tests.support.portal.pages import Form, PageClient
from tests.support.portal.portal_builders import CHILD, MOTHER
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

STORY = f"/families/{CHILD}/story"
ADD = f"{STORY}/new"
TOLD: Form = {"told-by": "Nan", "text": "He likes trains.\r\n\r\nAnd maps."}
TO_HEALTH: Form = {"keep-services": ["health-visiting"]}


@pytest.fixture
def permit(world: Fake) -> None:
    world.services.record_by_command(a_permit_for(CHILD, MOTHER))


@pytest.mark.usefixtures("permit")
def test_the_form_says_who_may_read_the_story(priya: PageClient) -> None:
    """Before a word is written."""
    page = priya.get(ADD)

    assert "its story may be read by: Every service that works with the family" in page.text


@pytest.mark.usefixtures("permit")
def test_what_is_written_down_is_on_the_next_page(priya: PageClient) -> None:
    """In the family's words, by whoever is signed in."""
    page = priya.send_and_follow(ADD, ADD, {**TOLD, "with-whom": "Leanne", "step": "save"})

    assert "Written down. Those who may read it find it here" in page.text
    said = "He likes trains. And maps. Written down by Priya Nair, with Leanne."
    assert f"Nan, 22 November 2026 {said}" in page.text


@pytest.mark.usefixtures("permit")
def test_nothing_is_saved_before_the_family_knows_who_will_read_it(priya: PageClient) -> None:
    """The page between says what was written and who; it is saved from there."""
    page = priya.send(ADD, ADD, {**TOLD, **TO_HEALTH, "about": [MOTHER]}, status=200)

    assert page.heading == "Check who will be able to read it"
    assert "About Ava Wren, Leanne Wren" in page.text
    assert "Health visiting, for early help The family keeps it to: Health visiting" in page.text
    assert "He likes trains." not in priya.get(STORY).text


@pytest.mark.usefixtures("permit")
def test_what_was_checked_is_what_is_saved(priya: PageClient) -> None:
    """The page between carries every answer."""
    page = priya.send(ADD, ADD, {**TOLD, **TO_HEALTH, "about": [MOTHER]}, status=200)
    fields = dict(page.tree.forms[-1].form_values())

    answer = priya.http.post(ADD, data={**fields, "step": "save"})

    story = priya.get(answer.headers["location"])
    assert "About Ava Wren, Leanne Wren" in story.text
    assert "The family keeps it to: Health visiting" in story.text


@pytest.mark.usefixtures("permit")
def test_it_can_be_changed_before_it_is_saved(priya: PageClient) -> None:
    """The form comes back as it was filled in."""
    page = priya.send(ADD, ADD, {**TOLD, **TO_HEALTH, "step": "change"}, status=200)

    assert page.heading == "Add to their story"
    assert page.tree.forms[-1].fields["told-by"] == "Nan"
    assert page.tree.xpath("//input[@value='health-visiting']/@checked")


@pytest.mark.usefixtures("permit")
def test_whoever_will_not_read_it_is_told_so(priya: PageClient) -> None:
    """The family may keep it even from whom it tells it to."""
    kept = {"keep-services": ["schools"]}

    page = priya.send(ADD, ADD, {**TOLD, **kept}, status=200)

    assert "You will not be able to read it yourself." in page.text


def test_what_nobody_may_read_cannot_be_saved(priya: PageClient, world: Fake) -> None:
    """It leads to what the family decided instead."""
    world.record(a_permit_for(CHILD))
    refusal = replace(a_permit_for(MOTHER), response=Response.REFUSED)
    world.services.record_by_command(refusal)

    page = priya.send(ADD, ADD, {**TOLD, "about": [MOTHER]}, status=200)

    assert "It cannot be saved while nobody may read it." in page.text
    assert page.links["See what the family has decided"] == f"/families/{CHILD}/consent"
    assert not page.tree.xpath("//button[@value='save']")


def test_a_family_that_shares_nothing_can_be_listened_to(priya: PageClient) -> None:
    """The form is there, and says that nobody may read the story."""
    page = priya.get(ADD)

    assert "Nobody: nothing that the family decided lets anybody read its story." in page.text


@pytest.mark.usefixtures("permit")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"told-by": "", "text": "Words"}, "Enter who said it"),
        ({"told-by": "Nan", "text": "  "}, "Enter what the family said"),
        (
            {"told-by": "Nan", "text": "x" * (MAX_TEXT + 1)},
            "What the family said must be 4000 characters or fewer",
        ),
        ({"told-by": "x" * 101, "text": "Words"}, "Who said it must be 100 characters or fewer"),
        (
            {"told-by": "Nan", "text": "Words", "with-whom": "x" * 101},
            "Who else was there must be 100 characters or fewer",
        ),
        (
            {"told-by": "Nan", "text": "Words", "keep-people": "a-stranger"},
            "Select those to whom they keep it from the list",
        ),
    ],
)
def test_mistakes_keep_what_was_written(
    priya: PageClient, form: dict[str, str], error: str
) -> None:
    """Nobody writes it twice."""
    page = priya.send(ADD, ADD, form)

    assert page.errors == [error]
    assert page.tree.forms[-1].fields["told-by"] == form["told-by"]
