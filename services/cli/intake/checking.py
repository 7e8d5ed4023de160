"""`tell-once ingest … --check`: what would be read of files; nothing is stored or asked for.

For whoever sends files, before they do: where something cannot be read, and what to do about it.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.ports import Received, Unreadable
from connectors.registry import read_messages
from schemas.vocabulary import Source
from services.cli.output import FAILED
from services.intake.parked.remedies import remedy_for


@dataclass(frozen=True, slots=True)
class CheckedFault:
    """One place in a file that cannot be read; `costs` is what is lost by it."""

    file: str
    field: str
    reason: str
    costs: str

    def document(self) -> dict[str, Any]:
        """By name, with what it means and what to do; never what stands there."""
        remedy = remedy_for(self.field, self.reason)
        place = {"file": self.file, "field": self.field, "reason": self.reason}
        return {**place, "costs": self.costs, "wrong": remedy.wrong, "remedy": remedy.todo}


def check_files(source: Source, files: Sequence[Path], *, as_json: bool) -> int:
    """Read the files and tell of what cannot be; FAILED where nothing could."""
    read, findings = 0, []
    for path in files:
        for received in _messages(source, path):
            read += not isinstance(received.outcome, Unreadable)
            findings += list(_findings(str(path), received))
    lost = sum(one.costs == _MESSAGE for one in findings)
    if as_json:
        told = [one.document() for one in findings]
        document = {"source": source.value, "readable": read, "lost": lost, "findings": told}
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        sys.stdout.write(f"{source.label}: {read} can be read, {lost} cannot; nothing was stored\n")
        for one in findings:
            told_of = one.document()
            words = f"{one.field}: {told_of['wrong']} {_LOST[one.costs]}"
            sys.stdout.write(f"  {one.file} {words}\n")
    return FAILED if lost and not read else 0


_MESSAGE = "message"
_PART = "part"
_LOST = {
    _MESSAGE: "Nothing of it would be taken.",
    _PART: "Only this would be left out.",
}


def _messages(source: Source, path: Path) -> Iterator[Received]:
    try:
        with path.open("rb") as file:
            modified = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
            yield from read_messages(source, file, received_at=modified)
    except OSError as error:
        why = Unreadable("file", f"cannot-be-read:{type(error).__name__}")
        yield Received(0, why, raw=bytes)


def _findings(file: str, received: Received) -> Iterator[CheckedFault]:
    outcome = received.outcome
    if isinstance(outcome, Unreadable):
        yield CheckedFault(file, outcome.field, outcome.reason, _MESSAGE)
        return
    for fault in outcome.unused.faults:
        yield CheckedFault(file, fault.field, fault.reason, _PART)
