"""Which acts ask somebody to show who they are, in a demonstration too: there one picks oneself."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.lifecycle.erasure.ordering import KIND as ERASURE
from services.people.governance.orders import OrderStatus, ask
from services.work import Outside, unit_of_work
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.ordering import ONE
from tests.support.people.office import Office, an_office

pytestmark = pytest.mark.postgres
_SIX_MINUTES = timedelta(minutes=6)


@pytest.fixture
def office(outside: Outside, clock: StandingClock) -> Iterator[Office]:
    """Give the office, whose people are invented."""
    with InProcess.running(outside) as running:
        yield an_office(running, clock)


def test_what_goes_out_is_confirmed_by_somebody_who_is_there(
    office: Office, clock: StandingClock
) -> None:
    """A report for subject access; picked again, they are back on the order and send it again."""
    order = office.asks_for_report(office.child())
    page = f"/orders/{order.id}"
    browser = office.browser(office.governance)
    clock.pass_by(_SIX_MINUTES)

    asked = browser.send(page, page, {"answer": "confirm"}, 403)
    again = {"person": office.governance, "to": page}
    back = browser.http.post("/sign-in", data=again)
    waiting = office.stands(order)
    browser.send_raw(page, page, {"answer": "confirm"})

    assert asked.heading == "Show that it is you"
    assert back.headers["location"] == page
    assert waiting is OrderStatus.ASKED
    assert office.stands(order) is OrderStatus.CONFIRMED


def test_nobody_is_erased_by_whoever_finds_a_browser_open(
    office: Office, clock: StandingClock
) -> None:
    """What cannot be undone is confirmed by somebody who shows who they are; stopping is not."""
    document = {"person": office.child(), "because": "consent-withdrawn", "also": []}
    with unit_of_work(office.running.outside) as work:
        order = ask(ERASURE, document, by=ONE, orders=work.orders, ledger=work.ledger, at=work.now)
    page = f"/orders/{order.id}"
    browser = office.browser(office.governance)
    clock.pass_by(_SIX_MINUTES)

    asked = browser.send(page, page, {"answer": "confirm"}, 403)
    waiting = office.stands(order)
    browser.send_raw(page, page, {"answer": "stop"})

    assert asked.heading == "Show that it is you"
    assert waiting is OrderStatus.ASKED
    assert office.stands(order) is not OrderStatus.ASKED


@pytest.mark.parametrize("said", ["decline", "confirm"])
def test_what_does_not_go_out_needs_no_more(
    office: Office, clock: StandingClock, said: str
) -> None:
    """Declining a report, accepting staff."""
    is_report = said == "decline"
    order = office.asks_for_report(office.child()) if is_report else office.asks_for()
    page = f"/orders/{order.id}"
    browser = office.browser(office.governance if is_report else office.lead)
    clock.pass_by(_SIX_MINUTES)

    answered = browser.send_raw(page, page, {"answer": said})

    assert answered.status_code == 303
    assert office.stands(order) is not OrderStatus.ASKED
