"""Gives each run of the tests a temporary folder of its own, gone when all of them have passed.

pytest's own is shared by every run of a user, and each run clears away those of the others.
"""

import shutil
import tempfile
from pathlib import Path

import pytest

_MADE = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the folder before pytest chooses one; a worker is given a part of its run's."""
    if config.option.basetemp is None:
        config.stash[_MADE] = Path(tempfile.mkdtemp(prefix="tell-once-run-"))
        config.option.basetemp = str(config.stash[_MADE] / "t")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Clear it away, unless something failed that one may want to look at."""
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        made = session.config.stash.get(_MADE, None)
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Say where it is, if it was kept."""
    made = config.stash.get(_MADE, None)
    if made is not None and made.exists() and exitstatus:
        terminalreporter.write_line(f"what the tests wrote: {made}")
