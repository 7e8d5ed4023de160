"""Entries that a hub or a partner writes, on the portal's pages and in the directory."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.bootstrap import DatabaseRole
from services.interfaces.directory.entries.postgres_own import ListedPartner, add_partner
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.platform.database.engine import open_engine
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import unit_of_work
from tests.integration.directory.conftest import ListedWorld
from tests.support.consents.issuing import AN_ISSUER
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres

LISTED = "/services-we-list"
GROUP = {
    "partner": "st-aldhelms",
    "name": "Toddler tea",
    "about": "Tea and toast.",
    "needs": "talking-and-play",
    "days": "1",
    "opens": "9:30".zfill(5),
    "closes": "11:00",
    "telephone": "01632 960777",
    "postcode": "zz99 3ab",
    "town": "Northfield",
    "address": "4 Church Lane",
    "is-free": "yes",
    "capacity": "places",
}


@dataclass
class Desk:
    """The portal over the directory, with who may sign in."""

    app: Any
    world: ListedWorld

    def client(self, person: str) -> PageClient:
        client = PageClient(self.app)
        client.sign_in(known(person))
        return client

    def found(self, **sought: str) -> str:
        return TestClient(self.world.app).post("/find", data=sought).text

    def events(self) -> list[str]:
        with self.world.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT convert_from(body, 'UTF8') AS body FROM ledger_entry")
            )
            return [row.body for row in rows if "listed-service" in row.body]


@pytest.fixture
def desk(listed: ListedWorld) -> Iterator[Desk]:
    """A hub worker and her colleague, the church's own secretary, and a nurse."""
    with unit_of_work(listed.outside) as work:
        work.directory.save_agency(Agency("CHURCH", "St Aldhelm's office", Source.SCHOOLS, None))
        work.directory.save_agency(Agency("RY4", "Nurses", Source.HEALTH_VISITING, None))
        for name, agency in (
            ("grace", "NFH01"),
            ("hana", "NFH01"),
            ("sec", "CHURCH"),
            ("nurse", "RY4"),
        ):
            work.directory.save_practitioner(
                PractitionerEntry(
                    id=known(name),
                    name=name.title(),
                    role=Role.PRACTITIONER,
                    job_title="Worker",
                    agency_code=agency,
                    telephone=None,
                    worker_ref=None,
                    purpose=Purpose.EARLY_HELP,
                )
            )
        work.connection.execute(
            text(
                "UPDATE directory_partner SET agency_code = 'CHURCH'"
                " WHERE partner_code = 'st-aldhelms'"
            )
        )
    address = listed.engine.url.set(username=DatabaseRole.PORTAL.value)
    engine = open_engine(address.render_as_string(hide_password=False))
    services = PortalOnDatabase(
        replace(listed.outside, engine=engine), demonstration=True, receipts=AN_ISSUER
    )
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    yield Desk(create_app(services, settings), listed)
    engine.dispose()
    with listed.engine.begin() as connection:
        connection.execute(text("DELETE FROM directory_proposal"))
        connection.execute(text("DELETE FROM directory_service WHERE name LIKE 'Toddler%'"))


def known(name: str) -> PractitionerId:
    return PractitionerId(hashlib.sha256(name.encode()).hexdigest()[:32])


def send(client: PageClient, at: str, form: dict[str, Any], **more: Any) -> Any:

    page = client.get(at)
    token = page.token_of(at)
    fields = {"revision": "0", "csrf": token} | form | more
    return client.http.post(at, data=fields)


def test_a_hub_s_entry_is_found_at_once(desk: Desk) -> None:
    """By its need, with when and where; and it is in the ledger."""
    answer = send(desk.client("grace"), f"{LISTED}/new", GROUP)

    assert answer.headers["location"] == f"{LISTED}?done=written"
    shown = desk.found(words="Toddler tea", postcode="ZZ99 3AB")
    assert "Tuesday, 9.30am to 11am" in shown
    assert "less than 0.1 miles" in shown
    assert "Places now" in shown
    assert "Checked today" in shown
    assert "listed-service:written" in desk.events()[-1]


def test_a_partner_s_new_entry_waits_for_a_hub(desk: Desk) -> None:
    """Then what it changes is listed at once; whoever asked cannot agree."""
    secretary, grace = desk.client("sec"), desk.client("grace")
    first = send(secretary, f"{LISTED}/new", GROUP)
    before = desk.found(words="Toddler tea")
    page = grace.get(LISTED)
    waiting = page.tree.xpath("//form[contains(@action, '/waiting/')]/@action")[0]
    form = {"csrf": page.token_of(waiting), "answer": "accept"}
    agreed = grace.http.post(waiting, data=form)
    again = grace.http.post(waiting, data=form)
    at = secretary.get(LISTED).links["Toddler tea"]
    changed = send(secretary, at, GROUP, revision="1", alert="Shut at Easter.")

    assert first.headers["location"] == f"{LISTED}?done=waits"
    assert "Toddler tea</a>" not in before
    assert agreed.headers["location"] == f"{LISTED}?done=accept"
    assert again.headers["location"] == f"{LISTED}?done=not-waiting"
    assert changed.headers["location"] == f"{LISTED}?done=written"
    assert "Shut at Easter." in desk.found(words="Toddler tea")


