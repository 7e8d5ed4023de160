"""`tell-once community …`: who answers for a partner; `tell-once answering` serves their pages."""

import argparse
import csv
import sys
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from schemas.records.payloads import Telecom
from services.bootstrap import opened
from services.cli.operator import operator, tell_order, tell_refused
from services.cli.orders import officers_group, owned
from services.cli.output import FAILED, print_document, settings_from
from services.interfaces.answering.links.working import community_desk
from services.people.community.model import PartnerStanding
from services.people.community.registering import (
    RegisterPartner,
    RegistrationRefusal,
    answer_registration,
    ask_to_confirm,
    ask_to_register,
    end_partner,
    waiting,
)
from services.people.governance.orders import Order
from services.people.presence.contacts import Contact, contact_from
from services.work import UnitOfWork

_ABOUT = """
Partners without a system: at least two people answer for each. Two of yours register, change and
confirm one each year; whoever has not been confirmed is offered to nobody.

  tell-once community register st-aldhelms --people people.csv --insured-until 2027-03-31 \\
      --safeguarding-lead "Ruth Amos, 01632 960177"
  tell-once community waiting
  tell-once community confirm ORDER
  tell-once community renew st-aldhelms --insured-until 2028-03-31
  tell-once community end st-aldhelms

people.csv has a line for each person: their email address, and where their codes go, a mobile
number or a second address of their own. Nothing of it is typed on the command line.
"""
_SERVE = """
Serves the pages on which partners without a system answer, alone.

  tell-once answering --port 8200
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `community` and `answering`."""
    told = "who answers for partners without a system"
    group = officers_group(commands, common, "community", told=told, about=_ABOUT)
    register = group.verb("register", _register, "Ask to register a partner, or to change it.")
    register.add_argument("--people", type=Path, required=True, help="a file; - for what is typed")
    register.add_argument("--safeguarding-lead", required=True, help="name and number, in a line")
    register.add_argument(
        "--commissioned", action="store_true", help="it works under an arrangement with us"
    )
    renew = group.verb("renew", _renew, "Ask to confirm a partner as it is for another year.")
    for parser in (register, renew):
        parser.add_argument("partner", metavar="PARTNER")
        parser.add_argument("--insured-until", type=date.fromisoformat, required=True)
    end = group.verb("end", _end, "Have nobody answer for a partner any more, at once.")
    end.add_argument("partner", metavar="PARTNER")
    group.add_answers(_answer)
    group.verb("waiting", _waiting, "What somebody else has to confirm, in full.")
    group.verb("list", _list, "How partners stand: those commissioned, then the others.")
    keep = group.verb("keep", _keep, "Write to partners, read bounces and chase, until stopped.")
    keep.add_argument("--port", type=int, help=argparse.SUPPRESS)
    served = commands.add_parser(
        "answering",
        parents=[common],
        help=_SERVE.strip().splitlines()[0],
        description=_SERVE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    served.add_argument("--port", type=int, dest="answering_port", help="to serve on")
    served.set_defaults(run_command=_serve)


def people_in(lines: Sequence[str]) -> Sequence[tuple[Contact, Contact]] | None:
    """Each line's mailbox and second way; None where one of them is neither."""
    found: list[tuple[Contact, Contact]] = []
    for row in csv.reader(line for line in lines if line.strip()):
        reached = [_contact(field) for field in row]
        if len(reached) != 2 or None in reached:  # noqa: PLR2004 a mailbox and a second way
            return None
        found.append((reached[0], reached[1]))  # type: ignore[arg-type] # none is None
    return found


def _contact(written: str) -> Contact | None:
    system = "email" if "@" in written else "phone"
    return contact_from(Telecom(system, written.strip()))


def _register(args: argparse.Namespace) -> int:
    is_typed = str(args.people) == "-"
    text = sys.stdin.read() if is_typed else args.people.read_text(encoding="utf-8-sig")
    people = people_in(text.splitlines())
    if people is None:
        sys.stderr.write("tell-once: each line is an email address, and a mobile or second one\n")
        return FAILED
    command = RegisterPartner(
        args.partner, people, args.safeguarding_lead, args.insured_until, args.commissioned
    )
    with owned(args) as work:
        found = ask_to_register(command, by=operator(), desk=community_desk(work))
    return tell_order(args, found, verb="community")


def _renew(args: argparse.Namespace) -> int:
    with owned(args) as work:
        desk = community_desk(work)
        found = ask_to_confirm(args.partner, args.insured_until, by=operator(), desk=desk)
    return tell_order(args, found, verb="community")


def _end(args: argparse.Namespace) -> int:
    with owned(args) as work:
        found = end_partner(args.partner, by=operator(), desk=community_desk(work))
    if isinstance(found, RegistrationRefusal):
        return tell_refused(found)
    told = {"partner": found.partner, "ended_at": found.known_at.isoformat()}
    print_document(args, told, plain=f"{found.partner}: nobody answers for it any more.")
    return 0


def _answer(work: UnitOfWork, order: str, confirms: bool) -> Order | StrEnum:  # noqa: FBT001
    desk = community_desk(work)
    return answer_registration(order, by=operator(), confirms=confirms, desk=desk)


def _waiting(args: argparse.Namespace) -> int:
    """Whoever confirms has to see to whom mail and codes will go."""
    with owned(args) as work:
        desk = community_desk(work)
        told = [
            {
                "order": order.id,
                "partner": found.partner,
                "people": [
                    [one.email.value, one.second.value] for one in found.registration.people
                ],
                "safeguarding_lead": found.registration.safeguarding_lead,
                "insured_until": found.registration.insured_until.isoformat(),
                "commissioned": found.registration.is_commissioned,
            }
            for order in waiting(desk)
            if (found := desk.rows.proposed(order.document["proposal"])) is not None
        ]
    plain = "\n".join(
        f"{one['order']}: {one['partner']}, {one['people']}, {one['safeguarding_lead']}, "
        f"insured until {one['insured_until']}"
        for one in told
    )
    print_document(args, {"waiting": told}, plain=plain or "Nothing waits.")
    return 0


def _list(args: argparse.Namespace) -> int:
    with owned(args) as work:
        every = community_desk(work).rows.all_standing()
        now = work.now
    every = sorted(every, key=lambda one: (not one.registration.is_commissioned, one.partner))
    told = [_document(one, is_offered=one.may_be_offered(now)) for one in every]
    plain = "\n".join(
        f"{one['partner']}: {'commissioned' if one['commissioned'] else 'not commissioned'}, "
        f"{one['people']} people, {'offered' if one['offered'] else 'NOT offered'}, "
        f"confirm by {str(one['confirm_by'])[:10]}"
        for one in told
    )
    print_document(args, {"partners": told}, plain=plain or "No partner is registered.")
    return 0


def _document(one: PartnerStanding, *, is_offered: bool) -> dict[str, object]:
    return {
        "partner": one.partner,
        "commissioned": one.registration.is_commissioned,
        "people": len(one.registration.people),
        "insured_until": one.registration.insured_until.isoformat(),
        "confirmed_at": one.known_at.isoformat(),
        "confirm_by": one.lapses_at.isoformat(),
        "offered": is_offered,
    }


def _keep(args: argparse.Namespace) -> int:
    from services.interfaces.answering.keeping import run_keeping  # noqa: PLC0415 slow, and only to serve

    return _in_application(args, run_keeping)


def _serve(args: argparse.Namespace) -> int:
    from services.interfaces.answering.door.app import run_answering  # noqa: PLC0415 as above

    return _in_application(args, run_answering)


def _in_application(args: argparse.Namespace, run: Any) -> int:
    typed = {"answering_port": getattr(args, "answering_port", None)}
    with opened(settings_from(args, **typed)) as application:
        return int(run(application))
