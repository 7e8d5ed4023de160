"""What the pages of staff ask, each call one transaction, entered also where it refuses.

Whoever is not theirs to see is not there. On a page nobody is both hands, invented or not.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import LabelledCode, Role
from services.people.governance.orders import Order
from services.people.practitioners.memberships import Membership
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.permissions import Permission, entry_of_refusal
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.relationships.staff import (
    StaffChange,
    StaffRefusal,
    ask_staff,
    end_staff,
)
from services.people.signing_in.accounts import SignInAccount
from services.people.staffing.agencies import AgencyRefusal, add_agency
from services.people.staffing.answering import waiting_about, waiting_in
from services.people.staffing.importing import RowAnswer, take_in
from services.people.staffing.joining import ask_joining_by_code, part
from services.people.staffing.lists_of_staff import RowFault, StaffRow
from services.people.staffing.suspending import ask_resume, suspend
from services.work import Outside, UnitOfWork, unit_of_work

ON_A_PAGE = 50


class StaffAct(LabelledCode):
    """What can be done about somebody by a button."""

    SUSPEND = "suspend", "Suspend"
    RESUME = "resume", "Let in again"
    END = "end", "Take out of the agency"
    PART = "part", "End all sign-ins"


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """Who works in an agency: as what, and by which providers they sign in."""

    membership: Membership
    name: str
    job_title: str
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class AgencyTold:
    """An agency, a page of its people, and what of what waits there is over first.

    `next` is after whom more people come.
    """

    agency: Agency
    people: tuple[Member, ...]
    next: PractitionerId | None
    waiting: tuple[Order, ...]


@dataclass(frozen=True, slots=True, repr=False)
class StateTold:
    """One state of a membership: the agency's name, and who asked and accepted, by name."""

    membership: Membership
    agency: str
    asked_by: str
    warranted_by: str


@dataclass(frozen=True, slots=True, repr=False)
class PersonTold:
    """Somebody: what they are called, all states of their membership, sign-ins, what waits."""

    id: PractitionerId
    name: str
    job_title: str
    telephone: str | None
    agency: Agency
    states: tuple[StateTold, ...]
    sign_ins: tuple[SignInAccount, ...]
    waiting: tuple[Order, ...]
    at: datetime

    @property
    def now(self) -> Membership | None:
        """Where they work now, suspended or not."""
        newest = self.states[-1].membership if self.states else None
        return None if newest is None or newest.is_over(self.at) else newest


Asked = Order | StaffRefusal


class StaffServices(Protocol):
    """Who works where; a part of services.portal.ports.PortalServices.

    Everything about an agency or somebody whom `who` does not look after is None, and entered.
    """

    def agencies(self, who: SignedInPractitioner, after: str) -> Sequence[Agency]:
        """A page of the agencies that they look after, by code."""

    def agency(
        self, who: SignedInPractitioner, code: str, after: PractitionerId | None
    ) -> AgencyTold | None:
        """One of them, with a page of its people by name."""

    def person(self, who: SignedInPractitioner, practitioner: PractitionerId) -> PersonTold | None:
        """Somebody who works in one of them, worked there last, or is to.

        A lead is told what they were and are to be in the lead's own agency, and nowhere else.
        """

    def add_agency(self, who: SignedInPractitioner, agency: Agency) -> Agency | AgencyRefusal:
        """Enter an agency."""

    def add(self, who: SignedInPractitioner, entry: PractitionerEntry) -> Asked:
        """Ask that somebody new may work in an agency."""

    def change(
        self,
        who: SignedInPractitioner,
        practitioner: PractitionerId,
        agency: str,
        role: Role,
        worker_ref: str | None,
    ) -> Asked | None:
        """Ask that somebody may work elsewhere, or again, or as something else."""

    def act(
        self, who: SignedInPractitioner, practitioner: PractitionerId, act: StaffAct
    ) -> object | StaffRefusal | None:
        """Do what the button says, or ask for it."""

    def join(
        self, who: SignedInPractitioner, practitioner: PractitionerId, code: str
    ) -> Asked | None:
        """Ask that whoever read out this code may open the account."""

    def take_in(
        self, who: SignedInPractitioner, rows: Sequence[StaffRow | RowFault], *, is_dry_run: bool
    ) -> Sequence[RowAnswer]:
        """Ask for everybody on a list, or say what would be asked for."""


