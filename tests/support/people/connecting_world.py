"""A family that asks services of the directory: who helps it ask, and who answers."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from consent.errors import DecisionInvalidError
from consent.model import Decider, DeciderKind
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Record
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, Source
from services.decisions.at_the_desk import withdraw
from services.interfaces.connections import changing
from services.interfaces.connections.agreeing import ServiceAsked, ask_service
from services.interfaces.connections.connecting import Connecting
from services.interfaces.connections.life import ConnectionChange, ConnectionStatus
from services.interfaces.connections.model import (
    Ask,
    NotAsked,
    NotChanged,
    RequestAsAgreed,
    ServiceConnection,
    WhatIsTold,
    YesSaid,
)
from services.interfaces.connections.showing import request_as_agreed
from services.interfaces.connections.working import connecting_in, follow_up_all
from services.people.presence.model import ConfirmedPresence
from services.profile.model import ProfileRefused
from services.work import UnitOfWork, unit_of_work
from tests.support.builders import VISITOR
from tests.support.people.presence_world import PresenceWorld

TOLD = WhatIsTold(
    "Eva Novak",
    number="07700 900417",
    reach="Text first.",
    language="Polish, with an interpreter",
    why="Mornings are the hardest.",
)
HERSELF = Decider(DeciderKind.ADULT_SELF, "themselves")
PARTNER, PARTNER_ACTOR = "home-start", "partner:home-start"


@dataclass(slots=True)
class ConnectingWorld:
    """The family of a `PresenceWorld`, and a service to ask; each call is one transaction."""

    world: PresenceWorld
    service: str
    posted: list[ServiceConnection] = field(default_factory=list)

    @classmethod
    def of(cls, world: PresenceWorld, *, is_age_known: bool = True) -> "ConnectingWorld":
        """With a service that is listed here, its partner, and how old the mother is."""
        with unit_of_work(world.running.outside) as work:
            service = list_service(work)
        details = PersonDetails(date_of_birth="1996-02-11", is_verified=True)
        born = Record("birth", Category.IDENTITY_AND_CONTACT, ("mother",), details)
        if is_age_known:
            world.tell(born, source=Source.HEALTH_VISITING, at="2026-02-01T00:00:00Z")
        return cls(world, service)

    def mother_is_here(self) -> None:
        """The mother is with the health visitor, and a code says so."""
        presence = self.world.begin()
        done = self.world.type_in(presence, self.world.code_for(presence))
        assert isinstance(done, ConfirmedPresence), done

    def connecting(self, work: UnitOfWork) -> Connecting:
        """What use cases work with."""
        return connecting_in(work, post=lambda _: self.posted.append)

    def ask(
        self,
        told: WhatIsTold = TOLD,
        *,
        agreed: Sequence[YesSaid] = (),
        by: PractitionerId = VISITOR,
    ) -> ServiceAsked | NotAsked | ProfileRefused:
        """Ask the service, as the mother agrees for herself."""
        people = tuple(agreed) or (YesSaid(self.world.mother, HERSELF),)
        command = Ask(self.service, told, people, 183)
        with unit_of_work(self.world.running.portal) as work:
            return ask_service(command, self.world.who(by), connecting=self.connecting(work))

    def asked(self, told: WhatIsTold = TOLD) -> ServiceConnection:
        """The mother is here and agrees."""
        self.mother_is_here()
        asked = self.ask(told)
        assert isinstance(asked, ServiceAsked), asked
        assert asked.connection.status is ConnectionStatus.AGREED, asked.waiting
        return asked.connection

    def sent(self) -> ServiceConnection:
        """And it is sent."""
        asked = self.asked()
        sent = self.do(changing.send, asked)
        assert isinstance(sent, ServiceConnection), sent
        return sent

    def accepted(self) -> ServiceConnection:
        """And the partner says yes."""
        said = self.answer(self.sent().id, ConnectionChange.ACCEPT)
        assert isinstance(said, ServiceConnection), said
        return said

    def do(self, use_case: Any, *args: Any, actor: str = "job:test", **more: Any) -> Any:
        """One use case in a transaction of its own."""
        with unit_of_work(self.world.running.portal) as work:
            return use_case(*args, actor=actor, connecting=self.connecting(work), **more)

    def shown(self, connection: str, partner: str = PARTNER) -> RequestAsAgreed | None:
        """What the partner sees."""
        found = self.do(request_as_agreed, connection, partner, actor=PARTNER_ACTOR)
        assert found is None or isinstance(found, RequestAsAgreed)
        return found

    def answer(
        self, connection: str, change: ConnectionChange, **more: Any
    ) -> ServiceConnection | NotChanged:
        """The partner answers."""
        said = changing.PartnerAnswer(change, **more)
        answered: ServiceConnection | NotChanged = self.do(
            changing.answer, connection, PARTNER, said, actor=PARTNER_ACTOR
        )
        return answered

    def report(
        self, connection: str, change: ConnectionChange, **more: Any
    ) -> ServiceConnection | NotChanged:
        """The partner reports."""
        said = changing.PartnerReport(change, **more)
        reported: ServiceConnection | NotChanged = self.do(
            changing.report, connection, PARTNER, said, actor=PARTNER_ACTOR
        )
        return reported

    def time_passes(self, days: float) -> None:
        """Days go by, and the worker looks at what is due."""
        self.world.clock.pass_by(timedelta(days=days))
        self.follow_up()

    def follow_up(self) -> None:
        """The worker's pass, as its role."""
        follow_up_all(self.world.running.portal, post=lambda _: self.posted.append)

    def find(self, connection: str) -> ServiceConnection:
        """It as it stands."""
        with unit_of_work(self.world.running.portal) as work:
            found = self.connecting(work).rows.find(connection)
        assert found is not None
        return found

    def withdraw_decisions(
        self, connection: ServiceConnection, person: PersonId | None = None
    ) -> None:
        """Take back the sharing decision at the portal's own door."""
        decision = connection.permits[person or self.world.mother]
        portal = self.world.running.portal
        with suppress(DecisionInvalidError), unit_of_work(portal) as work:
            withdraw(decision, self.world.who(), desk=work.desk())


def list_service(work: UnitOfWork, *, agency: str | None = None) -> str:
    """List a service here with a partner; gives its id."""
    service = str(uuid4())
    values = {"partner": PARTNER, "agency": agency, "id": service}
    work.connection.execute(
        text("""
            INSERT INTO directory_partner (partner_code, name, kind, added_by, added_at)
            VALUES (:partner, 'Home-Start Northfield', 'charity', 'job:test', now())
            ON CONFLICT DO NOTHING
        """),
        values,
    )
    document = {"id": service, "name": "Feeding friends", "email": "office@home-start.example"}
    work.connection.execute(
        text("""
            INSERT INTO directory_service (service_id, partner_code, name, status, document, digest,
                is_withheld, words, needs, terms, taxonomies, languages, days, ways, access)
            VALUES (:id, :partner, 'Feeding friends', 'active', CAST(:document AS jsonb), '', false,
                '', '{}', '{}', '{}', '{}', '{}', '{}', '{}')
        """),
        values | {"document": json.dumps(document)},
    )
    return service
