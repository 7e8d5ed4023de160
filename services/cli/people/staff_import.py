"""`tell-once staff import`: a list of staff, row by row, for each agency's lead to accept."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.cli.operator import operator
from services.cli.orders import Run, owned
from services.cli.output import FAILED, USAGE, print_document, settings_from
from services.people.signing_in.providers import read_providers
from services.people.staffing.importing import RowAnswer, RowOutcome, take_in
from services.people.staffing.lists_of_staff import (
    MOST_BYTES,
    OPTIONAL,
    REQUIRED,
    ListFault,
    read_staff_list,
)

TOLD = "Ask for everybody on a list, which each agency's lead accepts."


def add_import(verb: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    """Add the verb `import`."""
    parser = verb("import", _import, TOLD)
    columns = f"CSV in UTF-8; columns {', '.join(REQUIRED)}, and any of {', '.join(OPTIONAL)}"
    parser.add_argument("file", metavar="FILE", type=Path, help=columns)
    parser.add_argument("--dry-run", action="store_true", help="say what would be asked for")
    told = "ask for the rows that can be, also where others are refused"
    parser.add_argument("--partial", action="store_true", help=told)
    told = (
        "the file of providers, where the list has provider and subject; else the one that is set"
    )
    parser.add_argument("--providers", metavar="FILE", type=Path, help=told)


def _import(args: argparse.Namespace) -> int:
    try:
        with args.file.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        return _unread("file-cannot-be-read")
    rows = read_staff_list(content)
    if isinstance(rows, ListFault):
        return _unread(f"{rows.value}: {rows.label}")
    with owned(args) as work:
        file = args.providers or settings_from(args).sign_in
        issuers = _issuers(file, is_demonstration=work.is_demonstration)
        answers = take_in(
            rows,
            by=operator(),
            taking=work.staff_import(issuers),
            is_dry_run=args.dry_run,
            is_partial=args.partial,
        )
    is_refused = any(one.outcome is RowOutcome.REFUSED for one in answers)
    is_done = not args.dry_run and (args.partial or not is_refused)
    _tell(args, answers, is_done=is_done)
    return FAILED if is_refused else 0


def _issuers(path: Path | None, *, is_demonstration: bool) -> Mapping[str, str]:
    found = () if path is None else read_providers(path, is_demonstration=is_demonstration)
    return {one.name: one.issuer for one in found}


def _unread(why: str) -> int:
    sys.stderr.write(f"tell-once: {why}\n")
    return USAGE


def _tell(args: argparse.Namespace, answers: Sequence[RowAnswer], *, is_done: bool) -> None:
    """Each row with --json; without it the refused ones, and how many there are of each."""
    counts = Counter(one.outcome for one in answers)
    document = {
        "done": is_done,
        "counts": {str(one): counts[one] for one in RowOutcome},
        "rows": [_document(one) for one in answers],
    }
    lines = [
        f"row {one.number}: {one.field}: {one.why}"
        for one in answers
        if one.outcome is RowOutcome.REFUSED
    ]
    lines.append(", ".join(f"{counts[one]} {one}" for one in RowOutcome))
    lines.append("Each agency's lead accepts." if is_done else "Nothing was asked for.")
    print_document(args, document, plain="\n".join(lines))


def _document(one: RowAnswer) -> dict[str, object]:
    return {
        "row": one.number,
        "outcome": one.outcome.value,
        "field": one.field,
        "why": None if one.why is None else one.why.value,
        "practitioner": one.practitioner,
        "orders": list(one.orders),
    }
