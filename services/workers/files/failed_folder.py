"""What could not be read of a file, told beside it; and where files go of which nothing could be.

Such a file is in `done` first, like every other, and has its name in `failed` before it loses the
one there; it loses the name under which it came in last of all. So whatever dies when, it is
somewhere, and what was not finished is done again to the same end. Put back into the folder once it
is mended, it is read like any other.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from schemas.vocabulary import Source
from services.intake.parked.remedies import remedy_for
from services.workers.files.done_folder import link_or_copy, make_names_durable

FAILED: Final = "failed"
_BESIDE: Final = ".txt"
_MOST_TOLD: Final = 1000


@dataclass(frozen=True, slots=True)
class Failure:
    """One message of a file that could not be read: at which place, and `field: reason`."""

    index: int
    why: str


def tell_beside(
    kept: Path, failures: Sequence[Failure], *, source: Source, messages: int, at: datetime
) -> None:
    """Write what could not be read of a file beside it: codes and our own words, nothing of it."""
    lines = [
        f"Read on {at:%Y-%m-%d} at {at:%H:%M} UTC as what {source.label.lower()} sends.",
        f"{len(failures)} of {messages} messages could not be read. Nothing of them is told here.",
        "Messages are counted from 0, as `tell-once parked list` counts them.",
    ]
    for failure in failures[:_MOST_TOLD]:
        field, _, reason = failure.why.partition(": ")
        remedy = remedy_for(field, reason)
        lines += ["", f"message {failure.index}", f"  field: {field}", f"  reason: {reason}"]
        lines.append(f"  {remedy.wrong} {remedy.todo}")
    if len(failures) > _MOST_TOLD:
        lines += ["", f"and {len(failures) - _MOST_TOLD} more: tell-once parked list"]
    _write(_text_of(kept), "\n".join(lines) + "\n")


def tell_nothing_beside(kept: Path) -> None:
    """Take away what was told of a file that has been read since."""
    _text_of(kept).unlink(missing_ok=True)


def put_into_failed(kept: Path, folder: Path) -> Path:
    """Give the file, and what is told of it, a name in `failed`, and then take the one in `done`.

    Raises OSError; what was done until then is done again the next time.
    """
    failed = folder / FAILED
    failed.mkdir(mode=0o700, exist_ok=True)
    text, moved = _text_of(kept), failed / kept.name
    if text.exists():
        text.replace(failed / text.name)
    if not moved.exists():
        link_or_copy(kept, moved)
    make_names_durable(failed)
    kept.unlink()
    return moved


def _text_of(kept: Path) -> Path:
    return kept.with_name(kept.name + _BESIDE)


def _write(path: Path, said: str) -> None:
    """Whole or not at all."""
    draft = path.with_name(f".{path.name}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(said)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
