"""`tell-once ledger …`: the arguments, and what each command runs.

Only what the typed command needs is imported: a check, or a witness, runs where there is no
database and nothing that speaks to one.
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from consent.errors import KeyOfUnknownKindError, NoteMalformedError
from consent.transparency.verifier_key import VerifierKey

__all__ = ["add_arguments", "needs_application"]

# The `--key`: verifier keys, as many as wanted.

USAGE_ERROR = 2


class UnusableKeyError(Exception):
    """A `--key` is not a verifier key; tells what is wrong with it."""


class KeysAction(argparse.Action):
    """Takes several keys after one `--key`, and gives back the file that follows the last."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse passes it
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,  # noqa: ARG002 - argparse passes it
    ) -> None:
        """Keep what looks like a key, and the first thing that does not."""
        keys = list(namespace.key or [])
        for value in values:
            if "+" in value or getattr(namespace, "file_among_keys", None) is not None:
                keys.append(value)
            else:
                namespace.file_among_keys = value
        namespace.key = keys


def given_file(args: argparse.Namespace) -> str | None:
    """Give the file of a command, whether it stood before or after the keys."""
    file: str | None = getattr(args, "file", None)
    return getattr(args, "file_among_keys", None) if file is None else file


def given_keys(args: argparse.Namespace) -> list[VerifierKey]:
    """Read the keys of a command, but for those of a kind that nothing here checks.

    Raises UnusableKeyError for what is no key.
    """
    texts = list(args.key or [])
    if getattr(args, "file", None) is not None and getattr(args, "file_among_keys", None):
        texts.append(args.file_among_keys)
    keys = []
    for text in texts:
        try:
            keys.append(VerifierKey.parse(text))
        except KeyOfUnknownKindError as error:
            tell(f"passed over: {error}")
        except NoteMalformedError as error:
            raise UnusableKeyError(str(error)) from None
    return keys


def tell(text: str) -> None:
    """Say something to the person at the terminal, beside the document."""
    sys.stderr.write(f"{text}\n")


def add_witness_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `ledger witness` takes."""
    parser.add_argument("--new-key", action="store_true", help="make the key, and end")
    parser.add_argument("--name", help="of the new key; by default this machine's")
    parser.add_argument(
        "--key-file", type=Path, default=Path("witness.key"), metavar="FILE", help="its own key"
    )
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="ORIGIN=VERIFIER_KEY",
        help="a log to look after; may be repeated",
    )
    parser.add_argument("--logs", type=Path, metavar="FILE", help="a list of logs (logs/v0)")
    parser.add_argument(
        "--state",
        type=Path,
        default=Path("witness.state"),
        metavar="FILE",
        help="keeps what was seen last; never restore an older one",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")


_DATABASE = "services.cli.ledger.database"
_FILES = "services.cli.ledger.files"
_COMPARING = "services.cli.ledger.comparing"
_WITNESS = "services.cli.ledger.witness"

_KEY_EXAMPLE = "council.example/ledger+0a1b2c3d+AbCd…"
_VERIFY = f"""\
Verifies the ledger, or an EXPORT without any database. Exit 0 when valid, 1 when not; of an export
3 when it is valid and no --key of its log says whose it is. Keys of other kinds are passed over.

  tell-once ledger verify
  tell-once ledger verify ledger.jsonl.zst --key {_KEY_EXAMPLE}
"""
_CHECKPOINT = """\
Gives the signed note of the ledger as it stands, for a witness or for safe keeping.

  tell-once ledger checkpoint > today.checkpoint
"""
_PROVE = """\
Gives a receipt (c2sp.org/tlog-proof) that carries the entry. Exit 1 when there is no such entry.

  tell-once ledger prove 42 > entry-42.tlog-proof
"""
_EXPORT = """\
Writes JSON Lines, compressed when FILE ends in .zst; - is standard output. Is itself recorded.

  tell-once ledger export ledger.jsonl.zst
"""
_CHECK_NOTE = f"""\
Reads any C2SP checkpoint; - is standard input. Exit 0 when a known key signed it, 1 when not.

  tell-once ledger check-note today.checkpoint --key {_KEY_EXAMPLE}
"""
_CHECK_PROOF = f"""\
Checks a receipt. Exit 0 when its entry is in the log that a known key signed, 1 when not.

  tell-once ledger check-proof entry-42.tlog-proof --key {_KEY_EXAMPLE}
