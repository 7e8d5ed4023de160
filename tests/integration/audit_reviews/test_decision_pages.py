"""Decisions on auditors' pages: by mark, agency and days; one with its whole life; no content."""

import re
from datetime import timedelta

import pytest

from consent.circumstances import Channel
from consent.ledger.events import LedgerEvent
from consent.model import Decider, DeciderKind, Response, TakenBack
from schemas.identifiers import DecisionId
from tests.support.audit.reviews_world import ReviewsWorld
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import by_number
from tests.support.portal.pages import Page

pytestmark = pytest.mark.postgres
LIST = "/audit/decisions"


def _decided(reviews: ReviewsWorld, number: str, **more: object) -> DecisionId:
    return reviews.running.decide(by_number(number), **more).decision.id


def _listed(page: Page) -> set[str]:
    links = page.tree.xpath("//tbody/tr/th/a/@href")
    return {str(link).rpartition("/")[2] for link in links}


def test_decisions_are_listed_by_mark_and_the_file_has_the_same(reviews: ReviewsWorld) -> None:
    """Consent without a notice version is the first list; each view is entered with its mark."""
    no_notice = _decided(reviews, "9990000034")
    ending = _decided(reviews, "9990000042", until=reviews.clock.now() + timedelta(days=9))
    browser = reviews.browser(reviews.one)

    first = browser.get(LIST)
    ends = browser.get(f"{LIST}?mark=ends")
    near = browser.get(f"{LIST}?mark=ends&days=7")
    file = browser.http.get(f"{LIST}?mark=ends&as=csv").text

    assert {no_notice, ending} <= _listed(first)
    assert _listed(ends) == {ending}
    assert _listed(near) == set()
    assert [line.partition(",")[0] for line in file.splitlines()] == ["decision", ending]
    asked = [e.fields["codes"] for e in reviews.entered(LedgerEvent.AUDIT_ASKED)][-4:]
    assert asked == [("no-notice",), ("ends",), ("ends",), ("ends",)]


def test_decisions_are_listed_by_the_agency_that_recorded_them(reviews: ReviewsWorld) -> None:
    """A job records for none; one that is no agency is told, and not echoed."""
    browser = reviews.browser(reviews.one)
    page = browser.get(LIST)
    codes = [str(c) for c in page.tree.xpath("//select[@id='agency']/option/@value") if c]

    by_agency = {code: _listed(browser.get(f"{LIST}?agency={code}")) for code in codes}
    wrong = browser.get(f"{LIST}?agency=Marlford", 422)

    assert _listed(page)
    assert codes
    assert set().union(*by_agency.values()) == set()
    assert wrong.errors == ["Choose one of the list"]
    assert "Marlford" not in wrong.text


def test_decisions_come_a_page_at_a_time(reviews: ReviewsWorld) -> None:
    """The newest first, each once, also while a filter passes most of them by."""
    for _ in range(52):
        reviews.running.decide(reviews.stranger, response=Response.REFUSED)
        reviews.clock.pass_by(timedelta(seconds=1))
    made = {reviews.running.decide(reviews.stranger).decision.id for _ in range(2)}
    browser = reviews.browser(reviews.one)

    pages = [browser.get(f"{LIST}?mark=no-notice")]
    while "More" in pages[-1].links:
        pages.append(browser.get(pages[-1].links["More"]))

    listed = [one for page in pages for one in sorted(_listed(page))]
    assert len(listed) == len(set(listed))
    assert made & set(listed)


def test_one_decision_is_told_with_its_whole_life(reviews: ReviewsWorld) -> None:
    """What it let through and what was refused since; states, seals and places for proofs."""
    decision = _decided(reviews, "9990000018")
    reviews.running.read(reviews.trust.child)
    reviews.clock.pass_by(timedelta(minutes=1))
    reviews.running.withdraw(decision)
    reviews.clock.pass_by(timedelta(minutes=1))
    reviews.running.read(reviews.trust.child)
    reviews.trust.index()

    page = reviews.browser(reviews.one).get(f"{LIST}/{decision}")

    assert "Withdrawn" in page.text
    assert "Sharing decision withdrawn" in page.text
    assert "Holds" in page.text
    assert re.search(r"rest on it: [1-9]\d*\. Refused since its end: [1-9]", page.text)
    (proof,) = page.tree.xpath("//td/a[contains(@href, '/integrity/proof/')]/@href")[:1]
    assert re.fullmatch(r"/audit/integrity/proof/[0-9a-f-]{36}", proof)
    asked = reviews.entered(LedgerEvent.AUDIT_ASKED)[-1]
    assert (asked.fields["question"], asked.fields["named"]) == ("decision", (decision,))
    assert str(asked.entry_id) in page.whole_text


def test_it_is_told_who_took_a_decision_back_and_how(reviews: ReviewsWorld) -> None:
    """On the list, in its file and on its own page; in what capacity, never by name."""
    told = TakenBack(Decider(DeciderKind.COURT, "court"), Channel.WRITTEN)
    by_court, before = (_decided(reviews, "9990000018") for _ in range(2))
    reviews.running.withdraw(by_court, told)
    reviews.running.withdraw(before)
    reviews.trust.index()
    browser = reviews.browser(reviews.one)

    listed = browser.get(f"{LIST}?mark=withdrawn").text
    rows = browser.http.get(f"{LIST}?mark=withdrawn&as=csv").text.splitlines()
    pages = [browser.get(f"{LIST}/{one}").text for one in (by_court, before)]

    assert f"A court, {Channel.WRITTEN.label}" in listed
    assert "Not recorded" in listed
    assert any(row.startswith(by_court) and row.endswith(",court,written,") for row in rows)
    assert "Taken back byA court" in pages[0]
    assert "Sharing decision withdrawal told" in pages[0]
    assert "Taken back byNot recorded" in pages[1]


@pytest.mark.parametrize(
    "filters", ["mark=Marlford", "days=Marlford", "after=Marlford", "agency=" + "x" * 200]
)
def test_wrong_filters_are_told_and_never_echoed(reviews: ReviewsWorld, filters: str) -> None:
    """And what the address cannot mean is not asked."""
    page = reviews.browser(reviews.one).get(f"{LIST}?{filters}", 422)

    assert page.errors
    assert "Marlford" not in page.response.text
    assert "xxx" not in page.response.text


def test_only_governance_reads_them(reviews: ReviewsWorld) -> None:
    """Others get the page that says no, and an entry; what is not there is not there."""
    before = len(reviews.entered(LedgerEvent.PAGE_REFUSED))
    for page in (LIST, f"{LIST}/{'0' * 32}"):
        reviews.browser(VISITOR).get(page, 403)
    for nothing in ("0" * 32, "nothing"):
        reviews.browser(reviews.one).get(f"{LIST}/{nothing}", 404)

    assert len(reviews.entered(LedgerEvent.PAGE_REFUSED)) == before + 2
