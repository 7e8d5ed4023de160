"""Unusual access on pages: rules with their figures, a hit, who may judge it, what stays quiet."""

from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from services.audit.unusual.hits import Hit
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.reviewing import HitRefusal
from services.people.practitioners.people import FRESH
from services.work import unit_of_work
from tests.support.audit.reviews_world import GOVERNANCE, ReviewsWorld
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import AGENCY
from tests.support.people.relating import a_colleague
from tests.support.portal.pages import Page

pytestmark = pytest.mark.postgres
_LONG_AGO = FRESH + timedelta(minutes=1)


def _page(hit: Hit) -> str:
    return f"/audit/unusual/{hit.id}"


def test_rules_are_listed_with_reasons_version_and_how_well_they_do(reviews: ReviewsWorld) -> None:
    """Each with what explains it away; hits by rule and by where they stand, with a file."""
    hit, done = reviews.a_hit(), reviews.a_hit()
    assert reviews.says(reviews.one, _page(done), "training", "opened-by-mistake") is None
    browser = reviews.browser(reviews.one)

    page = browser.get("/audit/unusual?rule=refused-often")
    closed = browser.get("/audit/unusual?state=training")
    other = browser.get("/audit/unusual?rule=odd-hours")
    file = browser.http.get("/audit/unusual?as=csv").text

    links = set(page.links.values())
    assert _page(hit) in links
    assert _page(done) not in links
    assert _page(done) in set(closed.links.values())
    assert _page(hit) not in set(other.links.values())
    assert "Refused five times or more in an hour" in page.text
    assert reviews.unusual.rules.version in page.text
    assert "1 of 1, 100%" in page.text
    assert hit.id in {line.partition(",")[0] for line in file.splitlines()}


def test_hits_come_a_page_at_a_time(reviews: ReviewsWorld) -> None:
    """In the order of their days, each once."""
    first = reviews.unusual.noon(days_ago=5)
    workers = [reviews.unusual.worker() for _ in range(53)]
    reviews.unusual.enter(
        *(
            reviews.unusual.refused(who, reviews.trust.child, first + n * timedelta(minutes=1))
            for who in workers
            for n in range(5)
        )
    )
    reviews.unusual.sweep()
    browser = reviews.browser(reviews.one)

    pages = [browser.get("/audit/unusual")]
    while "More" in pages[-1].links:
        pages.append(browser.get(pages[-1].links["More"]))

    hits = [href for page in pages for href in _hits_on(page)]
    assert len(hits) == len(set(hits)) >= 53
    assert len(_hits_on(pages[0])) == 50


def _hits_on(page: Page) -> list[str]:
    return [
        str(one) for one in page.tree.xpath("//tbody/tr/th/a[contains(@href, '/unusual/')]/@href")
    ]


def test_a_hit_shows_what_the_rule_saw_and_what_may_explain_it(reviews: ReviewsWorld) -> None:
    """Entries and codes; the view is entered with the hit's own id."""
    worker = reviews.unusual.worker()
    at = reviews.unusual.noon()
    reviews.unusual.enter(
        reviews.unusual.emergency(worker, reviews.stranger, at),
        reviews.unusual.story(worker, reviews.stranger, at + timedelta(days=1)),
    )
    reviews.unusual.sweep()
    (hit,) = [one for one in reviews.unusual.hits() if one.practitioner == worker]

    page = reviews.browser(reviews.one).get(_page(hit))

    assert "The worker opened emergency access." in page.text
    assert "Case-load with the family before the look" in page.text
    assert "Contact, plan or referral by them afterwardsYes: 1" in page.text
    assert "Story added" in page.text
    asked = reviews.entered(LedgerEvent.AUDIT_ASKED)[-1]
    assert (asked.fields["question"], asked.fields["named"]) == ("unusual", (hit.id,))


