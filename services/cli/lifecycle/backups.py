"""Backups: a database and its ledger in one place, what can be erased in another, and back.

Whoever has both reads everything that was there, and no more: secrets that were destroyed are
written over in every copy (`services.platform.keys.copies`). A backup is a folder with
`database.dump`, `ledger.jsonl.zst` (an export that anybody verifies), the roles of an embedded
database and `backup.json`, which is written last: a folder without it is none.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import zstandard

from consent.transparency.checkpoint import Checkpoint
from consent.transparency.signed_note import parse_note
from services.audit.integrity.backups import mark_backup
from services.bootstrap import LOADED, Application
from services.ledger.export import write_export
from services.ledger.postgres_access import LedgerAccess
from services.platform.database.dumping import dump_database, dump_roles
from services.platform.durable_files import created_durably, replace_durably
from services.platform.errors import BadSetting, ServiceError, SettingsInvalidError
from services.platform.keys.copies import copy_secrets, drop_old_copies
from services.platform.settings import Settings

DUMP, LEDGER, ROLES, ABOUT = "database.dump", "ledger.jsonl.zst", "roles.sql", "backup.json"
OFFLINE = ("root.key", "kept-secrets.json", "root.replaced")
_NAME = "%Y%m%dT%H%M%S%fZ"
_FORMAT = "tell-once-backup"


class BackupError(ServiceError):
    """A backup cannot be made, read or restored; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup, as `backup.json` says; `note` is the checkpoint that was signed last."""

    folder: Path
    made_at: datetime
    entries: int
    note: str
    is_embedded: bool
    is_demonstration: bool
    files: dict[str, str]

    @property
    def checkpoint(self) -> Checkpoint:
        """The tree that was signed last before it."""
        return Checkpoint.parse(parse_note(self.note).text)


def make_backup(application: Application, place: Path, access: LedgerAccess) -> Backup:
    """Make one below `place`, the copy of the secrets in the folder that the settings name.

    (1) What there is is signed, and (2) written down: the database first, the ledger after it, so
    that the copy of the ledger has all that the database has. (3) The secrets last: none that the
    database needs is missing. (4) Only then is it a backup. Raises SettingsInvalidError, and
    BackupError for places that are one.
    """
    settings, clock = application.settings, application.clock
    secrets = _secrets_folder(settings, place)
    now = clock.now()
    folder = place / f"{now.astimezone(UTC):{_NAME}}"
    folder.mkdir(mode=0o700, parents=True)
    done = access.integrate()  # (1)
    dump_database(application.database_url, folder / DUMP)  # (2)
    with access.snapshot() as reader:
        _write_ledger(folder / LEDGER, write_export(reader.log(), keys=access.keys))
    if application.embedded is not None:
        replace_durably(folder / ROLES, dump_roles(application.database_url).encode())
    copy_secrets(settings.data / "keys" / "erasable-secrets", secrets, now)  # (3)
    drop_old_copies(secrets, now)
    files = {path.name: _digest(path) for path in sorted(folder.iterdir())}
    is_demonstration = (settings.data / LOADED).exists()
    embedded = application.embedded is not None
    backup = Backup(folder, now, done.size, done.note, embedded, is_demonstration, files)
    replace_durably(folder / ABOUT, json.dumps(_document(backup), indent=1).encode())  # (4)
    mark_backup(settings.data, made_at=now)
    return backup


def copy_offline_keys(settings: Settings, folder: Path) -> list[str]:
    """Copy what does not change from day to day, to keep offline: all but the erasable secrets.

    Raises BackupError for a folder that has some already: a copy is never written over.
    """
    keys = settings.data / "keys"
    found = [keys / name for name in OFFLINE if (keys / name).exists()]
    found += sorted((keys / "wrapping-keys").glob("*.key"))
    if settings.vault != "files":
        raise BackupError("the keys are in a token: have it backed up as its vendor says")
    names = [str(path.relative_to(keys)) for path in found]
    if there := [name for name in names if (folder / name).exists()]:
        raise BackupError(f"{', '.join(there)} is there already; name an empty folder")
    for name in names:
        with created_durably(folder / name) as file:
            file.write((keys / name).read_bytes())
    return names


def backups_in(place: Path) -> Sequence[Backup]:
    """All that are whole below a place, the newest last."""
    return [read_backup(file.parent) for file in sorted(place.glob(f"*/{ABOUT}"))]


def read_backup(folder: Path) -> Backup:
    """What one says of itself; its files are looked at by `require_whole`. Raises BackupError."""
    try:
        told = json.loads((folder / ABOUT).read_bytes())
        if told.pop("format") != _FORMAT:
            raise ValueError("another format")  # noqa: TRY301 as anything else that is none
        made_at = datetime.fromisoformat(told.pop("made_at"))
        return Backup(folder=folder, made_at=made_at, **told)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{folder.name} is no whole backup ({type(error).__name__})") from error


def require_whole(backup: Backup) -> None:
    """Compare each file with what it was. Raises BackupError, which names them."""
    changed = [
        name
        for name, digest in backup.files.items()
        if not (backup.folder / name).is_file() or _digest(backup.folder / name) != digest
    ]
    if changed or not {DUMP, LEDGER} <= backup.files.keys():
        raise BackupError(f"{backup.folder.name}: {', '.join(changed)} is not as it was written")


def drop_old_backups(place: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep`; gives the names of those."""
    old = backups_in(place)[:-keep]
    for backup in old:
        shutil.rmtree(backup.folder)
    return [backup.folder.name for backup in old]


def _secrets_folder(settings: Settings, place: Path) -> Path:
    secrets = settings.backup_secrets
    if secrets is None:
        why = "is not set: it names where copies of erasable-secrets are kept, apart from this"
        raise SettingsInvalidError([BadSetting("backup_secrets", why)])
    pair = (secrets.resolve(), place.resolve())
    if any(one.is_relative_to(other) for one, other in (pair, pair[::-1])):
        raise BackupError("one place for both reads everything: keep the secrets elsewhere")
    if secrets.resolve().is_relative_to(settings.data.resolve()):
        raise BackupError("backup_secrets is in the data folder, and would be lost with it")
    return secrets


def _write_ledger(file: Path, lines: Iterator[bytes]) -> None:
    with (
        created_durably(file) as raw,
        zstandard.ZstdCompressor(write_checksum=True).stream_writer(raw, closefd=False) as stream,
    ):
        for line in lines:
            stream.write(line)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _document(backup: Backup) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "made_at": backup.made_at.isoformat(),
        "entries": backup.entries,
        "note": backup.note,
        "is_embedded": backup.is_embedded,
        "is_demonstration": backup.is_demonstration,
        "files": backup.files,
    }
