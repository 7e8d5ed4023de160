"""What was typed when a session ended, or before a fresh sign-in, is given back to its writer."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.erasing import erased
from tests.support.messages.source_messages import the_child
from tests.support.people.front_door import (
    TEACHING,
    VISITING,
    FrontDoor,
    address_on,
    entered,
    page_of,
)
from tests.support.people.relating import relate
from tests.support.portal.pages import PageClient
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres
_MINUTE = timedelta(minutes=1)
WORDS = "Mornings are hard since Zephyrine left."
TOLD = {"told-by": "Mum", "text": WORDS}
WANTED = {"text": WORDS, "state": "waiting"}
EMERGENCY = {
    "scheme": "nhs-number",
    "identifier": "9990000042",
    "date-of-birth-day": "3",
    "date-of-birth-month": "5",
    "date-of-birth-year": "2024",
    "reason": "child-missing",
    "why": "not-reached",
    "words": WORDS,
}


@pytest.fixture
def child(door: FrontDoor) -> PersonId:
    """Give a child of the visitor's case-load."""
    with unit_of_work(door.running.portal) as work:
        person = work.persons.resolve_or_create(the_child(), at=work.now)
        relate(work, VISITOR, person, RelationshipGround.CASE_LOAD)
    return person


def left(door: FrontDoor, page: str, form: dict[str, str], *, minutes: int = 31) -> PageClient:
    """A browser in which somebody typed all that, and sent it too late."""
    browser = door.signed_in()
    token = browser.get(page).token_of(page)
    door.clock.pass_by(minutes * _MINUTE)
    answer = browser.http.post(page, data={"csrf": token, **form})
    assert page_of(answer).heading == "Your session is over"
    assert WORDS not in answer.text
    return browser


def come_back(door: FrontDoor, browser: PageClient, subject: str = f"subject of {VISITOR}") -> str:
    """Sign in again in that browser; where it leads."""
    answer = door.sign_in(browser, door.somebody(VISITING, subject=subject))
    return str(answer.headers["location"])


@pytest.mark.parametrize(
    ("form", "typed"), [("story/new", TOLD), ("support/help/new", WANTED)], ids=["story", "help"]
)
def test_what_was_typed_is_on_the_form_again_and_not_sent(
    door: FrontDoor, child: PersonId, form: str, typed: dict[str, str]
) -> None:
    """Once: opened again the form is empty."""
    page = f"/families/{child}/{form}"
    browser = left(door, page, typed)

    assert come_back(door, browser) == page
    shown = browser.get(page)

    assert shown.tree.get_element_by_id("text").text.strip() == WORDS
    assert "Nothing was sent" in shown.text
    for event in (LedgerEvent.STORY_ADDED, LedgerEvent.SUPPORT_WRITTEN):
        assert entered(door, event) == []
    assert WORDS not in browser.get(page).response.text


def test_it_lies_sealed_and_goes_with_the_person(door: FrontDoor, child: PersonId) -> None:
    """Nothing of it is in the clear, and once they are erased nothing of it is left."""
    page = f"/families/{child}/story/new"
    left(door, page, TOLD)
    engine = door.running.outside.engine

    assert found_in_the_clear(engine, ["Zephyrine"]) == []
    with engine.begin() as connection:
        assert connection.execute(text("SELECT person_id FROM draft")).scalar() == child
    erased(child, door.running.outside)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM draft")).scalar() == 0


def test_nobody_else_is_given_it(door: FrontDoor, child: PersonId) -> None:
    """Neither another account in the same browser, nor the same account in another one."""
    page = f"/families/{child}/story/new"
    browser = left(door, page, TOLD)
    other = door.browser()
    door.join(TEACHER, "teacher")
    door.accept_conditions(TEACHER)
    there = door.sign_in(browser, door.somebody(TEACHING, subject="teacher"))
    elsewhere = come_back(door, other)

    assert there.headers["location"] == "/"
    assert elsewhere == "/"
    assert WORDS not in browser.http.get(page).text
    assert WORDS not in other.http.get(page).text


