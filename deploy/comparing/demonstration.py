# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""A checkout's demonstration on new data, with a clock that stands and keys that are known.

On Linux, where one can see in /proc which processes there are.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

HOOK = Path(__file__).resolve().parent
# After the last thing that the invented families said, so that nothing lies in the future.
AT = "2026-11-24T10:00:00+00:00"
_ROOT_KEY = bytes(range(32))
_CLOCK = "class SystemClock"
_PROCESSES = 5  # supervisor, relay, aggregation, connectors, portal
# By the word that they are started with.
_BEHIND_THE_PAGES = {"relay", "aggregate", "connect"}
# In the title of each PostgreSQL process that serves a connection over the socket.
_SESSION = "[local]"
_STOP_SECONDS = 60
_QUIET_SECONDS = 3.0
_LOOK_EVERY = 0.25
_CHECKPOINT = "/ledger/v1/checkpoint"


class ComparisonError(Exception):
    """The checkouts cannot be compared; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A demonstration that runs: on which port, and as whom one may sign in, name by id."""

    port: int
    people: Mapping[str, str]
    supervisor: int
    data: Path

    @contextmanager
    def pages_alone(self) -> Iterator[None]:
        """Hold still every process behind the pages while the block runs, then let all work off.

        What one sends is then answered from what was sent before, and never from how far the
        others have got with it.
        """
        held = self._processes_behind()
        try:
            while True:
                for process in held:
                    os.kill(process, signal.SIGSTOP)
                if not self._holds_a_transaction():
                    break
                for process in held:
                    os.kill(process, signal.SIGCONT)
                time.sleep(_LOOK_EVERY)
            yield
        finally:
            for process in held:
                os.kill(process, signal.SIGCONT)
        self.wait_until_quiet()

    def wait_until_quiet(self) -> None:
        """Wait until the ledger has not grown for some time: what was to do has been done."""
        last, since = b"", time.monotonic()
        while time.monotonic() - since < _QUIET_SECONDS:
            now = _checkpoint(self.port)
            if now != last or not now:
                last, since = now, time.monotonic()
            time.sleep(_LOOK_EVERY)

    def _processes_behind(self) -> list[int]:
        found = [
            process
            for process, words in children_of(self.supervisor)
            if _BEHIND_THE_PAGES.intersection(words)
        ]
        if len(found) != len(_BEHIND_THE_PAGES):
            raise ComparisonError(f"{len(found)} processes of {sorted(_BEHIND_THE_PAGES)} run")
        return found

    def _holds_a_transaction(self) -> bool:
        """Whether somebody stopped in the middle: PostgreSQL says so in its processes' titles."""
        time.sleep(_LOOK_EVERY)
        (file,) = self.data.rglob("postmaster.pid")
        server = int(file.read_text().partition("\n")[0])
        sessions = [words for _, words in children_of(server) if _SESSION in words]
        if not sessions:
            raise ComparisonError("PostgreSQL does not say what its sessions do")
        return any(words[-1] != "idle" for words in sessions)


def clean_environment() -> dict[str, str]:
    """Return our own variables without what would make two checkouts differ."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TELL_ONCE_", "PYTHON"))}
    return kept | {"COLUMNS": "100", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "TZ": "UTC"}


@contextmanager
def demonstration(checkout: Path) -> Iterator[Demonstration]:
    """Start a checkout's demonstration, wait until nothing is left to do, stop it at the end.

    Raises ComparisonError if it does not start, or if a process has a clock that goes.
    """
    with TemporaryDirectory(prefix="tell-once-compare-") as name:
        folder = Path(name)
        data, seen, errors = folder / "data", folder / "seen", folder / "stderr"
        _give_keys(data)
        seen.mkdir()
        command = [str(checkout / "deploy" / "tell-once"), "demo", "--port", "0", "--json"]
        with (
            errors.open("w") as told,
            subprocess.Popen(  # noqa: S603 - the checkout's own program
                [*command, "--data", str(data)],
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
                cwd=folder,
                env=clean_environment() | _fixed_world(checkout, seen),
            ) as process,
        ):
            try:
                started = _wait_for(process, errors, data)
                _require_stopped_clocks(seen)
                started.wait_until_quiet()
                yield started
            finally:
                process.terminate()
                process.wait(_STOP_SECONDS)


def _give_keys(data: Path) -> None:
    """Put the root key where a demonstration keeps it; every id and every signature follows."""
    keys = data / "keys"
    for folder in (data, keys):
        folder.mkdir(mode=0o700)
    (keys / "root.key").write_bytes(_ROOT_KEY)
    (keys / "root.key").chmod(0o600)


def _fixed_world(checkout: Path, seen: Path) -> dict[str, str]:
    """What sitecustomize.py beside this module is told."""
    return {
        "PYTHONPATH": str(HOOK),
        "COMPARE_CLOCK": _clock_of(checkout),
        "COMPARE_AT": AT,
        "COMPARE_SEEN": str(seen),
    }


def _clock_of(checkout: Path) -> str:
    """Find the module of the one clock that asks the machine, wherever it lies."""
    found = [
        path.relative_to(checkout).with_suffix("").parts
        for path in sorted((checkout / "services").rglob("*.py"))
        if _CLOCK in path.read_text()
    ]
    if len(found) != 1:
        raise ComparisonError(f"{checkout} has {len(found)} modules with {_CLOCK}; one is needed")
    return ".".join(found[0])


def _wait_for(process: "subprocess.Popen[str]", errors: Path, data: Path) -> Demonstration:
    """Read what the demonstration prints once pages can be fetched."""
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise ComparisonError(f"the demonstration did not start:\n{errors.read_text()[-2000:]}")
    told = json.loads(line)
    people = {person["id"]: person["name"] for person in told["people"]}
    return Demonstration(int(told["url"].rpartition(":")[2]), people, process.pid, data)


def children_of(parent: int) -> Iterator[tuple[int, Sequence[str]]]:
    """The processes that a process started, with the words of their command lines."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                line = (folder / "cmdline").read_text(errors="replace")
                yield int(folder.name), line.replace("\0", " ").split()


def _require_stopped_clocks(seen: Path) -> None:
    """Every process has imported the clock by the time that it works: wait for their files."""
    deadline = time.monotonic() + _STOP_SECONDS
    while len(list(seen.iterdir())) < _PROCESSES:
        if time.monotonic() > deadline:
            raise ComparisonError(f"fewer than {_PROCESSES} processes stopped their clocks")
        time.sleep(_LOOK_EVERY)


def _checkpoint(port: int) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=_STOP_SECONDS)
    connection.request("GET", _CHECKPOINT)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return body if answer.status == 200 else b""  # noqa: PLR2004 OK
