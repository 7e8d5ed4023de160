"""`tell-once backup make|list|keys|tested`, and `restore`: what is kept elsewhere, and back."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.audit.integrity.backups import MARK, mark_backup
from services.bootstrap import opened
from services.cli.ledger.database import record_export
from services.cli.lifecycle.backups import (
    BackupError,
    backups_in,
    copy_offline_keys,
    drop_old_backups,
    make_backup,
    require_whole,
)
from services.cli.lifecycle.restore import add_restore
from services.cli.output import FAILED, print_document, settings_from
from services.ledger.postgres_access import LedgerAccess
from services.platform.clock import SystemClock

_MAKE = """
Writes database and ledger down below PLACE, while everything runs, and copies erasable-secrets to
the folder that TELL_ONCE_BACKUP_SECRETS names, on another medium: each copy is kept for a week and
written over at each erasure. Every night, as the database's owner.

  tell-once backup make /mnt/backups --keep 30
"""
_LIST = """
Which backups there are below PLACE, and whether their files are as they were written; exit 1 where
one is not. Restore one elsewhere every month all the same.

  tell-once backup list /mnt/backups
"""
_KEYS = """
Copies root key and wrapping keys, for a medium that is kept offline: once, and after each rotation.

  tell-once backup keys /media/safe/2026-12
"""
_TESTED = """
Notes that a backup was restored elsewhere as a test, and looked at; auditors see when.

  tell-once backup tested
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `backup` and `restore`."""
    backup = commands.add_parser("backup", help="write everything down elsewhere")
    verbs = backup.add_subparsers(dest="verb", required=True, metavar="VERB")
    make = _verb(verbs, common, "make", _make, _MAKE)
    make.add_argument("place", type=Path, metavar="PLACE")
    told = "remove all but the newest N below PLACE afterwards"
    make.add_argument("--keep", type=_count, metavar="N", help=told)
    listing = _verb(verbs, common, "list", _list, _LIST)
    listing.add_argument("place", type=Path, metavar="PLACE")
    keys = _verb(verbs, common, "keys", _keys, _KEYS)
    keys.add_argument("folder", type=Path, metavar="FOLDER")
    _verb(verbs, common, "tested", _tested, _TESTED)
    add_restore(commands, common)


def _verb(
    verbs: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        parents=[common],
        help=about.strip().split(",")[0].split(".")[0],
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run_command=run)
    return parser


def _count(typed: str) -> int:
    if not typed.isdecimal() or int(typed) < 1:
        raise argparse.ArgumentTypeError("is a number from 1 on")
    return int(typed)


def _make(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application:
        access = LedgerAccess(
            application.engine, signer=application.ledger_signer, copy=application.ledger_copy
        )
        record_export(application, access)
        made = make_backup(application, args.place, access)
    dropped = drop_old_backups(args.place, args.keep) if args.keep else []
    document = {
        "backup": str(made.folder),
        "made_at": made.made_at.isoformat(),
        "entries": made.entries,
        "dropped": dropped,
    }
    plain = f"{made.folder}: {made.entries:,} ledger entries. {len(dropped)} older ones removed."
    print_document(args, document, plain=plain)
    return 0


def _list(args: argparse.Namespace) -> int:
    rows = []
    for backup in backups_in(args.place):
        try:
            require_whole(backup)
            fault = None
        except BackupError as error:
            fault = str(error)
        at, name = backup.made_at.isoformat(), backup.folder.name
        rows.append({"name": name, "made_at": at, "entries": backup.entries, "fault": fault})
    plain = "\n".join(
        f"{row['name']}  {row['entries']:,}  {row['fault'] or 'whole'}" for row in rows
    )
    print_document(args, {"backups": rows}, plain=plain or "No backup is there.")
    return FAILED if any(row["fault"] for row in rows) else 0


def _keys(args: argparse.Namespace) -> int:
    names = copy_offline_keys(settings_from(args), args.folder)
    print_document(args, {"copied": names}, plain=f"Copied {', '.join(names)}. Keep it offline.")
    return 0


def _tested(args: argparse.Namespace) -> int:
    data = settings_from(args).data
    mark_backup(data, restored_at=SystemClock().now())
    print_document(args, {"noted": True}, plain=f"Noted in {data / MARK}.")
    return 0
