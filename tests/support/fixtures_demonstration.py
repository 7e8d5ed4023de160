"""The demonstration as a user starts it: one process tree for the test session."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.waiting import GENEROUS

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A running demonstration: where it is, its data folder, and who may sign in by name."""

    url: str
    data: Path
    people: dict[str, str]

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a `tell-once` command on its data folder."""
        return subprocess.run(
            [sys.executable, "-m", "services", *words, "--data", str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            timeout=GENEROUS,
        )


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    data = tmp_path_factory.mktemp("demonstration") / "data"
    told_errors = data.parent / "stderr"
    with told_errors.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "services", "demo", "--port", "0", "--json", "--data", data],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=_environment(),
        )
    assert process.stdout is not None
    told = process.stdout.readline()
    assert told, told_errors.read_text()
    document = json.loads(told)
    people = {person["name"]: person["id"] for person in document["people"]}
    yield Demonstration(document["url"], data, people)
    process.terminate()
    process.wait(GENEROUS)
    process.stdout.close()


def _environment() -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith("TELL_ONCE_")}
    return ours | {"PYTHONPATH": str(ROOT)}