class StaffOnDatabase:
    """StaffServices on PostgreSQL."""

    def __init__(self, outside: Outside, issuers: Mapping[str, str] | None = None) -> None:
        self._outside = outside
        self._issuers = issuers or {}

    def agencies(self, who: SignedInPractitioner, after: str) -> Sequence[Agency]:
        """A page of the agencies that they look after."""
        with unit_of_work(self._outside) as work:
            if who.role is Role.ADMINISTRATOR:
                return work.directory.agencies(after=after, most=ON_A_PAGE + 1)
            own = work.directory.agency(who.agency_code)
            return [] if own is None or after else [own]

    def agency(
        self, who: SignedInPractitioner, code: str, after: PractitionerId | None
    ) -> AgencyTold | None:
        """One of them, with a page of its people."""
        with unit_of_work(self._outside) as work:
            found = work.directory.agency(code)
            if found is None or not looks_after(who, code):
                not_there(who, work)
                return None
            page = work.memberships.page_of(code, after=after, most=ON_A_PAGE + 1)
            people = tuple(_member(work, *one) for one in page[:ON_A_PAGE])
            fields: dict[str, FieldValue] = {
                "agency": work.hasher.opaque("agency", code),
                "results": len(people),
            }
            _enter(LedgerEvent.STAFF_LISTED, fields, who, work)
            waiting = waiting_in(code, orders=work.orders, staffing=work.staffing())
            is_more = len(page) > ON_A_PAGE
            last = people[-1].membership.practitioner if is_more else None
            return AgencyTold(found, people, last, tuple(waiting[:ON_A_PAGE]))

    def person(self, who: SignedInPractitioner, practitioner: PractitionerId) -> PersonTold | None:
        """Somebody who works in one of them, worked there last, or is to."""
        with unit_of_work(self._outside) as work:
            told = _person(practitioner, work)
            if told is None or not looks_after(who, told.agency.code):
                not_there(who, work)
                return None
            _enter(LedgerEvent.STAFF_SHOWN, {"practitioner": practitioner}, who, work)
            return told if who.role is Role.ADMINISTRATOR else _of_their_agency(told)

    def add_agency(self, who: SignedInPractitioner, agency: Agency) -> Agency | AgencyRefusal:
        """Enter an agency."""
        with unit_of_work(self._outside) as work:
            return add_agency(agency, by=who.actor, desk=work.agency_desk())

    def add(self, who: SignedInPractitioner, entry: PractitionerEntry) -> Asked:
        """Ask that somebody new may work in an agency."""
        new = replace(entry, id=PractitionerId(secrets.token_hex(16)))
        with unit_of_work(self._outside) as work:
            staffing = work.staffing(by_one_hand=True)
            return ask_staff(StaffChange(new, is_move=False), by=who.actor, staffing=staffing)

    def change(
        self,
        who: SignedInPractitioner,
        practitioner: PractitionerId,
        agency: str,
        role: Role,
        worker_ref: str | None,
    ) -> Asked | None:
        """Ask that somebody may work elsewhere, or again, or as something else."""
        with unit_of_work(self._outside) as work:
            person = work.directory.person(practitioner)
            if person is None:
                not_there(who, work)
                return None
            name, title, telephone, purpose = person
            more = (title, agency, telephone, worker_ref, purpose)
            entry = PractitionerEntry(practitioner, name, role, *more)
            before = work.memberships.newest(practitioner)
            works = before is not None and not before.is_over(work.now)
            staffing = work.staffing(by_one_hand=True)
            return ask_staff(StaffChange(entry, is_move=works), by=who.actor, staffing=staffing)

    def act(
        self, who: SignedInPractitioner, practitioner: PractitionerId, act: StaffAct
    ) -> object | StaffRefusal | None:
        """Do what the button says, or ask for it."""
        with unit_of_work(self._outside) as work:
            before = work.memberships.newest(practitioner)
            if before is None or not looks_after(who, before.agency):
                not_there(who, work)
                return None
            staffing = work.staffing(by_one_hand=True)
            return _DOES[act](practitioner, by=who.actor, staffing=staffing)

    def join(
        self, who: SignedInPractitioner, practitioner: PractitionerId, code: str
    ) -> Asked | None:
        """Ask that whoever read out this code may open the account."""
        with unit_of_work(self._outside) as work:
            if work.memberships.newest(practitioner) is None:
                not_there(who, work)
                return None
            staffing = work.staffing(by_one_hand=True)
            return ask_joining_by_code(practitioner, code, by=who.actor, staffing=staffing)

    def take_in(
        self, who: SignedInPractitioner, rows: Sequence[StaffRow | RowFault], *, is_dry_run: bool
    ) -> Sequence[RowAnswer]:
        """Ask for everybody on a list, or say what would be asked for."""
        with unit_of_work(self._outside) as work:
            taking = work.staff_import(self._issuers, on_a_page=True)
            return take_in(rows, by=who.actor, taking=taking, is_dry_run=is_dry_run)


