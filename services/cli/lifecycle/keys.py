"""`tell-once keys show|rotate|retire|verify`: the keys under which everything lies."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from consent.errors import LedgerBrokenError
from consent.ledger import read_entry
from consent.ledger.events import LedgerEvent
from consent.ledger.log import LogItem, StoredEntry
from consent.transparency.verifier_key import VerifierKey
from schemas.identifiers import PersonId
from services.bootstrap import DatabaseRole, opened
from services.cli.ledger.files import opened_export
from services.cli.operator import operator
from services.cli.output import FAILED, print_document, progress_bar, settings_from
from services.ledger.export import ExportReader
from services.ledger.verification import verify_ledger
from services.lifecycle.erasure.postgres import PostgresErasures
from services.platform.keys.postgres import PostgresKeyRows
from services.work import Outside, unit_of_work
from services.workers.keys import (
    KeysVerified,
    give_up_version,
    retire_keys,
    rotate_keys,
    verify_keys,
)

# Whose keys were destroyed, by an export of our ledger that was kept elsewhere.

_DESTROYED = LedgerEvent.KEY_DESTROYED.encode()


def persons_destroyed(path: Path, keys: Sequence[VerifierKey]) -> set[PersonId]:
    """The persons whose keys were destroyed. Raises LedgerBrokenError for a file not to trust.

    Whoever is named is erased: so only what our own key has signed is believed.
    """
    found: set[PersonId] = set()
    with opened_export(path) as stream:
        report = verify_ledger(_noting(ExportReader(stream), found), keys=keys)
    if not report.valid:
        raise LedgerBrokenError(f"{path.name} is no valid export of this ledger; nobody is erased")
    return found


def _noting(items: Iterable[LogItem], found: set[PersonId]) -> Iterator[LogItem]:
    for item in items:
        if isinstance(item, StoredEntry) and item.body is not None and _DESTROYED in item.body:
            _note(item.body, found)
        yield item


def _note(body: bytes, found: set[PersonId]) -> None:
    entry = read_entry(body)
    if entry.event is LedgerEvent.KEY_DESTROYED:
        found.add(PersonId(str(entry.fields["person"])))


_SHOW = """
Shows which wrapping keys there are and how many persons' data keys lie under each. No secrets.

  tell-once keys show --json
"""
_ROTATE = """
Makes a new wrapping key and wraps every data key under it. Nothing is encrypted anew, and nothing
has to stop. May be killed at any point and run again: it goes on where it was. The old wrapping
key stays, for backups; `keys retire` destroys it.

  tell-once keys rotate
"""
_RETIRE = """
Destroys every wrapping key but the newest, once nothing lies under them. Database backups that
were made before the last rotation can then not be read any more: make a new one first.

  tell-once keys retire --yes
