"""Who works where, by two hands: an administrator asks, a lead of that agency accepts.

An agency's first lead, and whoever opens no records in an agency without one, is accepted by
another administrator. Nobody is added, moved or given a reference by themselves. To end a
membership takes one, at once; with it ends what somebody holds by name in that agency.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from services.people.governance.orders import (
    NotTheirs,
    Order,
    Orders,
    answer_by_two,
    ask_by_two,
)
from services.people.practitioners.memberships import Membership, next_membership
from services.people.practitioners.postgres_directory import PostgresDirectory, PractitionerEntry
from services.people.practitioners.postgres_limits import PostgresLimits
from services.people.practitioners.postgres_memberships import PostgresMemberships
from services.people.relationships.model import entry_of_ending
from services.people.relationships.postgres import PostgresRelationships
from services.people.signing_in.postgres_accounts import PostgresSignInAccounts

KIND = "staff-change"
_BECAUSE = "membership-ended"


class StaffRefusal(StrEnum):
    """Why somebody is not added, moved or taken out."""

    AGENCY_NOT_KNOWN = "agency-is-not-known"
    NOT_KNOWN = "practitioner-is-not-known"
    WORKS_HERE = "practitioner-has-a-membership"
    WORKS_NOWHERE = "practitioner-has-no-membership"
    REF_TAKEN = "worker-ref-is-somebody-elses"
    TWO_DUTIES = "has-an-account-that-does-not-go-with-it"
    NO_LEAD = "agency-has-no-lead-yet"
    OWN = "is-themselves"
    NOT_A_LEAD = "is-for-a-lead-of-that-agency"
    SUSPENDED = "is-suspended"
    NOT_SUSPENDED = "is-not-suspended"
    NOT_THEIRS = "is-for-an-administrator-or-a-lead-of-that-agency"
    NOT_FIRST = "is-none-of-the-first-two-administrators"
    MISTYPED = "code-has-a-typing-error"
    NO_CODE = "code-finds-nobody"
    TOO_MANY = "too-many-codes-tried"
    JOINED = "sign-in-opens-it-already"
    NOT_JOINED = "sign-in-does-not-open-it"
    OPENS_MORE = "sign-in-opens-more-than-was-asked-for"
    ASKED_BY_NONE = "was-asked-for-by-no-administrator-any-more"
    ENDED_SINCE = "was-taken-out-since-it-was-asked-for"


@dataclass(frozen=True, slots=True)
class StaffChange:
    """Order: from now on somebody works in this agency, as this, and is called this there.

    `entry` tells who they are; where they work already, `is_move`.
    """

    entry: PractitionerEntry
    is_move: bool


@dataclass(frozen=True, slots=True)
class Staffing:
    """What staff are changed with; every port joins one transaction."""

    memberships: PostgresMemberships
    directory: PostgresDirectory
    relationships: PostgresRelationships
    orders: Orders
    ledger: Ledger
    at: datetime
    accounts: PostgresSignInAccounts
    limits: PostgresLimits
    is_demonstration: bool = False


def ask_staff(change: StaffChange, *, by: str, staffing: Staffing) -> Order | StaffRefusal:
    """Ask for a change. Where families are invented it is in force at once.

    (1) What cannot be is refused. (2) Whoever is new is entered by name, which lets nobody do
    anything. (3) It waits for the other hand.
    """
    entry = change.entry
    staffing.memberships.lock()
    why_not = why_not_changed(change, by, staffing)  # (1)
    if why_not is not None:
        return refused(why_not, by, staffing)
    if not change.is_move:
        staffing.directory.save_person(entry)  # (2)
    document = {
        "practitioner": entry.id,
        "agency": entry.agency_code,
        "role": entry.role.value,
        "worker_ref": entry.worker_ref,
    }
    return ask_by_two(  # (3)
        KIND, document, by=by, hands=staffing, carry_out=partial(_change, staffing=staffing)
    )


def answer_staff(
    order_id: str, *, by: str, confirms: bool, staffing: Staffing
) -> Order | NotTheirs | StaffRefusal:
    """Accept a change, or decline it; once accepted it is in force, in the same transaction."""
    return answer_kind({KIND: CHANGING}, order_id, by=by, confirms=confirms, staffing=staffing)


@dataclass(frozen=True, slots=True)
class StaffKind:
    """A kind of order about somebody of an agency, which its lead accepts.

    Its document names `practitioner` and `agency`. `why_not_now` is what has come to stand against
    it since it was asked for, or against whoever accepts it.
    """

    why_not_now: Callable[[Order, str, Staffing], StaffRefusal | None]
    carry_out: Callable[[Order, Staffing], Order]


def answer_kind(
    kinds: Mapping[str, StaffKind], order_id: str, *, by: str, confirms: bool, staffing: Staffing
) -> Order | NotTheirs | StaffRefusal:
    """Accept or decline an order of one of these kinds; accepted it is carried out with that."""

    def why_not(order: Order) -> StaffRefusal | None:
        staffing.memberships.lock()
        takes_back = not confirms and by == order.asked_by
        why = None if takes_back else why_not_accepted_by(by, order, staffing)
        if why is None and confirms:
            why = _why_not_any_more(order, staffing)
            why = why or kinds[order.kind].why_not_now(order, by, staffing)
        return None if why is None else refused(why, by, staffing)

    return answer_by_two(
        kinds,
        order_id,
        by=by,
        confirms=confirms,
        hands=staffing,
        why_not=why_not,
        carry_out=lambda order: kinds[order.kind].carry_out(order, staffing),
    )


def locked_to_take_away(
    practitioner: PractitionerId, *, by: str, staffing: Staffing
) -> Membership | StaffRefusal:
    """The membership that one hand may take something from, as nobody else changes it meanwhile."""
    staffing.memberships.lock()
    before = staffing.memberships.newest(practitioner)
    if before is None or before.is_over(staffing.at):
        return refused(StaffRefusal.WORKS_NOWHERE, by, staffing)
    if not may_take_away(by, before.agency, staffing):
        return refused(StaffRefusal.NOT_THEIRS, by, staffing)
    return before


def end_staff(
    practitioner: PractitionerId, *, by: str, staffing: Staffing
) -> Membership | StaffRefusal:
    """Somebody works there no more, from now on: no session of theirs goes on."""
    before = locked_to_take_away(practitioner, by=by, staffing=staffing)
    if isinstance(before, StaffRefusal):
        return before
    ended = replace(before.ended(staffing.at), asked_by=by, warranted_by=by, state=before.state + 1)
    staffing.memberships.add(ended)
    relationships = _end_relationships(before, by, staffing)
    fields: dict[str, FieldValue] = {"practitioner": practitioner, "relationships": relationships}
    enter_staff(LedgerEvent.MEMBERSHIP_ENDED, fields, by, staffing)
    return ended


def why_not_changed(change: StaffChange, by: str, staffing: Staffing) -> StaffRefusal | None:
    """Why a change cannot be, or is not for this hand to ask for."""
    entry = change.entry
    if staffing.directory.kind_of(entry.agency_code) is None:
        return StaffRefusal.AGENCY_NOT_KNOWN
    why_not = why_not_asked_by(by, entry.id, staffing) or _why_not_from_here(change, staffing)
    if why_not is not None:
        return why_not
    has_lead = bool(leads_of(entry.agency_code, staffing))
    if not has_lead and entry.role is Role.PRACTITIONER and not staffing.is_demonstration:
        return StaffRefusal.NO_LEAD
    return why_not_with_others(entry, staffing)


def why_not_asked_by(
    by: str, practitioner: PractitionerId, staffing: Staffing
) -> StaffRefusal | None:
    """An administrator asks, and nobody for themselves."""
    if staffing.orders.are_one(by, f"practitioner:{practitioner}"):
        return StaffRefusal.OWN
    return None if is_administrator(by, staffing) else StaffRefusal.NOT_THEIRS


def _why_not_from_here(change: StaffChange, staffing: Staffing) -> StaffRefusal | None:
    """Whether what they are now lets it be: whoever is to come works nowhere yet."""
    before = staffing.memberships.newest(change.entry.id)
    works = before is not None and not before.is_over(staffing.at)
    if change.is_move is not works:
        return StaffRefusal.WORKS_NOWHERE if change.is_move else StaffRefusal.WORKS_HERE
    if before is not None and works and not before.is_here(staffing.at):
        return StaffRefusal.SUSPENDED
    return None


def why_not_accepted_by(by: str, order: Order, staffing: Staffing) -> StaffRefusal | None:
    """A lead of the agency, another than who it is about; without one another administrator.

    So the only lead gets a sign-in, too. What is about somebody who is an administrator, or is to
    be one, another administrator accepts: they ask for things in every agency.
    """
    about = f"practitioner:{order.document['practitioner']}"
    if staffing.orders.are_one(by, about):
        return StaffRefusal.OWN
    leads = [
        lead
        for lead in leads_of(order.document["agency"], staffing)
        if not staffing.orders.are_one(f"practitioner:{lead.practitioner}", about)
    ]
    if not leads or _is_about_an_administrator(order, staffing):
        return None if is_administrator(by, staffing) else StaffRefusal.NOT_A_LEAD
    accepts = {f"practitioner:{lead.practitioner}" for lead in leads}
    return None if by in accepts else StaffRefusal.NOT_A_LEAD


def _why_not_any_more(order: Order, staffing: Staffing) -> StaffRefusal | None:
    """Whether the first hand still counts: whoever was suspended or taken out asks for nothing.

    Nor does one hand's taking somebody out fall to what was asked for before it.
    """
    if not is_administrator(order.asked_by, staffing):
        return StaffRefusal.ASKED_BY_NONE
    now = staffing.memberships.newest(PractitionerId(order.document["practitioner"]))
    until = None if now is None or not now.is_over(staffing.at) else now.until
    is_since = until is not None and order.known_at is not None and until > order.known_at
    return StaffRefusal.ENDED_SINCE if is_since else None


def _is_about_an_administrator(order: Order, staffing: Staffing) -> bool:
    now = staffing.memberships.newest(PractitionerId(order.document["practitioner"]))
    is_now = now is not None and not now.is_over(staffing.at) and now.role is Role.ADMINISTRATOR
    return is_now or order.document.get("role") == Role.ADMINISTRATOR


def may_take_away(by: str, agency: str, staffing: Staffing) -> bool:
    """Whether somebody may end or suspend what is in this agency: it takes one, at once."""
    leads = {f"practitioner:{lead.practitioner}" for lead in leads_of(agency, staffing)}
    return by in leads or is_administrator(by, staffing)


def is_administrator(by: str, staffing: Staffing) -> bool:
    """A system account, or somebody whose membership says so."""
    kind, _, who = by.partition(":")
    if kind != "practitioner":
        return kind == "operator"
    found = staffing.memberships.newest(PractitionerId(who))
    is_one = found is not None and found.role is Role.ADMINISTRATOR
    return found is not None and is_one and found.is_here(staffing.at)


def _why_not_now(order: Order, by: str, staffing: Staffing) -> StaffRefusal | None:
    """What has come to stand against it since it was asked for."""
    del by
    told: Any = order.document
    practitioner = PractitionerId(told["practitioner"])
    name = staffing.directory.name_of(practitioner)
    if name is None:
        return StaffRefusal.NOT_KNOWN
    before = staffing.memberships.newest(practitioner)
    if before is not None and not before.is_over(staffing.at) and before.suspended_at is not None:
        return StaffRefusal.SUSPENDED
    place = (told["agency"], Role(told["role"]), told["worker_ref"])
    return _clash(practitioner, name, *place, staffing)


def why_not_with_others(entry: PractitionerEntry, staffing: Staffing) -> StaffRefusal | None:
    """Why somebody does not go with what others are, or with what they are themselves elsewhere."""
    return _clash(entry.id, entry.name, entry.agency_code, entry.role, entry.worker_ref, staffing)


def _clash(  # noqa: PLR0917 all that one membership is
    practitioner: PractitionerId,
    name: str,
    agency: str,
    role: Role,
    worker_ref: str | None,
    staffing: Staffing,
) -> StaffRefusal | None:
    """Why it does not go with what others are, or with what they are by another account.

    Who has two accounts has one name or one sign-in: nobody who checks the others opens records
    beside it.
    """
    standing = staffing.memberships.standing()
    holder = None if worker_ref is None else standing.called(agency, worker_ref)
    if holder not in {None, practitioner}:
        return StaffRefusal.REF_TAKEN
    accounts = staffing.accounts.one_human(practitioner)
    also = [one for one in standing.may_be(name, accounts) if one.practitioner != practitioner]
    return StaffRefusal.TWO_DUTIES if goes_not_with(role, also) else None


def goes_not_with(role: Role, also: Iterable[Membership]) -> bool:
    """Whether one human being would open records and check those who do."""
    opens = role in OPENS_FAMILY_RECORDS
    return any((one.role in OPENS_FAMILY_RECORDS) is not opens for one in also)


def leads_of(agency: str, staffing: Staffing) -> Sequence[Membership]:
    """Who accepts what is asked for in an agency."""
    return staffing.memberships.leads_of(agency)


def _change(order: Order, staffing: Staffing) -> Order:
    told: Any = order.document
    practitioner, by = PractitionerId(told["practitioner"]), order.answered_by or order.asked_by
    before = staffing.memberships.newest(practitioner)
    following = next_membership(
        before,
        told["agency"],
        practitioner,
        Role(told["role"]),
        told["worker_ref"],
        asked_by=order.asked_by,
        warranted_by=by,
        at=staffing.at,
    )
    staffing.memberships.add(following)
    staffing.accounts.end_brought(practitioner)
    if before is not None and before.agency != following.agency:
        _end_relationships(before, by, staffing)
    fields: dict[str, FieldValue] = {
        "practitioner": practitioner,
        "role": following.role,
        "order": order.id,
    }
    enter_staff(LedgerEvent.MEMBERSHIP_CHANGED, fields, by, staffing)
    return order


def _end_relationships(before: Membership, by: str, staffing: Staffing) -> list[str]:
    ended = staffing.relationships.end_with_membership(before.practitioner, before.agency, by=by)
    staffing.ledger.append(
        [entry_of_ending(one, _BECAUSE, at=staffing.at, actor=by) for one in ended]
    )
    return [one.id for one in ended]


def refused(why: StaffRefusal, by: str, staffing: Staffing) -> StaffRefusal:
    """Enter that it was not done; gives why."""
    enter_staff(LedgerEvent.MEMBERSHIP_REFUSED, {"because": why}, by, staffing)
    return why


def enter_staff(
    event: LedgerEvent, fields: dict[str, FieldValue], by: str, staffing: Staffing
) -> None:
    """Enter what was done about somebody who works here."""
    staffing.ledger.append([ledger_entry(event, fields, at=staffing.at, actor=by)])


CHANGING = StaffKind(_why_not_now, _change)
