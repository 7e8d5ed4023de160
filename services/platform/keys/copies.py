"""Copies of `erasable-secrets`: kept apart from databases, for a week, and forgotten with it.

Whoever has a copy from before an erasure, and a database from before it, reads who was erased. So a
copy is written over where a secret is destroyed, before the ledger says that it is, and none is
older than a week. A folder on copy-on-write storage keeps more than this writes over.
"""

import os
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.platform.durable_files import created_durably, make_name_durable
from services.platform.errors import KeyUnusableError

KEPT_FOR = timedelta(days=7)
_SECRET_BYTES = 32
_BLOCK = _SECRET_BYTES << 12
_DESTROYED = bytes(_SECRET_BYTES)
_NAME = re.compile(r"(\d{8}T\d{12}Z)\.erasable-secrets", re.ASCII)
_TIME = "%Y%m%dT%H%M%S%fZ"


def copy_secrets(source: Path, folder: Path, at: datetime) -> Path:
    """Copy the secrets as they are, under the time of it. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / f"{at.astimezone(UTC):{_TIME}}.erasable-secrets"
    with source.open("rb") as read, created_durably(copy) as written:
        while block := read.read(_BLOCK):
            written.write(block)
    # What was destroyed while it had no name yet: whoever destroys writes over what has one.
    _overwrite(copy, _destroyed_in(source))
    return copy


def copies_in(folder: Path) -> Sequence[Path]:
    """Those that are there, the newest last."""
    return sorted(path for path in folder.glob("*.erasable-secrets") if _NAME.fullmatch(path.name))


def forget_in_copies(folder: Path, slots: Collection[int]) -> None:
    """Write over these secrets in every copy, durably; again is no error.

    Raises KeyUnusableError when the folder or a copy cannot be reached: an erasure is not finished
    while something opens what it destroyed.
    """
    try:
        if not folder.is_dir():
            raise FileNotFoundError(2, os.strerror(2), str(folder))
        for copy in copies_in(folder):
            _overwrite(copy, slots)
    except OSError as error:
        raise KeyUnusableError(
            f"the copies of erasable-secrets in backup_secrets cannot be written ({error.strerror})"
            "; what is destroyed here is not yet destroyed there"
        ) from error


def drop_old_copies(folder: Path, now: datetime) -> int:
    """Write over and remove what is older than a week; gives how many those were."""
    old = [copy for copy in copies_in(folder) if _made_at(copy) < now - KEPT_FOR]
    for copy in old:
        with copy.open("r+b") as file:
            file.write(bytes(copy.stat().st_size))
            os.fsync(file.fileno())
        copy.unlink()
    if old:
        make_name_durable(folder)
    return len(old)


def _made_at(copy: Path) -> datetime:
    return datetime.strptime(copy.name.partition(".")[0], _TIME).replace(tzinfo=UTC)


def _destroyed_in(source: Path) -> list[int]:
    with source.open("rb") as file:
        content = file.read()
    starts = range(_SECRET_BYTES, len(content) - _SECRET_BYTES + 1, _SECRET_BYTES)
    return [s // _SECRET_BYTES for s in starts if content[s : s + _SECRET_BYTES] == _DESTROYED]


def _overwrite(copy: Path, slots: Collection[int]) -> None:
    """Zeros where these secrets are; one that is newer than the copy is not in it."""
    with copy.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        for slot in slots:
            if 0 < slot * _SECRET_BYTES < size:
                os.pwrite(file.fileno(), _DESTROYED, slot * _SECRET_BYTES)
        os.fsync(file.fileno())
