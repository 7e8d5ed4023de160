"""Pages of who works where: an administrator asks, a lead of the agency sees, ends and suspends."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.people.governance.orders import Order
from services.people.relationships.staff import StaffChange, ask_staff
from services.people.staffing.suspending import ask_resume, suspend
from services.portal.front.orders import MOST_LISTED
from services.portal.front.staff.services import ON_A_PAGE
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess
from tests.support.ordering import ONE
from tests.support.people.bringing import join
from tests.support.people.office import Office, an_office
from tests.support.people.relating import a_colleague
from tests.support.people.staffing import somebody_new
from tests.support.portal.pages import Page, PageClient

pytestmark = pytest.mark.postgres
SOMEBODY = {
    "role": "practitioner",
    "purpose": "direct-care",
    "name": "Ines Okafor",
    "job-title": "Nurse",
    "worker-ref": "HV-7",
}
HERE = f"/staff/agencies/{AGENCY}"


@pytest.fixture
def office(outside: Outside, clock: StandingClock) -> Iterator[Office]:
    """Give a trust with a lead and an administrator."""
    with InProcess.running(outside) as running:
        yield an_office(running, clock)


def _accept(browser: PageClient) -> Page:
    """Accept what waits first."""
    (href, *_) = [
        link for text, link in browser.get("/orders").links.items() if "/orders/" in link and text
    ]
    return browser.send_and_follow(href, href, {"answer": "confirm"})


def _code(office: Office, subject: str = "1") -> str:
    with unit_of_work(office.running.portal) as work:
        return work.sign_in_accounts.stranger("https://sign-in.example", subject, "cis2")


def _is_here(office: Office, who: PractitionerId) -> bool:
    with unit_of_work(office.running.portal) as work:
        return work.directory.practitioner(who) is not None


def test_somebody_is_added_and_joined_and_a_lead_accepts_both(office: Office) -> None:
    """The pages say what waits, and who asked and accepted."""
    administrator, lead = office.browser(office.administrator), office.browser(office.lead)

    assert administrator.get("/staff").links["Add an agency"] == "/staff/add-agency"
    asked = administrator.send_and_follow(f"{HERE}/add", f"{HERE}/add", SOMEBODY)
    assert "It is asked for" in asked.text
    assert "Somebody is to be practitioner" in asked.links
    assert "Confirmed by Lena Ashby" in _accept(lead).text
    there = administrator.get(HERE).links["Ines Okafor"]
    wrong = administrator.send(there, f"{there}/join", {"code": "0000"})
    unknown = administrator.send(there, f"{there}/join", {"code": "0" * 11})
    code = _code(office)
    joining = administrator.send_and_follow(there, f"{there}/join", {"code": code.lower()})
    assert "A sign-in by cis2 is to open an account" in joining.links
    read = lead.get("/orders")
    assert "Ines Okafor is to have a sign-in" in read.links
    assert "No other account" in lead.get(read.links["Ines Okafor is to have a sign-in"]).text
    _accept(lead)
    told = administrator.get(there)

    assert "typing error" in wrong.errors[0]
    assert "finds nobody" in unknown.errors[0]
    assert "Signs in by cis2" in told.text
    assert "asked for by Ada Orr, Worker, accepted by Lena Ashby, Worker" in told.text
    assert office.running.ledger(LedgerEvent.STAFF_LISTED, LedgerEvent.STAFF_SHOWN)


def test_a_lead_suspends_their_own_and_is_shown_no_other_agency(office: Office) -> None:
    """The next click of whoever is suspended is refused; an administrator asks to let them in."""
    lead, visitor = office.browser(office.lead), office.browser(VISITOR)
    here = f"/staff/people/{VISITOR}"
    assert visitor.get("/").status == 200

    suspended = lead.send_and_follow(here, here, {"act": "suspend"})
    after = visitor.http.get("/")
    for foreign in (f"/staff/people/{TEACHER}", f"/staff/agencies/{SCHOOL}", "/staff/people/0"):
        assert lead.get(foreign, status=404).heading == "Page not found"
    for closed in ("/staff/add-agency", "/staff/import", f"{here}/change", f"{HERE}/add"):
        assert lead.get(closed, status=403).heading == "Your role does not open this page"
    administrator = office.browser(office.administrator)
    asked = administrator.send_and_follow(here, here, {"act": "resume"})
    gone = _is_here(office, VISITOR)
    _accept(lead)

    assert "Nothing opens for them" in suspended.text
    assert "Suspended" in suspended.text
    assert "Let in again" not in suspended.text
    assert after.headers["location"].startswith("/sign-in")
    assert "It is asked for" in asked.text
    assert (gone, _is_here(office, VISITOR)) == (False, True)


def test_somebody_is_moved_and_taken_out(office: Office) -> None:
    """Their history stays on their page."""
    administrator, here = office.browser(office.administrator), f"/staff/people/{VISITOR}"
    change = {"role": "lead-practitioner", "agency": AGENCY, "worker-ref": "HV-9"}

    form = administrator.get(f"{here}/change")
    nowhere = administrator.send(
        f"{here}/change", f"{here}/change", {"role": "practitioner", "agency": ""}
    )
    unknown = administrator.send(f"{here}/change", f"{here}/change", {**change, "agency": "XX"})
    administrator.send_and_follow(f"{here}/change", f"{here}/change", change)
    _accept(office.browser(office.lead))
    ended = administrator.send_and_follow(here, here, {"act": "end"})
    again = administrator.get(here)

    assert form.tree.get_element_by_id("agency").get("value") == AGENCY
    assert nowhere.errors == ["Enter the code of the agency"]
    assert unknown.errors == ["There is no agency with this code"]
    assert "Lead practitioner in" in ended.text
    assert "Join a sign-in" not in again.text
    assert not _is_here(office, VISITOR)


def test_what_was_typed_to_change_somebody_is_given_back(
    office: Office, clock: StandingClock
) -> None:
    """As every form that a session ended on, before what is so now."""
    page = f"/staff/people/{VISITOR}/change"
    browser = office.browser(office.administrator)
    token = browser.get(page).token_of(page)
    clock.pass_by(timedelta(minutes=31))
    typed = {"csrf": token, "role": "lead-practitioner", "agency": AGENCY, "worker-ref": "HV-9b"}
    browser.http.post(page, data=typed)

    back = browser.http.post("/sign-in", data={"person": office.administrator})
    shown = browser.get(page).tree.get_element_by_id("worker-ref").value

    assert back.headers["location"] == page
    assert shown == "HV-9b"


def test_an_agency_is_added_and_a_list_pasted(office: Office) -> None:
    """First it says what it comes to; nothing is asked for while a row is refused."""
    browser, form = office.browser(office.administrator), "/staff/add-agency"
    agency = {"kind": "schools", "code": "9991234", "name": "Quayside", "telephone": ""}
    header = "agency\tname\tjob_title\trole\n"
    good, bad = f"{AGENCY}\tInes Okafor\tNurse\tpractitioner\n", f"{AGENCY}\tX\tY\towner\n"

    nothing = browser.send(form, form, {})
    browser.send_and_follow(form, form, agency)
    again = browser.send(form, form, agency)
    none = browser.send("/staff/import", "/staff/import", {"list": "a,b"})
    here = "/staff/import"
    refused = Page(browser.send_raw(here, here, {"list": header + good + bad}))
    shown = Page(browser.send_raw(here, here, {"list": header + good}))
    asked = Page(browser.send_raw(here, here, {"list": header + good, "step": "ask"}))

    assert len(nothing.errors) == 3
    assert again.errors == ["There is an agency with this code already"]
    assert len(none.errors) == 1
    assert "Row 3, role: is none of the codes" in refused.text
    assert "1 added" in shown.text
    assert "It is asked for" in asked.text
    assert "Somebody is to be practitioner" in browser.get(HERE).links


def test_a_long_list_of_people_comes_page_by_page(office: Office) -> None:
    """By name; nobody's name is in an address."""
    with unit_of_work(office.running.outside) as work:
        for number in range(ON_A_PAGE):
            a_colleague(work, SCHOOL, role=Role.PRACTITIONER, name=f"Worker {number:03d}")
    browser = office.browser(office.administrator)

    first = browser.get(f"/staff/agencies/{SCHOOL}")
    address = next(link for link in first.links.values() if "after=" in link)
    second = browser.get(address)

    names = [t for page in (first, second) for t in page.links if t.startswith("Worker ")]
    assert len(names) == ON_A_PAGE
    assert names == sorted(names)
    assert "Worker" not in address


