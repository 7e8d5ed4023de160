"""`tell-once ingest`: files into the connectors."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from connectors.registry import ROWS, row_of
from schemas.vocabulary import Disposition, Source
from services.bootstrap import DatabaseRole, opened
from services.cli.decisions.agreements import warn_unless_agreed
from services.cli.intake.checking import check_files
from services.cli.intake.schools import titles_of_school
from services.cli.intake.unused import UnusedInAll, unused_document
from services.cli.output import FAILED, USAGE, progress_bar, settings_from
from services.intake.feeds.model import CameBy, FeedChannel
from services.intake.lists.closing import ListClosed
from services.intake.parked.model import could_be_read
from services.platform.loops import sparing_what_is_loaded
from services.workers.draining import working
from services.workers.files.reading import FileDisposition, files_below, ingest

# What is told of each message, kept out of memory until all is known.


class IngestReport:
    """One row a message, in a file without a name: there may be a hundred thousand.

    A row holds codes, positions and opaque ids, no content.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counts: Counter[Disposition] = Counter()
        self._unread = 0
        self._unused = UnusedInAll()
        self._lists: list[ListClosed] = []
        self._rows = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 closed by close()

    def add(self, row: FileDisposition) -> None:
        """Take in what became of one message."""
        message = row.message
        self._counts[message.disposition] += 1
        is_parked = message.disposition is Disposition.PARKED
        self._unread += is_parked and not could_be_read(message.reason or "")
        if message.disposition is not Disposition.DUPLICATE:
            self._unused.add(message.unused)
        told = {
            "file": row.file,
            "index": message.index,
            "message_id": message.message_id,
            "disposition": message.disposition.value,
            "reason": message.reason,
            "unused": unused_document(message.unused),
        }
        self._rows.write(json.dumps(told) + "\n")

    def add_list(self, closed: ListClosed) -> None:
        """Take in what came of a list that was declared whole."""
        self._lists.append(closed)

    def print_document(self) -> None:
        """The whole as one JSON document on standard output."""
        counts = {disposition.value: self._counts[disposition] for disposition in Disposition}
        told: dict[str, Any] = {
            "source": self._source.value,
            "read": self._counts.total(),
            **counts,
            "nothing_could_be_read": self.nothing_could_be_read,
        }
        told["unused"] = self._unused.document()
        if self._lists:
            told["lists"] = [_list_document(closed) for closed in self._lists]
        sys.stdout.write(json.dumps(told).removesuffix("}") + ', "records": [')
        for number, row in enumerate(self._each()):
            sys.stdout.write(f", {row}" if number else row)
        sys.stdout.write("]}\n")
        sys.stdout.flush()

    def print_plain(self) -> None:
        """The counts in a sentence, and a line for each message or part that could not be read."""
        parts = ", ".join(f"{self._counts[d]} {d.value}" for d in Disposition)
        sys.stdout.write(f"{self._source.label}: {self._counts.total()} read: {parts}\n")
        if said := self._unused.in_words():
            sys.stdout.write(f"  {said}\n")
        for row in self._each():
            told = json.loads(row)
            if told["disposition"] == Disposition.PARKED.value:
                where = f"{told['file']} [{told['index']}]"
                sys.stdout.write(f"  parked: {where} {told['reason']}\n")
            for fault in told["unused"]["faults"]:
                left_out = f"{fault['field']}: {fault['reason']}. {fault['remedy']}"
                sys.stdout.write(f"  left out: {told['file']} {left_out}\n")
        for closed in self._lists:
            sys.stdout.write(f"  {_list_line(closed)}\n")
        sys.stdout.flush()

    @property
    def nothing_could_be_read(self) -> bool:
        """Whether there was something, and none of it could be; what waits for a steward could."""
        return 0 < self._counts.total() == self._unread

    def close(self) -> None:
        """Forget the rows."""
        self._rows.close()

    def _each(self) -> Iterator[str]:
        self._rows.seek(0)
        for line in self._rows:
            yield line.rstrip("\n")


