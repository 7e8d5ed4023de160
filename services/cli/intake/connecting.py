"""`tell-once connect`: the connectors that run by themselves."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from connectors.registry import Arrival, the_one_by
from services.bootstrap import Application, opened
from services.cli.output import USAGE, print_document, settings_from
from services.platform.settings import Settings
from services.workers.draining import working
from services.workers.files.watched_folder import read_folder, run_watched_folder
from services.workers.mailbox import read_mailbox, run_mailbox
from services.workers.processes import run_connectors

_MAILBOX = the_one_by(Arrival.MAILBOX)
_FOLDER = the_one_by(Arrival.FOLDER)
_AS_SET = Path("\0")  # no folder has that name
_USAGE = f"tell-once: name {_MAILBOX} with --mailbox, {_FOLDER} with --folder DIR, or neither\n"
_ABOUT = f"""
Asks again for what was withheld, as decisions change; or reads a source's mailbox or folder.

  tell-once connect
  tell-once connect {_MAILBOX} --mailbox
  tell-once connect {_MAILBOX} --mailbox --once --json
  tell-once connect {_FOLDER} --folder DIR

The mailbox is the one that the settings TELL_ONCE_MESH_… name, the folder without DIR the one that
TELL_ONCE_SCHOOLS_FOLDER names (runbook 000). `serve` reads them too where they do.
"""


def add_connect(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `connect`."""
    parser = commands.add_parser(
        "connect",
        parents=[common],
        help=_ABOUT.strip().splitlines()[0],
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", nargs="?", choices=[_MAILBOX.value, _FOLDER.value])
    parser.add_argument("--mailbox", action="store_true", help="read the source's mailbox")
    parser.add_argument(
        "--folder", nargs="?", type=Path, const=_AS_SET, metavar="DIR", help="watch this folder"
    )
    parser.add_argument("--once", action="store_true", help="read what is there now, and end")
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.set_defaults(run_command=_run)


def as_settings_say(settings: Settings) -> Iterator[str]:
    """The words of every `connect` that reads what the settings name, for `serve` to run."""
    if settings.mesh_url:
        yield f"connect {_MAILBOX} --mailbox"
    if settings.schools_folder is not None:
        yield f"connect {_FOLDER} --folder"


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reads one source: where from, until stopped, and once."""

    where: str
    run: Callable[[Application], int]
    read: Callable[[Application], int]


def _readings(args: argparse.Namespace, settings: Settings) -> dict[str, _Reading]:
    """What was asked for, by the source that it belongs to."""
    found: dict[str, _Reading] = {}
    if args.mailbox:
        found[_MAILBOX.value] = _Reading("mailbox", run_mailbox, read_mailbox)
    as_set = args.folder == _AS_SET
    folder: Path | None = settings.schools_folder if as_set else args.folder
    if folder is not None:
        run = partial(run_watched_folder, source=_FOLDER, folder=folder)
        read = partial(read_folder, source=_FOLDER, folder=folder)
        found[_FOLDER.value] = _Reading("folder", run, read)
    return found


def _run(args: argparse.Namespace) -> int:
    settings = settings_from(args)
    readings = _readings(args, settings)
    named = set() if args.source is None else {args.source}
    if readings.keys() != named or (args.once and not readings):
        sys.stderr.write(_USAGE)
        return USAGE
    with opened(settings) as application:
        reading = readings.get(args.source)
        if reading is None:
            return run_connectors(application)
        if not args.once:
            return reading.run(application)
        with working(application):
            taken = reading.read(application)
            plain = f"Taken out of the {reading.where}: {taken}"
            print_document(args, {"taken": taken}, plain=plain)
        return 0
