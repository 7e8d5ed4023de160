"""Partners are registered on pages of the portal: a hub's worker asks, another one confirms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.interfaces.answering.links.working import community_desk
from services.interfaces.connections.life import ConnectionStatus
from services.interfaces.connections.model import NotAsked
from services.people.community.model import PartnerStanding
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.answering_world import ANN, BEN, PLACE, AnsweringWorld, link_in
from tests.support.people.connecting_world import PARTNER
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres

AT = "/partners-who-answer"
GRACE, GRACE_TOO, HANA, SEC = (PractitionerId(f"e{number}" * 16) for number in range(4))
_PEOPLE = (
    (GRACE, "Grace Hall", "NFH01"),
    (GRACE_TOO, "grace  hall", "NFH01"),
    (HANA, "Hana Noor", "NFH01"),
    (SEC, "Sam Ecks", "HSN"),
)


@dataclass
class PartnersDesk:
    """The portal's pages, over who answers for a charity."""

    app: Any
    answering: AnsweringWorld

    def client(self, who: PractitionerId = GRACE) -> PageClient:
        """Somebody who has signed in."""
        client = PageClient(self.app)
        client.sign_in(who)
        return client

    def post(self, client: PageClient, at: str, form: Mapping[str, str]) -> Any:
        """Send a form of the partner's page, or of the page `at` itself."""
        page = client.get(at if at.endswith("/register") else f"{AT}/{PARTNER}")
        return client.http.post(at, data={"csrf": page.token_of(at), **form})

    def waiting(self) -> str:
        """Where what waits is answered."""
        page = self.client().get(f"{AT}/{PARTNER}")
        found: list[str] = page.tree.xpath("//form[contains(@action, '/waiting/')]/@action")
        return found[-1]

    def standing(self) -> PartnerStanding | None:
        """How the partner stands."""
        with unit_of_work(self.answering.asking.world.running.portal) as work:
            return community_desk(work).rows.standing(PARTNER)

    def form(self, *people: tuple[str, str], **more: str) -> dict[str, str]:
        """What is typed of who answers."""
        ends = self.answering.asking.world.clock.now() + timedelta(days=600)
        day = {f"insured-until-{part}": str(getattr(ends, part)) for part in ("day", "month")}
        told = {"lead": "Ruth Amos, 01632 960177", "insured-until-year": str(ends.year), **day}
        for number, (mailbox, second) in enumerate(people or (ANN, BEN), start=1):
            told |= {f"email-{number}": mailbox, f"second-{number}": second}
        return told | more


def enter_hub(outside: Outside) -> None:
    """Enter who works in the hub, and in the charity."""
    with unit_of_work(outside) as work:
        for code, source in (("NFH01", Source.FAMILY_HUB), ("HSN", Source.FAMILY_HUB)):
            work.directory.save_agency(Agency(code, code, source, None))
        for who, name, agency in _PEOPLE:
            work.directory.save_practitioner(
                PractitionerEntry(
                    id=who,
                    name=name,
                    role=Role.PRACTITIONER,
                    job_title="Worker",
                    agency_code=agency,
                    telephone=None,
                    worker_ref=None,
                    purpose=Purpose.EARLY_HELP,
                )
            )


@pytest.fixture
def desk(answering: AnsweringWorld) -> Iterator[PartnersDesk]:
    """A worker of the hub with two accounts, her colleague, and one who works for the charity."""
    running = answering.asking.world.running
    enter_hub(running.outside)
    with running.outside.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE directory_partner SET agency_code = 'HSN'")
    services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    yield PartnersDesk(create_app(services, settings), answering)
    with running.outside.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE directory_partner SET agency_code = NULL")


def test_a_worker_asks_and_only_another_human_who_gains_nothing_confirms(desk: PartnersDesk):
    """Not herself, not by her second account, not whoever works for the partner, not a nurse."""
    grace, register = desk.client(), f"{AT}/{PARTNER}/register"
    asked = desk.post(grace, register, desk.form())
    waiting = desk.waiting()
    before = desk.standing()
    own = desk.post(grace, waiting, {"answer": "confirm"})
    own_again = desk.post(desk.client(GRACE_TOO), waiting, {"answer": "confirm"})
    gains = desk.post(desk.client(SEC), waiting, {"answer": "confirm"})
    still = desk.standing()
    seen = desk.client(HANA).get(f"{AT}/{PARTNER}").text
    done = desk.post(desk.client(HANA), waiting, {"answer": "confirm"})

    assert asked.headers["location"] == f"{AT}/{PARTNER}?done=asked"
    assert before == still
    for no in (own, own_again):
        assert no.status_code == 422
        assert "Somebody else has to confirm what you asked for" in no.text
    assert "works for this partner cannot confirm it" in gains.text
    assert ANN[0] in seen
    assert "+447700900811" in seen
    assert done.headers["location"] == f"{AT}/{PARTNER}?done=confirm"
    after = desk.standing()
    assert after is not None
    assert (after.asked_by, after.warranted_by) == (f"practitioner:{GRACE}", f"practitioner:{HANA}")
    assert desk.client(VISITOR).http.get(AT).status_code == 404
    assert desk.client(VISITOR).http.get(f"{AT}/{PARTNER}").status_code == 404
    looks = desk.answering.entries(LedgerEvent.COMMUNITY_PARTNER_SHOWN)
    assert {one.actor for one in looks} == {
        f"practitioner:{who}" for who in (GRACE, GRACE_TOO, SEC, HANA)
    }


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_asked(desk: PartnersDesk):
    """In itself, and by the rules of registering."""
    said = {
        "Enter an email address such as": desk.form(("no mailbox", ANN[1]), BEN),
        "Enter a mobile number, or a second": desk.form((ANN[0], "01632 960111"), BEN),
        "At least two people": desk.form(ANN),
        "is one person’s alone": desk.form(ANN, (BEN[0], ANN[1])),
        "Enter who leads on safeguarding": desk.form(lead=" "),
        "Enter the day, month and year": desk.form(**{"insured-until-month": "13"}),
        "has to hold today": desk.form(**{"insured-until-year": "2019"}),
    }
    client = desk.client()
    for words, form in said.items():
        answer = desk.post(client, f"{AT}/{PARTNER}/register", form)

        assert answer.status_code == 422
        assert words.replace("’", "'") in answer.text.replace("&#39;", "'").replace("’", "'")
        assert form["email-1"] in answer.text
    assert desk.answering.asking.world.running.count("community_proposal") == 0


