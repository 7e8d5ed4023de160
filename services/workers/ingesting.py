"""Files into the connectors: batch by batch, one transaction each, one bad file stops none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from connectors.ports import Received, Unreadable
from connectors.publishing import MessageDisposition, PublishIfPermitted, publish_if_permitted
from schemas.vocabulary import Source
from services.adapters.unit_of_work import Outside, unit_of_work
from services.workers.reading_files import read_messages
from services.workers.running import insist

BATCH = 400
_INSIST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class FileDisposition:
    """What became of one message of one file."""

    file: str
    message: MessageDisposition


def ingest(source: Source, paths: Sequence[Path], *, outside: Outside) -> Iterator[FileDisposition]:
    """Publish what may be published of these files; gives one row a message, in order.

    Rows come after their batch is durable: whatever was given is not lost. While the database
    is away a batch is tried again for a minute; then ServiceUnavailableError is raised, and
    ingesting the same files again completes them. If the database went away while it committed,
    the batch's messages are told as duplicates: they are in, and who put them in is not known.
    """
    if source is Source.HEALTH_VISITING:
        yield from _ingest_together(source, paths, outside)
        return
    for path in paths:
        messages = _messages(source, path)
        while batch := list(islice(messages, BATCH)):
            yield from _publish(source, [(path, received) for received in batch], outside)


def files_below(paths: Sequence[Path]) -> list[Path]:
    """The files that paths name: a folder stands for the files in it, in order of name."""
    return [
        file
        for path in paths
        for file in (sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path])
    ]


def _ingest_together(
    source: Source, paths: Sequence[Path], outside: Outside
) -> Iterator[FileDisposition]:
    """Messages of one each in files of their own: a batch holds many files."""
    messages = ((path, received) for path in paths for received in _messages(source, path))
    while batch := list(islice(messages, BATCH)):
        yield from _publish(source, batch, outside)


def _publish(
    source: Source, batch: Sequence[tuple[Path, Received]], outside: Outside
) -> Iterator[FileDisposition]:
    command = PublishIfPermitted(source, [received for _, received in batch])

    def publish() -> list[MessageDisposition]:
        with unit_of_work(outside) as work:
            publishing = work.publishing(source, batch[0][0].resolve())
            return publish_if_permitted(command, publishing=publishing)

    dispositions = insist(publish, seconds=_INSIST_SECONDS)
    for (path, _), disposition in zip(batch, dispositions, strict=True):
        yield FileDisposition(str(path), disposition)


def _messages(source: Source, path: Path) -> Iterator[Received]:
    try:
        with path.open("rb") as file:
            modified = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
            yield from read_messages(source, file, received_at=modified)
    except OSError as error:
        why = Unreadable(field="file", reason=f"cannot-be-read:{type(error).__name__}")
        name = str(path).encode()
        yield Received(index=0, outcome=why, raw=lambda: name)
