"""A database written down and made again, by PostgreSQL's own programs, which ship with ours.

They are told the password in their environment: what they are called with anybody may list.
"""

import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from services.platform.database.embedded.cluster import programs
from services.platform.errors import ServiceError

_SCHEME = "postgresql"


class DumpingError(ServiceError):
    """The database could not be written down or made again; the message says what was said."""


def dump_database(url: str, file: Path) -> None:
    """Write it down as it is at one moment, in PostgreSQL's compressed form."""
    _run("pg_dump", "--format=custom", f"--file={file}", url=url)
    file.chmod(0o600)


def restore_database(url: str, file: Path) -> None:
    """Make what was written down, in an empty database, all of it or nothing.

    As the owner; the roles have to be there.
    """
    whole = ["--single-transaction", "--exit-on-error", "--no-owner"]
    _run("pg_restore", *whole, "--dbname", _without_password(url), str(file), url=url, named=False)


def dump_roles(url: str) -> str:
    """What makes the roles of an embedded database, and what they are to one another."""
    told = _run("pg_dumpall", "--roles-only", "--no-role-passwords", url=url)
    kept = ("CREATE ROLE tell_once", "ALTER ROLE tell_once", "GRANT tell_once")
    return "\n".join(line for line in told.splitlines() if line.startswith(kept)) + "\n"


def make_roles(url: str, statements: str) -> None:
    """Run what `dump_roles` gave, in a new cluster."""
    options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    _run("psql", *options, url=url, given=statements)


def _run(program: str, *words: str, url: str, named: bool = True, given: str = "") -> str:
    database = [f"--dbname={_without_password(url)}"] if named else []
    result = subprocess.run(  # noqa: S603 - our own program
        [str(programs() / program), *words, *database],
        check=False,
        capture_output=True,
        encoding="utf-8",
        input=given,
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath} | _password(url),
    )
    if result.returncode != 0:
        # A failing statement may be quoted, and with it a row: only the first line is told.
        said = result.stderr.strip().splitlines()[:1]
        raise DumpingError(f"{program} failed: {said[0] if said else result.returncode}")
    return result.stdout


def _without_password(url: str) -> str:
    """The URL as libpq reads it."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    netloc = user.partition(":")[0] + at + host
    return urlunsplit((_SCHEME, netloc, parts.path, parts.query, parts.fragment))


def _password(url: str) -> dict[str, str]:
    password = urlsplit(url).password
    return {} if password is None else {"PGPASSWORD": unquote(password)}
