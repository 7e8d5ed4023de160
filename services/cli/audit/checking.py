"""`tell-once audit check-case`: needs the file and a key, no database and nothing of ours."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from consent.errors import ConsentError, KeyOfUnknownKindError
from consent.transparency.verifier_key import VerifierKey

_ABOUT = """
Checks a case that `audit export --format case` made: every byte of it, every entry's proof, and who
signed it; without a database, and without trust in who made it. Nothing of it is unpacked.
Exit 0 when valid, 1 when not; 3 when it is valid and no --key says whose it is; 2 for a key that is
none, or a file that cannot be read.

  tell-once audit check-case family.case.tar --key council.example/ledger+0a1b2c3d+AbCd… --json
"""
_NOT_VALID, _USAGE, _NOT_TRUSTED = 1, 2, 3


def add_check_case(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `check-case`, to `audit`."""
    check = commands.add_parser(
        "check-case",
        parents=[common],
        help="check a case that somebody gave you",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("file", metavar="FILE", help="the case; - is standard input")
    check.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="VERIFIER_KEY",
        help="a key to trust, as name+hash+base64; may be repeated",
    )
    check.set_defaults(run_command=run_check_case)


def run_check_case(args: argparse.Namespace) -> int:
    """Check it, and print what was found; gives the exit code."""
    from services.audit.exports.case_checking import CaseReport, check_case  # noqa: PLC0415 rarely
    from services.cli.output import progress_bar  # noqa: PLC0415 likewise

    def checked(stream: Any) -> CaseReport:
        with progress_bar("Checking", total=None) as tell:
            return check_case(stream, keys, tell=tell)

    try:
        keys = [key for text in args.key for key in _key(text)]
        if args.file == "-":
            report = checked(sys.stdin.buffer)
        else:
            with Path(args.file).open("rb") as stream:
                report = checked(stream)
    except (ConsentError, OSError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        sys.stderr.write(f"tell-once: {what}\n")
        return _USAGE
    until = report.covers_until
    document = {
        "valid": report.valid,
        "trusted": report.valid and report.trusted,
        "entries": report.entries,
        "chosen": report.chosen,
        "decisions": report.decisions,
        "origin": report.origin,
        "size": report.size,
        "export": report.export,
        "covers_until": None if until is None else f"{until:%Y-%m-%dT%H:%M:%S.%fZ}",
        "errors": [] if report.valid else [{"index": report.index, "what": report.problem}],
    }
    _print(args, document)
    if not report.valid:
        return _NOT_VALID
    if not report.trusted:
        sys.stderr.write("tell-once: no --key is given: it is whole, and nobody says whose it is\n")
        return _NOT_TRUSTED
    return 0


def _key(text: str) -> list[VerifierKey]:
    try:
        return [VerifierKey.parse(text)]
    except KeyOfUnknownKindError as error:
        sys.stderr.write(f"tell-once: passed over: {error}\n")
        return []


def _print(args: argparse.Namespace, document: Mapping[str, object]) -> None:
    lines = [f"{name}: {value}" for name, value in document.items()]
    plain = "\n".join(lines)
    sys.stdout.write(f"{json.dumps(document, ensure_ascii=False) if args.json else plain}\n")
