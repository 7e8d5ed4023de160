"""Who runs a command, as the ledger names them; and what they are told of what takes two people."""

import argparse
import os
import pwd
import re
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from consent.ledger.fields import CODE_TEXT
from services.cli.output import FAILED, REFUSED, print_document
from services.people.governance.orders import NotTheirs, Order, OrderStatus


def operator() -> str:
    """`operator:<account>`, whatever was typed; one whose name is no code goes by its number."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name.lower()
    except KeyError:
        name = ""
    return f"operator:{name if re.fullmatch(CODE_TEXT, name) else f'uid-{number:x}'}"


def tell_order(
    args: argparse.Namespace,
    found: Order | StrEnum,
    *,
    verb: str,
    more: str = "",
    also: Mapping[str, str] | None = None,
) -> int:
    """Say that it is done, that somebody else has to confirm it, or why not; the exit code."""
    if not isinstance(found, Order):
        return tell_refused(found)
    document = {"order": found.id, "status": found.status.value, **(also or {})}
    if found.status is OrderStatus.ASKED:
        until = f"{found.lapses_at:%Y-%m-%d %H:%M} UTC"
        confirm = f"tell-once {verb} confirm {found.id} {more}".rstrip()
        plain = f"Somebody else confirms it until {until}: {confirm}"
    else:
        plain = f"It is {found.status.value}."
    print_document(args, document, plain=plain)
    return 0


def tell_refused(why: StrEnum) -> int:
    """Why not, as a code; 3 where it was not for them to do, else 1."""
    sys.stderr.write(f"tell-once: {why.value}\n")
    return REFUSED if isinstance(why, NotTheirs) else FAILED


def officers_verb(
    verbs: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    told: tuple[str, str],
) -> argparse.ArgumentParser:
    """Add a verb of an order of two; `told` is its help in a line, and what the command is about.

    `--as` says in whose name, among invented families.
    """
    about, description = told
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        parents=[common],
        help=about,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whose = "among invented families: in whose name"
    parser.add_argument("--as", dest="practitioner", metavar="PRACTITIONER", help=whose)
    parser.set_defaults(run_command=run)
    return parser
