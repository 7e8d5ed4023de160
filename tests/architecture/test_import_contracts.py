"""The import contracts hold, and each of them is seen to break (STYLE.md 52)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import OUR_PACKAGES, ROOT

PURE = "The rules know no framework, directly or through a friend"
INWARD = "Dependencies point down, from what runs to what is known"
HOUSE = "Within connectors and the core, too, arrows point down"
BELOW = "Core and connectors know nothing that runs"
STRANGERS = "Three agencies that do not know one another"

BREACHES = {
    "consent/model.py": ("import services.platform.errors", BELOW),
    "services/people/persons/subjects.py": ("import services.profile.model", INWARD),
    "services/profile/merging/people.py": ("import services.platform.database.engine", PURE),
    "schemas/topics.py": ("import structlog", PURE),
    "connectors/parsing/limits.py": ("import connectors.publishing.publish", HOUSE),
    "connectors/schools/files.py": ("import connectors.social_care.codes", STRANGERS),
}


def _lint(folder: Path) -> str:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give what the linter says of a copy in which each contract is broken once."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in OUR_PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name, (line, _) in BREACHES.items():
        path = folder / name
        path.write_text(f"{path.read_text()}\n{line}\n")
    return _lint(folder)


def test_every_contract_is_kept():
    """Imports go inward, frameworks stay outside, connectors are strangers."""
    report = _lint(ROOT)

    assert "BROKEN" not in report, report
    for contract in (PURE, INWARD, HOUSE, BELOW, STRANGERS):
        assert f"{contract} KEPT" in report


@pytest.mark.parametrize(("line", "contract"), BREACHES.values(), ids=BREACHES)
def test_each_contract_is_seen_to_break(broken: str, line: str, contract: str):
    """A contract that cannot break protects nothing."""
    assert f"{contract} BROKEN" in broken, (line, broken)
