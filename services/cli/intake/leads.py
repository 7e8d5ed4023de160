"""`tell-once lead add|confirm|decline|remove|list`: who holds cases for which nobody is named."""

import argparse
from enum import StrEnum
from typing import Any

from schemas.identifiers import PractitionerId
from services.cli.operator import operator, tell_order, tell_refused
from services.cli.orders import officers_group, owned
from services.cli.output import print_document
from services.people.governance.orders import Order
from services.people.relationships.leads import (
    Listing,
    SafeguardingLead,
    WhyNoLead,
    answer_lead,
    ask_lead,
    remove_lead,
)
from services.work import UnitOfWork

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
    told = "who holds an agency's cases for which nobody is named"
    lead = officers_group(commands, common, "lead", told=told, about=_ABOUT)
    for name, run, about in (
        ("add", _add, "Ask to put somebody on the list."),
        ("remove", _remove, "Take somebody off the list, at once."),
    ):
        parser = lead.verb(name, run, about)
        parser.add_argument("agency", metavar="AGENCY")
        parser.add_argument("practitioner", metavar="PRACTITIONER")
    lead.add_answers(_answer)
    lead.verb("list", _list, "Who is on the list.").add_argument("agency", metavar="AGENCY")


def _add(args: argparse.Namespace) -> int:
    practitioner = PractitionerId(args.practitioner)
    with owned(args) as work:
        found = ask_lead(args.agency, practitioner, by=operator(), listing=_listing(work))
    return tell_order(args, found, verb="lead")


def _answer(work: UnitOfWork, order: str, confirms: bool) -> Order | StrEnum:  # noqa: FBT001
    return answer_lead(order, by=operator(), confirms=confirms, listing=_listing(work))


def _remove(args: argparse.Namespace) -> int:
    practitioner = PractitionerId(args.practitioner)
    with owned(args) as work:
        found = remove_lead(args.agency, practitioner, by=operator(), listing=_listing(work))
    if isinstance(found, WhyNoLead):
        return tell_refused(found)
    print_document(args, _document(found), plain="They are not on the list any more.")
    return 0


def _list(args: argparse.Namespace) -> int:
    with owned(args) as work:
        leads = work.leads.of(args.agency)
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


def _listing(work: UnitOfWork) -> Listing:
    known = (work.leads, work.leads.why_not, work.orders, work.ledger, work.now)
    return Listing(*known, work.is_demonstration)
