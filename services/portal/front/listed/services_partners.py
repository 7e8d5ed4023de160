"""What the pages of partners who answer without a system ask, each call one transaction.

The use cases are those of `tell-once community`; here nobody is ever both hands, not even where
families are invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Source
from services.decisions.protection.hands import Hand, is_another_hand
from services.interfaces.answering.links.model import REGISTRATION
from services.interfaces.answering.links.postgres_mail import PostgresAnsweringMail
from services.interfaces.answering.links.working import community_desk
from services.interfaces.directory.entries.postgres_own import partners
from services.people.community.model import PartnerRegistration, PartnerStanding
from services.people.community.registering import (
    Asked,
    CommunityDesk,
    RegisterPartner,
    RegistrationRefusal,
    answer_registration,
    ask_to_confirm,
    ask_to_register,
    end_partner,
    waiting,
)
from services.people.governance.orders import NotTheirs, Order, refuse
from services.people.practitioners.people import SignedInPractitioner
from services.work import Outside, UnitOfWork, unit_of_work

_A_PARTNER: Final = "partner:"


@dataclass(frozen=True, slots=True, repr=False)
class RegistrationWaiting:
    """What somebody asked for, who that was by name, and whether it is for `who` to confirm."""

    order: str
    registration: PartnerRegistration
    asked_by: str
    lapses_at: datetime
    may_confirm: bool


@dataclass(frozen=True, slots=True, repr=False)
class PartnerRegistered:
    """A partner as it is listed, how it stands, and what waits about it.

    `mail_came_back` is set where one of its people was not reached by the question of this year;
    `warranted_by` and `asked_by` are the two hands by name.
    """

    code: str
    name: str
    standing: PartnerStanding | None
    is_offered: bool
    has_system: bool
    mail_came_back: bool = False
    waiting: tuple[RegistrationWaiting, ...] = ()
    asked_by: str = ""
    warranted_by: str = ""


class RegisteringServices(Protocol):
    """Partners who answer; a part of services.portal.ports.PortalServices.

    For whoever works in no family hub there are none.
    """

    def partners(self, who: SignedInPractitioner) -> Sequence[PartnerRegistered] | None:
        """All that are listed here, by name; no page of them says how anybody is reached."""

    def partner(self, who: SignedInPractitioner, code: str) -> PartnerRegistered | None:
        """One with who answers for it; the look is entered."""

    def register(self, who: SignedInPractitioner, command: RegisterPartner) -> Asked | None:
        """Ask that it be registered, or changed."""

    def renew(self, who: SignedInPractitioner, code: str, insured_until: date) -> Asked | None:
        """Ask that it stand for another year."""

    def end(
        self, who: SignedInPractitioner, code: str
    ) -> PartnerStanding | RegistrationRefusal | None:
        """Have nobody answer for it any more, at once."""

    def answer(
        self, who: SignedInPractitioner, order: str, *, confirms: bool
    ) -> Order | NotTheirs | RegistrationRefusal | None:
        """Be the second hand for what somebody else asked for, or decline it."""


class RegisteringOnDatabase:
    """RegisteringServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def partners(self, who: SignedInPractitioner) -> Sequence[PartnerRegistered] | None:
        """All that are listed here."""
        if not _is_of_hub(who):
            return None
        with unit_of_work(self._outside) as work:
            seeing = _Seeing(work, who)
            return [seeing.told(one.code, one.name) for one in partners(work.connection)]

    def partner(self, who: SignedInPractitioner, code: str) -> PartnerRegistered | None:
        """One with who answers for it."""
        if not _is_of_hub(who):
            return None
        with unit_of_work(self._outside) as work:
            found = next(iter(partners(work.connection, code=code)), None)
            if found is None:
                return None
            seeing = _Seeing(work, who)
            fields: dict[str, FieldValue] = {"partner": seeing.desk.opaque(code)}
            event = LedgerEvent.COMMUNITY_PARTNER_SHOWN
            work.ledger.append([ledger_entry(event, fields, at=work.now, actor=who.actor)])
            return seeing.told(found.code, found.name)

    def register(self, who: SignedInPractitioner, command: RegisterPartner) -> Asked | None:
        """Ask for it."""
        if not _is_of_hub(who):
            return None
        with unit_of_work(self._outside) as work:
            return ask_to_register(command, by=who.actor, desk=_desk(work))

    def renew(self, who: SignedInPractitioner, code: str, insured_until: date) -> Asked | None:
        """Ask for it."""
        if not _is_of_hub(who):
            return None
        with unit_of_work(self._outside) as work:
            return ask_to_confirm(code, insured_until, by=who.actor, desk=_desk(work))

    def end(
        self, who: SignedInPractitioner, code: str
    ) -> PartnerStanding | RegistrationRefusal | None:
        """Do it."""
        if not _is_of_hub(who):
            return None
        with unit_of_work(self._outside) as work:
            return end_partner(code, by=who.actor, desk=_desk(work))

    def answer(
        self, who: SignedInPractitioner, order: str, *, confirms: bool
    ) -> Order | NotTheirs | RegistrationRefusal | None:
        """Answer it. Two accounts of one human being are one hand."""
        if not _is_of_hub(who):
            return None
        with unit_of_work(self._outside) as work:
            desk = _desk(work)
            asked = next((one for one in waiting(desk) if one.id == order), None)
            is_one = asked is not None and not _is_other(asked.asked_by, who, work)
            if confirms and is_one:
                why = NotTheirs.ASKED_IT
                return refuse(asked, why, by=who.actor, ledger=work.ledger, at=work.now)
            return answer_registration(
                order, by=who.actor, confirms=confirms, desk=desk, agency=who.agency_code
            )


class _Seeing:
    """What is told of partners in one transaction to one who works in a hub."""

    def __init__(self, work: UnitOfWork, who: SignedInPractitioner) -> None:
        self._work, self._who, self.desk = work, who, _desk(work)
        self._came_back = PostgresAnsweringMail(work.connection).came_back(REGISTRATION)
        self._waiting = waiting(self.desk)

    def told(self, code: str, name: str) -> PartnerRegistered:
        """One partner."""
        rows, at = self.desk.rows, self.desk.at
        standing = rows.standing(code)
        called = self._called
        return PartnerRegistered(
            code,
            name,
            standing,
            standing is not None and standing.may_be_offered(at),
            rows.has_system(code),
            code in self._came_back,
            tuple(self._of(code)),
            "" if standing is None else called(standing.asked_by),
            "" if standing is None else called(standing.warranted_by),
        )

    def _of(self, code: str) -> Sequence[RegistrationWaiting]:
        named = self.desk.opaque(code)
        is_own = self.desk.rows.agency_of(code) == self._who.agency_code
        return [
            RegistrationWaiting(
                order.id,
                found.registration,
                self._called(order.asked_by),
                order.lapses_at,
                not is_own and _is_other(order.asked_by, self._who, self._work),
            )
            for order in self._waiting
            if order.document["partner"] == named
            and (found := self.desk.rows.proposed(order.document["proposal"])) is not None
        ]

    def _called(self, actor: str) -> str:
        if actor.startswith(_A_PARTNER):
            return "the partner itself"
        return self._work.directory.called_by_actor(actor)


def _is_other(asked_by: str, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    is_one_account = work.orders.are_one(asked_by, who.actor)
    return not is_one_account and is_another_hand(asked_by, Hand.of(who), work.directory)


def _desk(work: UnitOfWork) -> CommunityDesk:
    return community_desk(work, by_one_hand=True)


def _is_of_hub(who: SignedInPractitioner) -> bool:
    return who.agency_kind is Source.FAMILY_HUB
