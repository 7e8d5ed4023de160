"""Small files that are whole or not there, whatever dies when, and that outlive a power cut."""

import os
import secrets
from pathlib import Path

_PRIVATE = 0o600


def replace_durably(path: Path, content: bytes) -> None:
    """Put `content` in the file, readable by its owner only; the old one stays until then.

    Raises OSError, and then the old file is still there.
    """
    draft = _written_draft(path, content)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    make_name_durable(path.parent)


def create_durably(path: Path, content: bytes) -> None:
    """Make the file, readable by its owner only. Raises FileExistsError, and other OSErrors."""
    draft = _written_draft(path, content)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
    make_name_durable(path.parent)


def _written_draft(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def make_name_durable(folder: Path) -> None:
    """The name of a file is in its folder, which has to reach the disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
