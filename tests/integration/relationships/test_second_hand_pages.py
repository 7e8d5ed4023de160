"""The pages of orders of two: a lead accepts staff, officers answer erasures and reports."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.lifecycle.erasure.ordering import KIND as ERASURE
from services.people.governance.orders import LAPSES_AFTER, Order, OrderStatus
from services.people.relationships.staff import KIND as STAFF
from services.portal.frame.session import TOKEN_FIELD
from services.work import Outside, unit_of_work
from services.workers.erasure import carry_out_what_is_due
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import SCHOOL, InProcess
from tests.support.people.office import Office, an_office
from tests.support.portal.pages import Page, PageClient

pytestmark = pytest.mark.postgres
HERE = "/orders"


@pytest.fixture
def office(outside: Outside, clock: StandingClock) -> Iterator[Office]:
    """Give the office before anybody has asked for anything."""
    with InProcess.running(outside) as running:
        yield an_office(running, clock)


@pytest.fixture
def child(office: Office) -> PersonId:
    """Give a child of whom something is stored."""
    return office.child()


def _token(browser: PageClient, order: Order) -> str:
    """The token that this session's forms for answers carry."""
    here = f"{HERE}/{order.id}"
    return browser.get(here).token_of(here)


def _late(browser: PageClient, address: str, token: str, answer: str) -> Page:
    """An answer from a page that was opened before, where there is no form any more."""
    return Page(browser.http.post(address, data={TOKEN_FIELD: token, "answer": answer}))


def test_a_lead_accepts_staff_of_their_agency(office: Office) -> None:
    """The home page says that something waits, and the page whom it is about."""
    order = office.asks_for()
    lead = office.browser(office.lead)

    home, listed = lead.get("/"), lead.get(HERE)
    page = lead.get(f"{HERE}/{order.id}")
    after = lead.send_and_follow(f"{HERE}/{order.id}", f"{HERE}/{order.id}", {"answer": "confirm"})

    assert home.links["See what waits for you"] == HERE
    assert [text for text in listed.links if text.startswith("Ines Okafor is to work in")]
    assert all(told in page.text for told in ("HV-7", "Practitioner", "The system account ada"))
    assert "Confirmed by Lena Ashby" in after.text
    assert office.stands(order) is OrderStatus.CONFIRMED
    with unit_of_work(office.running.portal) as work:
        found = work.directory.practitioner(PractitionerId(order.document["practitioner"]))
    assert found is not None
    assert lead.get(HERE).text.count("Ines Okafor") == 0


def test_an_agencys_first_lead_is_accepted_by_an_administrator(office: Office) -> None:
    """Nobody else of those who answer orders finds it."""
    order = office.asks_for(Role.LEAD_PRACTITIONER, SCHOOL)
    here = f"{HERE}/{order.id}"

    for other in (office.lead, office.governance):
        assert office.browser(other).get(here, status=404).heading == "Page not found"
    page = office.browser(office.administrator).send_and_follow(here, here, {"answer": "confirm"})

    assert "Confirmed by Ada Orr" in page.text
    assert office.stands(order) is OrderStatus.CONFIRMED


def test_nobody_finds_what_is_about_themselves_or_of_another_kind(
    office: Office, child: PersonId
) -> None:
    """One page, whether there is such an order or not; each attempt is entered."""
    erasure = office.orders.asked(child)
    lead = office.browser(office.lead)

    pages = [lead.get(f"{HERE}/{one}", status=404).text for one in (erasure.id, "0" * 32)]
    own = _token(lead, office.asks_for())
    for one in (erasure.id, "0" * 32):
        assert _late(lead, f"{HERE}/{one}", own, "confirm").status == 404

    actor = f"practitioner:{office.lead}"
    assert pages[0] == pages[1]
    assert office.refusals() == [
        *[(actor, "second-hand")] * 2,
        *[(actor, "is-not-there")] * 2,
    ]
    assert office.stands(erasure) is OrderStatus.ASKED


def test_an_erasure_that_is_confirmed_on_the_page_waits_seven_days(
    office: Office, child: PersonId
) -> None:
    """From when the owner's job first measures; nobody is erased by a page."""
    order = office.orders.asked(child)
    here = f"{HERE}/{order.id}"
    browser = office.browser(office.administrator)

    home = browser.http.get("/")
    page = browser.get(here)
    after = browser.send_and_follow(here, here, {"answer": "confirm"})
    first = carry_out_what_is_due(office.orders.outside)
    office.orders.wait(timedelta(days=6))
    early = carry_out_what_is_due(office.orders.outside)
    office.orders.wait(timedelta(days=1))
    due = carry_out_what_is_due(office.orders.outside)

    assert home.headers["location"] == HERE
    assert "It cannot be undone" in page.text
    assert "It is carried out on" in after.text
    assert (first, early, due) == (0, 0, 1)
    assert office.running.count("record") == 0


def test_whoever_confirmed_an_erasure_stops_it_and_others_do_not(
    office: Office, child: PersonId
) -> None:
    """Neither of both is told so on the page; before it is confirmed anybody of them declines."""
    order, other = office.orders.asked(child), office.orders.asked(child)
    here = f"{HERE}/{order.id}"
    governance, administrator = (
        office.browser(one) for one in (office.governance, office.administrator)
    )
    governance.send_and_follow(here, here, {"answer": "confirm"})

    neither = _late(administrator, here, _token(administrator, other), "stop")
    stopped = governance.send_and_follow(here, here, {"answer": "stop"})
    declined = administrator.send_and_follow(
        f"{HERE}/{other.id}", f"{HERE}/{other.id}", {"answer": "decline"}
    )

    assert neither.errors == ["Only who asked for it or confirmed it can stop it"]
    assert "Stopped by Iris Vane" in stopped.text
    assert "Declined by Ada Orr" in declined.text


def test_governance_alone_answers_a_report(office: Office, child: PersonId) -> None:
    """It says for whom it is made and by what they are told, and no more of them."""
    order = office.asks_for_report(child)
    here = f"{HERE}/{order.id}"
    governance = office.browser(office.governance)

    office.browser(office.administrator).get(here, status=404)
    page = governance.get(here)
    governance.send_and_follow(here, here, {"answer": "confirm"})

    assert all(told in page.text for told in ("Their mother", "A mobile number"))
    assert child not in page.text
    assert office.stands(order) is OrderStatus.CONFIRMED


def test_what_cannot_be_any_more_is_said_on_the_page(
    office: Office, child: PersonId, clock: StandingClock
) -> None:
    """Answered by somebody else, or too late; and what was said is nothing is a mistake."""
    taken, late = office.asks_for(), office.orders.asked(child)
    here, there = f"{HERE}/{taken.id}", f"{HERE}/{late.id}"
    lead, governance = office.browser(office.lead), office.browser(office.governance)

    leads = _token(lead, taken)

    nothing = lead.send(here, here, {})
    lead.send_and_follow(here, here, {"answer": "decline"})
    again = _late(lead, here, leads, "confirm")
    clock.pass_by(LAPSES_AFTER)
    governance.sign_in(office.governance)
    too_late = _late(governance, there, _token(governance, office.orders.asked(child)), "confirm")

    assert nothing.errors == ["Select what you say"]
    assert again.errors == ["Somebody has answered it already"]
    assert too_late.errors == ["Nobody answered it in time. It has to be asked for again"]
    assert "It is over" in too_late.text
    assert {STAFF, ERASURE} == {taken.kind, late.kind}
