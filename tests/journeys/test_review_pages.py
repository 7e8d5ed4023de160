"""Every page of decisions, unusual access, reviews and families' questions, in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from services.people.governance.queue import ItemKind
from services.work import Outside
from tests.support.audit.reviews_world import ReviewsWorld, a_reviews_world
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_NARROW, _WIDE = 320, 1280


@pytest.fixture
def reviews(outside: Outside, clock: StandingClock) -> Iterator[ReviewsWorld]:
    """Give the trust and its auditors."""
    with a_reviews_world(outside, clock) as found:
        yield found


def _addresses(reviews: ReviewsWorld) -> list[str]:
    """One of each page, a breach among them."""
    breach = f"/audit/reviews/{reviews.raised(days_ago=9)}"
    for who in (reviews.one, reviews.other):
        assert reviews.says(who, breach, "breach", "curiosity") is None
    open_review = f"/audit/reviews/{reviews.raised(ItemKind.UNCONFIRMED_PRESENCE)}"
    question = reviews.asked_by_family()
    decision = reviews.running.decide(reviews.trust.child).decision.id
    reviews.running.read(reviews.trust.child)
    return [
        *("/audit/decisions", f"/audit/decisions/{decision}"),
        *("/audit/unusual", f"/audit/unusual/{reviews.a_hit().id}"),
        *("/audit/reviews", open_review, breach, f"{breach}/affected"),
        *("/audit/reviews?kind=wrong", "/audit/unusual?rule=wrong", "/audit/decisions?mark=wrong"),
        *("/audit/family-questions", question),
    ]


def _faults(page: Page, wide: int) -> list[str]:
    page.set_viewport_size({"width": wide, "height": 640})
    faults = [f"{page.url} at {wide}: {fault}" for fault in accessibility_faults(page)]
    return [*faults, f"{page.url}: wider than {wide}"] if width(page) != wide else faults


def test_every_page_is_accessible_and_as_wide_as_the_screen(
    browser: Browser, reviews: ReviewsWorld
) -> None:
    """On 320 pixels too (WCAG 1.4.10); and the form on which a family's question is entered."""
    addresses = _addresses(reviews)
    faults: list[str] = []

    with served(reviews.app) as url:
        for who, of_theirs in (
            (reviews.one, addresses),
            (VISITOR, [f"/families/{reviews.trust.child}/question"]),
        ):
            with a_page(browser, wide=_WIDE) as page:
                page.goto(f"{url}/sign-in")
                page.check(f"input[name=person][value='{who}']")
                follow(page.get_by_role("button", name="Sign in"))
                for address in of_theirs:
                    page.goto(f"{url}{address}")
                    faults += [*_faults(page, _WIDE), *_faults(page, _NARROW)]

    assert not faults, "\n".join(faults)