def test_dismissed_with_a_reason_a_hit_is_quiet_and_leads_are_told(reviews: ReviewsWorld) -> None:
    """The reason is a code, shown to whoever may review; nothing typed is stored."""
    hit = reviews.a_hit()
    page = _page(hit)
    told = len(reviews.entered(LedgerEvent.REVIEW_TOLD))

    steps = [
        reviews.says(reviews.one, page, said, because)
        for said, because in (("asked-worker", ""), ("justified", "cover-or-rota"))
    ]

    assert steps == [None, None]
    shown = reviews.browser(reviews.other).get(page)
    assert "quiet about this worker and family for 90 days" in shown.text
    assert "They stood in for somebody, or were on the rota" in shown.text
    assert len(reviews.entered(LedgerEvent.REVIEW_TOLD)) == told + 1


def test_a_breach_takes_a_second_who_is_somebody_else_and_is_there(reviews: ReviewsWorld) -> None:
    """Then its families are listed; until then there is no such list."""
    hit = _at_the_child(reviews, reviews.unusual.worker())
    page, affected = _page(hit), f"/audit/reviews/{hit.id}/affected"

    first = reviews.says(reviews.one, page, "breach", "curiosity")
    again = reviews.says(reviews.one, page, "breach", "curiosity")
    early = reviews.browser(reviews.one).get(affected, 404)
    browser = reviews.browser(reviews.other)
    token, state = browser.get(page).token_of(page), reviews.state_on(reviews.other, page)
    reviews.clock.pass_by(_LONG_AGO)
    form = {"csrf": token, "state": state, "said": "breach", "because": "own-family"}
    stale = Page(browser.http.post(page, data=form))
    second = reviews.says(reviews.other, page, "breach", "own-family")

    assert first is second is None
    assert again is not None
    assert again.errors == [HitRefusal.SAME_HAND.label]
    assert early.status == 404
    assert stale.heading == "Show that it is you"
    shown = reviews.browser(reviews.one).get(affected)
    assert f"/audit/looks?family={reviews.trust.child}" in shown.links.values()


def _at_the_child(reviews: ReviewsWorld, worker: PractitionerId) -> Hit:
    """An emergency about the child: a hit of both."""
    at = reviews.unusual.noon()
    reviews.unusual.enter(reviews.unusual.emergency(worker, reviews.trust.child, at))
    reviews.unusual.sweep()
    hits = reviews.unusual.hits(UnusualRule.EMERGENCY)
    (hit,) = [one for one in hits if one.practitioner == worker]
    return hit


def test_a_second_who_finds_no_breach_has_it_looked_at_again(reviews: ReviewsWorld) -> None:
    """Nothing is closed by that."""
    page = _page(reviews.a_hit())
    reviews.says(reviews.one, page, "breach", "curiosity")

    assert reviews.says(reviews.other, page, "looking") is None

    shown = reviews.browser(reviews.one).get(page)
    assert "What do you find?" in shown.text


def test_nobody_judges_their_own_look_their_teams_or_a_family_that_they_have_seen(
    reviews: ReviewsWorld,
) -> None:
    """The page says so and has no form; a forged try is entered."""
    hit = _at_the_child(reviews, VISITOR)
    with unit_of_work(reviews.running.portal) as work:
        seen_it = a_colleague(work, AGENCY, role=GOVERNANCE)
    at = reviews.unusual.noon()
    reviews.unusual.enter(reviews.unusual.look(seen_it, reviews.trust.child, at))
    reviews.unusual.sweep()
    free = reviews.a_hit()
    why = {
        reviews.other_self: HitRefusal.OWN,
        reviews.teammate: HitRefusal.OWN_TEAM,
        seen_it: HitRefusal.HAS_LOOKED,
    }

    for who, refusal in why.items():
        browser = reviews.browser(who)
        shown = browser.get(_page(hit))
        assert refusal.label in shown.text
        assert not shown.tree.xpath("//input[@name='said']")
    browser = reviews.browser(reviews.teammate)
    token = browser.get(_page(free)).token_of(_page(free))
    form = {"csrf": token, "state": "1", "said": "justified", "because": "case-load"}
    forged = Page(browser.http.post(_page(hit), data=form))

    assert forged.errors == [HitRefusal.OWN_TEAM.label]
    refused = reviews.entered(LedgerEvent.UNUSUAL_ACCESS_ACT_REFUSED)[-1]
    assert refused.fields["because"] == "own-team"


