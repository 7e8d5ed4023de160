"""`tell-once agreement adopt|confirm|decline|show|list`: the agreement by which all is decided."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from consent.agreement import Agreement, AgreementState, agreement_state, in_force
from consent.agreements.adopting import AdoptAgreement, Adopted, Adoption
from consent.errors import AgreementInvalidError
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.operator import operator, tell_order, tell_refused
from services.cli.output import FAILED, print_document, progress_bar, settings_from
from services.decisions.adopting import (
    AdoptingByTwo,
    ask_adoption,
    confirm_adoption,
    decline_adoption,
)
from services.people.governance.orders import Order
from services.work import unit_of_work
from services.workers.draining import working

_ABOUT = """
The data-sharing agreement says which agencies may receive which categories for which purposes.
It stands above every decision of a family; without one that is valid everything is denied.
"""
_ADOPT = """
Asks to adopt an agreement: once another officer confirms it with the same file, everything is
decided by it. What it no longer covers is refused at the next read and purged, what it newly covers
is asked for again. Where families are invented one command is enough. The file is JSON:

  {"version": "northfield-2026-1", "title": "…",
   "valid_from": "2026-01-01", "valid_until": "2028-12-31",
   "rules": [{"agencies": ["schools"], "categories": ["education"], "purposes": ["early-help"]}]}

and may name "parties", and in a rule "sources" and "modes" (existence, content). On a database of
your own run it as the owner, like migrate.

  tell-once agreement adopt agreement.json --data DIR
"""
_CONFIRM = """
Confirms what another officer asked for, with the same file; it is adopted at once.

  tell-once agreement confirm ORDER agreement.json
