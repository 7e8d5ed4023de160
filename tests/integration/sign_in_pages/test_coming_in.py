"""Coming in through a provider: one account, several, none; and what belongs to no sign-in here."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Role
from services.people.governance.orders import Order
from services.people.practitioners.memberships import Membership
from services.people.signing_in.ports import Begun, ProviderRefusal, Returned
from services.people.signing_in.profiles import ClaimRefusal
from services.people.signing_in.tokens import TokenRefusal
from services.people.staffing.suspending import ask_resume, suspend
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.fake_sign_in_client import FakeSignInClient
from tests.support.fakes.in_process import AGENCY
from tests.support.people.front_door import (
    CARD,
    CONTACT,
    COUNCIL,
    TEACHING,
    VISITING,
    FrontDoor,
    address_on,
    entered,
    page_of,
    state_in,
)
from tests.support.people.relating import works_as
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
_OPENED, _REFUSED = LedgerEvent.SESSION_OPENED, LedgerEvent.SIGN_IN_REFUSED


def is_in(browser: PageClient) -> bool:
    """Whether the first page opens."""
    return browser.http.get("/").status_code == 200


def test_who_has_one_account_is_in(door: FrontDoor) -> None:
    """The cookie is bound to the host, and the way leads to the page that was asked for."""
    door.join(VISITOR)
    door.accept_conditions(VISITOR)
    browser = door.browser()
    asked = browser.http.get("/find-a-family").headers["location"]
    to = page_of(browser.http.get(asked)).tree.xpath("//input[@name='to']/@value")[0]

    answer = door.come_back(browser, door.begin(browser, to=to), door.somebody(VISITING))

    assert answer.status_code == 303
    assert answer.headers["location"] == "/find-a-family"
    assert "__Host-tell-once=" in answer.headers["set-cookie"]
    assert is_in(browser)
    (opened,) = entered(door, _OPENED)
    assert (opened["provider"], opened["because"]) == (CARD, "signed-in")


def test_who_has_several_chooses_and_changes_without_signing_in_again(door: FrontDoor) -> None:
    """Each is a session of its own, until when the first would have lasted."""
    for who in (VISITOR, TEACHER):
        door.join(who)
    door.accept_conditions(VISITOR, TEACHER)
    browser = door.browser()
    answer = door.sign_in(browser, door.somebody(VISITING, TEACHING))
    assert answer.headers["location"] == "/sign-in/account"
    assert not is_in(browser)

    chosen = browser.send_raw("/sign-in/account", "/sign-in/account", {"account": VISITOR})
    first = browser.http.cookies["__Host-tell-once"]
    changed = browser.send_raw("/change-account", "/change-account", {"account": TEACHER})

    assert (chosen.status_code, changed.status_code) == (303, 303)
    assert door.services.session(first) is None
    now = door.services.session(browser.http.cookies["__Host-tell-once"])
    assert now is not None
    assert now.practitioner.id == TEACHER
    assert [one["because"] for one in entered(door, _OPENED)] == ["signed-in", "account-changed"]
    assert [one["because"] for one in entered(door, LedgerEvent.SESSION_ENDED)] == [
        "account-changed"
    ]


def test_only_what_the_provider_admits_now_is_opened_or_changed_to(door: FrontDoor) -> None:
    """Of two accounts the one whose role it states; the other is not to be had by changing."""
    for who in (VISITOR, TEACHER):
        door.join(who)
    door.accept_conditions(VISITOR, TEACHER)
    browser = door.browser()

    answer = door.sign_in(browser, door.somebody(VISITING))
    form = {"account": TEACHER, "csrf": browser.get("/").token_of("/sign-out")}
    changing = browser.get("/change-account").text

    assert answer.headers["location"] == "/"
    assert "no other account" in changing
    assert browser.http.post("/change-account", data=form).status_code == 403


def test_a_choice_is_one_browsers_and_for_five_minutes(door: FrontDoor) -> None:
    """Another browser has nothing to choose, and neither has the same one later."""
    for who in (VISITOR, TEACHER):
        door.join(who)
    browser, other = door.browser(), door.browser()
    door.sign_in(browser, door.somebody(VISITING, TEACHING))
    shown = browser.get("/sign-in/account")
    form = {"csrf": shown.token_of("/sign-in/account"), "account": VISITOR}

    elsewhere = other.http.post("/sign-in/account", data=form)
    wrong = browser.send("/sign-in/account", "/sign-in/account", {"account": "nobody"})
    door.clock.pass_by(timedelta(minutes=5))
    late = browser.http.post("/sign-in/account", data=form)

    assert elsewhere.status_code == 403
    assert wrong.errors == ["Select where you work now"]
    assert "nothing to choose" in page_of(late).text
    assert entered(door, _OPENED) == []


def test_who_has_no_account_is_told_what_is_missing_and_whom_to_ask(door: FrontDoor) -> None:
    """With what the provider stated, and a code that an administrator finds them by."""
    browser = door.browser()

    page = page_of(door.sign_in(browser, door.somebody(VISITING)))

    assert page.status == 403
    assert page.heading == "You cannot work here yet"
    assert "R8001" in page.text
    assert "A9A5A" in page.text
    assert CONTACT in page.text
    code = page.tree.find_class("govuk-inset-text")[0].text_content().replace(" ", "").strip()
    with unit_of_work(door.running.portal) as work:
        assert work.sign_in_accounts.behind(code) is not None
    assert entered(door, _REFUSED) == [{"provider": CARD, "because": "no-account"}]
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ("SELECT", "role-not-admitted"),
        ("UPDATE membership SET seal = NULL", "membership-not-in-force"),
    ],
)
def test_an_account_that_does_not_fit_opens_nothing(
    door: FrontDoor, change: str, because: str
) -> None:
    """It is said which of the three is missing; there is no code, as they are joined already."""
    door.join(VISITOR)
    with door.running.outside.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE membership DISABLE TRIGGER USER")
        connection.exec_driver_sql(change)

    page = page_of(door.sign_in(door.browser(), door.somebody(TEACHING)))

    assert page.heading == "You cannot work here yet"
    assert not page.tree.find_class("govuk-inset-text")
    assert entered(door, _REFUSED) == [{"provider": CARD, "because": because}]


def test_a_slow_provider_holds_no_connection(door: FrontDoor) -> None:
    """It is asked between two transactions."""
    held: list[int] = []
    pool = door.running.portal.engine.pool

    class Slow(FakeSignInClient):
        def complete(self, begun: Begun, returned: Returned, *, now: datetime) -> Any:
            held.append(pool.checkedout())  # type: ignore[attr-defined]
            return super().complete(begun, returned, now=now)

        def address_to_begin(self, begun: Begun) -> Any:
            held.append(pool.checkedout())  # type: ignore[attr-defined]
            return super().address_to_begin(begun)

    door.client.__class__ = Slow
    door.sign_in(door.browser(), door.somebody(VISITING))

    assert held == [0, 0]


def test_two_issuers_with_one_subject_are_two_people(door: FrontDoor) -> None:
    """What one provider's 555 opens is closed to the other's."""
    door.join(VISITOR, provider=CARD)

    answer = door.sign_in(door.browser(), door.somebody(VISITING, provider=COUNCIL), COUNCIL)

    assert page_of(answer).heading == "You cannot work here yet"


@pytest.mark.parametrize(
    "refusal",
    [
        ProviderRefusal.AWAY,
        ProviderRefusal.DENIED,
        TokenRefusal.TIMES,
        TokenRefusal.NO_KEY,
        ClaimRefusal.MALFORMED,
        ClaimRefusal.TOO_LONG_AGO,
    ],
)
def test_what_a_provider_answers_wrongly_opens_nothing(door: FrontDoor, refusal: object) -> None:
    """A page says what to do, with a code to quote; the same is entered."""
    door.join(VISITOR)
    browser = door.browser()
    address = door.begin(browser)

    page = page_of(door.come_back(browser, address, refusal))  # type: ignore[arg-type]

    assert (page.status, page.heading) == (403, "You are not signed in")
    assert refusal.value in page.text  # type: ignore[attr-defined]
    assert entered(door, _REFUSED) == [{"provider": CARD, "because": refusal.value}]  # type: ignore[attr-defined]
    assert not is_in(browser)


def test_a_provider_that_is_away_is_said_before_anybody_is_sent(door: FrontDoor) -> None:
    """Nothing is begun."""
    door.client.away.add(CARD)

    page = page_of(door.browser().http.post("/sign-in/begin", data={"provider": CARD}))

    assert "does not answer" in page.text
    assert entered(door, _REFUSED)[0]["because"] == "provider-away"


@pytest.mark.parametrize(
    "how", ["other browser", "no browser", "again", "late", "other provider", "no state", "twice"]
)
def test_what_belongs_to_no_sign_in_of_this_browser_opens_nothing(
    door: FrontDoor, how: str
) -> None:
    """Whoever sends somebody the end of a sign-in of their own signs nobody in."""
    door.join(VISITOR)
    door.accept_conditions(VISITOR)
    browser, other = door.browser(), door.browser()
    address = door.begin(browser)
    door.begin(other)
    code = door.client.let_in(address, door.somebody(VISITING))
    told: dict[str, object] = {"code": code, "state": state_in(address)}
    back = f"/sign-in/back/{COUNCIL if how == 'other provider' else CARD}"
    if how == "again":
        browser.http.get(back, params=told)
        browser.http.cookies.delete("__Host-tell-once")
    elif how == "late":
        door.clock.pass_by(timedelta(minutes=10))
    elif how == "no state":
        told.pop("state")
    elif how == "twice":
        told["state"] = [told["state"], told["state"]]
    if how == "no browser":
        browser.http.cookies.clear()

    sender = other if how == "other browser" else browser
    page = page_of(sender.http.get(back, params=told))  # type: ignore[arg-type]

    assert (page.status, page.heading) == (403, "You are not signed in")
    assert code not in page.response.text
    assert not is_in(sender)
    assert entered(door, _REFUSED)[-1]["because"] == "sign-in-not-begun"


@pytest.mark.parametrize(
    "to", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere", "/%2f/", "/a b", ""]
)
def test_nobody_is_led_to_another_host(door: FrontDoor, to: str) -> None:
    """Whatever a link to the sign-in page says."""
    door.join(VISITOR)
    browser = door.browser()

    answer = door.come_back(browser, door.begin(browser, to=to), door.somebody(VISITING))

    assert answer.headers["location"] == "/"


def test_another_sites_page_begins_nothing(door: FrontDoor) -> None:
    """Login CSRF (OWASP): the form is refused as any other."""
    headers = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}

    answer = door.browser().http.post("/sign-in/begin", data={"provider": CARD}, headers=headers)

    assert answer.status_code == 403


def test_conditions_of_use_come_first_and_once_a_year(door: FrontDoor) -> None:
    """Nothing else opens before they are accepted; then the way goes on."""
    door.join(VISITOR)
    browser = door.browser()
    door.sign_in(browser, door.somebody(VISITING))

    asked = browser.http.get("/find-a-family")
    page = browser.get(asked.headers["location"])
    to = {"to": "/find-a-family"}
    accepted = browser.send_raw(asked.headers["location"], "/conditions-of-use", to)
    again = door.browser()
    door.clock.pass_by(timedelta(days=364))
    door.sign_in(again, door.somebody(VISITING))
    opens = again.http.get("/find-a-family").status_code
    door.clock.pass_by(timedelta(days=1))
    year_later = door.browser()
    door.sign_in(year_later, door.somebody(VISITING))

    assert asked.headers["location"] == "/conditions-of-use?to=%2Ffind-a-family"
    assert page.heading == "Conditions of use"
    assert accepted.headers["location"] == "/find-a-family"
    assert opens == 200
    assert year_later.http.get("/").headers["location"] == "/conditions-of-use"
    assert entered(door, LedgerEvent.CONDITIONS_ACCEPTED) == [{"version": "2026-11"}]


def test_signing_out_leads_to_the_provider_and_clears_what_is_kept(door: FrontDoor) -> None:
    """The provider's token was sealed under what only the browser had; other sites stay as is."""
    browser = door.signed_in()

    answer = browser.send_raw("/", "/sign-out", {})

    assert "/sign-out?id_token_hint=a.b.c" in address_on(answer)
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert not is_in(browser)
    assert entered(door, LedgerEvent.SESSION_ENDED)[-1]["because"] == "signed-out"


