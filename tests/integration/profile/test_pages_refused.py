"""A page that somebody's role does not open is refused, and that it was is entered."""

from collections.abc import Iterator

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.people.relating import a_colleague
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _sign_in(running: InProcess, who: PractitionerId) -> PageClient:
    services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
    app = create_app(services, PortalSettings("Exbury Council", "demonstration"))
    client = PageClient(app, "https://testserver")
    client.sign_in(who)
    return client


def _child(running: InProcess) -> PersonId:
    with unit_of_work(running.portal) as work:
        return work.persons.resolve_or_create(by_number("9990000018"), at=work.now)


def test_an_auditor_at_a_family_s_page_is_entered(running: InProcess) -> None:
    """By whom, as what, and what sort of page it was; not whose, for nothing was looked up."""
    with unit_of_work(running.portal) as work:
        auditor = a_colleague(work, AGENCY, role=Role.INFORMATION_GOVERNANCE)
    address = f"/families/{_child(running)}"

    page = _sign_in(running, auditor).get(address, 403)

    (entry,) = running.ledger(LedgerEvent.PAGE_REFUSED)
    assert page.heading == "Your role does not open this page"
    assert entry.actor == f"practitioner:{auditor}"
    assert entry.fields == {"role": "information-governance", "permission": "family-records"}


@pytest.mark.parametrize(
    ("address", "permission"),
    [("/who-may-be-one", "who-is-who"), ("/officer", "confirms")],
)
def test_a_practitioner_at_a_steward_s_or_an_officer_s_page_is_entered(
    running: InProcess, address: str, permission: str
) -> None:
    """Each of them does what the other may not."""
    _sign_in(running, VISITOR).get(address, 403)

    (entry,) = running.ledger(LedgerEvent.PAGE_REFUSED)
    assert entry.fields == {"role": "practitioner", "permission": permission}


def test_what_cannot_be_entered_is_not_answered(running: InProcess) -> None:
    """The refusal is not told before it is written down."""
    client = _sign_in(running, VISITOR)
    running.break_the_ledger()

    page = client.get("/who-may-be-one", 503)

    assert page.heading == "The service cannot show records now"
