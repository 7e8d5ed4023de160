"""`tell-once staff …`: who works in which agency, as what, and which sign-in is theirs."""

import argparse
import secrets
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from consent.errors import DecisionInvalidError
from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role
from services.cli.operator import operator, tell_order, tell_refused
from services.cli.orders import Run, officers_group, owned
from services.cli.output import print_document
from services.cli.people.staff_import import add_import
from services.people.governance.orders import Order
from services.people.practitioners.memberships import Membership
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.relationships.staff import (
    StaffChange,
    StaffRefusal,
    ask_staff,
    end_staff,
    enter_staff,
)
from services.people.staffing.answering import answer_staff_order, waiting_in
from services.people.staffing.joining import ask_joining_by_code, part
from services.people.staffing.suspending import ask_resume, suspend
from services.work import UnitOfWork

_LONGEST = 200
_ABOUT = """
Who works in which agency, and as what. An administrator asks; it is in force when a lead of that
agency accepts it, and for an agency's first lead when another administrator does. Taking somebody
out takes one, at once: with their membership ends what they hold by name.

  tell-once staff add RY4 --name "Priya Nair" --job-title "Health visitor" \\
      --role lead-practitioner --worker-ref HV-7
  tell-once staff confirm ORDER
  tell-once staff move PRACTITIONER --agency RY4 --role practitioner
  tell-once staff end PRACTITIONER
  tell-once staff list RY4
  tell-once staff import staff.csv --dry-run

Whoever signs in and has no account yet reads out a code: `link` takes it from standard input.
Suspending and unlinking take one, at once; resuming and linking wait for the agency's lead.

  tell-once staff link PRACTITIONER < code.txt
  tell-once staff unlink PRACTITIONER --provider cis2
  tell-once staff suspend PRACTITIONER
  tell-once staff resume PRACTITIONER
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `staff`."""
    told = "who works in which agency, and as what"
    staff = officers_group(commands, common, "staff", told=told, about=_ABOUT)
    _add_changes(staff.verb)
    for name, run, told in _ABOUT_ONE:
        staff.verb(name, run, told).add_argument("practitioner", metavar="PRACTITIONER")
    unlink = staff.verb("unlink", _unlink, "Let a sign-in open an account no more, at once.")
    unlink.add_argument("practitioner", metavar="PRACTITIONER")
    unlink.add_argument("--provider", metavar="NAME", help="of this provider; else all of them")
    add_import(staff.verb)
    staff.add_answers(_answer)
    listing = staff.verb("list", _list, "Who works in an agency, and what waits there.")
    listing.add_argument("agency", metavar="AGENCY")


