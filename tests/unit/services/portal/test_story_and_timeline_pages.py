import pytest

from services.portal.routes.add_story import MAX_TEXT
from tests.support.pages import PageClient
from tests.support.portal_builders import CHILD
from tests.support.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

STORY = f"/families/{CHILD}/story"
ADD = f"{STORY}/new"
TIMELINE = f"/families/{CHILD}/timeline"


@pytest.fixture(autouse=True)
def permit(world: Fake) -> None:
    world.services.record_decision(world.practitioner, a_permit_for(CHILD))


def test_words_say_who_said_and_who_wrote_them(priya: PageClient) -> None:
    """With the day."""
    page = priya.get(STORY)

    assert "Please do not ring before nine." in page.text
    assert "Leanne, 3 November 2026. Written down by Priya Nair." in page.text


def test_what_was_corrected_is_struck_through_and_stays(priya: PageClient) -> None:
    """It leads to its correction, and the correction back."""
    page = priya.get(STORY)

    assert [s.text for s in page.tree.iter("s")] == ["Mornings are the hardest."]
    correction = page.links["Read the correction of what Leanne said on 1 October 2026"]
    found = page.tree.get_element_by_id(correction.removeprefix("#"))
    assert "Please do not ring before nine." in found.text_content()


def test_what_is_written_down_is_on_the_next_page(priya: PageClient) -> None:
    """In the family's words, by whoever is signed in."""
    form = {"told-by": "Nan", "text": "He likes trains.\r\n\r\nAnd maps."}

    page = priya.send_and_follow(ADD, ADD, form)

    assert "Written down. It is shown to those" in page.text
    assert "He likes trains. And maps. Nan, 22 November 2026" in page.text


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
    ],
)
def test_mistakes_keep_what_was_written(
    priya: PageClient, form: dict[str, str], error: str
) -> None:
    """Nobody writes it twice."""
    page = priya.send(ADD, ADD, form)

    assert page.errors == [error]
    assert page.tree.forms[-1].fields["told-by"] == form["told-by"]


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
