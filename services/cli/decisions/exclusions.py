"""`tell-once exclusion add|list|confirm|end|decline`: a worker whom a family has named."""

import argparse
import sys
from pathlib import Path
from typing import Any

from schemas.vocabulary import Role, Source
from services.cli.decisions.hand import (
    SUBJECT,
    add_verb,
    in_one_transaction,
    person_known,
    tell_order,
    tell_refused,
)
from services.cli.output import print_document
from services.decisions.protection.ending import Why, answer, ask_end
from services.decisions.protection.excluding import (
    NameExcluded,
    confirm,
    exclusions_told,
    name_typed,
    record,
    require_name,
)
from services.decisions.protection.hands import Hand
from services.people.governance.orders import Order
from services.people.protecting.postgres import RecordedExclusion
from services.work import UnitOfWork

_ADD = """
Writes down that a family has named a worker who must not see it: from the next page on they see
what a stranger sees. The answer is the same whether anybody of that name works here or not.

  tell-once exclusion add person:ID --worker-from name.txt --as PRACTITIONER
"""
_LIST = """
The exclusions that have not ended, of one person or of all: for information governance, and for
whoever works with the person; never for who is named. Governance tells the lead to give the family
to somebody else, and gives no reason.

  tell-once exclusion list --as PRACTITIONER
  tell-once exclusion list person:ID --as PRACTITIONER
"""
_CONFIRM = """
Says that the family was asked and means it (with the id of an exclusion); or is the second hand of
an end, or of a fourth name in a day (with the id of an order).

  tell-once exclusion confirm EXCLUSION_ID --as PRACTITIONER
  tell-once exclusion confirm ORDER_ID --as PRACTITIONER
"""
_END = """
Asks for an exclusion to end, as the family wants; somebody of another agency confirms it, who is
not of the named worker's either.

  tell-once exclusion end EXCLUSION_ID --family-was-asked --as PRACTITIONER
"""
_DECLINE = """
Declines an order, or takes it back; what the family said stays in force.

  tell-once exclusion decline ORDER_ID --as PRACTITIONER
"""
_NAME_FROM = "the worker's name: a file, or -; never typed, so that no shell keeps it"
_WHICH = "EXCLUSION_ID or ORDER_ID"


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `exclusion`."""
    exclusion = commands.add_parser("exclusion", help="a worker who must not see a family")
    verbs = exclusion.add_subparsers(dest="verb", required=True, metavar="VERB")
    adding = add_verb(verbs, common, "add", _add, _ADD, SUBJECT)
    adding.add_argument("--also", action="append", default=[], metavar=SUBJECT)
    adding.add_argument("--worker-from", required=True, metavar="FILE", help=_NAME_FROM)
    adding.add_argument("--works-in", choices=[s.value for s in Source], help="where it is known")
    listing = add_verb(verbs, common, "list", _list, _LIST, None)
    listing.add_argument("what", metavar=SUBJECT, nargs="?")
    add_verb(verbs, common, "confirm", _confirm, _CONFIRM, _WHICH)
    ending = add_verb(verbs, common, "end", _end, _END, "EXCLUSION_ID")
    ending.add_argument("--family-was-asked", action="store_true", help="and wants it")
    add_verb(verbs, common, "decline", _decline, _DECLINE, "ORDER_ID")


def _add(args: argparse.Namespace) -> int:
    name = (
        sys.stdin.read() if args.worker_from == "-" else Path(args.worker_from).read_text("utf-8")
    )
    require_name(name)
    works_in = None if args.works_in is None else Source(args.works_in)

    def add(work: UnitOfWork, hand: Hand) -> None:
        persons = tuple(person_known(one, work) for one in (args.what, *args.also))
        record(NameExcluded(persons, name, works_in), hand, excluding=work.excluding())

    in_one_transaction(args, add)
    print_document(args, {"taken": True}, plain="Taken down")
    return 0


def _list(args: argparse.Namespace) -> int:
    def find(work: UnitOfWork, hand: Hand) -> list[dict[str, Any]]:
        persons = [] if args.what is None else [person_known(args.what, work)]
        ports = work.excluding()
        found = exclusions_told(persons, hand, excluding=ports)
        # Of whom nobody here is called that governance has to find out who is meant.
        is_governance = hand.who.role is Role.INFORMATION_GOVERNANCE
        return [
            _document(one) | ({"named": name_typed(one, excluding=ports)} if is_governance else {})
            for one in found
        ]

    found = in_one_transaction(args, find)
    plain = "\n".join(_text(one) for one in found)
    print_document(args, {"exclusions": found}, plain=plain or "None that you may know of")
    return 0


def _confirm(args: argparse.Namespace) -> int:
    def do(work: UnitOfWork, hand: Hand) -> RecordedExclusion | Order | Why:
        ports = work.excluding()
        if work.orders.find(args.what) is not None:
            return answer(args.what, hand, confirms=True, excluding=ports)
        return confirm(args.what, hand, excluding=ports)

    done = in_one_transaction(args, do)
    if isinstance(done, RecordedExclusion):
        print_document(args, _document(done), plain=f"Confirmed {done.id}")
        return 0
    return _asked(args, done)


def _end(args: argparse.Namespace) -> int:
    def ask(work: UnitOfWork, hand: Hand) -> Order | Why:
        was_asked = args.family_was_asked
        return ask_end(args.what, hand, family_was_asked=was_asked, excluding=work.excluding())

    return _asked(args, in_one_transaction(args, ask))


def _decline(args: argparse.Namespace) -> int:
    def do(work: UnitOfWork, hand: Hand) -> Order | Why:
        return answer(args.what, hand, confirms=False, excluding=work.excluding())

    return _asked(args, in_one_transaction(args, do))


def _asked(args: argparse.Namespace, asked: Order | Why) -> int:
    if isinstance(asked, Order):
        return tell_order(args, asked, "exclusion")
    return tell_refused(args, asked)


def _document(one: RecordedExclusion) -> dict[str, Any]:
    return {
        "exclusion_id": one.id,
        "person": one.person,
        "practitioner": one.practitioner,
        "since": one.since.isoformat(),
        "is_confirmed": one.confirmed_by is not None,
    }


def _text(one: dict[str, Any]) -> str:
    asked = "" if one["is_confirmed"] else "; nobody has asked the family yet"
    return f"Exclusion {one['exclusion_id']} of {one['practitioner'] or 'nobody known'}{asked}"