def _list_document(closed: ListClosed) -> dict[str, object]:
    told = {"sender": closed.sender, "part": closed.part, "outcome": closed.outcome.value}
    return {**told, "gone": closed.gone, "of": closed.of, "order": closed.order}


def _list_line(closed: ListClosed) -> str:
    whole = f"whole list of {closed.sender} ({closed.part})"
    missing = f"{closed.gone} of {closed.of} are not on it; " if closed.of else ""
    agree = f": tell-once list agree {closed.order}" if closed.order else ""
    return f"{whole}: {missing}{closed.outcome.label}{agree}"


_SENT = [row for row in ROWS if row.read is not None]
_EXAMPLES = "\n".join(f"  tell-once ingest {r.command_word} {r.example_files}" for r in _SENT)
_ABOUT = f"""
Reads files of one source and publishes what may be published of them. Exits 1 when there was
something to read and nothing of it could be; `tell-once parked list` says what to do. Files that
hold no message fail nothing. With --check nothing is stored: for whoever makes such files.

{_EXAMPLES}
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `ingest`."""
    parser = commands.add_parser(
        "ingest",
        parents=[common],
        help="publish what may be published of files",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", choices=[row.command_word for row in _SENT])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument(
        "--agency",
        metavar="CODE",
        help="whose own these files are, where reading in files is registered as its feed",
    )
    parser.add_argument(
        "--whole",
        metavar="PART",
        help="schools: these lists name everybody in the school, year:3 or class:3B; who is not on "
        "them has left",
    )
    parser.add_argument(
        "--school",
        metavar="URN",
        help="schools: these lists have the own titles of this school (tell-once schools mapping)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="only tell what could not be read of them, and what to do; nothing is stored",
    )
    parser.set_defaults(run_command=_run)


def _run(args: argparse.Namespace) -> int:
    source = Source(args.source)
    list_part = row_of(source).list_part
    whole = list_part(args.whole) if args.whole and list_part else None
    if (wrong := _misused(args, source, whole)) is not None:
        sys.stderr.write(f"tell-once: {wrong}, of schools only\n")
        return USAGE
    files = files_below(args.paths)
    if args.check:
        return _check(args, source, files)
    came_by = None if args.agency is None else CameBy(FeedChannel.UPLOAD, args.agency)
    with (
        closing(IngestReport(source)) as report,
        opened(settings_from(args)) as application,
        working(application),
    ):
        warn_unless_agreed(application)
        if args.school is not None and titles_of_school(application, args.school) is None:
            return FAILED
        outside = application.outside(DatabaseRole.CONNECTORS)
        reading = progress_bar(f"Reading {source}, bytes", total=_size_of(files))
        with sparing_what_is_loaded(), reading as tell:
            for row in ingest(
                source,
                files,
                outside=outside,
                came_by=came_by,
                whole=whole,
                school=args.school,
                tell=tell,
                tell_of_list=report.add_list,
            ):
                report.add(row)
        # durable by now, so it is told even if what a server would do next cannot be done yet
        if args.json:
            report.print_document()
        else:
            report.print_plain()
        return FAILED if report.nothing_could_be_read else 0


def _misused(args: argparse.Namespace, source: Source, whole: str | None) -> str | None:
    """How an option is written that not every source has."""
    if args.whole is not None and whole is None:
        return "--whole school, year:YEAR or class:CLASS"
    has_titles = row_of(source).sender_of_file is not None
    return None if args.school is None or has_titles else "--school URN"


def _check(args: argparse.Namespace, source: Source, files: Sequence[Path]) -> int:
    """Check files; only where a school's own titles are meant is there anything to look up."""
    if args.school is None:
        return check_files(source, files, as_json=args.json)
    with opened(settings_from(args)) as application:
        titles = titles_of_school(application, args.school)
    if titles is None:
        return FAILED
    return check_files(source, files, as_json=args.json, titles=titles)


def _size_of(files: Sequence[Path]) -> int:
    """Of all together; what is not there counts nothing, and is parked when it is its turn."""
    return sum(path.stat().st_size for path in files if path.is_file())
