"""What all commands share: options, settings, what is printed, how they fail, a bar, a warning."""

import argparse
import errno
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from consent.errors import AgreementInvalidError, ConsentError, DecisionInvalidError
from schemas.errors import SchemaError
from services.interfaces.partners.errors import OnboardingError
from services.platform.database.embedded.folder import EmbeddedPostgresError
from services.platform.errors import (
    NotTextError,
    RetentionRulesInvalidError,
    SecretFileError,
    ServiceError,
    SettingsInvalidError,
)
from services.platform.settings import Settings


def common_options() -> argparse.ArgumentParser:
    """--data, --database, --bus, --json: for `parents=`."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--data", type=_folder, metavar="DIR", help="the data folder (or TELL_ONCE_DATA)"
    )
    parser.add_argument("--database", help="a PostgreSQL URL instead of the embedded one")
    parser.add_argument("--bus", help="kafka://host:port[,host:port] instead of PostgreSQL")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    return parser


def _folder(typed: str) -> Path:
    """What was typed, unless it is nothing, which would be the folder that one stands in."""
    if not typed:
        raise argparse.ArgumentTypeError("names no folder")
    return Path(typed)


def settings_from(args: argparse.Namespace, **more: object) -> Settings:
    """Settings from the environment, overridden by what was typed."""
    typed = {
        "data": args.data,
        "database": args.database,
        "bus": args.bus,
        "port": getattr(args, "port", None),
        **more,
    }
    return Settings(**{name: value for name, value in typed.items() if value is not None})


def print_document(args: argparse.Namespace, document: Any, *, plain: str) -> None:
    """The document with --json, the sentence without; nothing else on standard output."""
    sys.stdout.write(document_or_sentence(args, document, plain=plain) + "\n")
    sys.stdout.flush()


def document_or_sentence(args: argparse.Namespace, document: Any, *, plain: str) -> str:
    """What `print_document` prints."""
    return json.dumps(document, ensure_ascii=False) if args.json else plain


# What a command says when it fails: a sentence on standard error, never a value.

FAILED = 1
USAGE = 2
REFUSED = 3
UNAVAILABLE = 4
CANNOT_BE_TOLD = 5

_ASKED_WRONGLY = (
    NotTextError,
    SecretFileError,
    SettingsInvalidError,
    RetentionRulesInvalidError,
    DecisionInvalidError,
    AgreementInvalidError,
    OnboardingError,
)
_NOT_WRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_KNOWN = (ConsentError, SchemaError, ServiceError, EmbeddedPostgresError)


def exit_code_of(error: Exception) -> int:
    """Tell what went wrong and give the exit code: 2 bad usage, 1 and 4 failures.

    Messages of our own errors never carry a personal value; of any other only the type is told,
    and where it was raised, because its message may quote what it was given.
    """
    if isinstance(error, _KNOWN):
        sys.stderr.write(f"tell-once: {error}\n")
        return USAGE if isinstance(error, _ASKED_WRONGLY) else UNAVAILABLE
    if isinstance(error, OSError) and error.errno in _NOT_WRITABLE:
        # No name of a file, which may be somebody's.
        said = os.strerror(error.errno).lower()
        sys.stderr.write(f"tell-once: {said}: look at the disk, and whose the data folder is\n")
        return UNAVAILABLE
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119
    sys.stderr.write(f"tell-once: failed with {type(error).__name__}{place}\n")
    if os.environ.get("TELL_ONCE_TRACE"):
        for frame in frames:
            sys.stderr.write(f"  {frame.filename}:{frame.lineno} in {frame.name}\n")
    return FAILED


# A progress bar on standard error, where somebody is looking at a terminal.


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show how far long work is; gives a function to tell how many are done by now.

    Shows nothing unless standard error is a terminal.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


# A word to whoever runs the service when everything is denied for want of an agreement.
