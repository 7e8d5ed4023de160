"""Answering in one transaction: what it works with, and how a request is brought to people."""

from dataclasses import dataclass
from typing import Final

from services.interfaces.answering.links.model import MailKind
from services.interfaces.answering.links.ports import AnsweringDesk, AnsweringPlace
from services.interfaces.answering.links.postgres import PostgresAnswering
from services.interfaces.answering.links.postgres_mail import (
    PostgresAnsweringMail,
    PostgresPartnerTerms,
)
from services.interfaces.answering.links.writing import write_to
from services.interfaces.connections.changing import NO_ADDRESS, mark_undelivered
from services.interfaces.connections.connecting import Connecting, Post
from services.interfaces.connections.model import ServiceConnection
from services.interfaces.connections.reference import spelled
from services.interfaces.connections.showing import may_act
from services.interfaces.connections.working import PostIn, connecting_in
from services.people.community.postgres import PostgresCommunity
from services.people.community.registering import CommunityDesk
from services.platform.keys.vault import SecretName
from services.platform.settings import Settings
from services.work import UnitOfWork

JOB: Final = "job:answering"


@dataclass(frozen=True, slots=True)
class RequestsOfPartners:
    """ConnectionsToSee: asked of `decide` each time."""

    connecting: Connecting

    def may_see(self, connection: str, partner: str) -> bool:
        """Whether a decision in force lets this partner see this request."""
        return may_act(self.connecting.rows.find(connection), partner, self.connecting)

    def reference_of(self, connection: str) -> str:
        """The number by which people speak of it."""
        found = self.connecting.rows.find(connection)
        return "" if found is None else spelled(found.reference)


def place_of(settings: Settings) -> AnsweringPlace:
    """Whose requests they are and where they are answered, as the settings say."""
    told = settings
    return AnsweringPlace(
        told.family_name, told.answering_at, told.family_telephone, told.answering_worry
    )


def community_in(work: UnitOfWork) -> PostgresCommunity:
    """Who answers for partners, in this transaction."""
    key = work.outside.vault.secret(SecretName.COMMUNITY)
    return PostgresCommunity(work.connection, work.bound, key)


def community_desk(work: UnitOfWork, *, by_one_hand: bool = False) -> CommunityDesk:
    """What partners are registered with.

    Where families are invented a command is both hands; `by_one_hand` what is done on a page.
    """
    is_both_hands = work.is_demonstration and not by_one_hand
    ports = (work.orders, work.ledger, work.hasher, work.now, is_both_hands)
    return CommunityDesk(community_in(work), *ports)


def answering_desk(work: UnitOfWork, place: AnsweringPlace) -> AnsweringDesk:
    """What coming in and writing to people takes, in this transaction."""
    secret = work.outside.vault.secret
    return AnsweringDesk(
        rows=PostgresAnswering(work.connection),
        mail=PostgresAnsweringMail(work.connection),
        terms=PostgresPartnerTerms(work.connection, secret(SecretName.COMMUNITY)),
        community=community_in(work),
        connections=RequestsOfPartners(connecting_in(work)),
        messages=work.messages_out(),
        limits=work.limits,
        queue=work.queue,
        ledger=work.ledger,
        hasher=work.hasher,
        place=place,
        code_key=secret(SecretName.CODES),
        at=work.now,
    )


def bringing(place: AnsweringPlace) -> PostIn:
    """How requests are brought to partners without a system, and how they are reminded.

    A mail to each who answers, in the transaction that sends the request. Where nobody answers for
    the partner, or nothing is answered here, the request is undelivered at once; but a partner
    with a system of its own is written to only where somebody is registered for it too.
    """

    def in_transaction(work: UnitOfWork) -> Post:
        def post(connection: ServiceConnection) -> None:
            desk = answering_desk(work, place)
            standing = desk.community.standing(connection.partner)
            if not place.url or standing is None or standing.is_ended:
                if not desk.community.has_system(connection.partner):
                    connecting = connecting_in(work)
                    mark_undelivered(connection.id, NO_ADDRESS, actor=JOB, connecting=connecting)
                return
            kind = MailKind.CHASE if connection.chased else MailKind.REQUEST
            write_to(connection.id, connection.partner, kind, desk=desk)

        return post

    return in_transaction
