"""Files into the connectors: batch by batch, one transaction each, one bad file stops none."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from connectors.ports import Received, Unreadable
from connectors.publishing.publish import (
    IndexedDisposition,
    PublishIfPermitted,
    publish_if_permitted,
)
from connectors.registry import read_messages, row_of
from schemas.records.message import SourceMessage
from schemas.vocabulary import Disposition, Source
from services.intake.feeds.model import CameBy
from services.intake.lists.closing import KIND, CloseList, ListClosed, carry_out_agreed, close_list
from services.intake.postgres_kept_back import FileRead
from services.people.governance.orders import OrderStatus
from services.platform.loops import insist
from services.work import Outside, unit_of_work

BATCH = 400
_BATCH_BYTES = 8 * 1024 * 1024
_INSIST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class FileDisposition:
    """What became of one message of one file."""

    file: str
    message: IndexedDisposition


def ingest(
    source: Source,
    paths: Sequence[Path],
    *,
    outside: Outside,
    came_by: CameBy | None = None,
    whole: str | None = None,
    school: str | None = None,
    tell: Callable[[int], object] = lambda _: None,
    tell_of_list: Callable[[ListClosed], object] = lambda _: None,
) -> Iterator[FileDisposition]:
    """Publish what may be published of these files; gives one row a message, in order.

    `came_by` is the way by which they came, where it is one that may be registered to an agency;
    `tell` is told how many bytes have been read so far. `whole` is the part of its sender's list
    for which each file is declared whole, and `school` whose own titles each has; else its name may
    say so. `tell_of_list` is told what came of each list that was declared whole.

    Rows come after their batch is durable: whatever was given is not lost. While the database
    is away a batch is tried again for a minute; then ServiceUnavailableError is raised, and
    ingesting the same files again completes them. If the database went away while it committed,
    the batch's messages are told as duplicates: they are in, and who put them in is not known.
    """
    read = _BytesRead(tell)
    # Messages of one each in files of their own: a batch holds many files.
    together = [paths] if row_of(source).one_message_a_file else [[path] for path in paths]
    for group in together:
        titles = _titles_of(source, group, school, outside)
        found = (
            (path, received)
            for path in group
            for received in _messages(source, path, read, titles.get(path))
        )
        said = _SaidOfFiles(whole or _declared_by_name(source, group), school)
        lists = _ListRead(said.whole)
        for batch in _batches(found, read):
            for (_, received), row in zip(
                batch, _publish(source, batch, outside, came_by, said), strict=True
            ):
                lists.take(received, row.message)
                yield row
        closed = _close(source, lists, outside, came_by)
        if closed is not None:
            tell_of_list(closed)


def files_below(paths: Sequence[Path]) -> list[Path]:
    """The files that paths name: a folder stands for the files in it, in order of name."""
    return [
        file
        for path in paths
        for file in (sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path])
    ]


@dataclass(slots=True)
class _BytesRead:
    """How much of all files has been read, for whoever waits and to keep batches small."""

    tell: Callable[[int], object]
    count: int = 0

    def of(self, file: BinaryIO) -> BinaryIO:
        """The file, each reading of which is counted."""
        return cast("BinaryIO", _Counted(file, self))


@dataclass(frozen=True, slots=True)
class _Counted:
    """A file as readers of messages use it."""

    file: BinaryIO
    counted: _BytesRead

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self.file.read(size)
        self.counted.count += len(data)
        self.counted.tell(self.counted.count)
        return data


def _batches(
    found: Iterator[tuple[Path, Received]], read: _BytesRead
) -> Iterator[list[tuple[Path, Received]]]:
    """So many that a transaction is worth it, and fewer when they are large: all are in memory."""
    batch: list[tuple[Path, Received]] = []
    began = read.count
    for one in found:
        batch.append(one)
        if len(batch) == BATCH or read.count - began > _BATCH_BYTES:
            yield batch
            batch, began = [], read.count
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class _SaidOfFiles:
    """What was said of files beside their content: of which part whole, and whose own titles."""

    whole: str | None
    school: str | None


def _publish(
    source: Source,
    batch: Sequence[tuple[Path, Received]],
    outside: Outside,
    came_by: CameBy | None,
    said: _SaidOfFiles,
) -> Iterator[FileDisposition]:
    command = PublishIfPermitted(source, [received for _, received in batch], whole=said.whole)

    def publish() -> list[IndexedDisposition]:
        with unit_of_work(outside) as work:
            file = FileRead(batch[0][0].resolve(), said.school)
            publishing = work.publishing(source, file, came_by)
            return publish_if_permitted(command, publishing=publishing)

    dispositions = insist(publish, seconds=_INSIST_SECONDS)
    for (path, _), disposition in zip(batch, dispositions, strict=True):
        yield FileDisposition(str(path), disposition)


def _declared_by_name(source: Source, group: Sequence[Path]) -> str | None:
    """The part of a list for which a file is declared whole by how it is called."""
    read = row_of(source).list_part_of_file
    return None if read is None else read(group[0].name)


@dataclass(slots=True)
class _ListRead:
    """What has been seen of a file whose sender has people on a list."""

    whole: str | None
    last: SourceMessage | None = None
    has_all: bool = True

    def take(self, received: Received, became: IndexedDisposition) -> None:
        """Note one message of the file, and what became of it."""
        self.has_all = self.has_all and became.disposition is not Disposition.PARKED
        if isinstance(received.outcome, SourceMessage) and received.outcome.listed is not None:
            self.last = received.outcome


def _close(
    source: Source, lists: _ListRead, outside: Outside, came_by: CameBy | None
) -> ListClosed | None:
    """What comes of the file as a whole, once every batch of it is durable."""
    if lists.last is None:
        return None
    command = CloseList(lists.last, lists.whole, lists.has_all)

    def close() -> ListClosed | None:
        with unit_of_work(outside) as work:
            return close_list(command, closing=work.closing_lists(source, came_by))

    return insist(close, seconds=_INSIST_SECONDS)


def _titles_of(
    source: Source, group: Sequence[Path], school: str | None, outside: Outside
) -> Mapping[Path, Mapping[str, str]]:
    """By whose own titles files are read, where any have such; else nobody is asked."""
    named = row_of(source).sender_of_file
    having = [path for path in group if named is not None and (school or named(path.name))]
    if not having:
        return {}

    def look() -> Mapping[Path, Mapping[str, str]]:
        with unit_of_work(outside) as work:
            found = {path: work.schools.titles_of_file(source, path, school) for path in having}
        return {path: titles for path, titles in found.items() if titles}

    return insist(look, seconds=_INSIST_SECONDS)


def _messages(
    source: Source, path: Path, read: _BytesRead, titles: Mapping[str, str] | None
) -> Iterator[Received]:
    try:
        # Unbuffered: whoever reads says how much, and most files are read at once.
        with path.open("rb", buffering=0) as file:
            modified = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, tz=UTC)
            for received in read_messages(
                source, read.of(file), received_at=modified, own_titles=titles
            ):
                # as `replace` would, in a quarter of the time: it is done for every message
                yield Received(received.index, received.outcome, received.raw, path.name)
    except OSError as error:
        why = Unreadable(field="file", reason=f"cannot-be-read:{type(error).__name__}")
        name = str(path).encode()
        yield Received(index=0, outcome=why, raw=lambda: name, origin=path.name)


# What data stewards agreed to: who is to leave the lists of schools.


def carry_out_lists(outside: Outside) -> list[ListClosed]:
    """Take off their lists all to whom a data steward agreed; each question by itself."""
    with unit_of_work(outside) as work:
        agreed = [o.id for o in work.orders.of_kinds(KIND) if o.status is OrderStatus.CONFIRMED]
    done = []
    for order_id in agreed:
        with unit_of_work(outside) as work:
            order = work.orders.find(order_id)
            if order is not None and order.status is OrderStatus.CONFIRMED:
                told = order.document
                closing = work.closing_lists(Source(told["source"]), feed=told["feed"])
                done.append(carry_out_agreed(order, closing=closing))
    return done