def test_to_show_an_address_again_takes_two(desk: Desk) -> None:
    """To hide it takes one, at once; who asked to show it cannot agree to it."""
    grace, hana = desk.client("grace"), desk.client("hana")
    send(grace, f"{LISTED}/new", GROUP, **{"is-withheld": "yes"})
    hidden = desk.found(words="Toddler tea", postcode="ZZ99 3AB")
    at = grace.get(LISTED).links["Toddler tea"]
    shown = send(grace, at, GROUP, revision="1")
    page = hana.get(LISTED)
    waiting = page.tree.xpath("//form[contains(@action, '/waiting/')]/@action")[0]
    own = grace.http.post(waiting, data={"csrf": grace.get(at).token_of(at), "answer": "accept"})
    still = desk.found(words="Toddler tea", postcode="ZZ99 3AB")
    hana.http.post(waiting, data={"csrf": page.token_of(waiting), "answer": "accept"})

    assert "Address not shown" in hidden
    assert "less than 0.1 miles" not in hidden
    assert shown.headers["location"] == f"{LISTED}?done=waits"
    assert own.headers["location"] == f"{LISTED}?done=same-person"
    assert "Address not shown" in still
    assert "less than 0.1 miles" in desk.found(words="Toddler tea", postcode="ZZ99 3AB")


def test_a_form_over_an_older_state_is_not_taken(desk: Desk) -> None:
    """Whoever wrote last must have seen what was there."""
    grace = desk.client("grace")
    send(grace, f"{LISTED}/new", GROUP)
    at = grace.get(LISTED).links["Toddler tea"]
    send(grace, at, GROUP, revision="1", alert="First.")

    answer = send(grace, at, GROUP, revision="1", alert="Second.")

    assert answer.status_code == 422
    assert "Somebody else changed this entry" in answer.text
    assert "First." in desk.found(words="Toddler tea")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": ""}, "Enter what it is called"),
        ({"needs": "zebedee"}, "Select from the list"),
        ({"opens": "soon"}, "Enter a time such as 09:30"),
        ({"minimum-age": "young"}, "Enter an age in years"),
        ({"postcode": "QQ1 1QQ"}, "Enter a postcode that we know"),
        ({"url": "javascript:alert(1)"}, "begins with https://"),
        ({"partner": "zebedee"}, "Select whose service it is"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    desk: Desk, more: dict[str, str], said: str
) -> None:
    """And nothing is listed."""
    answer = send(desk.client("grace"), f"{LISTED}/new", GROUP, **more)

    assert answer.status_code == 422
    assert said in answer.text
    assert "zebedee" not in desk.found(words="Toddler tea")


def test_who_writes_no_entry_has_no_such_page(desk: Desk) -> None:
    """A nurse has none, and a partner none of another's."""
    nurse, secretary = desk.client("nurse"), desk.client("sec")
    hub = desk.client("grace").get(LISTED)
    other = hub.links["Feeding friends drop-in"]

    assert nurse.http.get(LISTED).status_code == 404
    assert secretary.http.get(other).status_code == 404
    assert "Feeding friends drop-in" not in secretary.get(LISTED).links


def test_what_families_say_is_wrong_reaches_who_looks_after_it(desk: Desk) -> None:
    """Until somebody has looked at it."""
    grace = desk.client("grace")
    at = grace.get(LISTED).links["Baby bank"]
    service = at.rpartition("/")[2]
    TestClient(desk.world.app).post(f"/services/{service}/mistake", data={"mistake": "closed"})
    page = desk.client("sec").get(LISTED)
    seen = f"{at}/seen"

    assert "Baby bank. It does not exist any more: said once" in page.text
    assert "said once" not in desk.client("nurse").http.get(LISTED).text
    grace.http.post(seen, data={"csrf": grace.get(LISTED).token_of(seen)})
    assert "Baby bank. It does not" not in grace.get(LISTED).text
    with desk.world.engine.begin() as connection:
        connection.execute(text("DELETE FROM directory_flag"))


def test_a_partner_is_entered_once(desk: Desk) -> None:
    """By its code."""
    with unit_of_work(desk.world.outside) as work:
        known = ListedPartner("st-aldhelms", "Another", "Charity")
        assert not add_partner(work.connection, known, by="job:tests", at=work.now)