@pytest.mark.parametrize("odd", ["\0\ud7ff\u202e'--", "\ud7ff\u202e'--"])
def test_nothing_that_is_typed_breaks_a_page(office: Office, odd: str) -> None:
    """Not even what no database takes: it is told as what it is, or not found."""
    browser, here = office.browser(office.administrator), f"/staff/people/{VISITOR}"
    change = {"role": "practitioner", "agency": odd, "worker-ref": odd}
    for address, action, form in (
        (f"{here}/change", f"{here}/change", change),
        (here, f"{here}/join", {"code": odd}),
        (here, here, {"act": odd}),
        ("/staff/add-agency", "/staff/add-agency", {"kind": odd, "code": odd, "name": odd}),
        (f"{HERE}/add", f"{HERE}/add", SOMEBODY | {"name": odd, "worker-ref": odd}),
        ("/staff/import", "/staff/import", {"list": odd}),
        ("/staff/import", "/staff/import", {"list": f"agency,name,job_title,role\n{odd},a,b,c"}),
    ):
        answer = browser.send_raw(address, action, form)
        assert answer.status_code in ({400} if "\0" in odd else {200, 404, 422}), (action, answer)
    for address in ("/staff?after=%00", f"{HERE}?after=%00", f"{HERE}?done=%00", f"{here}?done=x"):
        assert browser.http.get(address).status_code in {200, 400, 404, 422}, address


