# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Virtual environments of their own for real servers, clients and tools that tests use.

Each pins other versions than ours does. Every file that is fetched is checked against the hashes
of the lock in its folder.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


class OwnVenvError(Exception):
    """It cannot be installed; the message ends with what pip said."""


@dataclass(frozen=True, slots=True)
class OwnVenv:
    """What requirements.lock in `folder` names, installed in `folder`/venv."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / "venv" / "bin" / "python"

    def is_installed(self) -> bool:
        """Say whether it is there, all of it, as its lock names it."""
        complete = self._complete
        return complete.exists() and complete.read_bytes() == self._what_it_takes()

    def what_is_missing(self) -> str | None:
        """Return why it cannot run here, or None if it can."""
        if self.is_installed():
            return None
        return f"{self.name} is not installed (deploy/tell-once test does it)"

    def install(self) -> None:
        """Install it unless that has been done, with our pip. Raises OwnVenvError.

        A pip of its own takes as long to install as half of the rest; most of what there is to
        compile is never run.
        """
        if self.is_installed():
            return
        venv = self.folder / "venv"
        shutil.rmtree(venv, ignore_errors=True)
        _run(sys.executable, "-I", "-m", "venv", "--without-pip", str(venv))
        pip = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check"]
        pip += ["--python", str(self.python), "install"]
        options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile"]
        quietly = ["--quiet", "--no-warn-script-location"]
        _run(*pip, *options, *quietly, "--requirement", str(self._lock))
        self._complete.write_bytes(self._what_it_takes())

    @property
    def _lock(self) -> Path:
        return self.folder / "requirements.lock"

    @property
    def _complete(self) -> Path:
        """A copy of the lock that was installed and the Python it was for."""
        return self.folder / "venv" / "installed"

    def _what_it_takes(self) -> bytes:
        return sys.version.encode() + b"\n" + self._lock.read_bytes()


_HERE = Path(__file__).parent
MESH_SANDBOX = OwnVenv("the MESH sandbox", _HERE / "mesh-sandbox")
"""The NHS's MESH server, for the tests of mailboxes."""
CANAILLE = OwnVenv("Canaille", _HERE / "canaille")
"""A server of identities, for the tests of signing in."""
OPENAPI_CLIENTS = OwnVenv("openapi-python-client", _HERE / "openapi-clients")
"""Makes clients of an OpenAPI document, for the test that calls one."""
CHECKING = OwnVenv("what checks what is deployed", _HERE / "checking")
"""Linters, Kubernetes' schemas and Helm, for the tests of what lies under deploy/."""


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
        raise OwnVenvError(f"{command[0]} failed:\n{done.stdout[-2000:]}")
