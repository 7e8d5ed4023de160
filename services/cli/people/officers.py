"""`tell-once officer list|show|answer|contact-of`: who says that it is them, by command."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from consent.errors import DecisionInvalidError
from consent.ledger.events import LedgerEvent
from schemas.records.payloads import Telecom
from schemas.vocabulary import Role
from services.bootstrap import DatabaseRole, opened
from services.cli.operator import operator
from services.cli.output import REFUSED, print_document, settings_from
from services.cli.profile.profiles import practitioner_from_text, speaking_for_somebody
from services.people.practitioners.people import SignedInPractitioner
from services.people.presence.confirming import (
    FEWEST_OFFICERS,
    ShownRequest,
    WaitingRequest,
    answer_request,
    show_request,
    waiting_for_officer,
)
from services.people.presence.contacts import contact_from
from services.people.presence.model import ConfirmingAnswer, WhyNotConfirmed
from services.people.presence.postgres_contacts_held import contact_digest
from services.work import UnitOfWork, unit_of_work

_ABOUT = """
Requests to confirm who is with a practitioner, for a confirming officer of the demonstration; in
production officers sign in and answer on their own page.

  tell-once officer list --as OFFICER
  tell-once officer show REQUEST_ID --as OFFICER
  tell-once officer answer REQUEST_ID --answer rang-back --as OFFICER
"""
_CONTACT_OF = """
Reads from standard input a telephone number or an address of e-mail that is a worker's own, or a
relative's of theirs: no code goes there when that worker asks. For good; kept as a keyed hash.

  tell-once officer contact-of PRACTITIONER < number.txt
"""
_OF_A_WORKER = "of-a-worker"


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `officer`."""
    officer = commands.add_parser("officer", help="who confirms that a family is there")
    verbs = officer.add_subparsers(dest="verb", required=True, metavar="VERB")
    told = {"parents": [common], "formatter_class": argparse.RawDescriptionHelpFormatter}
    for name, run in (("list", _list), ("show", _show), ("answer", _answer)):
        parser = verbs.add_parser(name, help=f"{name} requests", description=_ABOUT, **told)
        parser.add_argument("--as", required=True, dest="practitioner", metavar="OFFICER")
        parser.set_defaults(run_command=run)
        if name != "list":
            parser.add_argument("request", metavar="REQUEST_ID")
        if name == "answer":
            choices = [answer.value for answer in ConfirmingAnswer]
            parser.add_argument("--answer", required=True, choices=choices)
    contact = verbs.add_parser(
        "contact-of", help="a contact of a worker's own", description=_CONTACT_OF, **told
    )
    contact.add_argument("practitioner", metavar="PRACTITIONER")
    contact.set_defaults(run_command=_contact_of)


def _list(args: argparse.Namespace) -> int:
    with _officer(args) as (who, work):
        waiting = waiting_for_officer(who, presences=work.presences())
        officers = work.directory.count_of(Role.CONFIRMING_OFFICER)
    if isinstance(waiting, WhyNotConfirmed):
        return _refused(args, waiting)
    if officers < FEWEST_OFFICERS:
        sys.stderr.write(f"tell-once: {officers} confirming officers; at least {FEWEST_OFFICERS}\n")
    rows = [_row(one) for one in waiting]
    plain = "\n".join(" ".join(map(str, row.values())) for row in rows) or "Nobody waits."
    print_document(args, {"officers": officers, "requests": rows}, plain=plain)
    return 0


def _show(args: argparse.Namespace) -> int:
    with _officer(args) as (who, work):
        shown = show_request(args.request, who, presences=work.presences())
    if not isinstance(shown, ShownRequest):
        return _refused(args, shown)
    contacts = [one.contact.value for one in shown.contacts]
    row = _row(WaitingRequest(shown.request, shown.asker))
    plain = "\n".join([row["reference"], *shown.names, *contacts])
    print_document(args, {**row, "names": list(shown.names), "contacts": contacts}, plain=plain)
    return 0


def _answer(args: argparse.Namespace) -> int:
    answer = ConfirmingAnswer(args.answer)
    with _officer(args) as (who, work):
        done = answer_request(args.request, answer, who, presences=work.presences())
    if isinstance(done, WhyNotConfirmed):
        return _refused(args, done)
    opened_something = not isinstance(done, ConfirmingAnswer)
    document = {"answer": answer.value, "opened": opened_something}
    print_document(args, document, plain=answer.label)
    return 0


def _contact_of(args: argparse.Namespace) -> int:
    written = sys.stdin.readline().strip()
    system = "email" if "@" in written else "phone"
    contact = contact_from(Telecom(system, written))
    if contact is None:
        raise DecisionInvalidError("contact", "is-no-number-and-no-address")
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        who = practitioner_from_text(args.practitioner, work, option="practitioner")
        presences, digest = work.presences(), contact_digest(contact, work.hasher)
        presences.contacts.mark(
            digest, _OF_A_WORKER, by=operator(), at=work.now, practitioner=who.id
        )
        fields = {"contact": digest.hex(), "kind": _OF_A_WORKER}
        presences.enter(LedgerEvent.CONTACT_MARKED, {**fields}, by=operator())
    print_document(args, {"kept": True}, plain="No code goes there for them.")
    return 0


@contextmanager
def _officer(args: argparse.Namespace) -> Iterator[tuple[SignedInPractitioner, UnitOfWork]]:
    with (
        opened(settings_from(args)) as application,
        speaking_for_somebody(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        yield practitioner_from_text(args.practitioner, work), work


def _row(waiting: WaitingRequest) -> dict[str, str]:
    request = waiting.request
    return {
        "request": request.id,
        "reference": request.reference,
        "asked_by": waiting.asker.id,
        "asked_at": request.asked_at.isoformat(),
    }


def _refused(args: argparse.Namespace, why: WhyNotConfirmed) -> int:
    print_document(args, {"refused": True, "reasons": [{"code": why.value}]}, plain="Refused")
    return REFUSED