"""
_VERIFY = """
Opens every data key, finishes what an erasure began, and destroys again what was destroyed
before: run it after restoring a database or the keys. Where both were restored, give it a ledger
export from elsewhere. Exit 1 when a key does not open, or somebody could not be erased again.
It starts also when a wrapping key is missing, as nothing else does; where no copy of one is left,
--lost says so, and everything starts without what lies under it.

  tell-once keys verify
  tell-once keys verify --export ledger.jsonl.zst --json
  tell-once keys verify --lost 1
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `keys`."""
    keys = commands.add_parser("keys", help="the keys under which everything lies")
    verbs = keys.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(name: str, run: Callable[..., int], about: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(
            name,
            parents=[common],
            help=about.strip().split(".")[0].splitlines()[0].rstrip(","),
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(run_command=run)
        return parser

    add("show", _show, _SHOW)
    add("rotate", _rotate, _ROTATE)
    retire = add("retire", _retire, _RETIRE)
    retire.add_argument("--yes", action="store_true", required=True, help="it is meant")
    verify = add("verify", _verify, _VERIFY)
    verify.add_argument("--export", type=Path, metavar="FILE", help="a ledger export")
    verify.add_argument(
        "--lost", type=int, metavar="VERSION", help="a wrapping key of which no copy is left"
    )


def _show(args: argparse.Namespace) -> int:
    with opened(settings_from(args), keys_may_lack=True) as application:
        outside = application.outside(DatabaseRole.OWNER)
        with unit_of_work(outside) as work:
            counts = PostgresKeyRows(work.connection).count()
            erasures = PostgresErasures.of(work, outside.vault)
            unfinished = len(erasures.unfinished())
    versions = outside.vault.versions()
    slots, destroyed = outside.vault.counts()
    document = {
        "newest": versions[-1],
        "wrapping_keys": [
            {"version": version, "kept": version in versions, "persons": counts.get(version, 0)}
            for version in sorted({*versions, *counts})
        ],
        "secrets": slots,
        "destroyed": destroyed,
        "unfinished_erasures": unfinished,
    }
    print_document(args, document, plain=_show_text(document))
    return 0


def _show_text(document: dict[str, Any]) -> str:
    lines = [
        f"Wrapping key {key['version']}: {key['persons']:,} persons"
        + ("" if key["kept"] else ", and the key is not there")
        for key in document["wrapping_keys"]
    ]
    lines.append(f"{document['destroyed']:,} keys destroyed.")
    if document["unfinished_erasures"]:
        lines.append("An erasure is not finished: run tell-once keys verify.")
    return "\n".join(lines)


def _rotate(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application:
        outside = application.outside(DatabaseRole.OWNER)
        with progress_bar("Wrapping keys anew", total=_persons(outside)) as tell:
            done = rotate_keys(outside, by=operator(), tell=tell)
    document = {"version": done.version, "persons": done.persons, "resumed": done.was_resumed}
    went_on = " (went on where it had stopped)" if done.was_resumed else ""
    plain = f"{done.persons:,} keys wrapped under version {done.version}{went_on}."
    print_document(args, document, plain=plain)
    return 0


def _retire(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application:
        gone = retire_keys(application.outside(DatabaseRole.OWNER), by=operator())
    plain = f"Destroyed wrapping keys: {', '.join(map(str, gone))}." if gone else "None to destroy."
    print_document(args, {"destroyed": gone}, plain=plain)
    return 0


def _verify(args: argparse.Namespace) -> int:
    with opened(settings_from(args), keys_may_lack=True) as application:
        signed_by = [application.ledger_signer.verifier_key]
        elsewhere = persons_destroyed(args.export, signed_by) if args.export else ()
        outside = application.outside(DatabaseRole.OWNER)
        if args.lost is not None:
            give_up_version(outside, args.lost, by=operator())
        with progress_bar("Opening keys", total=_persons(outside)) as tell:
            report = verify_keys(outside, destroyed_elsewhere=elsewhere, tell=tell)
    print_document(args, _verified(report), plain=_verified_text(report))
    return 0 if report.is_well else FAILED


def _verified(report: KeysVerified) -> dict[str, Any]:
    return {
        "opened": report.opened,
        "unusable": report.unusable,
        "finished": report.finished,
        "destroyed_again": report.destroyed_again,
        "erased_again": report.erased_again,
        "refused": [{"person": person, "because": why.value} for person, why in report.refused],
    }


def _verified_text(report: KeysVerified) -> str:
    lines = [f"{report.opened:,} keys open."]
    lines += [f"{person}: its key does not open" for person in report.unusable]
    lines += [f"{person}: not erased again: {why.label}" for person, why in report.refused]
    if report.finished:
        lines.append(f"{report.finished:,} erasures finished.")
    if report.destroyed_again:
        lines.append(f"{report.destroyed_again:,} keys destroyed again.")
    if report.erased_again:
        lines.append(f"{len(report.erased_again):,} persons erased again.")
    return "\n".join(lines)


def _persons(outside: Outside) -> int:
    with unit_of_work(outside) as work:
        return sum(PostgresKeyRows(work.connection).count().values())
