# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Programs of Node.js for tests: a provider of OpenID Connect, and what makes clients.

By npm, once for all that versions.txt in the folder of each names: archives are fetched, no script
of theirs is run, and what is unpacked has the hash that stands there, and nothing else is.
"""

import fcntl
import hashlib
import shutil
import subprocess
import tarfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_OLDEST_NODE: Final = 20
_SECONDS: Final = 180


class NodeError(Exception):
    """It cannot be installed; the message ends with what npm said."""


@dataclass(frozen=True, slots=True)
class Package:
    """One archive: where it is unpacked (`a > b` is b as a alone needs it), and its hash."""

    place: tuple[str, ...]
    version: str
    integrity: str

    @property
    def wanted(self) -> str:
        """As npm is asked for it."""
        return f"{self.place[-1]}@{self.version}"

    @property
    def folder(self) -> Path:
        """Below node_modules."""
        return Path("/node_modules/".join(self.place))


@dataclass(frozen=True, slots=True)
class NodePackages:
    """What versions.txt in `folder` names, unpacked in its node_modules."""

    name: str
    folder: Path

    @property
    def programs(self) -> Path:
        """Where they are unpacked."""
        return self.folder / "node_modules"

    def packages(self) -> tuple[Package, ...]:
        """All of the list."""
        lines = self._versions.read_text(encoding="utf-8").splitlines()
        return tuple(_package(line) for line in lines if not line.startswith("#"))

    def is_installed(self) -> bool:
        """Say whether it is there, all of it, as the list names it."""
        complete = self._complete
        return complete.exists() and complete.read_bytes() == self._versions.read_bytes()

    def what_is_missing(self) -> str | None:
        """Return why it cannot run here, or None if it can."""
        if not is_node_there():
            return f"there is no Node.js of version {_OLDEST_NODE} or later"
        if self.is_installed():
            return None
        return f"{self.name} is not installed (deploy/tell-once test does it)"

    def install(self) -> None:
        """Install it unless that has been done. Raises NodeError."""
        if not is_node_there():
            raise NodeError(f"there is no Node.js of version {_OLDEST_NODE} or later")
        with self._alone():
            if self.is_installed():
                return
            with TemporaryDirectory(dir=self.folder) as folder:
                archives, unpacked = Path(folder) / "archives", Path(folder) / "node_modules"
                archives.mkdir()
                self._fetch(archives)
                self.unpack(archives, unpacked)
                shutil.rmtree(self.programs, ignore_errors=True)
                unpacked.rename(self.programs)
            self._complete.write_bytes(self._versions.read_bytes())

    def unpack(self, archives: Path, folder: Path) -> None:
        """Lay each archive where it belongs; it is found by its hash: its name says nothing."""
        found = {_hash(path): path for path in archives.iterdir()}
        for package in self.packages():
            if package.integrity not in found:
                raise NodeError(f"{package.wanted} is another than deploy/{self.folder.name} names")
            with TemporaryDirectory(dir=archives.parent) as unpacked:
                with tarfile.open(found[package.integrity]) as archive:
                    archive.extractall(unpacked, filter="data")
                (top,) = Path(unpacked).iterdir()
                (folder / package.folder).parent.mkdir(parents=True, exist_ok=True)
                shutil.copytree(top, folder / package.folder, dirs_exist_ok=True)

    @property
    def _versions(self) -> Path:
        return self.folder / "versions.txt"

    @property
    def _complete(self) -> Path:
        """A copy of the list that was installed, written when all is there."""
        return self.programs / "installed"

    def _fetch(self, archives: Path) -> None:
        wanted = sorted({package.wanted for package in self.packages()})
        to = ["--pack-destination", str(archives)]
        try:
            done = subprocess.run(  # noqa: S603 - names of ours
                ["npm", "pack", "--ignore-scripts", "--silent", *to, *wanted],  # noqa: S607
                check=False,
                cwd=self.folder,
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NodeError(f"npm cannot be run: {error}") from error
        if done.returncode != 0:
            raise NodeError(f"npm failed:\n{done.stdout[-2000:]}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One installation at a time; a second one waits, and finds it done."""
        with self._versions.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_HERE: Final = Path(__file__).parent
OIDC_PROVIDER: Final = NodePackages("oidc-provider", _HERE / "oidc-provider")
"""A certified provider of OpenID Connect, for the tests of signing in."""
OPENAPI_TYPESCRIPT: Final = NodePackages("openapi-typescript", _HERE / "openapi-typescript")
"""What makes clients in TypeScript of an OpenAPI document, and Redocly's linter, which it has."""


def _package(line: str) -> Package:
    name, _, integrity = line.rpartition(" ")
    place, _, version = name.rpartition("@")
    return Package(tuple(place.split(" > ")), version, integrity)


def _hash(path: Path) -> str:
    digest = hashlib.sha512(path.read_bytes()).digest()
    return f"sha512-{b64encode(digest).decode()}"


def is_node_there() -> bool:
    """Say whether there is a Node.js that runs it, and npm that fetches it."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    told = subprocess.run(  # noqa: S603 - found above
        [node, "--version"], check=False, capture_output=True, text=True
    )
    major = told.stdout.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= _OLDEST_NODE
