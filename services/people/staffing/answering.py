"""Answering what was asked about somebody of an agency: whichever kind of order it is.

Each kind says what has come to stand against it and what comes of it; who may accept is the same
for all (`services.people.relationships.staff.why_not_accepted_by`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from schemas.identifiers import PractitionerId
from services.people.governance.orders import NotTheirs, Order
from services.people.governance.postgres import PostgresOrders
from services.people.relationships.staff import (
    CHANGING,
    KIND,
    Staffing,
    StaffKind,
    StaffRefusal,
    answer_kind,
)
from services.people.staffing.joining import JOIN, JOINING
from services.people.staffing.suspending import RESUME, RESUMING

STAFF_KINDS: Final[Mapping[str, StaffKind]] = {KIND: CHANGING, RESUME: RESUMING, JOIN: JOINING}
"""What an administrator asks for about somebody, and a lead of that agency accepts."""


def answer_staff_order(
    order_id: str, *, by: str, confirms: bool, staffing: Staffing
) -> Order | NotTheirs | StaffRefusal:
    """Accept or decline it; once accepted it is in force, in the same transaction."""
    return answer_kind(STAFF_KINDS, order_id, by=by, confirms=confirms, staffing=staffing)


def waiting_in(agency: str, *, orders: PostgresOrders, staffing: Staffing) -> Sequence[Order]:
    """What waits for a lead of this agency: the oldest first, and a sign-in after its account."""
    found = [
        order
        for order in orders.of_kinds(*STAFF_KINDS)
        if order.is_waiting(staffing.at) and order.document["agency"] == agency
    ]
    return sorted(found, key=lambda one: (one.lapses_at, one.kind == JOIN, one.id))


def waiting_about(
    practitioner: PractitionerId, *, orders: PostgresOrders, staffing: Staffing
) -> Sequence[Order]:
    """What waits about somebody, the oldest first."""
    found = [
        order
        for order in orders.of_kinds(*STAFF_KINDS)
        if order.is_waiting(staffing.at) and order.document["practitioner"] == practitioner
    ]
    return sorted(found, key=lambda one: (one.lapses_at, one.kind == JOIN, one.id))
