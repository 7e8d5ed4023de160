"""`tell-once ingest … --check`: what would be read of files; nothing is stored or asked for.

For whoever sends files, before they do: where something cannot be read, and what to do about it.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.ports import Received, Unreadable
from connectors.registry import read_messages
from schemas.vocabulary import Source
from services.cli.output import FAILED
from services.intake.checked import CheckedFault, FaultCosts, faults_of


def check_files(
    source: Source,
    files: Sequence[Path],
    *,
    as_json: bool,
    titles: Mapping[str, str] | None = None,
) -> int:
    """Read the files and tell of what cannot be; FAILED where nothing could."""
    read, findings = 0, []
    for path in files:
        for received in _messages(source, path, titles):
            read += not isinstance(received.outcome, Unreadable)
            findings += [(str(path), fault) for fault in faults_of(received)]
    lost = sum(fault.costs is FaultCosts.MESSAGE for _, fault in findings)
    if as_json:
        told = [_document(file, fault) for file, fault in findings]
        document = {"source": source.value, "readable": read, "lost": lost, "findings": told}
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        sys.stdout.write(f"{source.label}: {read} can be read, {lost} cannot; nothing was stored\n")
        for file, fault in findings:
            words = f"{fault.field}: {fault.remedy.wrong} {fault.costs.label}"
            sys.stdout.write(f"  {file} {words}\n")
    return FAILED if lost and not read else 0


def _document(file: str, fault: CheckedFault) -> dict[str, Any]:
    place = {"file": file, "field": fault.field, "reason": fault.reason}
    remedy = fault.remedy
    return {**place, "costs": fault.costs.value, "wrong": remedy.wrong, "remedy": remedy.todo}


def _messages(source: Source, path: Path, titles: Mapping[str, str] | None) -> Iterator[Received]:
    try:
        with path.open("rb") as file:
            modified = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
            yield from read_messages(source, file, received_at=modified, own_titles=titles)
    except OSError as error:
        why = Unreadable("file", f"cannot-be-read:{type(error).__name__}")
        yield Received(0, why, raw=bytes)
