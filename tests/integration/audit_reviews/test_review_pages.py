"""The queue on pages: who may review, two for a breach, whom it affects, and leads who are told."""

from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Role
from services.audit.outcomes import ReviewRefusal
from services.people.governance.queue import ItemKind
from services.work import unit_of_work
from tests.support.audit.reviews_world import ReviewsWorld
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import AGENCY
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.relating import a_colleague, relate
from tests.support.portal.pages import Page

pytestmark = pytest.mark.postgres


def _page(item: str) -> str:
    return f"/audit/reviews/{item}"


def test_what_waits_is_listed_with_its_due_day_and_hits_beside(reviews: ReviewsWorld) -> None:
    """Overdue is said in words; the view is entered, and the file has the same rows."""
    late = reviews.raised(days_ago=9)
    soon = reviews.raised(ItemKind.ONE_PERSONS_WORD)
    hit = reviews.a_hit()
    browser = reviews.browser(reviews.one)
    before = len(reviews.entered(LedgerEvent.AUDIT_ASKED))

    page = browser.get("/audit/reviews")
    overdue = browser.get("/audit/reviews?overdue=yes")
    hits = browser.get("/audit/reviews?kind=unusual")
    file = browser.http.get("/audit/reviews?as=csv").text

    addresses = {link.get("href") for link in page.tree.iter("a")}
    assert {_page(late), _page(soon), f"/audit/unusual/{hit.id}"} <= addresses
    assert "Overdue" in page.text
    assert _page(soon) not in {link.get("href") for link in overdue.tree.iter("a")}
    assert _page(late) not in {link.get("href") for link in hits.tree.iter("a")}
    assert {late, soon, hit.id} <= {line.partition(",")[0] for line in file.splitlines()}
    assert len(reviews.entered(LedgerEvent.AUDIT_ASKED)) == before + 4


def test_what_waits_comes_a_page_at_a_time(reviews: ReviewsWorld) -> None:
    """Hits and items in one order, none twice."""
    for _ in range(55):
        reviews.raised(ItemKind.CAPACITY_DOUBT)
    browser = reviews.browser(reviews.one)

    first = browser.get("/audit/reviews?kind=capacity-doubt")
    second = browser.get(first.links["Due later"])

    counts = [len(page.tree.xpath("//tbody/tr")) for page in (first, second)]
    assert counts == [50, 5]


def test_a_review_is_taken_on_and_closed_and_both_are_entered(reviews: ReviewsWorld) -> None:
    """With a code for how it is known; then nothing more can be said."""
    item = reviews.raised()

    steps = [
        reviews.says(reviews.one, _page(item), said, because)
        for said, because in (("looking", ""), ("asked-worker", ""), ("justified", "later-work"))
    ]

    assert steps == [None, None, None]
    closed = reviews.browser(reviews.one).get(_page(item))
    assert "A contact, record, plan or referral followed" in closed.text
    assert not closed.tree.xpath("//input[@name='state']")
    found = [e for e in reviews.entered(LedgerEvent.REVIEW_FOUND) if e.fields["review"] == item]
    assert [(e.fields["outcome"], e.fields["because"]) for e in found] == [
        ("justified", "later-work")
    ]


@pytest.mark.parametrize(
    ("said", "because", "wrong"),
    [
        ("", "", "Select what you say"),
        ("justified", "curiosity", "Select a reason that goes with"),
        ("breach", "", "Select a reason that goes with"),
        ("closed", "", "Select what you say"),
    ],
)
def test_what_is_no_review_is_not_taken(
    reviews: ReviewsWorld, said: str, because: str, wrong: str
) -> None:
    """A reason must go with what was found."""
    page = _page(reviews.raised())

    answer = reviews.says(reviews.one, page, said, because)

    assert answer is not None
    assert answer.status == 422
    assert wrong in answer.errors[0]


