"""`tell-once audit unusual` and `audit staff-list`: hits, and the list of staff beside them."""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from consent.ledger.fields import OPAQUE_ID
from services.audit.unusual.hits import HitRow, HitStanding, RuleFigures
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.postgres_hits import HitFilter
from services.audit.unusual.reviewing import (
    MOST_LISTED,
    HitRefusal,
    HitShown,
    list_hits,
    review_hands,
    rule_figures,
    show_hit,
)
from services.audit.unusual.settings import unusual_rules
from services.audit.unusual.staff.importing import StaffListImported, import_staff_list
from services.audit.unusual.staff.staff_list import MOST_BYTES, OPTIONAL, REQUIRED, HrListFault
from services.audit.unusual.sweeping import SweepStep, sweep
from services.bootstrap import DatabaseRole, opened
from services.cli.operator import operator, tell_refused
from services.cli.output import FAILED, USAGE, print_document, settings_from
from services.work import Outside, unit_of_work

_ABOUT = """
Looks that are worth asking about: each with its rule, why, and what would explain it away. What the
ledger has told since the last sweep is judged first. Workers and families are opaque ids; that the
list was looked at is entered.

  tell-once audit unusual --json
  tell-once audit unusual --since 2026-09-01 --rule same-place --state new
  tell-once audit unusual --hit 4f0e… --json
"""
_ABOUT_LIST = f"""
The list of staff, in the place of the one before: CSV in UTF-8 with the columns
{", ".join(REQUIRED)}, and any of
{", ".join(OPTIONAL)}.
Only keyed hashes are kept, and days of leave and duty. A line that cannot be used is named with its
column, never with what stands there; then nothing is changed.

  tell-once audit staff-list staff.csv --dry-run
"""


def add_unusual(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the verb `unusual`."""
    parser = _verb(commands, common, "unusual", "looks that are worth asking about", _ABOUT)
    parser.add_argument(
        "--since", type=date.fromisoformat, metavar="DAY", help="looks from then on"
    )
    parser.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="and until then")
    rules = [rule.value for rule in UnusualRule]
    parser.add_argument("--rule", choices=rules, metavar="RULE", help=", ".join(rules))
    states = [standing.value for standing in HitStanding]
    parser.add_argument("--state", choices=states, action="append", help="may be repeated")
    parser.add_argument(
        "--hit", metavar="HIT", type=_opaque, help="one hit, with all that was said"
    )
    parser.set_defaults(run_command=_unusual)


def add_staff_list(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the verb `staff-list`."""
    parser = _verb(commands, common, "staff-list", "take in the list of staff", _ABOUT_LIST)
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--dry-run", action="store_true", help="say what would be taken in")
    parser.set_defaults(run_command=_staff_list)


def _verb(
    commands: Any, common: argparse.ArgumentParser, name: str, told: str, about: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        parents=[common],
        help=told,
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _opaque(text: str) -> str:
    if not re.fullmatch(OPAQUE_ID, text):
        raise argparse.ArgumentTypeError("not an id of a hit")
    return text


def _unusual(args: argparse.Namespace) -> int:
    settings = settings_from(args)
    rules = unusual_rules(settings.unusual_rules)
    with opened(settings) as application:
        outside = application.outside(DatabaseRole.OWNER)
        swept = sweep(outside, rules)
        if args.hit is not None:
            return _one(args, outside)
        with unit_of_work(outside) as work:
            hands = review_hands(work)
            asked = HitFilter(
                args.since,
                args.until,
                UnusualRule(args.rule) if args.rule else None,
                [HitStanding(one) for one in args.state] if args.state else None,
            )
            rows = list_hits(asked, by=operator(), hands=hands)
            first, last = args.since or date.min, args.until or date.max
            figures = rule_figures(first, last, hands=hands)
    document = {
        "rules": rules.version,
        "swept": asdict(swept),
        "hits": [_document(row) for row in rows],
        "has_more": len(rows) == MOST_LISTED,
        "figures": [_figures(one) for one in figures],
    }
    print_document(args, document, plain=_in_words(rows, figures, swept))
    return 0


def _one(args: argparse.Namespace, outside: Outside) -> int:
    with unit_of_work(outside) as work:
        found = show_hit(args.hit, by=operator(), hands=review_hands(work))
    if isinstance(found, HitRefusal):
        return tell_refused(found)
    document = {
        **_document(found.row),
        "states": [
            {
                "state": state.standing.value,
                "by": state.said_by,
                "at": state.said_at.isoformat(),
                "order": state.order,
                "why": words,
            }
            for state, words in zip(found.states, found.words, strict=True)
        ],
    }
    print_document(args, document, plain=_hit_in_words(found))
    return 0


def _document(row: HitRow) -> dict[str, object]:
    told = asdict(row)
    return told | {name: told[name].isoformat() for name in ("at", "day", "due")}


def _figures(one: RuleFigures) -> dict[str, object]:
    return {
        "rule": one.rule.value,
        "fires": one.fires,
        "fired": one.fired,
        "explained": dict(one.explained),
        "left": one.left,
        "waiting": one.waiting,
        "reviewed": one.reviewed,
        "not_right": one.not_right,
        "precision": one.precision,
    }


def _in_words(rows: Sequence[HitRow], figures: Sequence[RuleFigures], swept: SweepStep) -> str:
    lines = [f"{swept.entries} entries read, {swept.days} days judged, {swept.hits} new hits."]
    lines += [
        f"{row.id}  {row.label}: {row.reason} {row.standing_label}; due {row.due:%Y-%m-%d}."
        for row in rows
    ]
    lines += [
        f"{one.rule.label}: fired {one.fired}, left {one.left}; not right {one.not_right} of "
        f"{one.reviewed} reviewed."
        for one in figures
        if one.fired
    ]
    return "\n".join(lines)


def _hit_in_words(found: HitShown) -> str:
    row = found.row
    head = f"{row.label}, rules {row.version}: {row.reason}\nExplained away by: {row.explained}"
    said = [
        f"{state.said_at:%Y-%m-%d %H:%M} {state.standing.label}, {state.said_by}. {words}".rstrip()
        for state, words in zip(found.states, found.words, strict=True)
    ]
    return "\n".join([head, *said])


def _staff_list(args: argparse.Namespace) -> int:
    try:
        with args.file.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        sys.stderr.write("tell-once: file-cannot-be-read\n")
        return USAGE
    with opened(settings_from(args)) as application:
        outside = application.outside(DatabaseRole.OWNER)
        found = import_staff_list(content, by=operator(), outside=outside, is_dry_run=args.dry_run)
    if isinstance(found, HrListFault):
        sys.stderr.write(f"tell-once: {found.value}: {found.label}\n")
        return USAGE
    _tell(args, found)
    return FAILED if found.faults else 0


def _tell(args: argparse.Namespace, found: StaffListImported) -> None:
    document = {
        "done": found.is_done,
        "staff": found.staff,
        "gone": found.gone,
        "faults": [
            {"line": one.line, "field": one.field, "why": one.fault.value} for one in found.faults
        ],
    }
    lines = [f"line {one.line}: {one.field} {one.fault.label}" for one in found.faults]
    kinds = Counter(one.fault.value for one in found.faults)
    lines += [f"{count} {kind}" for kind, count in sorted(kinds.items())]
    lines.append(f"{found.staff} on the list, {found.gone} not any more.")
    lines.append("It is taken in." if found.is_done else "Nothing was changed.")
    print_document(args, document, plain="\n".join(lines))
