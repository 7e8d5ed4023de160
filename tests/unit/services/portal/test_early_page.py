"""The page "From pregnancy to two": a line a step, an equal table, and never a hint."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Source
from services.profile.merging.claims import Claim
from services.profile.model import SourceStatus, TimelineEntry
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD, HEALTH
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

EARLY = f"/families/{CHILD}/from-pregnancy-to-two"


@pytest.fixture(autouse=True)
def permit(world: Fake) -> None:
    world.record(a_permit_for(CHILD))


def _is_a_baby(world: Fake, weeks: int = 7) -> None:
    """Make the child a baby, notified at birth, of whom nothing else is told."""
    born = uk_day(world.services.now()) - timedelta(weeks=weeks)
    profile = world.services.profiles[CHILD]
    child, *others = profile.people
    day = born.isoformat()
    child = replace(child, date_of_birth=day, dates_of_birth=(Claim(day, HEALTH),), death=None)
    birth = Occurrence(OccurrenceKind.BIRTH, "Birth", Period(day), agency_name="Exbury Infirmary")
    said = replace(HEALTH, as_of=day)
    told = TimelineEntry(day, CHILD, Category.CHILD_HEALTH, birth, said)
    sources = tuple(_heard(world, one) for one in profile.sources)
    world.services.profiles[CHILD] = replace(
        profile, people=(child, *others), timeline=(told,), sources=sources
    )


def _heard(world: Fake, status: SourceStatus) -> SourceStatus:
    is_read = status.source is Source.HEALTH_VISITING
    return replace(status, last_heard=world.services.now()) if is_read else status


def _rows(page: Page) -> dict[str, list[str]]:
    rows = page.tree.xpath("//table//tbody/tr")
    cells = [[" ".join(c.text_content().split()) for c in row.iterchildren()] for row in rows]
    return {name: rest for name, *rest in cells}


def test_each_step_says_how_it_stands_by_whose_word_and_who_says_when(
    priya: PageClient, world: Fake
) -> None:
    """The list and the table say the same; the page is offered beside the timeline."""
    _is_a_baby(world)

    page = priya.get(EARLY)

    rows = _rows(page)
    assert len(rows) == len(page.tree.xpath("//ol[@class='app-timeline']/li")) == 10
    assert rows["Birth notification"][0] == "Done"
    assert rows["Birth notification"][3].startswith("Health visiting, Exbury Infirmary, as of")
    assert rows["New birth visit"][0] == "Overdue"
    assert rows["6 to 8 week review"][0] == "Due"
    assert rows["Birth registration"][0] == "Ask the family"
    assert rows["Birth registration"][4] == "Births and Deaths Registration Act 1953, section 2"
    assert rows["Booking with a midwife"][0] == "Not known here"
    for name, (stands, when, said, source, _) in rows.items():
        told = [words for words in (said, source) if words not in {"Nothing", "None"}]
        for words in (name, stands, when, *told):
            assert words in page.text
    assert page.heading == "From pregnancy to two"
    assert page.links["From pregnancy to two"] == EARLY
    assert "Start for Life" in page.text


def test_it_is_not_offered_for_an_older_child_and_says_that_its_time_is_over(
    priya: PageClient, world: Fake
) -> None:
    """Whoever has the address finds what was done, and nothing overdue."""
    _is_a_baby(world, weeks=200)

    page, timeline = priya.get(EARLY), priya.get(f"/families/{CHILD}/timeline")

    assert "From pregnancy to two" not in timeline.links
    assert {stands for stands, *_ in _rows(page).values()} == {"Done", "Not known here"}


def test_where_nothing_is_shared_the_page_is_closed_as_the_record_is(
    priya: PageClient, world: Fake
) -> None:
    """And says no more than the overview does."""
    stranger = f"/families/{world.unrelated}"

    assert priya.get(f"{stranger}/from-pregnancy-to-two", 403).text == priya.get(stranger, 403).text
