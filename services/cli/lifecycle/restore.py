"""`tell-once restore`: a database from a backup, proved, and everybody erased again who was."""

import argparse
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from consent.transparency.verifier_key import VerifierKey
from consent.transparency.witness import AddCheckpoint
from schemas.identifiers import PersonId
from services.bootstrap import LOADED, Application, DatabaseRole, opened
from services.cli.ledger.files import opened_export
from services.cli.lifecycle.backups import (
    DUMP,
    LEDGER,
    OFFLINE,
    ROLES,
    Backup,
    BackupError,
    backups_in,
    read_backup,
    require_whole,
)
from services.cli.lifecycle.keys import persons_destroyed
from services.cli.output import FAILED, REFUSED, print_document, progress_bar, settings_from
from services.ledger.export import ExportReader
from services.ledger.postgres_access import LedgerAccess, SignedCopy
from services.ledger.verification import VerificationReport, verify_ledger
from services.ledger.witness.postgres import (
    HttpWitness,
    OtherSizeSeen,
    WitnessRefusedError,
    WitnessUnavailableError,
    parse_witnesses,
)
from services.platform.database.dumping import make_roles, restore_database
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.database.engine import open_engine
from services.platform.database.migrating import is_empty
from services.platform.durable_files import created_durably
from services.platform.keys.copies import copies_in
from services.platform.processes.serving_lock import ServingLock
from services.platform.settings import Settings
from services.workers.keys import KeysVerified, verify_keys

_ABOUT = """
Makes the database of a backup again: in a data folder that has none, or with --database in an
empty one. Its files are compared with what was written, its ledger with the backup's own copy, so
that it says of which moment it is; whoever was erased since is erased again.

  tell-once restore backups/20261201T021000000000Z --data NEW --keys OFFLINE

Keys that lie in the data folder stay as they are: they are the newer ones. Where they are lost,
--keys names the offline copy, and the newest copy of erasable-secrets is taken from the folder that
TELL_ONCE_BACKUP_SECRETS names.

Where more was signed than this backup has, which the checkpoint beside the key, a witness or a
newer backup tells, it refuses (exit 3): restore a newer one. --older restores all the same, and
nothing is signed there until information governance has decided (runbook 004).
"""


def add_restore(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `restore`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "restore",
        parents=[common],
        help="make a database from a backup again, and erase again who was erased",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="its folder")
    parser.add_argument("--keys", type=Path, metavar="DIR", help="offline keys, where lost")
    parser.add_argument("--older", action="store_true", help="although more was signed since")
    parser.set_defaults(run_command=_restore)


def _restore(args: argparse.Namespace) -> int:
    """(1) Nothing is written before the backup is whole and the newest that there is.

    (2) Keys, then the database; (3) what must not be signed is held back before anything may sign;
    (4) the ledger says of which moment it is; (5) who was erased since is erased again.
    """
    settings, backup = settings_from(args), read_backup(args.backup)
    require_whole(backup)  # (1)
    _require_room(settings)
    later = _later_than(backup, settings)
    if later and not args.older:
        return _tell_later(args, backup, later)
    _bring_keys(settings, args.keys)  # (2)
    _bring_database(settings, backup)
    if later:
        SignedCopy(settings.data / "keys" / "ledger.checkpoint").hold_back(later)  # (3)
    with opened(settings, migrating=True, serving=True) as application:
        report = _verified(application, backup)  # (4)
        if not report.valid:
            what = report.errors[0].what
            raise BackupError(f"the restored ledger is not that of the backup: {what}")
        erased = _erased_since(backup, [application.ledger_signer.verifier_key])
        with progress_bar("Opening keys", total=None) as tell:
            outside = application.outside(DatabaseRole.OWNER)
            keys = verify_keys(outside, destroyed_elsewhere=erased, tell=tell)  # (5)
    if backup.is_demonstration and settings.database is None:
        (settings.data / LOADED).touch(mode=0o600)
    return _tell(args, backup, report, keys, later)


def _require_room(settings: Settings) -> None:
    if settings.database is not None:
        engine = open_engine(settings.database.get_secret_value())
        try:
            if not is_empty(engine):
                raise BackupError("the database is not empty: name one that is")
        finally:
            engine.dispose()
    elif ServingLock(settings.data).is_held():
        raise BackupError("the data folder is being served: stop that first")
    elif (settings.data / "postgres").exists():
        raise BackupError("the data folder has a database: move its folder postgres/ aside first")