"""
_SHOW = """
Shows the agreement that was adopted last, or a version.

  tell-once agreement show --data DIR
  tell-once agreement show --version northfield-2026-1 --json
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `agreement`."""
    agreement = commands.add_parser(
        "agreement", help="adopt or show the data-sharing agreement", description=_ABOUT
    )
    verbs = agreement.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(name: str, run: Any, about: str, summary: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(
            name,
            parents=[common],
            help=summary,
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(run_command=run)
        return parser

    adopt = add("adopt", _adopt, _ADOPT, "decide by this agreement from now on")
    adopt.add_argument("file", type=Path, metavar="FILE")
    adopt.add_argument(
        "--although-not-valid",
        action="store_true",
        help="adopt one that is not valid today: everything is denied from now on",
    )
    confirm = add("confirm", _confirm, _CONFIRM, "confirm what another officer asked for")
    confirm.add_argument("order", metavar="ORDER")
    confirm.add_argument("file", type=Path, metavar="FILE")
    decline = add("decline", _decline, "  tell-once agreement decline ORDER", "say no to it")
    decline.add_argument("order", metavar="ORDER")
    show = add("show", _show, _SHOW, "the agreement in force, or a version")
    show.add_argument("--version", metavar="V")
    add("list", _list, "  tell-once agreement list --json", "every agreement adopted so far")


def _adopt(args: argparse.Namespace) -> int:
    document = _bytes_of(args.file)
    command = AdoptAgreement(document, operator(), although_not_valid=args.although_not_valid)
    with _by_two(args) as (by_two, tell):
        found = ask_adoption(command, by_two=by_two, tell=tell)
    if isinstance(found, Order):
        return tell_order(args, found, verb="agreement", more=str(args.file))
    return _tell(args, found)


def _confirm(args: argparse.Namespace) -> int:
    document = _bytes_of(args.file)
    with _by_two(args) as (by_two, tell):
        found = confirm_adoption(args.order, document, by=operator(), by_two=by_two, tell=tell)
    return _tell(args, found) if isinstance(found, Adopted) else tell_refused(found)


def _decline(args: argparse.Namespace) -> int:
    with _by_two(args) as (by_two, _):
        found = decline_adoption(args.order, by=operator(), by_two=by_two)
    return tell_order(args, found, verb="agreement")


@contextmanager
def _by_two(args: argparse.Namespace) -> Iterator[tuple[AdoptingByTwo, Callable[[int], None]]]:
    with (
        opened(settings_from(args)) as application,
        working(application),
        unit_of_work(application.outside(DatabaseRole.OWNER)) as work,
        progress_bar("Persons announced", total=None) as tell,
    ):
        by_two = AdoptingByTwo(work.adopting(), work.orders, work.now, work.is_demonstration)
        yield by_two, tell


def _tell(args: argparse.Namespace, adopted: Adopted) -> int:
    told = _line(adopted.adoption) | {
        "changed": adopted.entry_id is not None,
        "ledger_entry": None if adopted.entry_id is None else str(adopted.entry_id),
        "persons": adopted.persons,
    }
    print_document(args, told, plain=_sentence(adopted))
    return 0


def _show(args: argparse.Namespace) -> int:
    known, version, state = _known(args)
    wanted = [a for a in known if args.version in {None, a.agreement.version}]
    if not wanted:
        nothing = "No such version was ever adopted." if known else state.label
        print_document(args, {"agreement": None, "state": state.value}, plain=nothing)
        return FAILED
    shown = wanted[-1]
    told = _line(shown) | {
        "state": state.value,
        "in_force": shown.agreement.version == version,
        "agreement": json.loads(shown.document) if shown.document else None,
    }
    print_document(args, told, plain="\n".join([*_lines(shown.agreement), state.label]))
    return 0


def _list(args: argparse.Namespace) -> int:
    known, version, state = _known(args)
    rows = [_line(adoption) for adoption in known]
    lines = [f"{r['adopted_at']} {r['version']} ({r['sha256'][:16]}…)" for r in rows]
    told = {"state": state.value, "in_force": version, "adoptions": rows}
    print_document(args, told, plain="\n".join([*lines, state.label]))
    return 0


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AgreementInvalidError("file", f"cannot-be-read: {type(error).__name__}") from None


def _known(args: argparse.Namespace) -> tuple[Sequence[Adoption], str | None, AgreementState]:
    """Every adoption, the version in force, and whether there is one to decide by."""
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        known, now = work.agreements.adoptions(), work.now
    adopted = [adoption.adopted for adoption in known]
    found = in_force(adopted, now)
    return known, None if found is None else found.version, agreement_state(adopted, now)


def _line(adoption: Adoption) -> dict[str, Any]:
    return {
        "version": adoption.agreement.version,
        "adoption_id": adoption.id,
        "sha256": adoption.sha256,
        "adopted_at": adoption.adopted_at.isoformat(),
        "adopted_by": adoption.adopted_by,
        "valid_from": adoption.agreement.valid_from.isoformat(),
        "valid_until": adoption.agreement.valid_until.isoformat(),
    }


def _sentence(adopted: Adopted) -> str:
    version = adopted.adoption.agreement.version
    if adopted.entry_id is None:
        return f"{version} is what was adopted last: nothing changed."
    return f"Adopted {version}; {adopted.persons} persons' records are looked at again."


def _lines(agreement: Agreement) -> list[str]:
    lines = [
        f"{agreement.version}: {agreement.title}",
        f"valid from {agreement.valid_from} until {agreement.valid_until}",
    ]
    for rule in agreement.rules:
        parts = (rule.agencies, rule.categories, rule.purposes, rule.sources, rule.modes)
        may, what, purpose, of, mode = (", ".join(sorted(part)) for part in parts)
        lines.append(f"  {may} may receive {what} for {purpose} (of {of or 'any source'}; {mode})")
    return lines


def warn_unless_agreed(application: Application) -> None:
    """Say on standard error that no agreement is in force, and what to do; else say nothing."""
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        state = agreement_state(work.decisions.agreements, work.now)
    if state is not AgreementState.IN_FORCE:
        sys.stderr.write(f"tell-once: {state.label} See tell-once agreement adopt --help\n")
        sys.stderr.flush()
