"""What the pages of services that were asked ask themselves, each call one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from consent.question import LETS_ASK
from schemas.identifiers import PersonId
from services.interfaces.connections.agreeing import ServiceAsked, ask_service
from services.interfaces.connections.changing import send, stop_for_family
from services.interfaces.connections.connecting import Connecting, refuse
from services.interfaces.connections.days.times import ConnectionTimes
from services.interfaces.connections.life import ConnectionChange, ConnectionStatus
from services.interfaces.connections.model import (
    Ask,
    AskedService,
    Happened,
    NotAsked,
    NotChanged,
    ServiceConnection,
)
from services.interfaces.connections.working import PostIn, connecting_in, nobody_in
from services.interfaces.directory.search.asked import ServicesAsked
from services.interfaces.directory.search.postgres import find
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused
from services.work import Outside, UnitOfWork, unit_of_work

_MOST = 50


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """A request, with what the service is called now, if it is still listed."""

    connection: ServiceConnection
    service: AskedService | None
    happened: tuple[Happened, ...] = ()
    suggested: AskedService | None = None


class ConnectionServices(Protocol):
    """Services that were asked; a part of services.portal.ports.PortalServices."""

    def find(self, sought: ServicesAsked) -> Sequence[AskedService]:
        """Those that can be asked, in the order of the directory. Nobody is named or entered."""

    def service(self, service: str) -> AskedService | None:
        """One of them."""

    def may_agree(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> frozenset[PersonId]:
        """For which of these somebody may be asked now, by this practitioner."""

    def ask(
        self, who: SignedInPractitioner, command: Ask
    ) -> ServiceAsked | NotAsked | ProfileRefused:
        """Ask, and send at once what is agreed. Raises DecisionInvalidError."""

    def mine(self, who: SignedInPractitioner) -> Sequence[RequestSeen]:
        """What the practitioner asked for."""

    def about(
        self, who: SignedInPractitioner, person: PersonId, others: Collection[PersonId] = ()
    ) -> Sequence[RequestSeen]:
        """Requests about this person, and about others whom the practitioner may ask about."""

    def one(self, who: SignedInPractitioner, connection: str) -> RequestSeen | None:
        """One request, for whoever may ask about somebody whom it is about."""

    def send_again(
        self, who: SignedInPractitioner, connection: str
    ) -> ServiceConnection | NotChanged:
        """Send what came back, or what was agreed meanwhile."""

    def stop(
        self, who: SignedInPractitioner, connection: str
    ) -> ServiceConnection | NotChanged | ProfileRefused:
        """Stop it for the family."""


class ConnectionsOnDatabase:
    """ConnectionServices on PostgreSQL; `post` brings requests to partners."""

    def __init__(
        self,
        outside: Outside,
        post: PostIn = nobody_in,
        times: ConnectionTimes | None = None,
    ) -> None:
        self._outside = outside
        self._post = post
        self._times = times

    def find(self, sought: ServicesAsked) -> Sequence[AskedService]:
        """Those listed here: a feed's entry has nobody who could answer."""
        with unit_of_work(self._outside) as work:
            rows = self._connecting(work).rows
            found = (rows.service(entry.id) for entry in find(work.connection, sought).entries)
            return [one for one in found if one is not None]

    def service(self, service: str) -> AskedService | None:
        """One of them."""
        with unit_of_work(self._outside) as work:
            return self._connecting(work).rows.service(service)

    def may_agree(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> frozenset[PersonId]:
        """By the relationships that hold now."""
        with unit_of_work(self._outside) as work:
            return _open_to(who, persons, work)

    def ask(
        self, who: SignedInPractitioner, command: Ask
    ) -> ServiceAsked | NotAsked | ProfileRefused:
        """In one transaction: what is agreed goes out with it, or none of it is."""
        with unit_of_work(self._outside) as work:
            connecting = self._connecting(work)
            asked = ask_service(command, who, connecting=connecting)
            if isinstance(asked, ServiceAsked) and not asked.waiting:
                send(asked.connection, actor=who.actor, connecting=connecting)
            return asked

    def mine(self, who: SignedInPractitioner) -> Sequence[RequestSeen]:
        """By every account of theirs."""
        with unit_of_work(self._outside) as work:
            connecting = self._connecting(work)
            found = connecting.rows.asked_by([who.id, *who.also], most=_MOST)
            return [_seen(one, connecting) for one in found]

    def about(
        self, who: SignedInPractitioner, person: PersonId, others: Collection[PersonId] = ()
    ) -> Sequence[RequestSeen]:
        """What changed last first."""
        with unit_of_work(self._outside) as work:
            connecting = self._connecting(work)
            open_to = _open_to(who, {person, *others}, work)
            found = connecting.rows.about(work.clusters.all_of(open_to)) if open_to else ()
            return [_seen(one, connecting) for one in found]

    def one(self, who: SignedInPractitioner, connection: str) -> RequestSeen | None:
        """With everything that happened."""
        with unit_of_work(self._outside) as work:
            connecting = self._connecting(work)
            found = connecting.rows.find(connection)
            if found is None or not _open_to(who, found.permits, work):
                return None
            return _seen(found, connecting, whole=True)

    def send_again(
        self, who: SignedInPractitioner, connection: str
    ) -> ServiceConnection | NotChanged:
        """By whoever may ask about somebody whom it is about."""
        with unit_of_work(self._outside) as work:
            connecting = self._connecting(work)
            found = connecting.rows.find(connection)
            if found is None or not _open_to(who, found.permits, work):
                why = NotChanged.NOT_THERE
                return refuse(
                    found, ConnectionChange.SEND, why, actor=who.actor, connecting=connecting
                )
            return send(found, actor=who.actor, connecting=connecting)

    def stop(
        self, who: SignedInPractitioner, connection: str
    ) -> ServiceConnection | NotChanged | ProfileRefused:
        """At once."""
        with unit_of_work(self._outside) as work:
            return stop_for_family(connection, who, connecting=self._connecting(work))

    def _connecting(self, work: UnitOfWork) -> Connecting:
        return connecting_in(work, times=self._times, post=self._post)


def _open_to(
    who: SignedInPractitioner, persons: Collection[PersonId], work: UnitOfWork
) -> frozenset[PersonId]:
    found = work.relationships.may_open(who.id, persons)
    return frozenset(
        person
        for person, one in found.items()
        if not one.is_restricted and any(r.ground in LETS_ASK for r in one.relationships)
    )


def _seen(one: ServiceConnection, connecting: Connecting, *, whole: bool = False) -> RequestSeen:
    rows = connecting.rows
    is_no = one.status is ConnectionStatus.DECLINED and one.suggested is not None
    return RequestSeen(
        one,
        rows.service(one.service),
        tuple(rows.history(one.id)) if whole else (),
        rows.service(one.suggested or "") if is_no else None,
    )
