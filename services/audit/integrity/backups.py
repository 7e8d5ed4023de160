"""What the file says that backups write at their end: when, and when one was restored as a test.

    {"made_at": "2026-11-30T02:10:00Z", "restored_at": "2026-11-22T09:00:00Z"}

Its name is a setting (`backup_state`); without one it is what `tell-once backup` writes in the
data folder. Where neither is there nothing here knows of backups, and says so.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from services.audit.integrity.standing import LIMITS, Finding, Stands, WatchedPart, aged
from services.platform.durable_files import replace_durably

MARK = "backup-mark.json"
"""What `tell-once backup` writes in the data folder."""
_MOST_BYTES = 10_000


def backup_state_of(data: Path, named: Path | None) -> Path:
    """The file to look at: the one that is named, or our own mark."""
    return named or data / MARK


def mark_backup(
    data: Path, *, made_at: datetime | None = None, restored_at: datetime | None = None
) -> None:
    """Write down when one was made, or restored as a test; the other stays as it was."""
    file = data / MARK
    try:
        made, restored = _read(file)
    except (OSError, ValueError):
        made = restored = None
    times = {"made_at": made_at or made, "restored_at": restored_at or restored}
    told = {name: time.isoformat() for name, time in times.items() if time is not None}
    replace_durably(file, json.dumps(told).encode())


def backups_stand(file: Path | None, now: datetime) -> Sequence[Finding]:
    """How backup and restoring stand. A file that is named and cannot be read is off."""
    if file is None or (file.name == MARK and not file.exists()):
        named = (WatchedPart.BACKUP, WatchedPart.RESTORED)
        return [Finding(part, Stands.UNKNOWN, "no-file-named") for part in named]
    try:
        made, restored = _read(file)
    except (OSError, ValueError):
        return [
            Finding(WatchedPart.BACKUP, Stands.OFF, "file-not-read"),
            Finding(WatchedPart.RESTORED, Stands.UNKNOWN, "file-not-read"),
        ]
    return [
        _stands(WatchedPart.BACKUP, made, now),
        _stands(WatchedPart.RESTORED, restored, now),
    ]


def _stands(part: WatchedPart, at: datetime | None, now: datetime) -> Finding:
    limit = LIMITS.backup if part is WatchedPart.BACKUP else LIMITS.restored
    # A time to come is nobody's: some clock is wrong, or somebody wrote it.
    if at is not None and at > now + LIMITS.watch:
        return Finding(part, Stands.OFF, "to-come", at=at)
    return aged(part, at, limit, now, is_off=True)


def _read(file: Path) -> tuple[datetime | None, datetime | None]:
    with file.open("rb") as opened:
        document = json.loads(opened.read(_MOST_BYTES))
    if not isinstance(document, dict):
        raise ValueError("no object")  # noqa: TRY004 as any other content that is none
    return _time(document.get("made_at")), _time(document.get("restored_at"))


def _time(told: object) -> datetime | None:
    if told is None:
        return None
    time = datetime.fromisoformat(str(told))
    if time.tzinfo is None:
        raise ValueError("without an offset")
    return time
