"""`tell-once erase ask|confirm|stop|list|carry-out`: by two, and after seven days, for good."""

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from consent.errors import DecisionInvalidError
from consent.ledger.fields import OPAQUE_ID
from schemas.identifiers import PersonId
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.lifecycle.erase_told import tell_carried_out, tell_refusal
from services.cli.officers import officer_of
from services.cli.operator import officers_verb, tell_order
from services.cli.output import FAILED, REFUSED, print_document, settings_from
from services.cli.profile.profiles import speaking_for_somebody
from services.lifecycle.erasure.erasing import Erasure, ErasureGround, ErasureRefusal
from services.lifecycle.erasure.ordering import (
    Officer,
    Ordering,
    StillWaiting,
    WaitingErasure,
    ask_erasure,
    confirm_erasure,
    list_erasures,
    stop_erasure,
)
from services.people.governance.orders import NotTheirs, Order
from services.workers.draining import working
from services.workers.erasure import carry_out_erasure, carry_out_what_is_due, ordering

_ABOUT = """
Erases a person, and whoever is one with them: their records, case-loads, tokens, facts, decisions
and withheld messages go, and their data keys are destroyed, so that the bus, parked events and
backups of the database cannot be read. The ledger stays, and proves it. It cannot be undone.

One officer asks, another one confirms, from two system accounts. Then it waits 7 days, in which
either stops it; then it is carried out by `serve`, or by `carry-out` (every hour, where the
database is one of your own). What says no is kept without a name: if they come again, it holds.

  tell-once erase ask PERSON --because consent-withdrawn
  tell-once erase confirm ORDER
  tell-once erase stop ORDER
  tell-once erase list
  tell-once erase carry-out
  tell-once erase carry-out ORDER --proofs proofs/

PERSON is the opaque id. Whoever is one with them has to be named with --also, each: a join may be
wrong and can be undone, an erasure cannot. A refusal exits 3 and says why, and who they are. Among
invented families one command is both hands and waits for nothing:

  tell-once erase PERSON --because unlawful --as PRACTITIONER --yes --json
"""
_GROUNDS = [g.value for g in ErasureGround if g is not ErasureGround.RESTORED_BACKUP]
_DAY = timedelta(days=1)


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `erase`."""
    erase = commands.add_parser(
        "erase",
        help="erase a person for good, by two",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = erase.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, run in (("ask", _ask), ("now", _now)):
        asking = _verb(verbs, common, name, run)
        asking.add_argument("person", metavar="PERSON", help="the opaque id")
        asking.add_argument("--because", required=True, choices=_GROUNDS)
        told = "somebody who was joined with them and goes too; for each"
        asking.add_argument("--also", action="append", default=[], metavar="PERSON", help=told)
        asking.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
        if name == "now":
            _add_proofs(asking)
    for name, run in (("confirm", _confirm), ("stop", _stop)):
        _verb(verbs, common, name, run).add_argument("order", metavar="ORDER")
    _verb(verbs, common, "list", _list)
    carrying = _verb(verbs, common, "carry-out", _carry_out)
    carrying.add_argument("order", metavar="ORDER", nargs="?", help="without: all that are due")
    _add_proofs(carrying)


def _verb(
    verbs: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    return officers_verb(verbs, common, name, run, told=(_HELP[name], _ABOUT))


def _add_proofs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--proofs", type=Path, metavar="FOLDER", help="write proof files here")


def _ask(args: argparse.Namespace) -> int:
    person = _meant(args)
    with _as_officer(args) as (application, officer):
        asked = _asked(args, person, officer, application)
        if isinstance(asked, ErasureRefusal):
            return tell_refusal(args, asked, person, application)
    return tell_order(args, asked, verb="erase")


def _now(args: argparse.Namespace) -> int:
    """Ask, confirm and carry out, for invented families alone."""
    person = _meant(args)
    with _as_officer(args, element="at-once") as (application, officer), working(application):
        before = _erased_before(person, application)
        if before is not None:
            return tell_carried_out(args, before, application)
        asked = _asked(args, person, officer, application)
        if isinstance(asked, ErasureRefusal):
            return tell_refusal(args, asked, person, application)
        outside = application.outside(DatabaseRole.OWNER)
        done = carry_out_erasure(asked.id, by=officer.actor, outside=outside, is_at_once=True)
        return _tell_done(args, done, person, application)


def _confirm(args: argparse.Namespace) -> int:
    with _as_officer(args) as (application, officer), _ordering(application) as found:
        answered = confirm_erasure(args.order, by=officer, ordering=found)
    return tell_order(args, answered, verb="erase")


def _stop(args: argparse.Namespace) -> int:
    with _as_officer(args) as (application, officer), _ordering(application) as found:
        stopped = stop_erasure(args.order, by=officer, ordering=found)
    return tell_order(args, stopped, verb="erase")


def _list(args: argparse.Namespace) -> int:
    with _as_officer(args) as (application, officer), _ordering(application) as found:
        waiting = list_erasures(by=officer, ordering=found)
    if isinstance(waiting, ErasureRefusal):
        print_document(args, _refused(waiting.value), plain=f"Refused: {waiting.label}.")
        return REFUSED
    rows = [_row(one) for one in waiting]
    plain = "\n".join(f"{r['order']}  {r['status']}  {r['days_left']}" for r in rows)
    print_document(args, {"orders": rows}, plain=plain or "Nothing waits.")
    return 0


def _carry_out(args: argparse.Namespace) -> int:
    with _as_officer(args) as (application, officer):
        outside = application.outside(DatabaseRole.OWNER)
        if args.order is None:
            done = carry_out_what_is_due(outside)
            print_document(args, {"erased": done}, plain=f"Erased {done}.")
            return 0
        with working(application):
            answer = carry_out_erasure(args.order, by=officer.actor, outside=outside)
            return _tell_done(args, answer, None, application)


def _asked(
    args: argparse.Namespace, person: PersonId, officer: Officer, application: Application
) -> Order | ErasureRefusal:
    also = frozenset(map(_opaque, args.also))
    with _ordering(application) as found:
        return ask_erasure(person, ErasureGround(args.because), also, by=officer, ordering=found)


def _erased_before(person: PersonId, application: Application) -> Erasure | None:
    with _ordering(application) as found:
        erasures = found.erasing.erasures
        return None if erasures.lock(person) else erasures.find(person)


def _ordering(application: Application) -> AbstractContextManager[Ordering]:
    return ordering(application.outside(DatabaseRole.OWNER))


def _tell_done(
    args: argparse.Namespace,
    answer: Erasure | ErasureRefusal | StillWaiting | NotTheirs,
    person: PersonId | None,
    application: Application,
) -> int:
    match answer:
        case Erasure():
            return tell_carried_out(args, answer, application)
        case ErasureRefusal():
            return tell_refusal(args, answer, person, application)
        case StillWaiting():
            days = f"{answer.left / _DAY:.1f}"
            plain = f"Not yet: it still has to wait {days} days."
            print_document(args, _refused(NotTheirs.WAITS.value) | {"days_left": days}, plain=plain)
            return REFUSED
        case NotTheirs():
            sys.stderr.write(f"tell-once: {answer.value}\n")
            return FAILED if answer is NotTheirs.ANSWERED else REFUSED


def _refused(code: str) -> dict[str, Any]:
    return {"refused": True, "reasons": [{"code": code}]}


def _row(one: WaitingErasure) -> dict[str, Any]:
    order = one.order
    return {
        "order": order.id,
        "person": one.person,
        "status": order.status.value,
        "asked_by": order.asked_by,
        "confirmed_by": order.answered_by,
        "days_left": None if one.left is None else f"{one.left / _DAY:.1f}",
    }


@contextmanager
def _as_officer(
    args: argparse.Namespace, *, element: str | None = None
) -> Iterator[tuple[Application, Officer]]:
    """The application and who orders; `element` is what is for invented families alone."""
    with opened(settings_from(args)) as application:
        if element is not None:
            with speaking_for_somebody(application, element=element):
                pass
        with officer_of(args, application) as who:
            yield application, Officer(who.actor, who.role)


def _meant(args: argparse.Namespace) -> PersonId:
    """The person, once whoever asks has said that it is meant."""
    person = _opaque(args.person)
    if args.yes:
        return person
    if not sys.stdin.isatty():
        raise DecisionInvalidError("yes", "cannot be asked here; say --yes if it is meant")
    sys.stderr.write(f"Erase {person} for good? Write the id again: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != person:
        raise DecisionInvalidError("person", "was not written again; nothing was asked")
    return person


def _opaque(text: str) -> PersonId:
    if re.fullmatch(OPAQUE_ID, text) is None:
        raise DecisionInvalidError("person", "is not an opaque id")
    return PersonId(text)


_HELP = {
    "ask": "ask for an erasure; somebody else confirms it",
    "now": "all of it at once, for invented families",
    "confirm": "confirm what another asked for; it waits 7 days from then",
    "stop": "let it not be carried out",
    "list": "what waits, and how long still",
    "carry-out": "carry out what is due",
}
