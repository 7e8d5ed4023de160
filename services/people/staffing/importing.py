"""Taking in a list of staff: what it asks for is asked for, and each agency's lead accepts.

Every row is answered. With one that is refused nothing is done, unless whoever runs it says that
the others are to be. The same list again asks for nothing twice. A cell that is empty leaves what
is there.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose
from services.people.governance.orders import Order
from services.people.practitioners.memberships import Membership
from services.people.practitioners.people import is_one_name
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.relationships.staff import (
    StaffChange,
    Staffing,
    StaffRefusal,
    ask_staff,
    enter_staff,
    why_not_changed,
)
from services.people.signing_in.accounts import SignIn
from services.people.staffing.joining import ask_joining, why_not_joined
from services.people.staffing.lists_of_staff import RowFault, StaffRow
from services.people.staffing.waiting import WaitingStaff


class RowOutcome(StrEnum):
    """What a row comes to."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class NotFromAList(StrEnum):
    """Why a row is refused that could be meant, and not by a list."""

    NO_PROVIDER = "is-no-provider-of-sign-in"
    TWO_OF_NAME = "is-more-than-ones"
    ANOTHER_NAME = "is-not-the-name-of-whose-reference-that-is"
    DETAILS = "is-changed-by-command-alone"


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What one row comes to; of one that is refused in which column, and why, as a code."""

    number: int
    outcome: RowOutcome
    field: str | None = None
    why: StrEnum | None = None
    practitioner: PractitionerId | None = None
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffImport:
    """What a list is taken in with. `issuers` are the providers of sign-in by name.

    Without `may_change_details` job title, telephone and purpose of who is here stay: the process
    may not write over them.
    """

    staffing: Staffing
    waiting: WaitingStaff
    issuers: Mapping[str, str]
    may_change_details: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class _Wanted:
    """What a row asks for that is not so yet, and is not asked for either."""

    number: int
    entry: PractitionerEntry
    is_new: bool
    move: StaffChange | None
    has_new_details: bool
    sign_in: SignIn | None

    @property
    def outcome(self) -> RowOutcome:
        if self.is_new:
            return RowOutcome.ADDED
        asks = self.move is not None or self.has_new_details or self.sign_in is not None
        return RowOutcome.CHANGED if asks else RowOutcome.UNCHANGED


_FIELDS: Mapping[StaffRefusal, str] = {
    StaffRefusal.AGENCY_NOT_KNOWN: "agency",
    StaffRefusal.NO_LEAD: "agency",
    StaffRefusal.REF_TAKEN: "worker_ref",
    StaffRefusal.TWO_DUTIES: "role",
}


def take_in(
    rows: Sequence[StaffRow | RowFault],
    *,
    by: str,
    taking: StaffImport,
    is_dry_run: bool,
    is_partial: bool = False,
) -> Sequence[RowAnswer]:
    """Answer each row; ask for what they want unless it is a dry run, or one is refused."""
    taking.staffing.memberships.lock()
    judged = [_judged(row, by, taking) for row in rows]
    is_refused = any(isinstance(one, RowAnswer) for one in judged)
    if is_dry_run or (is_refused and not is_partial):
        if not is_dry_run:
            _enter([one for one in judged if isinstance(one, RowAnswer)], by, taking)
        return [one if isinstance(one, RowAnswer) else _answer(one) for one in judged]
    answers = [one if isinstance(one, RowAnswer) else _asked(one, by, taking) for one in judged]
    _enter(answers, by, taking)
    return answers


def _enter(answers: Sequence[RowAnswer], by: str, taking: StaffImport) -> None:
    """Enter what was done: of a list that is refused nothing but that."""
    counts = {str(one): sum(a.outcome is one for a in answers) for one in RowOutcome}
    enter_staff(LedgerEvent.STAFF_IMPORTED, {**counts}, by, taking.staffing)


def _judged(row: StaffRow | RowFault, by: str, taking: StaffImport) -> _Wanted | RowAnswer:
    if isinstance(row, RowFault):
        return RowAnswer(row.number, RowOutcome.REFUSED, row.field, row.fault)
    if row.provider is not None and row.provider not in taking.issuers:
        return _refused(row, "provider", NotFromAList.NO_PROVIDER)
    sign_in = _sign_in(row, taking)
    found = _find(row, sign_in, taking)
    if isinstance(found, NotFromAList):
        return _refused(row, "name", found)
    wanted = _wanted(row, found, sign_in, taking)
    if isinstance(wanted, NotFromAList):
        field = "name" if wanted is NotFromAList.ANOTHER_NAME else "job_title"
        return _refused(row, field, wanted)
    return _why_refused(row, wanted, by, taking) or wanted


def _find(
    row: StaffRow, sign_in: SignIn | None, taking: StaffImport
) -> PractitionerId | NotFromAList | None:
    """Who that is, if they are here or waited for: by reference, by sign-in, then by name."""
    standing = taking.staffing.memberships.standing()
    if row.worker_ref is not None:
        called = standing.called(row.agency, row.worker_ref)
        called = called or taking.waiting.called(row.agency, row.worker_ref)
        if called is not None:
            return called
    if sign_in is not None:
        opened = taking.staffing.accounts.opened_by_digest(sign_in.digest)
        there = [one for one in opened if standing.agency_of(one) == row.agency]
        if there:
            return there[0]
    namesakes = {
        one.practitioner
        for one in standing.may_be(row.name, ())
        if one.agency == row.agency and None in {one.worker_ref, row.worker_ref}
    }
    namesakes |= taking.waiting.of_name(row.agency, row.name, row.worker_ref)
    if len(namesakes) > 1:
        return NotFromAList.TWO_OF_NAME
    return next(iter(namesakes), None)


def _wanted(
    row: StaffRow, found: PractitionerId | None, sign_in: SignIn | None, taking: StaffImport
) -> _Wanted | NotFromAList:
    staffing = taking.staffing
    person = None if found is None else staffing.directory.person(found)
    before = None if found is None else _here(found, staffing)
    entry = _entry(row, found, before, person)
    if person is not None and not is_one_name(person[0], row.name):
        return NotFromAList.ANOTHER_NAME
    details = (entry.job_title, entry.telephone, entry.purpose)
    has_new_details = person is not None and person[1:] != details
    if has_new_details and not taking.may_change_details:
        return NotFromAList.DETAILS
    told = (entry.agency_code, entry.role, entry.worker_ref)
    is_so = before is not None and (before.agency, before.role, before.worker_ref) == told
    is_asked = taking.waiting.has_change(entry)
    move = None if is_so or is_asked else StaffChange(entry, is_move=before is not None)
    if sign_in is not None and _is_joined(entry.id, sign_in, taking):
        sign_in = None
    return _Wanted(row.number, entry, found is None, move, has_new_details, sign_in)


def _entry(
    row: StaffRow,
    found: PractitionerId | None,
    before: Membership | None,
    person: tuple[str, str, str | None, Purpose] | None,
) -> PractitionerEntry:
    """Whom the row makes of them; what it leaves empty stays."""
    _, _, telephone, purpose = person or ("", "", None, Purpose.DIRECT_CARE)
    ref = before.worker_ref if before is not None and before.agency == row.agency else None
    return PractitionerEntry(
        found or PractitionerId(secrets.token_hex(16)),
        row.name if person is None else person[0],
        row.role,
        row.job_title,
        row.agency,
        row.telephone or telephone,
        row.worker_ref or ref,
        row.purpose or purpose,
    )


def _here(practitioner: PractitionerId, staffing: Staffing) -> Membership | None:
    found = staffing.memberships.newest(practitioner)
    return None if found is None or found.is_over(staffing.at) else found


def _sign_in(row: StaffRow, taking: StaffImport) -> SignIn | None:
    if row.provider is None or row.subject is None:
        return None
    issuer = taking.issuers[row.provider]
    return SignIn(row.provider, taking.staffing.accounts.digest(issuer, row.subject))


def _is_joined(practitioner: PractitionerId, sign_in: SignIn, taking: StaffImport) -> bool:
    newest = taking.staffing.accounts.newest(practitioner, sign_in.digest)
    is_open = newest is not None and not newest.is_over(taking.staffing.at)
    return is_open or taking.waiting.has_joining(practitioner, sign_in.digest)


def _why_refused(row: StaffRow, wanted: _Wanted, by: str, taking: StaffImport) -> RowAnswer | None:
    staffing, entry = taking.staffing, wanted.entry
    if wanted.move is not None:
        why = why_not_changed(wanted.move, by, staffing)
        if why is not None:
            return _refused(row, _FIELDS.get(why, "row"), why)
    if wanted.sign_in is not None:
        why = why_not_joined(entry.id, entry.role, wanted.sign_in.digest, by, staffing)
        if why is not None:
            return _refused(row, "subject", why)
    return None


def _refused(row: StaffRow, field: str, why: StrEnum) -> RowAnswer:
    return RowAnswer(row.number, RowOutcome.REFUSED, field, why)


def _answer(wanted: _Wanted, orders: Sequence[str] = ()) -> RowAnswer:
    known = None if wanted.is_new and not orders else wanted.entry.id
    return RowAnswer(wanted.number, wanted.outcome, practitioner=known, orders=tuple(orders))


def _asked(wanted: _Wanted, by: str, taking: StaffImport) -> RowAnswer:
    """Ask for it; what another row of the list has made impossible is refused."""
    staffing, entry, orders = taking.staffing, wanted.entry, []
    if wanted.move is not None:
        asked = ask_staff(wanted.move, by=by, staffing=staffing)
        if isinstance(asked, StaffRefusal):
            why, field = asked, _FIELDS.get(asked, "row")
            return RowAnswer(wanted.number, RowOutcome.REFUSED, field, why)
        orders.append(asked.id)
    if wanted.has_new_details:
        staffing.directory.save_person(entry)
        fields = {"practitioner": entry.id}
        enter_staff(LedgerEvent.PRACTITIONER_CHANGED, {**fields}, by, staffing)
    if wanted.sign_in is not None:
        coming = (entry.agency_code, entry.role)
        joined = ask_joining(entry.id, wanted.sign_in, by=by, staffing=staffing, coming_as=coming)
        orders += [joined.id] if isinstance(joined, Order) else []
        if isinstance(joined, StaffRefusal):
            refused = RowAnswer(wanted.number, RowOutcome.REFUSED, "subject", joined)
            return replace(refused, practitioner=entry.id, orders=tuple(orders))
    return _answer(wanted, orders)
