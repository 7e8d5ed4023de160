"""A charity that answers without a system: two people, their mailboxes and their telephones."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from structlog.testing import CapturingLogger

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from schemas.records.payloads import Telecom
from services.interfaces.answering.door.app import create_answering_app
from services.interfaces.answering.door.services import AnsweringOnDatabase
from services.interfaces.answering.keeping import settle_mail, take_bounces, tell_lapsed
from services.interfaces.answering.links.ports import AnsweringPlace
from services.interfaces.answering.links.working import bringing, community_desk
from services.interfaces.answering.yearly import ask_yearly
from services.interfaces.connections import changing
from services.interfaces.connections.model import ServiceConnection, WhatIsTold
from services.interfaces.connections.working import connecting_in
from services.people.community.registering import (
    RegisterPartner,
    answer_registration,
    ask_to_register,
)
from services.people.governance.orders import Order
from services.people.presence.contacts import Contact, contact_from
from services.platform.messages.ports import Message, Messages
from services.work import unit_of_work
from services.workers.relaying import send_due
from tests.support.people.connecting_world import PARTNER, TOLD, ConnectingWorld
from tests.support.portal.pages import PageClient

PLACE = AnsweringPlace(
    "Northfield Family Hub", "https://answer.example", "01632 960100", "01632 960199"
)
ANN, BEN = ("ann@home-start.example", "07700 900811"), ("ben@home-start.example", "07700 900822")
ASKED, CONFIRMED = "operator:ann", "operator:ben"


def reached(mailbox: str, second: str) -> tuple[Contact, Contact]:
    """How one who answers is written to, and where their codes go."""
    first = contact_from(Telecom("email", mailbox))
    other = contact_from(Telecom("email" if "@" in second else "phone", second))
    assert first is not None
    assert other is not None
    return first, other


@dataclass(slots=True)
class AnsweringWorld:
    """The service of a `ConnectingWorld` and who answers for it; each call one transaction."""

    asking: ConnectingWorld

    def register(
        self, *people: tuple[str, str], until: date | None = None, confirmed: bool = True
    ) -> Order:
        """Two of the hub register these people, by default Ann and Ben."""
        at = self.asking.world.clock.now().date()
        command = RegisterPartner(
            PARTNER,
            [reached(*one) for one in people or (ANN, BEN)],
            "Ruth Amos, 01632 960177",
            until or at + timedelta(days=300),
            is_commissioned=False,
        )
        portal = self.asking.world.running.portal
        with unit_of_work(portal) as work:
            order = ask_to_register(command, by=ASKED, desk=community_desk(work, by_one_hand=True))
        assert isinstance(order, Order), order
        if confirmed:
            with unit_of_work(portal) as work:
                desk = community_desk(work, by_one_hand=True)
                done = answer_registration(order.id, by=CONFIRMED, confirms=True, desk=desk)
            assert isinstance(done, Order), done
        return order

    def sent(self, told: WhatIsTold = TOLD) -> ServiceConnection:
        """The mother agrees, and it is sent; the mail waits."""
        asked = self.asking.asked(told)
        with unit_of_work(self.asking.world.running.portal) as work:
            connecting = connecting_in(work, post=bringing(PLACE))
            sent = changing.send(asked, actor="job:test", connecting=connecting)
        assert isinstance(sent, ServiceConnection), sent
        return sent

    def mail(self) -> list[Message]:
        """Every message that waits, taken out as the relay would."""
        found: list[Message] = []
        with unit_of_work(self.asking.world.running.relay) as work:
            out = work.messages_out()
            while one := out.claim(now=work.now, lease=timedelta(minutes=1)):
                out.forget(one.id)
                found += [] if one.message is None else [one.message]
        return found

    def links(self) -> dict[str, str]:
        """The links that wait to be sent, by mailbox, as paths of the door."""
        return {one.to: link_in(one) for one in self.mail() if "https://answer" in one.text}

    def client(self) -> PageClient:
        """A browser at the door."""
        services = AnsweringOnDatabase(self.asking.world.running.portal, PLACE)
        return PageClient(create_answering_app(services, PLACE), "https://testserver")

    def code_for(self, client: PageClient, link: str) -> str | None:
        """Press "Send me a code"; the code that went out, if one did."""
        self.mail()
        asked = client.http.post(f"/answer/{link.rpartition('/')[2]}/code", data={})
        assert asked.headers["location"] == "/code", asked.text
        sent = self.mail()
        return sent[-1].text[:6] if sent else None

    def come_in(self, link: str, *, name: str = "Ann Firth") -> PageClient:
        """Open the link, type the code, agree to the terms where that is asked."""
        client = self.client()
        code = self.code_for(client, link)
        assert code is not None, "no code was sent"
        done = client.http.post("/code", data={"code": code})
        assert done.headers.get("location") == "/request", done.text
        if client.http.get("/request").headers.get("location") == "/terms":
            form = {"name": name, "role": "Coordinator", "agree": "yes"}
            self.post(client, "/terms", form)
        return client

    def post(self, client: PageClient, at: str, form: dict[str, str], action: str = "") -> Any:
        """Send the form of a page with its token."""
        page = client.http.get(at)
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert token is not None, page.text
        return client.http.post(action or at, data={"csrf": token[1], **form})

    def deliver(self, by: Messages) -> None:
        """The relay sends what waits; whoever keeps requests is told what became of it."""
        send_due(self.asking.world.running.relay, by, CapturingLogger())
        self.keep()

    def keep(self, bounces: Path | None = None) -> None:
        """One turn of what is done every few seconds."""
        portal = self.asking.world.running.portal
        if bounces is not None:
            take_bounces(portal, bounces)
        settle_mail(portal, PLACE)
        tell_lapsed(portal, PLACE)
        ask_yearly(portal, PLACE)

    def entries(self, *events: LedgerEvent) -> Sequence[LedgerEntry]:
        """What was entered."""
        return self.asking.world.entries(*events)


def link_in(mail: Message) -> str:
    """The path of the link in a mail."""
    where = r"https://answer\.example(/(?:answer|still-right)/[A-Za-z0-9_-]{22})"
    found = re.search(where, mail.text)
    assert found is not None, mail.text
    return found[1]
