"""The partner interfaces over a real PostgreSQL, beside the main job in one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme
from services.interfaces.partners.app import create_partners_app
from services.interfaces.partners.edge import PartnerSettings
from services.interfaces.partners.oauth.clients import keys_from_pem
from services.interfaces.partners.officers.explaining import (
    ask_to_explain,
    confirm_explaining,
    explaining,
)
from services.interfaces.partners.onboarding import (
    AddPartner,
    add_partner,
    onboarding,
    suspend_at_once,
)
from services.interfaces.partners.ports import Pace, PartnerId, Scope
from services.interfaces.partners.push.answers.answering import SystemRequests
from services.interfaces.partners.push.events import BATCHED
from services.interfaces.partners.work import partner_work
from services.people.persons.subjects import identifier_of
from services.people.signing_in.demonstration import reading_brought
from services.work import unit_of_work
from tests.support.assertions import P256
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.messages.nems import APerson
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD, PUBLIC_URL
from tests.support.people.bringing import ISSUER
from tests.support.people.connecting_world import PARTNER, list_service

THEIR_KEYS = keys_from_pem(P256.as_pem(private=False))


def partners_app_on(running: InProcess) -> FastAPI:
    """The application, each part with its own rights."""
    return create_partners_app(
        partner_work(running.connectors),
        PartnerSettings(PUBLIC_URL),
        reading_brought(None, ISSUER),
        SystemRequests(running.portal),
    )


@dataclass(slots=True)
class PartnersOnDatabase:
    """Sends requests as partners do; `running` is everything behind."""

    running: InProcess
    http: TestClient
    secrets: dict[PartnerId, str]

    @classmethod
    def over(cls, running: InProcess) -> "PartnersOnDatabase":
        """Put the interfaces over it, with the connectors' rights."""
        return cls(running, client_of(partners_app_on(running), raise_server_exceptions=False), {})

    def onboard(self, name: PartnerId = NORTHFIELD, *scopes: Scope, **more: Any) -> str:
        """Let a partner in, by default for everything; give its secret."""
        asked: dict[str, Any] = {"with_secret": True, "pace": Pace(1000.0, 1000)}
        answers = set() if more.get("answers_for") else {Scope.COMMUNITY_WRITE}
        granted = frozenset(scopes or set(Scope) - {Scope.ACCESS_EXPLAIN} - answers)
        if granted & {Scope.FAMILIES_READ, Scope.ACCESS_EVALUATE}:
            asked |= {"agencies": frozenset({AGENCY}), "keys": THEIR_KEYS}
        command = AddPartner(name, granted, **(asked | more))
        with onboarding(self.running.outside, by="operator:one") as book:
            given = add_partner(command, onboarding=book)
        assert given.secret is not None
        self.secrets[name] = given.secret
        return given.secret

    def onboard_with_services(self, name: PartnerId = NORTHFIELD) -> None:
        """Let a partner in for everything, requests to services of the directory too."""
        with unit_of_work(self.running.outside) as work:
            list_service(work)
        self.onboard(name, *(set(Scope) - {Scope.ACCESS_EXPLAIN}), answers_for=PARTNER)

    def grant_reasons(self, name: PartnerId = NORTHFIELD) -> None:
        """Let two officers grant that the partner is told reasons."""
        with unit_of_work(self.running.outside) as work:
            ports = replace(explaining(work), is_demonstration=False)
            ask_to_explain(name, by="operator:one", explaining=ports)
            confirm_explaining(name, by="operator:other", explaining=ports)

    def pass_by(self, time: timedelta) -> None:
        """Let time go by for everybody."""
        clock = self.running.outside.clock
        assert isinstance(clock, StandingClock)
        clock.pass_by(time)

    def suspend(self, name: PartnerId = NORTHFIELD) -> None:
        """Suspend a partner."""
        suspend_at_once(self.running.outside, name, by="operator:one")

    def token(self, name: PartnerId = NORTHFIELD, **form: str) -> dict[str, str]:
        """Get a token as a partner does; give the header it is sent in."""
        if name not in self.secrets:
            self.onboard(name)
        asked = {
            "grant_type": "client_credentials",
            "client_id": name,
            "client_secret": self.secrets[name],
        }
        answer = self.http.post("/oauth/token", data=asked | form)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def push(
        self,
        *events: dict[str, Any],
        name: PartnerId = NORTHFIELD,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Push events in a batch, with a new token unless one is given."""
        sent = (headers or self.token(name)) | {"Content-Type": BATCHED}
        return self.http.post("/partners/v1/events", json=list(events), headers=sent)

    def get(self, path: str, name: PartnerId = NORTHFIELD, **query: str) -> Any:
        """Read something of the partner's own."""
        answer = self.http.get(
            f"/partners/v1/{path}", headers=self.token(name), params=query or None
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def partners_on(running: InProcess) -> Iterator[PartnersOnDatabase]:
    """Give the interfaces; nothing is left open at the end."""
    partners = PartnersOnDatabase.over(running)
    with partners.http:
        yield partners


def dispositions_of(answer: Response) -> list[str]:
    """What became of each message."""
    assert answer.status_code == 200, answer.text
    return [one["disposition"] for one in answer.json()["dispositions"]]


def the_patient() -> Subject:
    """Say whom the usual NEMS message is about."""
    return by_number(APerson().nhs_number or "", APerson().born)


def by_upn(number: str, born: str = "2019-03-05") -> Subject:
    """Say whom a pupil or a child with this number is."""
    return Subject(
        "child",
        (identifier_of(IdentifierScheme.UPN, number),),
        Demographics(date_of_birth=born),
    )
