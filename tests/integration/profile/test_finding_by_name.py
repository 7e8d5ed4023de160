"""A surname and a date of birth find a child of one's own, and nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, Source
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.relating import relate
from tests.support.portal.pages import Form, PageClient

pytestmark = pytest.mark.postgres
BORN = "2024-05-03"
QUILL: Form = {
    "scheme": "surname",
    "identifier": "quill",
    "date-of-birth-day": "3",
    "date-of-birth-month": "5",
    "date-of-birth-year": "2024",
}


@dataclass(frozen=True)
class Desk:
    """The main job, and a health visitor's browser over it."""

    running: InProcess
    browser: PageClient

    def child(self, number: str, given: str, *, is_theirs: bool) -> PersonId:
        """Bring a child in that shares all, told by the visitor's service or by a school."""
        subject = _a_child(number, given)
        self.running.decide(subject)
        details = PersonDetails("Quill", (given,), date_of_birth=BORN)
        record = a_record(number, details, Category.IDENTITY_AND_CONTACT)
        source = Source.HEALTH_VISITING if is_theirs else Source.SCHOOLS
        self.running.receive(a_message(number, record, subjects=(subject,), source=source))
        self.running.settle()
        person = self.running.person(by_number(number, BORN))
        assert person is not None
        if is_theirs:
            with unit_of_work(self.running.portal) as work:
                relate(work, VISITOR, person)
        return person

    def search(self, **changes: str) -> tuple[int, str]:
        """What a search answers: its status, and where it leads."""
        form = {**QUILL, **changes}
        answer = self.browser.send_raw("/find-a-family", "/find-a-family", form)
        return answer.status_code, answer.headers.get("location", "")


def _a_child(number: str, given: str) -> Subject:
    return replace(by_number(number, BORN), demographics=Demographics("Quill", (given,), BORN))


@pytest.fixture
def desk(outside: Outside) -> Iterator[Desk]:
    """Give it on an empty database."""
    with InProcess.running(outside) as running:
        services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        browser = PageClient(create_app(services, settings))
        browser.sign_in(VISITOR)
        yield Desk(running, browser)


def test_ones_own_is_found_and_nobody_else(desk: Desk):
    """Somebody else's child of the same name and day is as nobody."""
    mine = desk.child("9990000018", "Ada", is_theirs=True)
    desk.child("9990000026", "Eve", is_theirs=False)

    assert desk.search() == (303, f"/families/{mine}")
    assert desk.search(identifier="Ada QUILL") == (303, f"/families/{mine}")
    for other in (
        {"identifier": "Eve Quill"},
        {"identifier": "Ada"},
        {"date-of-birth-day": "4"},
        {"identifier": "Wren"},
    ):
        assert desk.search(**other) == (403, "")


def test_every_search_is_entered_with_how_many_it_showed(desk: Desk):
    """And the name that was typed stands nowhere."""
    desk.child("9990000018", "Ada", is_theirs=True)

    desk.search()
    desk.search(identifier="Zuckerbrot")

    made = desk.running.ledger(LedgerEvent.SEARCH_MADE)
    assert [entry.fields["results"] for entry in made] == [1, 0]
    assert "zuckerbrot" not in "".join(repr(entry.fields) for entry in made).lower()


def test_twins_are_listed_both(desk: Desk):
    """Each with its own record."""
    found = {desk.child(f"99900000{n}", name, is_theirs=True) for n, name in TWINS}

    page = desk.browser.send("/find-a-family", "/find-a-family", QUILL, 200)

    assert {link.rpartition("/")[2] for link in page.links.values() if "families/" in link} == found


TWINS = (("18", "Ada"), ("26", "Eve"))