def test_who_was_moved_signs_in_anew(door: FrontDoor) -> None:
    """The next click of whoever has another role since, or is no more, opens nothing."""
    browser = door.signed_in()
    with unit_of_work(door.running.portal) as work:
        works_as(work, VISITOR, role=Role.LEAD_PRACTITIONER, agency=AGENCY)

    assert browser.http.get("/").headers["location"] == "/sign-in"
    assert entered(door, LedgerEvent.SESSION_ENDED)[-1]["because"] == "membership"


def test_who_is_suspended_is_out_at_the_next_click(door: FrontDoor) -> None:
    """Signing in again says that it is suspended or over."""
    browser = door.signed_in()
    with unit_of_work(door.running.outside) as work:
        suspended = suspend(VISITOR, by="operator:one", staffing=work.staffing())
    who = door.somebody(VISITING, subject=f"subject of {VISITOR}")

    left = browser.http.get("/").headers["location"]
    page = page_of(door.sign_in(browser, who))

    assert isinstance(suspended, Membership)
    assert left == "/sign-in"
    assert "suspended or over" in page.text
    assert entered(door, LedgerEvent.SESSION_ENDED)[-1]["because"] == "membership"


def test_who_was_suspended_and_let_in_again_signs_in_anew(door: FrontDoor) -> None:
    """A browser that lay still meanwhile, whoever has it by now, is not let in with them."""
    browser = door.signed_in()
    door.clock.pass_by(timedelta(minutes=1))
    with unit_of_work(door.running.outside) as work:
        suspend(VISITOR, by="operator:one", staffing=work.staffing())
    with unit_of_work(door.running.outside) as work:
        staffing = replace(work.staffing(), is_demonstration=True)
        resumed = ask_resume(VISITOR, by="operator:one", staffing=staffing)
    who = door.somebody(VISITING, subject=f"subject of {VISITOR}")

    left = browser.http.get("/").headers["location"]
    door.sign_in(browser, who)

    assert isinstance(resumed, Order)
    assert left == "/sign-in"
    assert is_in(browser)
