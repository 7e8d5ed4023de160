"""`tell-once staff add|move|end|confirm|decline|list`: who works in which agency, and as what."""

import argparse
import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from consent.errors import DecisionInvalidError
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role
from services.cli.operator import operator, tell_order, tell_refused
from services.cli.orders import Run, officers_group, owned
from services.cli.output import print_document
from services.people.governance.orders import Order, OrderStatus
from services.people.practitioners.memberships import Membership
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.relationships.staff import (
    KIND,
    StaffChange,
    StaffRefusal,
    answer_staff,
    ask_staff,
    end_staff,
)
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
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `staff`."""
    told = "who works in which agency, and as what"
    staff = officers_group(commands, common, "staff", told=told, about=_ABOUT)
    _add_changes(staff.verb)
    end = staff.verb("end", _end, "Take somebody out, at once.")
    end.add_argument("practitioner", metavar="PRACTITIONER")
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
        _words(args.name, "name"),
        Role(args.role),
        _words(args.job_title, "job-title"),
        args.agency,
        args.telephone,
        args.worker_ref,
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
            args.worker_ref or kept,
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


def _answer(work: UnitOfWork, order: str, confirms: bool) -> Order | StrEnum:  # noqa: FBT001
    return answer_staff(order, by=operator(), confirms=confirms, staffing=work.staffing())


def _list(args: argparse.Namespace) -> int:
    with owned(args) as work:
        members = work.memberships.of(args.agency)
        orders = [
            order
            for order in work.orders.of_kinds(KIND)
            if order.status is OrderStatus.ASKED
            and order.lapses_at > work.now
            and order.document["agency"] == args.agency
        ]
    document = {
        "members": [_document(one) for one in members],
        "waiting": [{"order": one.id, **one.document, "asked_by": one.asked_by} for one in orders],
    }
    lines = [f"{one.practitioner}  {one.role}" for one in members]
    lines += [f"waits: {one.id}  {one.document['role']}, by {one.asked_by}" for one in orders]
    print_document(args, document, plain="\n".join(lines) or "Nobody works there.")
    return 0


def _words(text: str, option: str) -> str:
    if not text.strip() or len(text) > _LONGEST or not text.isprintable():
        raise DecisionInvalidError(option, f"is-not-one-line-of-up-to-{_LONGEST}-letters")
    return text.strip()


def _document(one: Membership) -> dict[str, object]:
    return {
        "practitioner": one.practitioner,
        "agency": one.agency,
        "role": one.role.value,
        "worker_ref": one.worker_ref,
        "since": one.since.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "asked_by": one.asked_by,
        "warranted_by": one.warranted_by,
    }
