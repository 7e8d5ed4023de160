"""`tell-once lead add|confirm|decline|remove|list`: who holds cases for which nobody is named."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from schemas.identifiers import PractitionerId
from services.bootstrap import DatabaseRole, opened
from services.cli.operator import operator, tell_order, tell_refused
from services.cli.output import print_document, settings_from
from services.people.relationships.leads import (
    Listing,
    SafeguardingLead,
    WhyNoLead,
    answer_lead,
    ask_lead,
    remove_lead,
)
from services.work import unit_of_work

_ABOUT = """
An agency's safeguarding leads: they hold the cases for which its feeds name no worker. Two people
put somebody on the list, one takes them off.

  tell-once lead add RY4 PRACTITIONER
  tell-once lead confirm ORDER
  tell-once lead remove RY4 PRACTITIONER
  tell-once lead list RY4
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `lead`."""
    lead = commands.add_parser(
        "lead",
        help="who holds an agency's cases for which nobody is named",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = lead.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, run, about in (
        ("add", _add, "Ask to put somebody on the list."),
        ("remove", _remove, "Take somebody off the list, at once."),
    ):
        parser = _verb(verbs, common, name, run, about)
        parser.add_argument("agency", metavar="AGENCY")
        parser.add_argument("practitioner", metavar="PRACTITIONER")
    for name, confirms in (("confirm", True), ("decline", False)):
        answer = _verb(verbs, common, name, _answer, f"{name.capitalize()} what another asked for.")
        answer.add_argument("order", metavar="ORDER")
        answer.set_defaults(confirms=confirms)
    _verb(verbs, common, "list", _list, "Who is on the list.").add_argument(
        "agency", metavar="AGENCY"
    )


def _verb(
    verbs: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        parents=[common],
        help=about,
        description=about + "\n" + _ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run_command=run)
    return parser


def _add(args: argparse.Namespace) -> int:
    practitioner = PractitionerId(args.practitioner)
    with _listing(args) as listing:
        found = ask_lead(args.agency, practitioner, by=operator(), listing=listing)
    return tell_order(args, found, verb="lead")


def _answer(args: argparse.Namespace) -> int:
    with _listing(args) as listing:
        found = answer_lead(args.order, by=operator(), confirms=args.confirms, listing=listing)
    return tell_order(args, found, verb="lead")


def _remove(args: argparse.Namespace) -> int:
    practitioner = PractitionerId(args.practitioner)
    with _listing(args) as listing:
        found = remove_lead(args.agency, practitioner, by=operator(), listing=listing)
    if isinstance(found, WhyNoLead):
        return tell_refused(found)
    print_document(args, _document(found), plain="They are not on the list any more.")
    return 0


def _list(args: argparse.Namespace) -> int:
    with _listing(args) as listing:
        leads = listing.leads.of(args.agency)
    plain = "\n".join(lead.practitioner for lead in leads) or "Nobody is on the list."
    print_document(args, {"leads": [_document(lead) for lead in leads]}, plain=plain)
    return 0


def _document(lead: SafeguardingLead) -> dict[str, object]:
    return {
        "practitioner": lead.practitioner,
        "since": lead.since.isoformat(),
        "until": None if lead.until is None else lead.until.isoformat(),
        "asked_by": lead.asked_by,
        "warranted_by": lead.warranted_by,
    }


@contextmanager
def _listing(args: argparse.Namespace) -> Iterator[Listing]:
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.OWNER)) as work,
    ):
        yield Listing(
            work.leads,
            work.leads.why_not,
            work.orders,
            work.ledger,
            work.now,
            work.is_demonstration,
        )