def _add_changes(verb: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    roles = [role.value for role in Role]
    add = verb("add", _add, "Ask to let somebody new work in an agency.")
    add.add_argument("agency", metavar="AGENCY")
    add.add_argument("--name", required=True)
    add.add_argument("--job-title", required=True)
    add.add_argument("--role", required=True, choices=roles)
    add.add_argument("--worker-ref", metavar="REF", help="what the agency's feeds call them")
    add.add_argument("--telephone")
    purposes = [purpose.value for purpose in Purpose]
    add.add_argument("--purpose", choices=purposes, default=Purpose.DIRECT_CARE.value)
    move = verb("move", _move, "Ask to let somebody work elsewhere, or again, or as another.")
    move.add_argument("practitioner", metavar="PRACTITIONER")
    move.add_argument("--agency", help="where they work from then on; else where they do")
    move.add_argument("--role", choices=roles, help="as what; else as what they do")
    move.add_argument("--worker-ref", metavar="REF", help="what the agency's feeds call them")


def _add(args: argparse.Namespace) -> int:
    entry = PractitionerEntry(
        PractitionerId(secrets.token_hex(16)),
        words(args.name, "name"),
        Role(args.role),
        words(args.job_title, "job-title"),
        args.agency,
        words_if_any(args.telephone, "telephone"),
        words_if_any(args.worker_ref, "worker-ref"),
        Purpose(args.purpose),
    )
    with owned(args) as work:
        change = StaffChange(entry, is_move=False)
        found = ask_staff(change, by=operator(), staffing=work.staffing())
    return tell_order(args, found, verb="staff", also={"practitioner": entry.id})


def _move(args: argparse.Namespace) -> int:
    practitioner = PractitionerId(args.practitioner)
    with owned(args) as work:
        person, before = work.directory.person(practitioner), work.memberships.newest(practitioner)
        if person is None:
            raise DecisionInvalidError("practitioner", "is-not-known")
        name, job_title, telephone, purpose = person
        works = before is not None and not before.is_over(work.now)
        agency, role, kept = args.agency, args.role, None
        if before is not None and works:
            agency, role = agency or before.agency, role or before.role
            kept = before.worker_ref if agency == before.agency else None
        if agency is None or role is None:
            raise DecisionInvalidError("agency, role", "are-missing: they work nowhere now")
        entry = PractitionerEntry(
            practitioner,
            name,
            Role(role),
            job_title,
            agency,
            telephone,
            words_if_any(args.worker_ref, "worker-ref") or kept,
            purpose,
        )
        change = StaffChange(entry, is_move=works)
        asked = ask_staff(change, by=operator(), staffing=work.staffing())
    return tell_order(args, asked, verb="staff", also={"practitioner": practitioner})


def _end(args: argparse.Namespace) -> int:
    with owned(args) as work:
        found = end_staff(
            PractitionerId(args.practitioner), by=operator(), staffing=work.staffing()
        )
    if isinstance(found, StaffRefusal):
        return tell_refused(found)
    print_document(args, _document(found), plain="They work there no more.")
    return 0


def _suspend(args: argparse.Namespace) -> int:
    with owned(args) as work:
        found = suspend(PractitionerId(args.practitioner), by=operator(), staffing=work.staffing())
    if isinstance(found, StaffRefusal):
        return tell_refused(found)
    print_document(args, _document(found), plain="Nothing opens for them any more.")
    return 0


def _resume(args: argparse.Namespace) -> int:
    practitioner = PractitionerId(args.practitioner)
    with owned(args) as work:
        found = ask_resume(practitioner, by=operator(), staffing=work.staffing())
    return tell_order(args, found, verb="staff")


def _link(args: argparse.Namespace) -> int:
    practitioner, code = PractitionerId(args.practitioner), sys.stdin.readline()
    with owned(args) as work:
        staffing = work.staffing()
        found = ask_joining_by_code(practitioner, code, by=operator(), staffing=staffing)
    return tell_order(args, found, verb="staff")


def _unlink(args: argparse.Namespace) -> int:
    with owned(args) as work:
        found = part(
            PractitionerId(args.practitioner),
            by=operator(),
            staffing=work.staffing(),
            provider=args.provider,
        )
    if isinstance(found, StaffRefusal):
        return tell_refused(found)
    document = {"unlinked": [one.sign_in.provider for one in found]}
    print_document(args, document, plain="It opens their account no more.")
    return 0


_ABOUT_ONE: tuple[tuple[str, Run, str], ...] = (
    ("end", _end, "Take somebody out, at once."),
    ("suspend", _suspend, "Let nothing open for somebody, at once."),
    ("resume", _resume, "Ask to let somebody in again who is suspended."),
    ("link", _link, "Ask to let a sign-in open an account, by the code that was read out."),
)


def _answer(work: UnitOfWork, order: str, confirms: bool) -> Order | StrEnum:  # noqa: FBT001
    return answer_staff_order(order, by=operator(), confirms=confirms, staffing=work.staffing())


def _list(args: argparse.Namespace) -> int:
    with owned(args) as work:
        if work.directory.kind_of(args.agency) is None:
            return tell_refused(StaffRefusal.AGENCY_NOT_KNOWN)
        members = work.memberships.of(args.agency, also_suspended=True)
        told: dict[str, FieldValue] = {
            "agency": work.hasher.opaque("agency", args.agency),
            "results": len(members),
        }
        enter_staff(LedgerEvent.STAFF_LISTED, told, operator(), work.staffing())
        orders = waiting_in(args.agency, orders=work.orders, staffing=work.staffing())
        joined = {
            one.practitioner: [each.sign_in.provider for each in accounts]
            for one in members
            if (accounts := work.sign_in_accounts.of(one.practitioner))
        }
    document = {
        "members": [
            {**_document(one), "signs_in_by": joined.get(one.practitioner, [])} for one in members
        ],
        "waiting": [
            {"order": one.id, "kind": one.kind, **_told(one), "asked_by": one.asked_by}
            for one in orders
        ],
    }
    lines = [
        f"{one.practitioner}  {one.role}{'  suspended' if one.suspended_at else ''}"
        for one in members
    ]
    lines += [f"waits: {one.id}  {one.kind}, by {one.asked_by}" for one in orders]
    print_document(args, document, plain="\n".join(lines) or "Nobody works there.")
    return 0


def _told(order: Order) -> dict[str, object]:
    """What is asked for, without the keyed hash of whose sign-in it is."""
    return {name: value for name, value in order.document.items() if name != "sign_in"}


def words(text: str, option: str) -> str:
    """One line of words. Raises DecisionInvalidError for anything else."""
    if not text.strip() or len(text) > _LONGEST or not text.isprintable():
        raise DecisionInvalidError(option, f"is-not-one-line-of-up-to-{_LONGEST}-letters")
    return text.strip()


def words_if_any(text: str | None, option: str) -> str | None:
    """The same of what may be left out. Raises DecisionInvalidError."""
    return words(text, option) if text else None


def _document(one: Membership) -> dict[str, object]:
    return {
        "practitioner": one.practitioner,
        "agency": one.agency,
        "role": one.role.value,
        "worker_ref": one.worker_ref,
        "since": one.since.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "suspended_at": None if one.suspended_at is None else one.suspended_at.isoformat(),
        "asked_by": one.asked_by,
        "warranted_by": one.warranted_by,
    }
