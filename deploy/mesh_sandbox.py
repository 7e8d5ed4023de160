# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Installs the NHS's MESH sandbox, a real server for the tests of mailboxes.

It has a virtual environment of its own, because it pins an older FastAPI than ours does. Every
file that is fetched is checked against the hashes of deploy/mesh-sandbox/requirements.lock.
"""

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "mesh-sandbox"
VENV = FOLDER / "venv"
PYTHON = VENV / "bin" / "python"
_LOCK = FOLDER / "requirements.lock"
# A copy of the lock that was installed and the Python it was for, written when all is there.
_COMPLETE = VENV / "installed"


class SandboxError(Exception):
    """The sandbox cannot be installed; the message ends with what pip said."""


def is_installed() -> bool:
    """Say whether the sandbox is there, all of it, as its lock names it."""
    return _COMPLETE.exists() and _COMPLETE.read_bytes() == _what_it_takes()


def what_is_missing() -> str | None:
    """Return why the sandbox cannot run here, or None if it can."""
    if is_installed():
        return None
    return "the MESH sandbox is not installed (deploy/tell-once test does it)"


def install() -> None:
    """Install the sandbox unless that has been done. Raises SandboxError."""
    if is_installed():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    _run(sys.executable, "-I", "-m", "venv", str(VENV))
    pip = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-warn-script-location"]
    _run(*pip, *options, "--requirement", str(_LOCK))
    _COMPLETE.write_bytes(_what_it_takes())


def _what_it_takes() -> bytes:
    return sys.version.encode() + b"\n" + _LOCK.read_bytes()


def _run(*command: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own Python, fixed arguments
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise SandboxError(f"{command[0]} failed:\n{done.stdout[-2000:]}")