def test_a_long_list_that_waits_is_shown_to_its_lead_alone_and_in_parts(office: Office) -> None:
    """Whoever has thousands to accept still has a home page; an administrator is not asked."""
    browser, here = office.browser(office.administrator), "/staff/import"
    rows = "".join(f"{AGENCY},Worker {n},Nurse,practitioner\n" for n in range(MOST_LISTED + 5))
    form = {"list": "agency,name,job_title,role\n" + rows, "step": "ask"}

    asked = Page(browser.send_raw(here, here, form))
    lead = office.browser(office.lead)
    home, listed, own = lead.get("/"), lead.get("/orders"), browser.get("/orders")

    assert f"{MOST_LISTED + 5} added" in asked.text
    assert f"{MOST_LISTED} or more things" in home.text
    assert sum(href.startswith("/orders/") for href in listed.links.values()) == MOST_LISTED
    assert "There may be more" in listed.text
    assert "Nothing waits" in own.text


def test_a_list_that_ends_with_an_empty_cell_is_pasted_whole(office: Office) -> None:
    """A spreadsheet puts a tab there: cut off, the last row had a cell less than the header."""
    browser, here = office.browser(office.administrator), "/staff/import"
    header = "agency\tname\tjob_title\trole\tworker_ref\r\n"
    pasted = f"{header}{AGENCY}\tInes Okafor\tNurse\tpractitioner\t\r\n"

    shown = browser.send(here, here, {"list": pasted}, 200)
    asked = browser.send(here, here, {"list": pasted, "step": "ask"}, 200)

    assert "1 added" in shown.text
    assert "It is asked for" in asked.text


def test_a_lead_is_not_told_what_somebody_was_or_is_to_be_elsewhere(office: Office) -> None:
    """An administrator is: they look after every agency."""
    with unit_of_work(office.running.outside) as work:
        school_lead = a_colleague(work, SCHOOL, role=Role.LEAD_PRACTITIONER, name="Sol Reed")
        by_one = replace(work.staffing(), is_demonstration=True)
        suspend(VISITOR, by=f"practitioner:{office.lead}", staffing=by_one)
        ask_resume(VISITOR, by=ONE, staffing=by_one)
        for agency in (SCHOOL, AGENCY):
            staffing = replace(by_one, is_demonstration=agency == SCHOOL)
            entry = somebody_new(agency, practitioner=VISITOR)
            asked = ask_staff(StaffChange(entry, is_move=True), by=ONE, staffing=staffing)
            assert isinstance(asked, Order)
    here = f"/staff/people/{VISITOR}"

    lead = office.browser(school_lead).get(here)
    administrator = office.browser(office.administrator).get(here)

    for told in ("Lena Ashby", "suspended 2 March", "Somebody is to be practitioner"):
        assert told in administrator.text
        assert told not in lead.text
    assert "Practitioner in" in lead.text


def test_what_is_about_another_account_of_the_only_lead_waits_for_an_administrator(
    office: Office,
) -> None:
    """No lead but they themselves is there: so far nobody was told that it waits."""
    with unit_of_work(office.running.outside) as work:
        other = a_colleague(work, AGENCY, name="Quite Another")
        for who in (office.lead, other):
            join(work, who, "https://sign-in.example", "lena")
        entry = somebody_new(AGENCY, Role.LEAD_PRACTITIONER, practitioner=other)
        staffing = replace(work.staffing(), is_demonstration=False)
        asked = ask_staff(StaffChange(entry, is_move=True), by=ONE, staffing=staffing)
        assert isinstance(asked, Order)

    assert "Nothing waits" in office.browser(office.lead).get("/orders").text
    assert "Quite Another" in office.browser(office.administrator).get("/orders").text
