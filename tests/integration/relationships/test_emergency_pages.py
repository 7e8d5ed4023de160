"""The pages of an emergency: whom it is told to, and the colleague of a fourth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from schemas.identifiers import PersonId, PractitionerId
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.people.relating import a_colleague, relate
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
CHILD, PROTECTED, UNKNOWN, OTHER = "9990000018", "9990000026", "9990000034", "9990000042"


@dataclass(frozen=True, slots=True)
class _Portal:
    """A child on a teacher's case-load, one on nobody's, and one who is protected."""

    running: InProcess
    child: PersonId
    other: PersonId
    colleague: PractitionerId

    def sign_in(self, who: PractitionerId) -> PageClient:
        services = PortalOnDatabase(self.running.portal, demonstration=True, receipts=AN_ISSUER)
        app = create_app(services, PortalSettings("Exbury Council", "demonstration"))
        client = PageClient(app, "https://testserver")
        client.sign_in(who)
        return client


def announce(client: PageClient, number: str):
    """Fill in the form about whoever has this number."""
    born = {"day": "3", "month": "5", "year": "2024"}
    form = {f"date-of-birth-{part}": value for part, value in born.items()}
    form |= {"scheme": "nhs-number", "identifier": number, "words": "Not home since noon."}
    form |= {"reason": "child-missing", "why": "not-reached"}
    return client.send_raw("/emergency", "/emergency", form)


@pytest.fixture
def portal(outside: Outside) -> Iterator[_Portal]:
    """Give the place before anybody has opened anything."""
    with InProcess.running(outside) as running:
        with unit_of_work(running.portal) as work:
            child = work.persons.resolve_or_create(by_number(CHILD), at=work.now)
            protected = work.persons.resolve_or_create(by_number(PROTECTED), at=work.now)
            other = work.persons.resolve_or_create(by_number(OTHER), at=work.now)
            relate(work, TEACHER, child)
            colleague = a_colleague(work, AGENCY)
        running.restrict(protected)
        yield _Portal(running, child, other, colleague)


def test_the_childs_worker_finds_it_on_their_page_until_they_have_seen_it(portal: _Portal) -> None:
    """Who, when and why; a colleague of the asker's finds nothing."""
    assert announce(portal.sign_in(VISITOR), CHILD).status_code == 303
    teacher, colleague = portal.sign_in(TEACHER), portal.sign_in(portal.colleague)

    page = teacher.get("/")
    action = next(f.action for f in page.tree.forms if f.action.endswith("/seen"))
    teacher.send_raw("/", action, {})

    assert "in an emergency at " in page.text
    assert "Because: A child is missing." in page.text
    assert "in an emergency" not in colleague.get("/").text
    assert "in an emergency at" not in teacher.get("/").text


def test_a_fourth_waits_for_a_colleague_and_is_then_among_ones_families(portal: _Portal) -> None:
    """They have the reference from the asker, and see who asks and why."""
    asker, colleague = portal.sign_in(VISITOR), portal.sign_in(portal.colleague)
    for _ in range(3):
        assert announce(asker, CHILD).status_code == 303
    asked = announce(asker, OTHER)
    reference = re.search("reference: <strong>([0-9A-F]{6})<", asked.text)

    waiting = colleague.get("/colleagues")
    action = next(f.action for f in waiting.tree.forms if "/emergency/" in f.action)
    answered = colleague.send("/colleagues", action, {}, 200)

    assert reference is not None
    assert reference[1] in waiting.text
    assert answered.heading == "Thank you"
    assert "Nobody asks." in colleague.get("/colleagues").text
    assert f"/families/{portal.other}" in asker.http.get("/").text


def test_a_fourth_is_answered_alike_whoever_it_is_about(portal: _Portal) -> None:
    """Somebody known, somebody protected, somebody unknown: the same bytes but the reference."""
    asker = portal.sign_in(VISITOR)
    for _ in range(3):
        announce(asker, CHILD)
    own_to_each = re.compile(r'nonce="[^"]+"|value="[^"]{40,}"|<strong>[0-9A-F]{6}<')

    answers = [announce(asker, number) for number in (CHILD, PROTECTED, UNKNOWN)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({own_to_each.sub("", answer.text) for answer in answers}) == 1
