"""Who works where, by two hands: an administrator asks, a lead of that agency accepts.

An agency's first lead, and whoever opens no records in an agency without one, is accepted by
another administrator. Nobody is added, moved or given a reference by themselves. To end a
membership takes one, at once; with it ends what somebody holds by name in that agency.
"""

from collections.abc import Sequence
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
from services.people.practitioners.people import is_one_name
from services.people.practitioners.postgres_directory import PostgresDirectory, PractitionerEntry
from services.people.practitioners.postgres_memberships import PostgresMemberships
from services.people.relationships.model import entry_of_ending
from services.people.relationships.postgres import PostgresRelationships

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
    is_demonstration: bool = False


def ask_staff(change: StaffChange, *, by: str, staffing: Staffing) -> Order | StaffRefusal:
    """Ask for a change. Where families are invented it is in force at once.

    (1) What cannot be is refused. (2) Whoever is new is entered by name, which lets nobody do
    anything. (3) It waits for the other hand.
    """
    entry = change.entry
    staffing.memberships.lock(entry.agency_code)
    why_not = _why_not(change, by, staffing)  # (1)
    if why_not is not None:
        return _refused(why_not, by, staffing)
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

    def why_not(order: Order) -> StaffRefusal | None:
        staffing.memberships.lock(order.document["agency"])
        takes_back = not confirms and by == order.asked_by
        why = None if takes_back else why_not_accepted_by(by, order, staffing)
        if why is None and confirms:
            why = _why_not_now(order, staffing)
        return None if why is None else _refused(why, by, staffing)

    return answer_by_two(
        {KIND},
        order_id,
        by=by,
        confirms=confirms,
        hands=staffing,
        why_not=why_not,
        carry_out=partial(_change, staffing=staffing),
    )


def end_staff(
    practitioner: PractitionerId, *, by: str, staffing: Staffing
) -> Membership | StaffRefusal:
    """Somebody works there no more, from now on: no session of theirs goes on."""
    before = staffing.memberships.newest(practitioner)
    if before is None or before.is_over(staffing.at):
        return _refused(StaffRefusal.WORKS_NOWHERE, by, staffing)
    ended = replace(before.ended(staffing.at), asked_by=by, warranted_by=by, state=before.state + 1)
    staffing.memberships.add(ended)
    relationships = _end_relationships(before, by, staffing)
    fields: dict[str, FieldValue] = {"practitioner": practitioner, "relationships": relationships}
    _enter(LedgerEvent.MEMBERSHIP_ENDED, fields, by, staffing)
    return ended


def _why_not(change: StaffChange, by: str, staffing: Staffing) -> StaffRefusal | None:
    entry = change.entry
    if staffing.directory.kind_of(entry.agency_code) is None:
        return StaffRefusal.AGENCY_NOT_KNOWN
    if by == f"practitioner:{entry.id}":
        return StaffRefusal.OWN
    before = staffing.memberships.newest(entry.id)
    works = before is not None and not before.is_over(staffing.at)
    if change.is_move is not works:
        return StaffRefusal.WORKS_NOWHERE if change.is_move else StaffRefusal.WORKS_HERE
    has_lead = bool(_leads(entry.agency_code, staffing))
    if not has_lead and entry.role is Role.PRACTITIONER and not staffing.is_demonstration:
        return StaffRefusal.NO_LEAD
    return _clash(entry.id, entry.name, entry.agency_code, entry.role, entry.worker_ref, staffing)


def why_not_accepted_by(by: str, order: Order, staffing: Staffing) -> StaffRefusal | None:
    """A lead of the agency, another than who it is about; without one another administrator."""
    if by == f"practitioner:{order.document['practitioner']}":
        return StaffRefusal.OWN
    leads = _leads(order.document["agency"], staffing)
    if not leads:
        return None if _is_administrator(by, staffing) else StaffRefusal.NOT_A_LEAD
    accepts = {f"practitioner:{lead.practitioner}" for lead in leads}
    return None if by in accepts else StaffRefusal.NOT_A_LEAD


def _is_administrator(by: str, staffing: Staffing) -> bool:
    """A system account, or somebody whose membership says so."""
    kind, _, who = by.partition(":")
    if kind != "practitioner":
        return kind == "operator"
    found = staffing.memberships.newest(PractitionerId(who))
    is_one = found is not None and found.role is Role.ADMINISTRATOR
    return found is not None and is_one and not found.is_over(staffing.at)


def _why_not_now(order: Order, staffing: Staffing) -> StaffRefusal | None:
    """What has come to stand against it since it was asked for."""
    told: Any = order.document
    practitioner = PractitionerId(told["practitioner"])
    name = staffing.directory.name_of(practitioner)
    if name is None:
        return StaffRefusal.NOT_KNOWN
    place = (told["agency"], Role(told["role"]), told["worker_ref"])
    return _clash(practitioner, name, *place, staffing)


def _clash(  # noqa: PLR0917 all that one membership is
    practitioner: PractitionerId,
    name: str,
    agency: str,
    role: Role,
    worker_ref: str | None,
    staffing: Staffing,
) -> StaffRefusal | None:
    """Why it does not go with what others are, or with what they are by another account.

    Who has two accounts has one name: nobody who checks the others opens records beside it.
    """
    for other, called in staffing.memberships.everybody():
        if other.practitioner == practitioner:
            continue
        if worker_ref is not None and (other.agency, other.worker_ref) == (agency, worker_ref):
            return StaffRefusal.REF_TAKEN
        opens = {role in OPENS_FAMILY_RECORDS, other.role in OPENS_FAMILY_RECORDS}
        if len(opens) > 1 and is_one_name(name, called):
            return StaffRefusal.TWO_DUTIES
    return None


def _leads(agency: str, staffing: Staffing) -> Sequence[Membership]:
    return [one for one in staffing.memberships.of(agency) if one.role is Role.LEAD_PRACTITIONER]


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
    if before is not None and before.agency != following.agency:
        _end_relationships(before, by, staffing)
    fields: dict[str, FieldValue] = {
        "practitioner": practitioner,
        "role": following.role,
        "order": order.id,
    }
    _enter(LedgerEvent.MEMBERSHIP_CHANGED, fields, by, staffing)
    return order


def _end_relationships(before: Membership, by: str, staffing: Staffing) -> list[str]:
    ended = staffing.relationships.end_with_membership(before.practitioner, before.agency, by=by)
    staffing.ledger.append(
        [entry_of_ending(one, _BECAUSE, at=staffing.at, actor=by) for one in ended]
    )
    return [one.id for one in ended]


def _refused(why: StaffRefusal, by: str, staffing: Staffing) -> StaffRefusal:
    _enter(LedgerEvent.MEMBERSHIP_REFUSED, {"because": why}, by, staffing)
    return why


def _enter(event: LedgerEvent, fields: dict[str, FieldValue], by: str, staffing: Staffing) -> None:
    staffing.ledger.append([ledger_entry(event, fields, at=staffing.at, actor=by)])
