"""The checkout as the architecture tests look at it: its files and its packages."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUR_PACKAGES = ("connectors", "consent", "schemas", "services")


def tracked_files() -> list[Path]:
    """Every file that is or would be part of a commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def our_modules() -> Iterator[Path]:
    """Every Python file that goes into the wheel."""
    for name in OUR_PACKAGES:
        yield from sorted((ROOT / name).rglob("*.py"))
