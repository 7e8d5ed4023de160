# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Installs oidc-provider, a certified provider of OpenID Connect, for the tests of sign-in.

By npm, once for all that deploy/oidc-provider/versions.txt names: archives are fetched, no script
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

FOLDER: Final = Path(__file__).parent / "oidc-provider"
PROGRAMS: Final = FOLDER / "node_modules"
ENTRY: Final = PROGRAMS / "oidc-provider" / "lib" / "index.js"
_VERSIONS: Final = FOLDER / "versions.txt"
# A copy of the list that was installed, written when all is there.
_COMPLETE: Final = PROGRAMS / "installed"
_OLDEST_NODE: Final = 20
_SECONDS: Final = 180


class ProviderError(Exception):
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


def packages() -> tuple[Package, ...]:
    """All of the list."""
    lines = _VERSIONS.read_text(encoding="utf-8").splitlines()
    return tuple(_package(line) for line in lines if not line.startswith("#"))


def _package(line: str) -> Package:
    name, _, integrity = line.rpartition(" ")
    place, _, version = name.rpartition("@")
    return Package(tuple(place.split(" > ")), version, integrity)


def is_installed() -> bool:
    """Say whether it is there, all of it, as the list names it."""
    return _COMPLETE.exists() and _COMPLETE.read_bytes() == _VERSIONS.read_bytes()


def what_is_missing() -> str | None:
    """Return why it cannot run here, or None if it can."""
    if not is_node_there():
        return f"there is no Node.js of version {_OLDEST_NODE} or later"
    if is_installed():
        return None
    return "oidc-provider is not installed (deploy/tell-once test does it)"


def install() -> None:
    """Install it unless that has been done. Raises ProviderError."""
    if not is_node_there():
        raise ProviderError(f"there is no Node.js of version {_OLDEST_NODE} or later")
    with _alone():
        if is_installed():
            return
        with TemporaryDirectory(dir=FOLDER) as folder:
            archives, unpacked = Path(folder) / "archives", Path(folder) / "node_modules"
            archives.mkdir()
            _fetch(archives)
            _unpack(archives, unpacked)
            shutil.rmtree(PROGRAMS, ignore_errors=True)
            unpacked.rename(PROGRAMS)
        _COMPLETE.write_bytes(_VERSIONS.read_bytes())


def _fetch(archives: Path) -> None:
    wanted = sorted({package.wanted for package in packages()})
    command = ["npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", str(archives)]
    try:
        done = subprocess.run(  # noqa: S603 - names of ours
            [*command, *wanted],
            check=False,
            cwd=FOLDER,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProviderError(f"npm cannot be run: {error}") from error
    if done.returncode != 0:
        raise ProviderError(f"npm failed:\n{done.stdout[-2000:]}")


def _unpack(archives: Path, folder: Path) -> None:
    """Each archive is found by its hash: its name says nothing."""
    found = {_hash(path): path for path in archives.iterdir()}
    for package in packages():
        if package.integrity not in found:
            raise ProviderError(f"{package.wanted} is another than deploy/oidc-provider names")
        with TemporaryDirectory(dir=archives.parent) as unpacked:
            with tarfile.open(found[package.integrity]) as archive:
                archive.extractall(unpacked, filter="data")
            (top,) = Path(unpacked).iterdir()
            (folder / package.folder).parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(top, folder / package.folder, dirs_exist_ok=True)


def _hash(path: Path) -> str:
    digest = hashlib.sha512(path.read_bytes()).digest()
    return f"sha512-{b64encode(digest).decode()}"


@contextmanager
def _alone() -> Iterator[None]:
    """One installation at a time; a second one waits, and finds it done."""
    with _VERSIONS.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
