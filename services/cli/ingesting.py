"""`tell-once ingest`: files into the connectors."""

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from schemas.vocabulary import Source
from services.bootstrap import DatabaseRole, opened
from services.cli.agreed import warn_unless_agreed
from services.cli.ingest_report import IngestReport
from services.cli.options import settings_from
from services.cli.progress import progress_bar
from services.workers.draining import working
from services.workers.ingesting import files_below, ingest

_SOURCES = [Source.HEALTH_VISITING.value, Source.SCHOOLS.value, Source.SOCIAL_CARE.value]
_ABOUT = """
Reads files of one source and publishes what may be published of them.

  tell-once ingest health-visiting messages/*.xml
  tell-once ingest schools transfer.xml class-list.csv --json
  tell-once ingest social-care northfield.json census.xml
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
    with (
        closing(IngestReport(source)) as report,
        opened(settings_from(args)) as application,
        working(application),
    ):
        warn_unless_agreed(application)
        outside = application.outside(DatabaseRole.CONNECTORS)
        with progress_bar(f"Reading {source}, bytes", total=_size_of(files)) as tell:
            for row in ingest(source, files, outside=outside, tell=tell):
                report.add(row)
        # durable by now, so it is told even if what a server would do next cannot be done yet
        if args.json:
            report.print_document()
        else:
            report.print_plain()
    return 0


def _size_of(files: Sequence[Path]) -> int:
    """Of all together; what is not there counts nothing, and is parked when it is its turn."""
    return sum(path.stat().st_size for path in files if path.is_file())