"""
_COMPARE = f"""\
Compares checkpoints as different witnesses cosigned them. Exit 0 when all saw one tree, 1 when the
log has shown different ones, 3 when it cannot be told: for different sizes name an --export.

  tell-once ledger compare-witnesses one.note other.note --key {_KEY_EXAMPLE} witness.example/w1+…
"""
_WITNESS_ABOUT = """\
Runs a witness, for the logs of others: no database, just a key and a file. Each log sends it its
checkpoints, and gets them cosigned as long as every one extends the one before.

  tell-once ledger witness --new-key --key-file witness.key --name witness.example/w1
  tell-once ledger witness --key-file witness.key --state witness.state --port 8500 \\
      --origin council.example/ledger=council.example/ledger+0a1b2c3d+AbCd…
"""


def add_arguments(subparsers: Any, *, parents: Sequence[argparse.ArgumentParser] = ()) -> None:
    """Add `ledger` and its commands to the program's.

    Each sets `run`, to be called with `args` and `application`; `needs_application(args)` tells
    whether it uses the application. `parents` may carry what all commands have; `--json` is
    added here unless one of them has it.
    """
    ledger = subparsers.add_parser("ledger", help="verify, prove and export what happened")
    commands = ledger.add_subparsers(dest="ledger_command", required=True, metavar="COMMAND")

    def add(name: str, module: str, about: str) -> argparse.ArgumentParser:
        return _command(commands, parents, name=name, module=module, about=about)

    verify = add("verify", _DATABASE, _VERIFY)
    verify.add_argument("file", nargs="?", metavar="EXPORT", help="an export, or the database")
    verify.add_argument(
        "--held", metavar="FILE", help="a checkpoint kept before; the ledger must begin with it"
    )
    _add_key(verify, required=False)
    add("checkpoint", _DATABASE, _CHECKPOINT)
    prove = add("prove", _DATABASE, _PROVE)
    prove.add_argument("entry", metavar="INDEX|ENTRY_ID", help="its number from 0, or its id")
    export = add("export", _DATABASE, _EXPORT)
    export.add_argument("file", metavar="FILE", help="where to write it")
    _add_checks(add)
    compare = add("compare-witnesses", _COMPARING, _COMPARE)
    compare.add_argument("notes", nargs="+", metavar="NOTE", help="a checkpoint of the log")
    compare.add_argument("--export", type=Path, metavar="EXPORT", help="an export of the log")
    _add_key(compare, required=True)
    add_witness_arguments(add("witness", _WITNESS, _WITNESS_ABOUT))


_WITHOUT_DATABASE = frozenset({"check-note", "check-proof", "compare-witnesses", "witness"})


def needs_application(args: argparse.Namespace) -> bool:
    """Tell whether a `ledger` command reads the database."""
    if args.ledger_command == "verify":
        return given_file(args) is None
    return args.ledger_command not in _WITHOUT_DATABASE


def _add_checks(add: Callable[..., argparse.ArgumentParser]) -> None:
    check_note = add("check-note", _FILES, _CHECK_NOTE)
    check_note.add_argument("file", nargs="?", metavar="FILE", help="the checkpoint")
    _add_key(check_note, required=True)
    check_proof = add("check-proof", _FILES, _CHECK_PROOF)
    check_proof.add_argument("file", nargs="?", metavar="FILE", help="the receipt")
    check_proof.add_argument("--entry", metavar="FILE", help="the entry, if not in the receipt")
    _add_key(check_proof, required=True)


def _command(
    commands: Any,
    parents: Sequence[argparse.ArgumentParser],
    *,
    name: str,
    module: str,
    about: str,
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        parents=list(parents),
        help=re.split(r"\.\s", about)[0],
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    has_json = any("--json" in each.option_strings for each in command._actions)  # noqa: SLF001
    if not has_json:
        command.add_argument("--json", action="store_true", help="one document for machines")
    command.set_defaults(run=_runner(module, name))
    return command


def _runner(module: str, name: str) -> Callable[..., int]:
    """Give what runs a command: `run_…` of its module, imported when it is called."""

    def run(args: argparse.Namespace, *, application: Any = None) -> int:
        chosen = import_module(module)
        return int(getattr(chosen, f"run_{name.replace('-', '_')}")(args, application=application))

    return run


def _add_key(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument(
        "--key",
        nargs="+",
        action=KeysAction,
        required=required,
        metavar="VERIFIER_KEY",
        help="a key to trust, as name+hash+base64; may be repeated",
    )
