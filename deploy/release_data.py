# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Writes a demonstration's data folder down as text, and makes a data folder of such text again.

    python -m deploy.release_data save DATA RELEASE       # while nobody serves DATA
    python -m deploy.release_data restore RELEASE DATA    # DATA is not there yet

RELEASE is a folder below tests/data/releases (its README.md says how one is added): `database.sql`
is what psql makes the database of, roles first; `keys.json` is every other file of the folder by
its path, in base64. Whoever has both reads everything, so nothing but a demonstration is saved.
"""

import argparse
import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from services.cli.demonstration import is_loaded
from services.platform.database.embedded.cluster import programs
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.processes.serving_lock import ServingLock

DUMP = "database.sql"
KEYS = "keys.json"
_ROOT = Path(__file__).resolve().parent.parent
# What stands in a release for the folders of the machine that it was made on.
_NOBODYS_CHECKOUT = "/srv/tell-once"
_NOBODYS_DATA = "/srv/tell-once-data"
_NOT_KEPT = ("postgres", "logs")
# The superuser is there already, in every cluster.
_ROLE = re.compile(r"(?:CREATE ROLE|ALTER ROLE|GRANT) (?!postgres\b)")
# Else psql and pg_dump agree on a new random word each time, and no two dumps are the same.
_RESTRICT_KEY = "--restrict-key=release"


class ReleaseDataError(Exception):
    """It cannot be saved or restored; the message says why."""


def save(data: Path, release: Path) -> None:
    """Write database and keys of a demonstration down. Raises ReleaseDataError."""
    if not is_loaded(data):
        raise ReleaseDataError(f"{data} is no demonstration: only invented people are saved")
    lock = ServingLock(data)
    if not lock.take():
        raise ReleaseDataError(f"{data} is being served; stop that first")
    try:
        with EmbeddedPostgres.start(data) as postgres:
            dump = _without_places(_dump(_libpq(postgres.url())), data)
        keys = {str(path.relative_to(data)): _encoded(path) for path in _other_files(data)}
    finally:
        lock.release()
    release.mkdir(parents=True, exist_ok=True)
    (release / DUMP).write_text(dump, encoding="utf-8")
    (release / KEYS).write_text(json.dumps(keys, indent=1) + "\n", encoding="utf-8")


def restore(release: Path, data: Path) -> None:
    """Make a data folder as it was saved, for whatever version opens it next.

    Raises ReleaseDataError, also when there is such a folder.
    """
    if data.exists():
        raise ReleaseDataError(f"{data} is there already; name a folder that is not")
    keys: dict[str, str] = json.loads((release / KEYS).read_text(encoding="utf-8"))
    data.mkdir(mode=0o700, parents=True)
    for name, content in keys.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(base64.b64decode(content, validate=True))
    # It can be made again, so nothing waits for the disk.
    with EmbeddedPostgres.start(data, unsafe_without_fsync=True) as postgres:
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
        _run("psql", *options, f"--file={release / DUMP}", _libpq(postgres.url()))


def _dump(url: str) -> str:
    """The roles with what they are to one another, which belong to no database, and the rest."""
    roles = _run("pg_dumpall", "--roles-only", "--no-role-passwords", f"--dbname={url}")
    lines = [line for line in roles.splitlines() if _ROLE.match(line)]
    return "\n".join(["-- Roles", "", *lines, "", _run("pg_dump", _RESTRICT_KEY, url)])


def _without_places(dump: str, data: Path) -> str:
    """The same, with folders in it that are on no machine: files to be read again have a path."""
    dump = dump.replace(str(data.resolve()), _NOBODYS_DATA)
    return dump.replace(str(_ROOT), _NOBODYS_CHECKOUT)


def _other_files(data: Path) -> Iterator[Path]:
    """What is beside the database and more than a lock or a log, in one order."""
    for path in sorted(data.rglob("*")):
        is_kept = path.relative_to(data).parts[0] not in _NOT_KEPT and path.suffix != ".lock"
        if is_kept and path.is_file():
            yield path


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _run(program: str, *arguments: str) -> str:
    """Run a program of the embedded PostgreSQL, with nothing of this person's environment."""
    result = subprocess.run(  # noqa: S603 - our own program
        [str(programs() / program), *arguments],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={"LC_ALL": "C", "TZ": "UTC"},
    )
    if result.returncode != 0:
        raise ReleaseDataError(f"{program} failed: {result.stderr.strip()}")
    return result.stdout


def main() -> int:
    """Do what the command line says; 0 when it is done."""
    parser = argparse.ArgumentParser(prog="python -m deploy.release_data")
    verbs = parser.add_subparsers(required=True)
    _add(verbs.add_parser("save"), save, "data", "release")
    _add(verbs.add_parser("restore"), restore, "release", "data")
    args = parser.parse_args()
    try:
        args.run(args.first, args.second)
    except ReleaseDataError as error:
        sys.stderr.write(f"release_data: {error}\n")
        return 1
    return 0


def _add(parser: argparse.ArgumentParser, run: Callable[[Path, Path], None], *names: str) -> None:
    for place, name in zip(("first", "second"), names, strict=True):
        parser.add_argument(place, metavar=name.upper(), type=Path)
    parser.set_defaults(run=run)


if __name__ == "__main__":
    sys.exit(main())
