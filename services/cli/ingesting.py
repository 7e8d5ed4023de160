"""`tell-once ingest`: files into the connectors."""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from schemas.vocabulary import Disposition, Source
from services.bootstrap import DatabaseRole, opened
from services.cli.options import print_document, settings_from
from services.cli.progress import progress_bar
from services.workers.draining import working
from services.workers.ingesting import FileDisposition, files_below, ingest

_SOURCES = [Source.HEALTH_VISITING.value, Source.SCHOOLS.value, Source.SOCIAL_CARE.value]
_ABOUT = """
Reads files of one source and publishes what may be published of them.

  tell-once ingest health-visiting messages/*.xml
  tell-once ingest schools transfer.xml --json
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
    parser.add_argument("source", choices=_SOURCES)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    parser.set_defaults(run_command=_run)


def _run(args: argparse.Namespace) -> int:
    source = Source(args.source)
    files = files_below(args.paths)
    with opened(settings_from(args)) as application, working(application):
        outside = application.outside(DatabaseRole.CONNECTORS)
        rows = []
        with progress_bar(f"Reading {source}", total=None) as tell:
            for row in ingest(source, files, outside=outside):
                rows.append(row)
                tell(len(rows))
        # durable by now, so it is told even if what a server would do next cannot be done yet
        print_document(args, _document(source, rows), plain=_plain(source, rows))
    return 0


def _document(source: Source, rows: list[FileDisposition]) -> dict[str, object]:
    counts = Counter(row.message.disposition for row in rows)
    return {
        "source": source.value,
        "read": len(rows),
        **{disposition.value: counts[disposition] for disposition in Disposition},
        "records": [
            {
                "file": row.file,
                "index": row.message.index,
                "message_id": row.message.message_id,
                "disposition": row.message.disposition.value,
                "reason": row.message.reason,
            }
            for row in rows
        ],
    }


def _plain(source: Source, rows: list[FileDisposition]) -> str:
    counts = Counter(row.message.disposition for row in rows)
    parts = ", ".join(f"{counts[d]} {d.value}" for d in Disposition)
    lines = [f"{source.label}: {len(rows)} read: {parts}"]
    lines += [
        f"  parked: {row.file} [{row.message.index}] {row.message.reason}"
        for row in rows
        if row.message.disposition is Disposition.PARKED
    ]
    return "\n".join(lines)