_DOES: Mapping[StaffAct, Callable[..., object]] = {
    StaffAct.SUSPEND: suspend,
    StaffAct.RESUME: ask_resume,
    StaffAct.END: end_staff,
    StaffAct.PART: part,
}


def looks_after(who: SignedInPractitioner, agency: str) -> bool:
    """Whether an agency's people are theirs to look after: a lead's own, or an administrator's."""
    is_lead = who.role is Role.LEAD_PRACTITIONER and who.agency_code == agency
    return is_lead or who.role is Role.ADMINISTRATOR


def not_there(who: SignedInPractitioner, work: UnitOfWork) -> None:
    """Enter that they asked about what is not theirs to see."""
    work.ledger.append([entry_of_refusal(Permission.STAFF, who, at=work.now)])


def _member(work: UnitOfWork, membership: Membership, name: str, job_title: str) -> Member:
    accounts = work.sign_in_accounts.of(membership.practitioner)
    providers = tuple(one.sign_in.provider for one in accounts)
    return Member(membership, name, job_title, providers)


def _person(practitioner: PractitionerId, work: UnitOfWork) -> PersonTold | None:
    person = work.directory.person(practitioner)
    states = work.memberships.history(practitioner)
    waiting = waiting_about(practitioner, orders=work.orders, staffing=work.staffing())
    places = [one.agency for one in states] or [one.document["agency"] for one in waiting]
    agency = work.directory.agency(places[-1]) if places else None
    if person is None or agency is None:
        return None
    name, job_title, telephone, _ = person
    return PersonTold(
        practitioner,
        name,
        job_title,
        telephone,
        agency,
        tuple(
            StateTold(
                one,
                work.directory.agency_name(one.agency) or one.agency,
                work.directory.called_by_actor(one.asked_by),
                work.directory.called_by_actor(one.warranted_by),
            )
            for one in states
        ),
        tuple(work.sign_in_accounts.of(practitioner)),
        tuple(waiting),
        work.now,
    )


def _of_their_agency(told: PersonTold) -> PersonTold:
    """Without what somebody was elsewhere, by whom, or is to be: that is for those agencies."""
    code = told.agency.code
    return replace(
        told,
        states=tuple(one for one in told.states if one.membership.agency == code),
        waiting=tuple(one for one in told.waiting if one.document["agency"] == code),
    )


def _enter(
    event: LedgerEvent,
    fields: Mapping[str, FieldValue],
    who: SignedInPractitioner,
    work: UnitOfWork,
) -> None:
    work.ledger.append([ledger_entry(event, dict(fields), at=work.now, actor=who.actor)])