def test_nobody_reviews_their_own_act_or_that_of_their_team(reviews: ReviewsWorld) -> None:
    """Whichever of their accounts they come by; the page says so, and a forged try is entered."""
    item = reviews.raised()
    page = _page(item)
    allowed = reviews.browser(reviews.one)
    form = {"state": "1", "said": "justified", "because": "case-load"}

    told = {
        who: reviews.browser(who).get(page).text for who in (reviews.other_self, reviews.teammate)
    }
    answers = [_forged(reviews, who, page, form) for who in (reviews.other_self, reviews.teammate)]

    assert ReviewRefusal.OWN.label in told[reviews.other_self]
    assert ReviewRefusal.OWN_TEAM.label in told[reviews.teammate]
    assert [answer.errors for answer in answers] == [
        [ReviewRefusal.OWN.label],
        [ReviewRefusal.OWN_TEAM.label],
    ]
    refused = reviews.entered(LedgerEvent.REVIEW_REFUSED)[-2:]
    assert [entry.fields["because"] for entry in refused] == ["own", "own-team"]
    assert "What do you find?" in allowed.get(page).text


def _forged(reviews: ReviewsWorld, who: str, page: str, form: dict[str, str]) -> Page:
    """Send a review with a token of another review's page: the form is there for what is theirs."""
    with unit_of_work(reviews.running.portal) as work:
        colleague = a_colleague(work, AGENCY)
    open_page = _page(reviews.raised(by=f"practitioner:{colleague}"))
    browser = reviews.browser(who)  # type: ignore[arg-type] # an account's id
    token = browser.get(open_page).token_of(open_page)
    return Page(browser.http.post(page, data={"csrf": token, **form}))


def test_what_somebody_else_said_meanwhile_stands(reviews: ReviewsWorld) -> None:
    """Two hands at once do not overwrite each other: the later one looks again."""
    page = _page(reviews.raised())
    stale = reviews.state_on(reviews.one, page)
    reviews.says(reviews.other, page, "asked-manager")

    form = {"state": stale, "said": "not-real", "because": "wrong-facts"}
    answer = reviews.browser(reviews.one).send(page, page, form)

    assert answer.errors == [ReviewRefusal.CHANGED.label]
    assert "manager was asked" in answer.text


def test_a_breach_takes_two_who_are_there_and_lists_whom_it_affects(
    reviews: ReviewsWorld,
) -> None:
    """By number, with a file; and not before the second reviewer has said so."""
    reviews.running.read(reviews.trust.child)
    item = reviews.raised()
    page, affected = _page(item), f"{_page(item)}/affected"
    reviews.clock.pass_by(timedelta(minutes=6))

    asked = _stale_sign_in(reviews, page)
    first = reviews.says(reviews.one, page, "breach", "curiosity")
    too_soon = reviews.browser(reviews.one).get(affected, 404)
    same = reviews.browser(reviews.one).get(page)
    second = reviews.says(reviews.other, page, "breach", "own-family")

    assert asked.heading == "Show that it is you"
    assert first is second is None
    assert too_soon.status == 404
    assert ReviewRefusal.SAME_HAND.label in same.text
    shown = reviews.browser(reviews.other).get(affected)
    assert reviews.trust.child in {h[-32:] for h in shown.links.values()}
    assert "72 hours" in shown.text
    file = reviews.browser(reviews.other).http.get(f"{affected}?as=csv").text
    assert reviews.trust.child in file
    assert reviews.browser(reviews.other).get(page).links["Families affected, and what to do"]


def _stale_sign_in(reviews: ReviewsWorld, page: str) -> Page:
    """Say that it is a breach a while after signing in."""
    browser = reviews.browser(reviews.one)
    form = {"state": reviews.state_on(reviews.one, page), "said": "breach", "because": "curiosity"}
    token = browser.get(page).token_of(page)
    reviews.clock.pass_by(timedelta(minutes=6))
    return Page(browser.http.post(page, data={"csrf": token, **form}))


