"""That somebody has died is said first, and wherever they are named."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.identifiers import PersonId
from services.portal.words.people import death_in_words, with_death
from services.profile.merging.claims import Claim
from services.profile.model import DeathSaid, DeathStanding, DeathView, PersonView
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD, HEALTH, MOTHER, SCHOOL
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

ADDRESS = f"/families/{CHILD}"
DIED, REPORTED = DeathStanding.DIED, DeathStanding.REPORTED
ON_A_DAY = DeathView(DIED, "2026-03-03", (Claim(DeathSaid(True, "2026-03-03"), HEALTH),))
CONTRADICTED = DeathView(
    REPORTED,
    None,
    (
        Claim(DeathSaid(True, "2026-03-03"), HEALTH),
        Claim(DeathSaid(True, "2019-03-03", is_contradicted=True), SCHOOL),
        Claim(DeathSaid(False), SCHOOL),
    ),
)
REPORTED_WORDS = "A death is reported; dates contradict. Check before contact."


def of_whom(world: Fake, person: PersonId, death: DeathView) -> None:
    """Let somebody of the Wren family have died; their identity is shared."""
    profile = world.services.profiles[CHILD]
    people = tuple(_dead(p, death) if p.id == person else p for p in profile.people)
    world.services.profiles[CHILD] = replace(profile, people=people)
    world.record(a_permit_for(CHILD))


def _dead(person: PersonView, death: DeathView) -> PersonView:
    return replace(person, death=death, died=death.on)


def every_page(browser: PageClient) -> Iterator[tuple[str, Page]]:
    """Every page that is reached by links from the first, the forms among them."""
    waiting, seen = ["/"], {"/"}
    while waiting:
        address = waiting.pop()
        response = browser.http.get(address)
        if "text/html" not in response.headers.get("content-type", ""):
            continue
        page = Page(response)
        yield address, page
        for link in page.tree.iter("a"):
            href = link.get("href", "")
            if href.startswith("/") and href not in seen:
                seen.add(href)
                waiting.append(href)


@pytest.mark.parametrize(
    ("death", "words"), [(ON_A_DAY, "3 March 2026"), (CONTRADICTED, "reported")]
)
def test_no_page_names_a_child_who_has_died_without_saying_so(
    priya: PageClient, world: Fake, death: DeathView, words: str
):
    """Whatever page it is, and every page of the record says it above all else."""
    of_whom(world, CHILD, death)
    seen = {}

    for address, page in every_page(priya):
        seen[address] = page
        if "Ava" in page.whole_text:
            assert words in page.whole_text, address
        if header := page.tree.find_class("app-record"):
            assert words in header[0].text_content(), address

    assert {"/", ADDRESS, f"{ADDRESS}/consent", f"{ADDRESS}/who-has-looked"} <= seen.keys()
    assert len(seen) > 15


def test_what_is_said_of_a_death_is_plain():
    """With the day as far as it is known; never more certain than the sources are."""
    cases = {
        DeathView(DIED, "2026-03-03"): "Died on 3 March 2026",
        DeathView(DIED, "2026-03-03T23:30:00+00:00"): "Died on 3 March 2026",
        DeathView(DIED, "2026-03"): "Died in March 2026",
        DeathView(DIED, "2026"): "Died in 2026",
        DeathView(DIED): "Has died; the date is not recorded",
        DeathView(REPORTED): REPORTED_WORDS,
        DeathView(DeathStanding.UNREADABLE): (
            "A death is reported that could not be read. Check before contact."
        ),
    }

    for death, words in cases.items():
        assert death_in_words(death) == words
    assert with_death("Ava Wren", None) == "Ava Wren"
    assert with_death("Ava Wren", ON_A_DAY) == "Ava Wren (died 3 March 2026)"
    assert with_death("Ava Wren", DeathView(DIED)) == "Ava Wren (has died)"
    assert "check before contact" in with_death("Ava Wren", CONTRADICTED)


def test_a_death_comes_before_whom_to_ring(priya: PageClient, world: Fake):
    """And somebody who has died has no age, and no number to be rung on."""
    of_whom(world, MOTHER, ON_A_DAY)

    overview, page = priya.get(ADDRESS), priya.get(f"{ADDRESS}/people")

    told = overview.text.index("Leanne Wren (mother): Died on 3 March 2026.")
    assert told < overview.text.index("Who to ring")
    assert "Leanne Wren (died 3 March 2026)" in page.text
    (card,) = [
        card
        for card in page.tree.find_class("govuk-summary-card")
        if "Leanne Wren (died" in card.text_content()
        and "Who lives here" not in card.text_content()
        and "Organisation" not in card.text_content()
    ]
    assert not card.xpath(".//a[starts-with(@href, 'tel:')]")
    assert "years old" not in card.text_content()


def test_what_sources_say_of_a_death_stands_side_by_side(priya: PageClient, world: Fake):
    """Whoever checks has to know who says what."""
    of_whom(world, CHILD, CONTRADICTED)

    text = priya.get(f"{ADDRESS}/people").text

    for words in (
        "Died 3 March 2026 Health visiting",
        "Died 3 March 2019; what was sent contradicts itself School",
        "Said not to have died School",
        "A death is reported: check before contact",
    ):
        assert words in text, words


def test_the_list_of_families_says_it_beside_the_name(priya: PageClient, world: Fake):
    """Nobody has to open the record to know."""
    of_whom(world, CHILD, ON_A_DAY)

    text = priya.get("/").text

    assert "Wren (died 3 March 2026)" in text
    assert "years old" not in text
