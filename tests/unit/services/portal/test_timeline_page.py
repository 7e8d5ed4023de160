import pytest

from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_permit_for
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