def test_end_is_at_once_and_shuts_links_and_is_red_for_who_asked(desk: PartnersDesk):
    """By one hand; what somebody had asked for before cannot be confirmed any more."""
    answering = desk.answering
    answering.register()
    connection = answering.sent()
    link = answering.links()[ANN[0]]
    inside = answering.come_in(link)
    client = desk.client()
    unsure = desk.post(client, f"{AT}/{PARTNER}/end", {})
    desk.post(client, f"{AT}/{PARTNER}/register", desk.form())
    waiting = desk.waiting()
    desk.post(client, f"{AT}/{PARTNER}/end", {"sure": "yes"})
    answering.mail()

    assert "Tick the box if nobody" in unsure.text
    assert inside.http.get("/request").status_code == 410
    assert answering.code_for(answering.client(), link) is None
    late = desk.post(desk.client(HANA), waiting, {"answer": "confirm"})
    assert "changed since" in late.text
    standing = desk.standing()
    assert standing is not None
    assert standing.is_ended
    assert "Ended" in client.get(AT).text
    [entry] = answering.entries(LedgerEvent.COMMUNITY_PARTNER_ENDED)
    assert entry.actor == f"practitioner:{GRACE}"
    answering.asking.mother_is_here()
    assert answering.asking.ask() is NotAsked.NO_PARTNER
    assert answering.asking.find(connection.id).status is ConnectionStatus.OPENED


def a_year_on(desk: PartnersDesk) -> dict[str, str]:
    """Almost a year goes by, and each who answers is asked; gives the links."""
    answering, clock = desk.answering, desk.answering.asking.world.clock
    answering.register(until=clock.now().date() + timedelta(days=500))
    answering.keep()
    assert answering.mail() == []
    clock.pass_by(timedelta(days=336))
    answering.keep()
    answering.keep()
    mail = answering.mail()
    assert [one.subject for one in mail] == [
        f"Is this still right? A question from {PLACE.hub}"
    ] * 2
    return {one.to: link_in(one) for one in mail}


def test_partner_that_is_overdue_is_red_and_not_offered_but_open_requests_go_on(
    desk: PartnersDesk,
):
    """Whoever was asked before the year was over may answer still."""
    answering, clock = desk.answering, desk.answering.asking.world.clock
    a_year_on(desk)
    clock.pass_by(timedelta(days=28))
    connection = answering.sent()
    request = answering.links()[BEN[0]]
    clock.pass_by(timedelta(days=2))
    answering.asking.mother_is_here()

    assert answering.asking.ask() is NotAsked.NO_PARTNER
    overdue = desk.client().get(AT).text
    assert "Overdue: not offered" in overdue
    assert "@home-start" not in overdue
    answering.post(answering.come_in(request), "/request", {"answer": "yes"})
    assert answering.asking.find(connection.id).status is ConnectionStatus.ACCEPTED


def test_partner_says_that_it_is_still_so_and_the_hub_is_the_second_hand(desk: PartnersDesk):
    """By a code; it is confirmed by nobody who is the first hand, and asked for once."""
    answering, links = desk.answering, a_year_on(desk)
    ann, link = answering.client(), links[ANN[0]]
    start = ann.http.get(link).text
    came = ann.http.post("/code", data={"code": answering.code_for(ann, link) or ""})
    page = ann.http.get("/yearly").text
    no_request = ann.http.get("/request").status_code
    unsure = answering.post(ann, "/yearly", {})
    said = answering.post(ann, "/yearly", desk.form(right="yes"))
    hub = desk.client().get(f"{AT}/{PARTNER}").text
    before = desk.client().get(AT).text
    ben = answering.client()
    ben.http.post("/code", data={"code": answering.code_for(ben, links[BEN[0]]) or ""})
    twice = answering.post(ben, "/yearly", desk.form(right="yes"))
    desk.post(desk.client(HANA), desk.waiting(), {"answer": "confirm"})

    assert "A question for your group" in start
    assert came.headers["location"] == "/yearly"
    assert "the number that ends in 0811" in page
    assert no_request == 303
    assert unsure.status_code == 422
    assert "Thank you" in said.text
    assert "Thank you" in twice.text
    assert "Asked for by the partner itself" in hub
    assert "To be confirmed" in before
    assert "To be confirmed" not in desk.client().get(AT).text
    assert answering.code_for(answering.client(), links[BEN[0]]) is None
    standing = desk.standing()
    assert standing is not None
    assert standing.asked_by == "partner:community.home-start"
