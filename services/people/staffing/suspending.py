"""Suspending somebody, at once and by one; letting them in again takes two.

Nothing opens for whoever is suspended, and no session of theirs goes on. What they hold with
families stays as it is, and is nobody else's.
"""

from dataclasses import replace
from functools import partial

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from services.people.governance.orders import Order, ask_by_two
from services.people.practitioners.memberships import Membership
from services.people.relationships.staff import (
    Staffing,
    StaffKind,
    StaffRefusal,
    enter_staff,
    locked_to_take_away,
    refused,
    why_not_asked_by,
)

RESUME = "staff-resume"


def suspend(
    practitioner: PractitionerId, *, by: str, staffing: Staffing
) -> Membership | StaffRefusal:
    """Let nothing open for somebody from now on. An administrator may, or a lead of the agency."""
    before = locked_to_take_away(practitioner, by=by, staffing=staffing)
    if isinstance(before, StaffRefusal):
        return before
    if before.suspended_at is not None:
        return refused(StaffRefusal.SUSPENDED, by, staffing)
    suspended = replace(
        before, suspended_at=staffing.at, asked_by=by, warranted_by=by, state=before.state + 1
    )
    staffing.memberships.add(suspended)
    staffing.accounts.end_brought(practitioner)
    enter_staff(LedgerEvent.MEMBERSHIP_SUSPENDED, {"practitioner": practitioner}, by, staffing)
    return suspended


def ask_resume(
    practitioner: PractitionerId, *, by: str, staffing: Staffing
) -> Order | StaffRefusal:
    """Ask to let somebody in again, as what they were; at once where families are invented."""
    staffing.memberships.lock()
    why_not = why_not_asked_by(by, practitioner, staffing)
    if why_not is None:
        why_not = _why_not_resumed(practitioner, staffing)
    before = staffing.memberships.newest(practitioner)
    if why_not is not None or before is None:
        return refused(why_not or StaffRefusal.WORKS_NOWHERE, by, staffing)
    document = {"practitioner": practitioner, "agency": before.agency}
    carry_out = partial(_resume, staffing=staffing)
    return ask_by_two(RESUME, document, by=by, hands=staffing, carry_out=carry_out)


def _why_not_resumed(practitioner: PractitionerId, staffing: Staffing) -> StaffRefusal | None:
    before = staffing.memberships.newest(practitioner)
    if before is None or before.is_over(staffing.at):
        return StaffRefusal.WORKS_NOWHERE
    return StaffRefusal.NOT_SUSPENDED if before.suspended_at is None else None


def _why_not_now(order: Order, by: str, staffing: Staffing) -> StaffRefusal | None:
    """Also where they have left that agency since, and were suspended in another."""
    del by
    practitioner = PractitionerId(order.document["practitioner"])
    before = staffing.memberships.newest(practitioner)
    if before is not None and before.agency != order.document["agency"]:
        return StaffRefusal.WORKS_NOWHERE
    is_older = (
        before is not None
        and before.suspended_at is not None
        and order.known_at is not None
        and before.suspended_at > order.known_at
    )
    return StaffRefusal.SUSPENDED if is_older else _why_not_resumed(practitioner, staffing)


def _resume(order: Order, staffing: Staffing) -> Order:
    practitioner, by = PractitionerId(order.document["practitioner"]), order.answered_by or ""
    before = staffing.memberships.newest(practitioner)
    assert before is not None, "it was looked at before it was accepted"  # noqa: S101
    resumed = replace(
        before,
        suspended_at=None,
        asked_by=order.asked_by,
        warranted_by=by,
        state=before.state + 1,
    )
    staffing.memberships.add(resumed)
    fields = {"practitioner": practitioner, "order": order.id}
    enter_staff(LedgerEvent.MEMBERSHIP_RESUMED, {**fields}, by, staffing)
    return order


RESUMING = StaffKind(_why_not_now, _resume)
