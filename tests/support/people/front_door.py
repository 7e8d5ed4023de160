"""A portal that one comes into by providers, which let in whom a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
from fastapi import FastAPI
from lxml import html
from sqlalchemy import text

from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.people.practitioners.sessions import SessionLimits
from services.people.signing_in.accounts import SignIn, next_account
from services.people.signing_in.ports import SignedInThere, SignInRefusal
from services.people.signing_in.profiles import Admission
from services.people.signing_in.providers import ProviderKind, read_providers
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.fake_sign_in_client import FakeSignInClient
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess
from tests.support.portal.pages import Page, PageClient
from tests.support.signing_in import issuer_of, settings_of, write_settings

CARD, COUNCIL = ProviderKind.NHS_CIS2.value, ProviderKind.ENTRA_ID.value
HOST = "https://testserver"
LIMITS = SessionLimits(idle=timedelta(minutes=30), whole=timedelta(hours=10))
VISITING = Admission(Role.PRACTITIONER, AGENCY)
TEACHING = Admission(Role.PRACTITIONER, SCHOOL)
CONTACT = "the service desk on 01632 960001"


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """The portal, its providers, and the clock by which all of it goes."""

    running: InProcess
    client: FakeSignInClient
    clock: StandingClock
    services: PortalOnDatabase
    settings: PortalSettings = field(
        default_factory=lambda: PortalSettings("Exbury Council", sign_in_contact=CONTACT)
    )

    def app(self) -> FastAPI:
        """The portal in production."""
        return create_app(self.services, self.settings)

    def browser(self) -> PageClient:
        """A browser in which nobody has signed in."""
        return PageClient(self.app(), HOST)

    def join(self, who: PractitionerId, subject: str = "555", provider: str = CARD) -> None:
        """Let a sign-in open an account, as if both hands had been there."""
        with unit_of_work(self.running.portal) as work:
            accounts = work.sign_in_accounts
            digest = accounts.digest(issuer_of(ProviderKind(provider)), subject)
            before, hands = accounts.newest(who, digest), ("operator:one", "operator:other")
            following = next_account(
                before,
                who,
                SignIn(provider, digest),
                asked_by=hands[0],
                warranted_by=hands[1],
                at=work.now,
            )
            accounts.add(following)

    def accept_conditions(self, *who: PractitionerId) -> None:
        """As if they had done so today."""
        with self.running.outside.engine.begin() as connection:
            for one in who:
                connection.execute(
                    text("INSERT INTO conditions_accepted VALUES (:who, '2026-11', :now)"),
                    {"who": one, "now": self.clock.now()},
                )

    def somebody(
        self,
        *admissions: Admission,
        subject: str = "555",
        provider: str = CARD,
        session: str | None = "there-1",
        ago: timedelta = timedelta(0),
    ) -> SignedInThere:
        """Whom a provider knows, in these roles."""
        return SignedInThere(
            issuer_of(ProviderKind(provider)),
            subject,
            session,
            self.clock.now() - ago,
            frozenset({"R8001"}),
            ("A9A5A",),
            admissions,
            "a.b.c",
        )

    def begin(self, browser: PageClient, provider: str = CARD, to: str = "/") -> str:
        """Begin a sign-in; the address to which the browser is sent."""
        form = {"provider": provider, "to": to}
        response = browser.http.post("/sign-in/begin", data=form)
        assert response.status_code == 200, response.text
        return address_on(response)

    def come_back(
        self,
        browser: PageClient,
        address: str,
        who: SignedInThere | SignInRefusal,
        provider: str = CARD,
    ) -> httpx2.Response:
        """Sign in there, and bring back what the provider gives."""
        code = self.client.let_in(address, who)
        told = {"code": code, "state": state_in(address)}
        return browser.http.get(f"/sign-in/back/{provider}", params=told)

    def sign_in(
        self, browser: PageClient, who: SignedInThere, provider: str = CARD
    ) -> httpx2.Response:
        """Both, one after the other."""
        return self.come_back(browser, self.begin(browser, provider), who, provider)

    def signed_in(self, who: PractitionerId = VISITOR) -> PageClient:
        """A browser in which somebody with one account has signed in, and accepted all."""
        admitted = {VISITOR: VISITING, TEACHER: TEACHING}[who]
        self.join(who, f"subject of {who}")
        self.accept_conditions(who)
        browser = self.browser()
        answer = self.sign_in(browser, self.somebody(admitted, subject=f"subject of {who}"))
        assert answer.status_code == 303, answer.text
        return browser


@contextmanager
def a_front_door(outside: Outside, clock: StandingClock, folder: Path) -> Iterator[FrontDoor]:
    """Make it on an empty database, with a provider for cards and one for the council."""
    kinds = (ProviderKind.NHS_CIS2, ProviderKind.ENTRA_ID)
    client = FakeSignInClient(read_providers(write_settings(folder, *map(settings_of, kinds))))
    with InProcess.running(replace(outside, clock=clock)) as running:
        services = PortalOnDatabase(
            running.portal,
            demonstration=False,
            receipts=AN_ISSUER,
            sign_in=client,
            limits=LIMITS,
        )
        yield FrontDoor(running, client, clock, services)


def address_on(response: httpx2.Response) -> str:
    """The address to which a page sends on by itself."""
    found = html.document_fromstring(response.text).xpath("//meta[@http-equiv='refresh']/@content")
    assert found, "the page goes nowhere"
    return str(found[0]).removeprefix("0; url=")


def state_in(address: str) -> str:
    """The state in an address of a provider."""
    (state,) = parse_qs(urlsplit(address).query)["state"]
    return state


def entered(door: FrontDoor, *events: LedgerEvent) -> list[dict[str, FieldValue]]:
    """The fields of all entries of these events, in order."""
    return [dict(entry.fields) for entry in door.running.ledger() if entry.event in events]


def page_of(response: httpx2.Response) -> Page:
    """The page that came, checked as every page is."""
    return Page(response)
