"""Joining a sign-in to an account: an administrator asks, a lead of that agency accepts.

Whoever can say alone who somebody is can become anybody. So neither the account's own holder is
one of the two, nor anybody whose sign-in it is. Parting takes one, at once: a session that was
opened by it is none any more.
"""

from collections.abc import Collection, Iterator
from functools import partial

from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from services.people.governance.orders import Order, ask_by_two
from services.people.practitioners.memberships import Membership
from services.people.practitioners.postgres_limits import limit_reached
from services.people.relationships.staff import (
    Staffing,
    StaffKind,
    StaffRefusal,
    enter_staff,
    may_take_away,
    refused,
    why_not_asked_by,
)
from services.people.signing_in.accounts import SignIn, SignInAccount, ended_account, next_account
from services.people.signing_in.codes import read_code

JOIN = "sign-in-join"
CODES_AN_HOUR = 60
_LIMIT = "sign-in-codes"


def ask_joining_by_code(
    practitioner: PractitionerId, typed: str, *, by: str, staffing: Staffing
) -> Order | StaffRefusal:
    """Ask to join the sign-in of whoever read out this code.

    (1) A typing error is told before anything is looked up. (2) Each try counts against whoever
    tries. (3) A code that never was, one that is over, and one that a newer one replaced are one
    answer.
    """
    code = read_code(typed)
    if code is None:  # (1)
        return StaffRefusal.MISTYPED
    if not staffing.limits.take(_LIMIT, [by], CODES_AN_HOUR):  # (2)
        reached = limit_reached(_LIMIT, CODES_AN_HOUR, actor=by, at=staffing.at)
        staffing.ledger.append([reached])
        return StaffRefusal.TOO_MANY
    sign_in = staffing.accounts.behind(code)
    if sign_in is None:  # (3)
        return refused(StaffRefusal.NO_CODE, by, staffing)
    return ask_joining(practitioner, sign_in, by=by, staffing=staffing)


def ask_joining(
    practitioner: PractitionerId,
    sign_in: SignIn,
    *,
    by: str,
    staffing: Staffing,
    coming_as: tuple[str, Role] | None = None,
) -> Order | StaffRefusal:
    """Ask to join this sign-in. Where families are invented it opens the account at once.

    `coming_as` is the agency and role of somebody who is to work there and does not yet: they are
    joined once that was accepted.
    """
    staffing.memberships.lock()
    before = staffing.memberships.newest(practitioner)
    if before is not None and not before.is_over(staffing.at):
        coming_as = (before.agency, before.role)
    if coming_as is None:
        return refused(StaffRefusal.WORKS_NOWHERE, by, staffing)
    agency, role = coming_as
    why_not = why_not_asked_by(by, practitioner, staffing)
    why_not = why_not or why_not_joined(practitioner, role, sign_in.digest, by, staffing)
    if why_not is not None:
        return refused(why_not, by, staffing)
    document = {
        "practitioner": practitioner,
        "agency": agency,
        "provider": sign_in.provider,
        "sign_in": sign_in.digest.hex(),
        "also": sorted(_opens_also(practitioner, sign_in.digest, staffing)),
    }
    carry_out = partial(_join, staffing=staffing)
    return ask_by_two(JOIN, document, by=by, hands=staffing, carry_out=carry_out)


def part(
    practitioner: PractitionerId, *, by: str, staffing: Staffing, provider: str | None = None
) -> Collection[SignInAccount] | StaffRefusal:
    """Let no sign-in of this provider, or none at all, open an account any more, from now on."""
    staffing.memberships.lock()
    before = staffing.memberships.newest(practitioner)
    if before is None or not may_take_away(by, before.agency, staffing):
        return refused(StaffRefusal.NOT_THEIRS, by, staffing)
    open_now = staffing.accounts.of(practitioner)
    found = [one for one in open_now if provider in {None, one.sign_in.provider}]
    if not found:
        return refused(StaffRefusal.NOT_JOINED, by, staffing)
    ended = [ended_account(one, by=by, at=staffing.at) for one in found]
    staffing.accounts.end_brought(practitioner)
    for one in ended:
        staffing.accounts.add(one)
        fields = {"practitioner": practitioner, "provider": one.sign_in.provider}
        enter_staff(LedgerEvent.SIGN_IN_PARTED, {**fields}, by, staffing)
    return ended


def why_not_joined(
    practitioner: PractitionerId, role: Role, digest: bytes, by: str, staffing: Staffing
) -> StaffRefusal | None:
    """Why this sign-in may not open this account, or not by this hand."""
    accounts = staffing.accounts
    newest = accounts.newest(practitioner, digest)
    if newest is not None and not newest.is_over(staffing.at):
        return StaffRefusal.JOINED
    human = _one_human(practitioner, digest, staffing)
    if by.removeprefix("practitioner:") in human:
        return StaffRefusal.OWN
    roles = {one.role for one in _work_of(human - {practitioner}, staffing)} | {role}
    opens = {one in OPENS_FAMILY_RECORDS for one in roles}
    return StaffRefusal.TWO_DUTIES if len(opens) > 1 else None


def _one_human(
    practitioner: PractitionerId, digest: bytes, staffing: Staffing
) -> frozenset[PractitionerId]:
    """All accounts that would be one human being's once it is joined."""
    joined = {practitioner, *staffing.accounts.ever_opened(digest)}
    return frozenset(joined.union(*(staffing.accounts.one_human(one) for one in joined)))


def _work_of(accounts: Collection[PractitionerId], staffing: Staffing) -> Iterator[Membership]:
    for one in accounts:
        found = staffing.memberships.newest(one)
        if found is not None and not found.is_over(staffing.at):
            yield found


def _opens_also(
    practitioner: PractitionerId, digest: bytes, staffing: Staffing
) -> frozenset[PractitionerId]:
    return frozenset(staffing.accounts.opened_by_digest(digest)) - {practitioner}


def _why_not_now(order: Order, by: str, staffing: Staffing) -> StaffRefusal | None:
    """Also for whoever accepts: it may be their own sign-in, and may open more than they read."""
    told = order.document
    practitioner, digest = PractitionerId(told["practitioner"]), bytes.fromhex(told["sign_in"])
    before = staffing.memberships.newest(practitioner)
    if before is None or before.is_over(staffing.at) or before.agency != told["agency"]:
        return StaffRefusal.WORKS_NOWHERE
    if not _opens_also(practitioner, digest, staffing) <= set(told["also"]):
        return StaffRefusal.OPENS_MORE
    return why_not_joined(practitioner, before.role, digest, by, staffing)


def _join(order: Order, staffing: Staffing) -> Order:
    told, by = order.document, order.answered_by or order.asked_by
    practitioner = PractitionerId(told["practitioner"])
    sign_in = SignIn(told["provider"], bytes.fromhex(told["sign_in"]))
    staffing.accounts.lock(sign_in.digest)
    joined = next_account(
        staffing.accounts.newest(practitioner, sign_in.digest),
        practitioner,
        sign_in,
        asked_by=order.asked_by,
        warranted_by=by,
        at=staffing.at,
    )
    staffing.accounts.add(joined)
    staffing.accounts.no_stranger(sign_in.digest)
    fields: dict[str, FieldValue] = {
        "practitioner": practitioner,
        "provider": sign_in.provider,
        "also": sorted(_opens_also(practitioner, sign_in.digest, staffing)),
        "order": order.id,
    }
    enter_staff(LedgerEvent.SIGN_IN_JOINED, fields, by, staffing)
    return order


JOINING = StaffKind(_why_not_now, _join)
