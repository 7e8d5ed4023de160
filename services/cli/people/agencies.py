"""`tell-once agency add|change|list` and `practitioner add`: what is there before two can agree."""

import argparse
import secrets
import sys
from typing import Any

from schemas.identifiers import PractitionerId
from schemas.vocabulary import SERVICES_HERE, Purpose, Role, Source
from services.cli.operator import operator, tell_refused
from services.cli.orders import owned
from services.cli.output import FAILED, print_document
from services.cli.people.staff import words, words_if_any
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.relationships.staff import StaffRefusal
from services.people.staffing.agencies import (
    AgencyRefusal,
    add_agency,
    change_agency,
    enter_first_administrator,
)

_AGENCIES = """
Agencies that work with families. An agency by itself opens nothing: its people come by
`tell-once staff`. What sort of source it is stays as it was entered.

  tell-once agency add RY4 --name "Northshire Trust" --kind health-visiting
  tell-once agency change RY4 --telephone "01632 960002" --hours "Monday to Friday, 9am to 5pm"
  tell-once agency list
"""
_ADMINISTRATORS = """
Enter one of the first two administrators, as the owner of the database. From the third on, and for
everybody else, use `tell-once staff add`: one asks, and another accepts.

  tell-once practitioner add COUNCIL --role administrator --name "Ada Orr" --job-title Desk
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `agency` and `practitioner`."""
    raw = {"formatter_class": argparse.RawDescriptionHelpFormatter, "parents": [common]}
    agency = commands.add_parser("agency", help="agencies that work with families")
    verbs = agency.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, run in (("add", _add), ("change", _change), ("list", _list)):
        parser = verbs.add_parser(name, help=f"{name} agencies", description=_AGENCIES, **raw)
        parser.set_defaults(run_command=run)
        if name == "list":
            continue
        parser.add_argument("agency", metavar="AGENCY")
        parser.add_argument("--name", required=name == "add")
        parser.add_argument("--telephone")
        parser.add_argument("--hours", help="when it answers, as 'Monday to Friday, 9am to 5pm'")
        if name == "add":
            kinds = [kind.value for kind in SERVICES_HERE]
            parser.add_argument("--kind", required=True, choices=kinds)
    told = "the first two administrators"
    practitioner = commands.add_parser("practitioner", help=told)
    verbs = practitioner.add_subparsers(dest="verb", required=True, metavar="VERB")
    first = verbs.add_parser("add", help=told, description=_ADMINISTRATORS, **raw)
    first.set_defaults(run_command=_first)
    first.add_argument("agency", metavar="AGENCY")
    first.add_argument("--name", required=True)
    first.add_argument("--job-title", required=True)
    first.add_argument("--role", required=True, choices=[role.value for role in Role])
    first.add_argument("--telephone")


def _add(args: argparse.Namespace) -> int:
    agency = Agency(args.agency, args.name, Source(args.kind), args.telephone, args.hours)
    with owned(args) as work:
        found = add_agency(agency, by=operator(), desk=work.agency_desk())
    return _tell(args, found)


def _change(args: argparse.Namespace) -> int:
    new = {"name": args.name, "telephone": args.telephone, "hours": args.hours}
    with owned(args) as work:
        found = change_agency(args.agency, **new, by=operator(), desk=work.agency_desk())
    return _tell(args, found)


def _list(args: argparse.Namespace) -> int:
    with owned(args) as work:
        found, last = list(work.directory.agencies()), ""
        while found and found[-1].code != last:
            last = found[-1].code
            found += work.directory.agencies(after=last)
    lines = [f"{one.code}  {one.kind.label}  {one.name}" for one in found]
    document = {"agencies": [_document(one) for one in found]}
    print_document(args, document, plain="\n".join(lines) or "There is no agency yet.")
    return 0


def _tell(args: argparse.Namespace, found: Agency | AgencyRefusal) -> int:
    if isinstance(found, AgencyRefusal):
        sys.stderr.write(f"tell-once: {found.value}: {found.label}\n")
        return FAILED
    print_document(args, _document(found), plain=f"{found.code} is entered.")
    return 0


def _first(args: argparse.Namespace) -> int:
    entry = PractitionerEntry(
        PractitionerId(secrets.token_hex(16)),
        words(args.name, "name"),
        Role(args.role),
        words(args.job_title, "job-title"),
        args.agency,
        words_if_any(args.telephone, "telephone"),
        None,
        Purpose.SERVICE_IMPROVEMENT,
    )
    with owned(args) as work:
        found = enter_first_administrator(entry, by=operator(), staffing=work.staffing())
    if isinstance(found, StaffRefusal):
        return tell_refused(found)
    print_document(args, {"practitioner": found}, plain=f"They are an administrator: {found}")
    return 0


def _document(one: Agency) -> dict[str, str | None]:
    return {
        "agency": one.code,
        "name": one.name,
        "kind": one.kind.value,
        "telephone": one.telephone,
        "hours": one.hours,
    }