def test_what_somebody_else_said_of_a_hit_meanwhile_stands(reviews: ReviewsWorld) -> None:
    """The later one looks again."""
    page = _page(reviews.a_hit())
    stale = reviews.state_on(reviews.one, page)
    reviews.says(reviews.other, page, "asked-manager")

    form = {"state": stale, "said": "not-real", "because": "wrong-facts"}
    answer = reviews.browser(reviews.one).send(page, page, form)

    assert answer.errors == [HitRefusal.CHANGED.label]


@pytest.mark.parametrize(
    "filters", ["rule=Marlford", "state=Marlford", "from=Marlford", "after=Marlford"]
)
def test_wrong_filters_are_told_and_never_echoed(reviews: ReviewsWorld, filters: str) -> None:
    """And nothing is asked."""
    before = len(reviews.entered(LedgerEvent.AUDIT_ASKED))

    page = reviews.browser(reviews.one).get(f"/audit/unusual?{filters}", 422)

    assert page.errors
    assert "Marlford" not in page.tree.get_element_by_id("main-content").text_content()
    assert len(reviews.entered(LedgerEvent.AUDIT_ASKED)) == before


def test_no_practitioner_reads_hits(reviews: ReviewsWorld) -> None:
    """The page that says no, and an entry; of no such hit there is nothing."""
    hit = reviews.a_hit()
    before = len(reviews.entered(LedgerEvent.PAGE_REFUSED))

    for page in ("/audit/unusual", _page(hit)):
        reviews.browser(VISITOR).get(page, 403)
    reviews.browser(reviews.one).get("/audit/unusual/nothing", 404)

    assert len(reviews.entered(LedgerEvent.PAGE_REFUSED)) == before + 2


def _opened(reviews: ReviewsWorld) -> tuple[str, str]:
    """Somebody opens an emergency: the pages of its item, and of the hit that the sweep finds."""
    worker, at = reviews.unusual.worker(), reviews.unusual.noon(days_ago=0)
    days_ago = (reviews.trust.clock.now().date() - at.date()).days
    item = reviews.raised(by=f"practitioner:{worker}", days_ago=days_ago)
    reviews.unusual.enter(reviews.unusual.emergency(worker, reviews.trust.child, at))
    reviews.unusual.sweep()
    hits = reviews.unusual.hits(UnusualRule.EMERGENCY)
    (hit,) = [one for one in hits if one.practitioner == worker]
    return f"/audit/reviews/{item}", f"/audit/unusual/{hit.id}"


def _links(page: Page) -> set[str | None]:
    return {link.get("href") for link in page.tree.iter("a")}


def test_two_reviews_of_one_access_show_each_other_and_close_together(
    reviews: ReviewsWorld,
) -> None:
    """From either side, where that is said; without it the other waits, and shows what was said."""
    for first, second in (_opened(reviews), _opened(reviews)[::-1]):
        browser = reviews.browser(reviews.one)
        assert second in _links(browser.get(first))
        assert first in _links(browser.get(second))
        form = {
            "state": reviews.state_on(reviews.one, first),
            "said": "justified",
            "because": "threat-was-real",
            "both": "yes",
        }

        assert browser.send_raw(first, first, form).status_code == 303

        pages = [browser.get(one) for one in (first, second)]
        assert all(page.text.count("Justified") > 1 for page in pages)
        assert not any(page.tree.xpath("//input[@name='said']") for page in pages)

    item, hit = _opened(reviews)
    assert reviews.says(reviews.one, item, "justified", "threat-was-real") is None
    alone = reviews.browser(reviews.one).get(hit)
    assert alone.tree.xpath("//input[@name='said']")
    assert "Justified" in alone.text
    assert not alone.tree.xpath("//input[@name='both']")


def test_a_breach_of_one_access_takes_two_on_both_sides(reviews: ReviewsWorld) -> None:
    """Each keeps its own rules, and what the other did not take is told."""
    item, hit = _opened(reviews)
    for who in (reviews.one, reviews.other):
        form = {
            "state": reviews.state_on(who, item),
            "said": "breach",
            "because": "curiosity",
            "both": "yes",
        }
        assert reviews.browser(who).send_raw(item, item, form).status_code == 303
        standing = reviews.browser(reviews.one).get(hit).text
        assert ("It was a breach" in standing) is (who == reviews.other)
