"""A run of the tests has a temporary folder of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.checkout import ROOT
from tests.support.own_folder import place

_TEST = """
import os, tempfile
from pathlib import Path

def test_tells_its_folders(tmp_path):
    Path({told!r}).write_text(f"{{tmp_path}}\\n{{tempfile.gettempdir()}}\\n{{os.environ['TMPDIR']}}")
    assert {passes}
"""
_PLUGIN = ("-p", "tests.support.own_folder")


def folders_of_a_run(folder: Path, *, passes: bool) -> tuple[list[Path], str]:
    """Run a test, which passes or not; gives the folders that it was given, and what was said."""
    told, test = folder / "told", folder / "test_one.py"
    test.write_text(_TEST.format(told=str(told), passes=passes))
    command = [sys.executable, "-m", "pytest", *_PLUGIN, "-p", "no:cacheprovider", str(test)]
    without = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", str(folder)],
        cwd=ROOT,
        env=without | {"TMPDIR": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (0 if passes else 1), done.stdout
    return [Path(line) for line in told.read_text().splitlines()], done.stdout


def test_two_runs_share_no_folder_and_leave_none(tmp_path: Path):
    """Everything temporary is in it, whoever asks for it."""
    (first, *firsts), _ = folders_of_a_run(tmp_path, passes=True)
    (second, *seconds), _ = folders_of_a_run(tmp_path, passes=True)

    assert len({*firsts, *seconds}) == 2
    assert firsts[0] in first.parents
    assert seconds[0] in second.parents
    assert not any(path.exists() for path in (*firsts, *seconds))


def test_what_a_failed_run_wrote_is_kept_and_named(tmp_path: Path):
    """One may want to look at it."""
    (folder, run, _), said = folders_of_a_run(tmp_path, passes=False)

    assert folder.exists()
    assert f"remove it: {run}" in said
    subprocess.run(["rm", "-r", str(run)], check=True)


def test_this_run_has_one(tmp_path: Path):
    """Also in a worker."""
    run = Path(tempfile.gettempdir())

    assert run.name.startswith("tell-once-run-")
    assert run in tmp_path.parents


def test_memory_that_is_not_there_is_not_taken(tmp_path: Path):
    """Then it is where temporary folders are."""
    assert place(tmp_path / "nowhere") is None
