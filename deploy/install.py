# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Makes .venv at the root of the checkout and installs what a lock file names.

Run by deploy/tell-once with any Python 3.11 or later, standard library only. Every file that is
fetched is checked against the lock's hashes, and only built wheels are taken: no build tool is
fetched or run. The project itself is one line in a .pth file. An installation that was
interrupted is thrown away by the next one, and two at once wait for one another.
"""

import fcntl
import importlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent
VENV = DEPLOY.parent / ".venv"
PYTHON = VENV / "bin" / "python"
# One file for each lock that is installed. While an installation runs the folder has the other
# name, so that what was interrupted can be told from what was finished.
INSTALLED = VENV / "installed"
UNFINISHED = VENV / "unfinished"
_OLDEST = (3, 11)
_ROOT = 0


class InstallError(Exception):
    """The installation cannot go on; the message says what to do."""


def install(name: str) -> None:
    """Install `deploy/NAME.lock` unless that has been done. Raises InstallError."""
    lock = os.open(DEPLOY, os.O_RDONLY)
    # Inherited by pip: if only we are killed, the next installation waits until pip has ended.
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_installed(name):
            _install_now(name)
    finally:
        os.close(lock)


def _install_now(name: str) -> None:
    say(f"installing {name} into .venv (the first time this takes a minute or two)")
    began = time.monotonic()
    if UNFINISHED.exists() or not _is_usable():
        _make_venv()
    elif INSTALLED.exists():
        INSTALLED.rename(UNFINISHED)
    UNFINISHED.mkdir(exist_ok=True)
    _install_lock(name)
    _put_checkout_on_path()
    (UNFINISHED / name).write_bytes(_what_it_takes(name))
    UNFINISHED.rename(INSTALLED)
    say(f"installed in {time.monotonic() - began:.0f} seconds")


def say(what: str) -> None:
    """Tell the person, on standard error: standard output is the program's."""
    sys.stderr.write(f"tell-once: {what}\n")


def _what_it_takes(name: str) -> bytes:
    """Return what deploy/tell-once compares: the Python of .venv, then the lock."""
    return _ask_python("import sys; print(sys.version)") + (DEPLOY / f"{name}.lock").read_bytes()


def _is_installed(name: str) -> bool:
    stamp = INSTALLED / name
    return stamp.exists() and _is_usable() and stamp.read_bytes() == _what_it_takes(name)


def _is_usable() -> bool:
    """Say whether .venv has a Python that runs, is recent enough, and is .venv's own."""
    program = f"import sys, pip; print(sys.version_info >= {_OLDEST!r} and sys.prefix)"
    return _ask_python(program).decode().strip() == str(VENV)


def _ask_python(program: str) -> bytes:
    try:
        asked = subprocess.run(  # noqa: S603 - our own Python
            [str(PYTHON), "-Ic", program],
            check=False,
            capture_output=True,
        )
    except OSError:
        return b""
    return asked.stdout if asked.returncode == 0 else b""


def _make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    UNFINISHED.mkdir(parents=True)
    if find_spec("ensurepip") is None:
        _install_debian_venv()
    if _run([sys.executable, "-I", "-m", "venv", str(VENV)]) != 0:
        raise InstallError(f"{sys.executable} cannot make a virtual environment; try another one")


def _install_debian_venv() -> None:
    """Debian and Ubuntu ship Python without the part that makes virtual environments whole."""
    package = f"python3.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != _ROOT:
        raise InstallError(f"this Python lacks its venv part: sudo apt-get install {package}")
    say(f"installing {package}, which this Python lacks")
    _run([apt, "update", "-qq"])
    if _run([apt, "install", "-y", "-qq", "--no-install-recommends", package], quiet=True) != 0:
        raise InstallError(f"this Python lacks its venv part: apt-get install {package}")
    importlib.invalidate_caches()


def _install_lock(name: str) -> None:
    # Into files that everybody may read: as root, PostgreSQL runs as another user.
    os.umask(0o022)
    pip = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-warn-script-location"]
    if _run([*pip, *options, "--requirement", str(DEPLOY / f"{name}.lock")]) != 0:
        raise InstallError(
            "pip could not install what the lock names (its reasons are above). If a package is "
            "not to be had for this Python, set PYTHON to another one, for example python3.11",
        )


def _run(command: Sequence[str], *, quiet: bool = False) -> int:
    result = subprocess.run(  # noqa: S603 - our own Python, fixed arguments
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=subprocess.DEVNULL if quiet else None,
        close_fds=False,
    )
    return result.returncode


def _put_checkout_on_path() -> None:
    """Name the checkout in a .pth file, relative to it, so that it may be moved."""
    (packages,) = VENV.glob("lib/python3.*/site-packages")
    (packages / "tell-once.pth").write_text("../../../..\n", encoding="ascii")


if __name__ == "__main__":
    try:
        install(sys.argv[1])
    except InstallError as error:
        say(str(error))
        sys.exit(1)
