"""Who types a command that takes two people, and what is said of an order that waits."""

import argparse
import getpass
import re
import sys
from enum import StrEnum

from services.cli.output import FAILED, REFUSED, print_document
from services.people.governance.orders import NotTheirs, Order, OrderStatus

_NOT_A_CODE = re.compile(r"[^a-z0-9._-]+")
_LONG_NUMBER = re.compile(r"[0-9]{6,}")


def operator() -> str:
    """The actor of whoever types: their account on this machine, as the ledger may hold it."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "unknown"
    word = _LONG_NUMBER.sub("n", _NOT_A_CODE.sub("-", account.lower())).strip("-.")
    return f"operator:{word[:48]}" if word[:1].isalpha() else f"operator:u-{word[:46]}"


def tell_order(args: argparse.Namespace, found: Order | StrEnum, *, verb: str) -> int:
    """Say that it is done, that somebody else has to confirm it, or why not; the exit code."""
    if not isinstance(found, Order):
        return tell_refused(found)
    document = {"order": found.id, "status": found.status.value}
    if found.status is OrderStatus.ASKED:
        until = f"{found.lapses_at:%Y-%m-%d %H:%M} UTC"
        plain = f"Somebody else confirms it until {until}: tell-once {verb} confirm {found.id}"
    else:
        plain = f"It is {found.status.value}."
    print_document(args, document, plain=plain)
    return 0


def tell_refused(why: StrEnum) -> int:
    """Why not, as a code; 3 where it was not for them to do, else 1."""
    sys.stderr.write(f"tell-once: {why.value}\n")
    return REFUSED if isinstance(why, NotTheirs) else FAILED
