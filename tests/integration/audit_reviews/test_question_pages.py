"""Families' questions on pages: entered by who works with them, answered with a code."""

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.audit.outcomes import FoundBecause, Outcome, ReviewRefusal
from services.audit.reviews.questions import FamilyQuestionRefusal
from services.audit.reviews.reviewing import review
from services.portal.front.governance import GovernanceOnDatabase
from services.work import unit_of_work
from tests.support.audit.reviews_world import ReviewsWorld
from tests.support.builders import TEACHER, VISITOR
from tests.support.portal.pages import Page

pytestmark = pytest.mark.postgres
LIST = "/audit/family-questions"


def test_who_works_with_a_family_enters_its_question(reviews: ReviewsWorld) -> None:
    """From the page of who has looked, by closed choices; they are told until when."""
    browser = reviews.browser(VISITOR)
    looks = browser.get(f"/families/{reviews.trust.child}/who-has-looked")
    page = looks.links["The family asks who looked, or why"]

    empty = browser.send(page, page, {})
    told = browser.send_and_follow(page, page, {"asks": "who-looked"})

    assert empty.errors == ["Select what the family asks"]
    assert "It answers by" in told.text
    (entry,) = reviews.entered(LedgerEvent.FAMILY_QUESTION_ASKED)[-1:]
    assert (entry.fields["asks"], entry.fields["subjects"]) == (
        "who-looked",
        (reviews.trust.child,),
    )
    assert not told.tree.xpath("//textarea | //input[@type='text']")


def test_the_day_is_that_of_the_question_and_not_of_the_address(reviews: ReviewsWorld) -> None:
    """Of who entered it, about that family; anything else in the address says nothing."""
    page = f"/families/{reviews.trust.child}/question"
    browser = reviews.browser(VISITOR)
    sent = browser.send_raw(page, page, {"asks": "who-looked"}).headers["location"]
    question = reviews.entered(LedgerEvent.FAMILY_QUESTION_ASKED)[-1].fields["question"]
    wrong = (
        f"{page}?due=2031-01-01",
        f"{page}?asked={question}x",
        f"{page}?asked=2031-01-01 12:00",
    )
    governance = GovernanceOnDatabase(reviews.running.portal)
    with unit_of_work(reviews.running.portal) as work:
        visitor, teacher = (work.directory.practitioner(one) for one in (VISITOR, TEACHER))
    assert visitor is not None
    assert teacher is not None

    assert sent == f"{page}?asked={question}"
    assert "It answers by" in browser.get(sent).text
    for address in wrong:
        told = browser.get(address).text
        assert "It answers by" not in told
        assert "2031" not in told
    assert governance.due_of(visitor, reviews.trust.child, str(question)) is not None
    assert governance.due_of(visitor, PersonId("0" * 32), str(question)) is None
    assert governance.due_of(teacher, reviews.trust.child, str(question)) is None


def test_nobody_else_learns_that_there_is_such_a_family(reviews: ReviewsWorld) -> None:
    """The one refusal, also of somebody who is not there."""
    pages = [
        reviews.browser(TEACHER).get(f"/families/{person}/question", 403)
        for person in (reviews.trust.child, "0" * 32)
    ]

    assert pages[0].text == pages[1].text


def test_governance_answers_it_with_a_code_once(reviews: ReviewsWorld) -> None:
    """It waits with its day, and leaves the queue; who else answers is told that it is answered."""
    page = reviews.asked_by_family()
    browser = reviews.browser(reviews.one)
    listed = browser.get(LIST)
    stale = browser.get(page).token_of(page)
    file = browser.http.get(f"{LIST}?as=csv").text

    nothing = browser.send(page, page, {"state": "1"})
    done = browser.send_and_follow(page, page, {"state": "1", "answer": "was-right"})
    again = Page(browser.http.post(page, data={"csrf": stale, "state": "1", "answer": "corrected"}))

    assert page in listed.links.values()
    assert "why-looked" in file
    assert nothing.errors == ["Select what the family was told"]
    assert "It was right, and we told them why" in done.text
    assert again.errors == [FamilyQuestionRefusal.CHANGED.label]
    assert page not in browser.get(LIST).links.values()
    answered = reviews.entered(LedgerEvent.FAMILY_QUESTION_ANSWERED)[-1]
    assert answered.fields["answer"] == "was-right"


def test_nobody_answers_what_they_entered_themselves(reviews: ReviewsWorld) -> None:
    """By another account of theirs either."""
    page = reviews.asked_by_family()
    browser = reviews.browser(reviews.other_self)

    refused = browser.send(page, page, {"state": "1", "answer": "was-right"})

    assert refused.errors == [FamilyQuestionRefusal.OWN.label]


def test_a_question_of_the_queue_is_opened_where_it_is_answered(reviews: ReviewsWorld) -> None:
    """And reviewed nowhere else."""
    page = reviews.asked_by_family()
    item = page.rpartition("/")[2]

    answer = reviews.browser(reviews.one).http.get(f"/audit/reviews/{item}")
    found = reviews.trust.ask(
        lambda a: review(item, Outcome.JUSTIFIED, FoundBecause.CASE_LOAD, by=a.by, work=a.work),
        reviews.trust.auditors[0],
    )

    assert answer.headers["location"] == page
    assert found is ReviewRefusal.NOT_OPEN


def test_practitioners_do_not_read_what_families_ask(reviews: ReviewsWorld) -> None:
    """Nor anybody what is not there."""
    page = reviews.asked_by_family()

    reviews.browser(VISITOR).get(LIST, 403)
    reviews.browser(VISITOR).get(page, 403)
    reviews.browser(reviews.one).get(f"{LIST}/nothing", 404)
    wrong = reviews.browser(reviews.one).get(f"{LIST}?after=Marlford", 422)

    assert "Marlford" not in wrong.text
