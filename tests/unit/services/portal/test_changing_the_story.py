"""Confirming, correcting and keeping what the family said."""

import pytest

from schemas.vocabulary import Purpose
from services.profile.story.writing import ToldStory
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD, MOTHER
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

STORY = f"/families/{CHILD}/story"
CONFIRM, CORRECT, KEEP = f"{STORY}/confirm", f"{STORY}/s2/correct", f"{STORY}/s2/keep"


@pytest.fixture(autouse=True)
def permit(world: Fake) -> None:
    world.services.record_by_command(a_permit_for(CHILD, MOTHER))


def test_a_correction_is_written_beside_what_it_corrects(priya: PageClient) -> None:
    """The form shows the old words; afterwards both are there."""
    assert "Please do not ring before nine." in priya.get(CORRECT).text

    page = priya.send_and_follow(CORRECT, CORRECT, {"told-by": "Dad", "text": "After ten."})

    assert "Corrected. What was written first stays, struck through." in page.text
    struck = {s.text for s in page.tree.iter("s")}
    assert struck == {"Mornings are the hardest.", "Please do not ring before nine."}
    assert "After ten." in page.text


def test_a_correction_says_who_will_read_it_before_it_is_saved(priya: PageClient) -> None:
    """The same people as before."""
    page = priya.get(CORRECT)

    assert "Every service that works with the family, for early help" in page.text


def test_an_empty_correction_is_none(priya: PageClient) -> None:
    """What was wrong stands beside its field."""
    page = priya.send(CORRECT, CORRECT, {"told-by": "", "text": ""})

    assert page.errors == ["Enter who said it", "Enter what the family said"]


def test_what_was_corrected_meanwhile_has_to_be_read_first(priya: PageClient, world: Fake) -> None:
    """Two people had the same page open."""
    shown = priya.get(CORRECT).token_of(CORRECT)
    told = ToldStory("After ten.", "Dad")
    world.services.correct_story(world.practitioner, CHILD, Purpose.EARLY_HELP, "s2", told)

    answer = priya.http.post(CORRECT, data={"csrf": shown, "told-by": "Nan", "text": "Noon."})
    page = priya.get(answer.headers["location"])

    assert "Nothing was changed: somebody has corrected it meanwhile." in page.text
    assert "Noon." not in page.text


@pytest.mark.parametrize("what", ["correct", "confirm", "keep"])
@pytest.mark.parametrize("entry", ["s1", "made-up"])
def test_there_is_no_page_for_what_does_not_stand(priya: PageClient, what: str, entry: str) -> None:
    """Corrected before, kept from whoever asks, or never there: the same answer."""
    assert priya.get(f"{STORY}/{entry}/{what}", 404).heading == "Page not found"


def test_that_nothing_has_changed_is_confirmed_for_what_was_shown(priya: PageClient) -> None:
    """On the whole story and on its entries."""
    shown = priya.get(CONFIRM)
    entries = shown.tree.xpath("//input[@name='entry']/@value")

    page = priya.send_and_follow(CONFIRM, CONFIRM, {"told-by": "Leanne", "entry": entries})

    said = "confirmed on 22 November 2026 by Leanne, with Priya Nair"
    assert entries == ["s2"]
    assert f"Nothing has changed: {said}." in page.text
    assert f"{said[:1].upper()}{said[1:]}" in page.text


def test_what_was_written_since_is_not_confirmed(priya: PageClient, world: Fake) -> None:
    """The page says how much that is."""
    entries = {"told-by": "Leanne", "entry": ["s2"]}
    priya.send_and_follow(CONFIRM, CONFIRM, entries)
    later = world.services.now().replace(hour=23)
    world.services.clock = lambda: later
    world.services.add_story(world.practitioner, CHILD, ToldStory("He naps.", "Dad"))

    page = priya.get(STORY)

    assert "with Priya Nair. 1 entry was written down since." in page.text


def test_one_entry_is_confirmed_by_itself(priya: PageClient) -> None:
    """Its page shows it alone."""
    address = f"{STORY}/s2/confirm"

    page = priya.send_and_follow(address, address, {"told-by": "Leanne"})

    assert "Confirmed on 22 November 2026 by Leanne, with Priya Nair" in page.text


def test_somebody_has_to_say_so(priya: PageClient) -> None:
    """A practitioner does not confirm for the family."""
    page = priya.send(CONFIRM, CONFIRM, {"told-by": "", "entry": ["s2"]})

    assert page.errors == ["Enter who said so"]


def test_an_entry_is_kept_to_fewer_people(priya: PageClient) -> None:
    """With the words that it corrects; the page asks whom first."""
    mistaken = priya.send(KEEP, KEEP, {})

    page = priya.send_and_follow(KEEP, KEEP, {"keep-services": ["health-visiting"]})

    assert mistaken.errors == ["Select at least one of those to whom they keep it"]
    assert "From now on fewer people may read it." in page.text
    assert page.text.count("The family keeps it to: Health visiting") == 2


def test_it_is_never_kept_to_more_again(priya: PageClient) -> None:
    """The page says that nothing was changed."""
    priya.send_and_follow(KEEP, KEEP, {"keep-services": ["health-visiting"]})

    page = priya.send_and_follow(KEEP, KEEP, {"keep-services": ["health-visiting", "schools"]})

    assert "cannot be shared wider" in page.text
