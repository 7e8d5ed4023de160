"""No page and no file about reviews, hits, decisions or questions holds what a record says."""

from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Source
from services.audit.unusual.model import UnusualRule
from services.work import unit_of_work
from tests.support.audit.reviews_world import ReviewsWorld
from tests.support.builders import VISITOR
from tests.support.people.relating import relate
from tests.support.traces.canaries import (
    found_in,
    health_visiting_files,
    the_subject,
    written_in,
)

pytestmark = pytest.mark.postgres


def _pages_about_canaries(reviews: ReviewsWorld, folder: Path) -> list[str]:
    """Look at somebody of whom only canaries are held, and let everything be asked about that."""
    running = reviews.running
    decision = running.decide(the_subject()).decision.id
    files = map(Path, written_in(folder, health_visiting_files()))
    running.ingest(Source.HEALTH_VISITING, *files)
    running.settle()
    person = running.person(the_subject())
    assert person is not None
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, person)
    assert found_in(reviews.browser(VISITOR).get(f"/families/{person}").text)
    at = reviews.unusual.noon()
    reviews.unusual.enter(reviews.unusual.emergency(VISITOR, person, at))
    reviews.unusual.sweep()
    hits = reviews.unusual.hits(UnusualRule.EMERGENCY)
    (hit,) = [one for one in hits if one.person == person]
    question = f"/families/{person}/question"
    reviews.browser(VISITOR).send_raw(question, question, {"asks": "why-looked"})
    asked = reviews.entered(LedgerEvent.GOVERNANCE_ITEM_RAISED)[-1].fields["item"]
    review = f"/audit/reviews/{reviews.raised(person=person)}"
    for who in (reviews.one, reviews.other):
        assert reviews.says(who, review, "breach", "curiosity") is None
    return [
        *("/audit/decisions", f"/audit/decisions/{decision}", "/audit/unusual"),
        *(f"/audit/unusual/{hit.id}", "/audit/reviews", review, f"{review}/affected"),
        *("/audit/family-questions", f"/audit/family-questions/{asked}"),
        *(f"/audit/{name}?as=csv" for name in ("decisions", "unusual", "reviews")),
        *(f"{review}/affected?as=csv", "/audit/family-questions?as=csv"),
    ]


def test_names_numbers_and_places_are_on_no_page_and_in_no_file(
    reviews: ReviewsWorld, tmp_path: Path
) -> None:
    """Though each tells of looks at that very person."""
    pages = _pages_about_canaries(reviews, tmp_path)
    browser = reviews.browser(reviews.one)

    answers = {page: browser.http.get(page) for page in pages}

    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(
        pages, 200
    )
    assert {page: found_in(answer.text) for page, answer in answers.items()} == {
        page: [] for page in pages
    }