def _later_than(backup: Backup, settings: Settings) -> dict[str, int]:
    """Who has seen more entries signed than the backup has, and how many."""
    beside = SignedCopy(settings.data / "keys" / "ledger.checkpoint")
    seen = {"the checkpoint beside the key": beside.size()}
    for other in backups_in(backup.folder.parent):
        seen[f"backup {other.folder.name}"] = other.entries
    for address in parse_witnesses(settings.ledger_witnesses):
        try:
            answer = HttpWitness(address).ask(AddCheckpoint(0, (), backup.note))
        except (WitnessUnavailableError, WitnessRefusedError) as error:
            raise BackupError(
                f"{error}; whether more was signed than the backup has cannot be told: ask it "
                "later, or take it out of ledger_witnesses for the restore"
            ) from error
        if isinstance(answer, OtherSizeSeen):
            seen[f"witness {address.key.name}"] = answer.size
    return {who: size for who, size in seen.items() if size > backup.entries}


def _bring_keys(settings: Settings, offline: Path | None) -> None:
    """Put back what is lost of the keys, and nothing in the place of what is there."""
    keys = settings.data / "keys"
    if settings.vault == "files":
        _bring_offline_keys(keys, offline)
    if not (keys / "erasable-secrets").exists():
        copies = copies_in(settings.backup_secrets) if settings.backup_secrets else []
        if not copies:
            raise BackupError("erasable-secrets is not there, nor a copy: set backup_secrets")
        _bring(copies[-1], keys / "erasable-secrets")


def _bring_offline_keys(keys: Path, offline: Path | None) -> None:
    if not (keys / "root.key").exists() and offline is None:
        raise BackupError("root.key is not there: name its offline copy with --keys")
    if offline is None:
        return
    files = [offline / name for name in OFFLINE] + sorted(offline.glob("wrapping-keys/*.key"))
    for file in files:
        place = keys / file.relative_to(offline)
        if file.exists() and not place.exists():
            _bring(file, place)


def _bring(file: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("rb") as read, created_durably(place) as written:
        shutil.copyfileobj(read, written)


def _bring_database(settings: Settings, backup: Backup) -> None:
    dump = backup.folder / DUMP
    if settings.database is not None:
        restore_database(settings.database.get_secret_value(), dump)
        return
    if not backup.is_embedded:
        raise BackupError("a backup of a database of its own is restored with --database")
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with EmbeddedPostgres.start(settings.data) as postgres:
        make_roles(postgres.url(), (backup.folder / ROLES).read_text())
        restore_database(postgres.url(), dump)


def _verified(application: Application, backup: Backup) -> VerificationReport:
    """Both ledgers have the tree that was signed when the backup was made."""
    signer, held = application.ledger_signer, backup.checkpoint
    keys = [signer.verifier_key]
    with opened_export(backup.folder / LEDGER) as stream:
        copied = verify_ledger(ExportReader(stream), keys=keys, held=held)
    if not copied.valid:
        return copied
    with LedgerAccess(application.engine, signer=signer).snapshot() as reader:
        return verify_ledger(reader.log(), keys=keys, held=held)


def _erased_since(backup: Backup, keys: Sequence[VerifierKey]) -> set[PersonId]:
    """By the newest copy of the ledger beside it; those that are gone anyway cost nothing."""
    newest = backups_in(backup.folder.parent)[-1]
    return persons_destroyed(newest.folder / LEDGER, keys)


def _tell_later(args: argparse.Namespace, backup: Backup, later: Mapping[str, int]) -> int:
    told = "; ".join(f"{who} has {size:,}" for who, size in later.items())
    document = {"restored": False, "entries": backup.entries, "later": later}
    plain = (
        f"Not restored: more was signed than the {backup.entries:,} entries of this backup. {told}."
        "\nRestore a newer backup. --older restores this one, and signs nothing (runbook 004)."
    )
    print_document(args, document, plain=plain)
    return REFUSED


def _tell(
    args: argparse.Namespace,
    backup: Backup,
    report: VerificationReport,
    keys: KeysVerified,
    later: Mapping[str, int],
) -> int:
    until = None if report.covers_until is None else report.covers_until.isoformat()
    document = {
        "restored": True,
        "made_at": backup.made_at.isoformat(),
        "covers_until": until,
        "entries": report.entries,
        "opened": keys.opened,
        "unusable": keys.unusable,
        "destroyed_again": keys.destroyed_again,
        "erased_again": keys.erased_again,
        "refused": [{"person": who, "because": why.value} for who, why in keys.refused],
        "later": later,
    }
    lines = [
        f"Restored as of {until}: {report.entries:,} ledger entries, {keys.opened:,} keys open.",
        f"{len(keys.erased_again):,} persons erased again.",
    ]
    lines += [f"{person}: its key does not open" for person in keys.unusable]
    if later:
        lines.append("Nothing is signed here: more was signed than this backup has (runbook 004).")
    print_document(args, document, plain="\n".join(lines))
    return 0 if keys.is_well else FAILED