def test_only_looks_without_a_reason_are_listed_as_affected(reviews: ReviewsWorld) -> None:
    """Another family that was looked at by somebody who had nothing with it; no case-load's."""
    worker = reviews.unusual.worker()
    others = [reviews.unusual.person(number) for number in ("9990000034", "9990000042")]
    with unit_of_work(reviews.running.portal) as work:
        relate(work, worker, others[1], since=work.now - timedelta(days=30))
    at = reviews.clock.now()
    reviews.unusual.enter(*(reviews.unusual.look(worker, one, at) for one in others))
    item = reviews.raised(by=f"practitioner:{worker}")
    for who in (reviews.one, reviews.other):
        assert reviews.says(who, _page(item), "breach", "curiosity") is None

    file = reviews.browser(reviews.one).http.get(f"{_page(item)}/affected?as=csv").text
    days = reviews.browser(reviews.one).get(f"{_page(item)}/affected?from=2020-01-01&to=2020-01-31")

    families = {line.partition(",")[0] for line in file.splitlines()[1:]}
    assert families == {reviews.trust.child, others[0]}
    assert "1 family" in days.text


def test_a_lead_without_a_mobile_reads_what_was_found_on_their_page(
    reviews: ReviewsWorld,
) -> None:
    """The worker and the outcome; no family, by number or otherwise."""
    with unit_of_work(reviews.running.portal) as work:
        lead = a_colleague(work, AGENCY, role=Role.LEAD_PRACTITIONER, name="Lou Ward")
    assert reviews.says(reviews.one, _page(reviews.raised()), "training", "rules-not-known") is None

    reviews.trust.index()
    orders = reviews.browser(lead).get("/orders")
    home = reviews.browser(lead).get("/")

    assert "Not justified by intent: training is given" in orders.text
    assert "See what was found" in home.links
    assert reviews.trust.child[-6:].upper() not in orders.whole_text
    assert reviews.trust.child not in orders.response.text


@pytest.mark.parametrize(
    "filters",
    ["kind=Marlford", "overdue=Marlford", "after=Marlford", "kind=undelivered"],
)
def test_wrong_filters_are_told_and_never_echoed(reviews: ReviewsWorld, filters: str) -> None:
    """Nothing is asked, so nothing is entered."""
    before = len(reviews.entered(LedgerEvent.AUDIT_ASKED))

    page = reviews.browser(reviews.one).get(f"/audit/reviews?{filters}", 422)

    assert page.errors
    assert "Marlford" not in page.response.text
    assert len(reviews.entered(LedgerEvent.AUDIT_ASKED)) == before


def test_nobody_else_reads_or_reviews(reviews: ReviewsWorld) -> None:
    """A practitioner gets the page that says no, and the try is entered."""
    item = reviews.raised()
    before = len(reviews.entered(LedgerEvent.PAGE_REFUSED))

    for page in ("/audit/reviews", _page(item), f"{_page(item)}/affected"):
        reviews.browser(VISITOR).get(page, 403)
    nothing = reviews.browser(reviews.one).get(_page("0" * 32), 404)

    assert len(reviews.entered(LedgerEvent.PAGE_REFUSED)) == before + 3
    assert nothing.status == 404


def test_records_of_the_workers_agency_after_a_look_are_told_as_a_number(
    reviews: ReviewsWorld,
) -> None:
    """What somebody did comes as a record of their agency, days later; nobody else's counts."""
    item = reviews.raised()
    reviews.clock.pass_by(timedelta(minutes=1))
    reviews.running.receive(a_message("m2", a_record("r2")))
    reviews.running.settle()
    reviews.trust.index()
    reviews.unusual.sweep()

    page = reviews.browser(reviews.one).get(_page(item))
    before = reviews.browser(reviews.one).get(_page(reviews.raised()))

    assert "sent about the family in these days: 1." in page.text
    assert "sent about the family in these days: none." in before.text