@pytest.mark.parametrize(("about", "minutes"), [("child", 60), ("nobody", 10)])
def test_it_is_kept_so_long_and_no_longer(
    door: FrontDoor, child: PersonId, about: str, minutes: int
) -> None:
    """An hour about somebody whom the address names, ten minutes about anybody else."""
    page = f"/families/{child}/story/new" if about == "child" else "/emergency"
    form = TOLD if about == "child" else EMERGENCY
    browser = left(door, page, form)

    door.clock.pass_by(minutes * _MINUTE)

    assert come_back(door, browser) == "/"
    assert WORDS not in browser.get(page).response.text


@pytest.mark.parametrize("how", ["ended", "long over", "not shown"])
def test_what_was_sent_otherwise_is_not_kept(door: FrontDoor, child: PersonId, how: str) -> None:
    """By a session that somebody ended, that was over for an hour, or that showed no such form."""
    page = f"/families/{child}/story/new"
    browser = door.signed_in()
    token = "made up" if how == "not shown" else browser.get(page).token_of(page)
    if how == "ended":
        door.services.sign_out(browser.http.cookies["__Host-tell-once"])
    door.clock.pass_by((91 if how == "long over" else 31) * _MINUTE)

    answer = browser.http.post(page, data={"csrf": token, **TOLD})

    assert answer.headers["location"] == "/sign-in"
    with door.running.outside.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM draft")).scalar() == 0


def test_it_is_kept_where_the_conditions_were_accepted_a_year_ago_by_now(
    door: FrontDoor, child: PersonId
) -> None:
    """Accepted, they are back on the form, filled in; nothing was sent by itself."""
    page, browser = f"/families/{child}/story/new", door.signed_in()
    token = browser.get(page).token_of(page)
    with door.running.outside.engine.begin() as connection:
        connection.execute(text("UPDATE session SET conditions_until = signed_in_at"))

    sent = browser.http.post(page, data={"csrf": token, **TOLD})
    forged = browser.http.post(page, data={"csrf": "made up", **TOLD, "text": "Forged"})
    asked = browser.get(sent.headers["location"])
    form = {"csrf": asked.token_of("/conditions-of-use"), "to": page}
    accepted = browser.http.post("/conditions-of-use", data=form)
    shown = browser.get(accepted.headers["location"])

    assert asked.heading == "Conditions of use"
    assert forged.headers["location"] == "/conditions-of-use"
    assert accepted.headers["location"] == page
    assert shown.tree.get_element_by_id("text").text.strip() == WORDS
    assert entered(door, LedgerEvent.STORY_ADDED) == []


def test_an_emergency_asks_who_one_is_and_keeps_what_was_typed(door: FrontDoor) -> None:
    """The provider is asked anew, by `max_age` and `prompt`; then they are back on the form."""
    browser = door.signed_in()
    door.clock.pass_by(6 * _MINUTE)
    asked = browser.send("/emergency", "/emergency", EMERGENCY, 403)
    form = {"csrf": asked.token_of("/sign-in-again"), "to": "/emergency"}
    going = browser.http.post("/sign-in-again", data=form)
    address = address_on(going)

    who = door.somebody(VISITING, subject=f"subject of {VISITOR}")
    back = door.come_back(browser, address, who)
    shown = browser.get(back.headers["location"])
    sent = browser.http.post("/emergency", data={"csrf": shown.token_of("/emergency"), **EMERGENCY})

    assert asked.heading == "Show that it is you"
    assert "prompt=login" in address
    assert shown.tree.get_element_by_id("words").text.strip() == WORDS
    assert shown.tree.get_element_by_id("identifier").value == "9990000042"
    assert page_of(sent).heading == "You cannot see this page"
    opened = [
        e.fields["because"] for e in door.running.ledger() if e.event is LedgerEvent.SESSION_OPENED
    ]
    assert opened == ["signed-in", "signed-in-again"]


def test_a_provider_that_shows_them_as_of_long_ago_changes_nothing(door: FrontDoor) -> None:
    """It is when they showed who they are that counts, not that they came back."""
    browser = door.signed_in()
    door.clock.pass_by(6 * _MINUTE)
    asked = browser.send("/emergency", "/emergency", EMERGENCY, 403)
    form = {"csrf": asked.token_of("/sign-in-again"), "to": "/emergency"}
    address = address_on(browser.http.post("/sign-in-again", data=form))
    who = door.somebody(VISITING, subject=f"subject of {VISITOR}", ago=6 * _MINUTE)
    door.come_back(browser, address, who)

    again = browser.send("/emergency", "/emergency", EMERGENCY, 403)

    assert again.heading == "Show that it is you"
