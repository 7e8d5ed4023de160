"""Gives each run of the tests a temporary folder of its own, gone when all of them have passed.

pytest's own is shared by all runs of a user: each run shuts it to everybody else, also to the
account that PostgreSQL runs under where another run has let it in, and clears away what others
left. In this one is everything temporary, that of the processes that the tests start too.

It is in memory where there is enough of it: a test's database is a copy of a migrated one, 560
files, which costs five times as much processor time on a disk.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_MADE = pytest.StashKey[Path]()
_BEFORE = pytest.StashKey[str | None]()
_PREFIX = "tell-once-run-"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a new name is made in it
# Two workers need about half a gigabyte.
_ENOUGH = 3 * 2**30


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the folder before pytest chooses one; a worker is given a part of its run's."""
    if config.option.basetemp is None:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place(_MEMORY)))
        config.stash[_MADE] = made
        config.option.basetemp = str(made / "t")
        config.stash[_BEFORE] = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = tempfile.tempdir = str(made)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Clear it away, unless something failed that one may want to look at."""
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        made = session.config.stash.get(_MADE, None)
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the process as it was: some programs run the tests in it many times over."""
    if _MADE in config.stash:
        tempfile.tempdir = before = config.stash[_BEFORE]
        if before is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = before


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Say where it is, if it was kept."""
    made = config.stash.get(_MADE, None)
    if made is not None and made.exists() and exitstatus:
        terminalreporter.write_line(f"what the tests wrote; remove it: {made}")


def of_this_run() -> Path | None:
    """Give the folder, which is the same in every worker; None where pytest was given another."""
    found = Path(tempfile.gettempdir())
    return found if found.name.startswith(_PREFIX) else None


def place(memory: Path) -> Path | None:
    """Give the folder of memory, or None where it is not there, too small or runs no programs."""
    try:
        found = os.statvfs(memory)
    except OSError:
        return None
    is_fit = found.f_bavail * found.f_frsize >= _ENOUGH and not found.f_flag & os.ST_NOEXEC
    return memory if is_fit and os.access(memory, os.W_OK | os.X_OK) else None
