# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Runs every check there is: deploy/tell-once test [--help] [its own options] [options of pytest].

First it fetches, where it may, what some of the tests need from outside Python: Chromium for the
journeys, Maven and a Java for Kafka, SoftHSM for keys, the NHS's MESH sandbox for mailboxes,
oidc-provider (Node.js, npm) and Canaille for signing in, what makes clients of our document in
Python and TypeScript, linters and Helm for what is deployed; all but the first three at once. What
cannot be had is named, and pytest then names each test that is skipped for it. Meanwhile one
process compiles the tests for all. Then pytest runs, in one process more than there are cores;
ruff, mypy and import-linter run beside all this, and are shown last. All of them run, whatever the
others said, and the exit code is 0 only if all passed.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from threading import Thread
from typing import IO, Self

from deploy.kafka.java import COMPLETE, FOLDER, PROGRAMS, find_java, programs_are_there
from deploy.node_packages import OIDC_PROVIDER, OPENAPI_TYPESCRIPT, NodeError, NodePackages
from deploy.own_venv import (
    CANAILLE,
    CHECKING,
    MESH_SANDBOX,
    OPENAPI_CLIENTS,
    OwnVenv,
    OwnVenvError,
)

ROOT = Path(__file__).resolve().parent.parent
_ROOT_USER = 0
_INTERRUPTED = 130
_PYTHON = (sys.executable, "-m")
# each has a PostgreSQL, and one of them a Kafka, of its own
_MOST_WORKERS = 8
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
PICTURES = "TELL_ONCE_PICTURES"
_EPILOG = """\
Everything else goes to pytest (deploy/tell-once test --version; .venv/bin/pytest --help):
  deploy/tell-once test tests/unit/consent -k withdraw
  deploy/tell-once test --faults tests/integration/platform/test_kill.py

The seconds that each file took are kept in .pytest_cache/v/tell-once/seconds.json.
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """Tests that can be walked for long: pytest's mark of them, and their long settings."""

    what: str
    settings: Mapping[str, str]

    def help(self) -> str:
        """Say what the option does."""
        long = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{self.what}, for long ({long}; a value of your own wins)"


WALKS = {
    "faults": Walk(
        "only the tests that kill processes, disturb them, cut connections and damage files",
        {
            "TELL_ONCE_KILL_MESSAGES": "2000",
            "TELL_ONCE_KILL_ROUNDS": "30",
            "TELL_ONCE_KILL_EVERY": "1",
            "TELL_ONCE_SCALE_OUT": "1",
            "TELL_ONCE_DISTURBED": "1",
            "TELL_ONCE_FUZZ_EXAMPLES": "100000",
        },
    ),
    "soak": Walk(
        "only the tests that compare with an oracle, live through a history, make up examples or "
        "kill for hours",
        {
            "TELL_ONCE_EXAMPLES_TIMES": "1",
            "TELL_ONCE_KILL_MESSAGES": "20000",
            "TELL_ONCE_KILL_ROUNDS": "300",
            "TELL_ONCE_ORACLE_EXAMPLES": "100000",
            "TELL_ONCE_REBUILD_HISTORIES": "100",
            "TELL_ONCE_ALONE_EXAMPLES": "2000",
            "TELL_ONCE_REPLAYED_DISCLOSURES": "20000",
            "TELL_ONCE_OPENAPI_EXAMPLES": "200",
            "TELL_ONCE_ACCESS_WHOLE": "1",
        },
    ),
    "pages": Walk(
        "only the walk over every page of the demonstration: 320 pixels, no script, forced "
        "colours, paper; with --pictures it keeps pictures of all of them",
        {"TELL_ONCE_PAGES_WALKED": "1000"},
    ),
}


@dataclass(frozen=True, slots=True)
class Need:
    """Something from outside Python: what lacks without it, and who provides it on Debian."""

    what: str
    packages: tuple[str, ...]
    skipped_without: str = ""


_BROWSER = Need("Chromium", ("chromium", "fonts-liberation"), "the browser journeys")
_SHELL = Need("Chromium's headless shell", ("chromium-headless-shell",))
_JAVA = Need("Java 17 or later", ("default-jre-headless",), "the tests of real Kafka")
_TOKEN = Need("SoftHSM", ("softhsm2",), "the tests of keys in a token")
_MAVEN = Need("Maven", ("maven",), "the tests of real Kafka")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked of this run, and what the rest asks of pytest."""

    walks: tuple[str, ...]
    pictures: bool
    workers: int | None
    rest: tuple[str, ...]

    @classmethod
    def read(cls, arguments: Sequence[str]) -> Self:
        """Take our own options out, wherever they stand; shortened ones are not ours."""
        parser = argparse.ArgumentParser(
            prog="deploy/tell-once test",
            usage="%(prog)s [--faults] [--soak] [--pages] [--pictures] [--workers N] "
            "[options of pytest]",
            description="Run every check: pytest, and ruff, mypy and import-linter beside it.",
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        for name, walk in WALKS.items():
            parser.add_argument(f"--{name}", action="store_true", help=walk.help())
        parser.add_argument(
            "--pictures",
            action="store_true",
            help="keep a picture of each page that the browser journeys come to, "
            f"in a new folder, whose name is told ({PICTURES})",
        )
        parser.add_argument(
            "--workers",
            type=int,
            metavar="N",
            help="processes between which the tests are shared out (one more than there are cores, "
            f"{_MOST_WORKERS} at most; 0, which is this one, where files or folders are named)",
        )
        ours, rest = parser.parse_known_args(arguments)
        walks = tuple(name for name in WALKS if getattr(ours, name))
        return cls(walks, ours.pictures, ours.workers, tuple(rest))

    @property
    def of_all(self) -> bool:
        """Whether no file or folder is named to which the run is kept."""
        return not any(map(_is_a_place, self.rest))

    def command(self, cores: int | None = None) -> list[str]:
        """Give pytest's command: the tests of the walks alone, or all; what pytest is asked last.

        Files that are named run in one process, which is ready sooner.
        """
        workers = self.workers
        if workers is None and self.of_all:
            # many tests wait for processes: meanwhile another one can go on
            workers = min((cores or usable_cores()) + 1, _MOST_WORKERS)
        shared = [] if workers is None else ["-n", str(workers)]
        chosen = ["-m", " or ".join(self.walks)] if self.walks else []
        return [*_PYTHON, "pytest", *shared, "--durations=25", *chosen, *self.rest]

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """Give pytest's environment: what the walks take is long, unless it was given.

        Bytecode is kept: the tests start hundreds of processes, and each would compile it all.
        """
        long = {name: value for each in self.walks for name, value in WALKS[each].settings.items()}
        return long | {name: value for name, value in given.items() if name != _NO_BYTECODE}


def main(arguments: Sequence[str]) -> int:
    """Fetch, check, and return the exit code."""
    options = Options.read(arguments)
    environment = options.environment(os.environ)
    if options.pictures:
        folder = environment.setdefault(PICTURES, mkdtemp(prefix="tell-once-pictures-"))
        say(f"pictures of the pages: {folder}")
    with linting_beside() as passed:
        with compiling_beside(environment) if options.of_all else nullcontext():
            fetch_what_is_missing()
        passed.append(run("pytest", options.command(), environment=environment))
    return 0 if all(passed) else 1


def _is_a_place(argument: str) -> bool:
    """Say whether pytest will take this for where to look for tests."""
    path = argument.partition("::")[0]
    return path != "" and (ROOT / path).exists()


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def linting_beside() -> Iterator[list[bool]]:
    """Run the checks that need no test beside what the block does, and show them at its end.

    The block is given a list, which at the end also says of each of them whether it passed.
    """
    passed: list[bool] = []
    with TemporaryFile() as said:
        checks = Thread(target=lambda: passed.extend(lint(said)))
        checks.start()
        yield passed
        checks.join()
        said.seek(0)
        sys.stdout.flush()
        shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()


@contextmanager
def compiling_beside(environment: Mapping[str, str]) -> Iterator[None]:
    """Compile the tests, and what they load, beside what the block does.

    Otherwise every process would: all collect the same tests, at the same time. What is wrong with
    a test is not said here: whoever runs it will say.
    """
    collect = [*_PYTHON, "pytest", "-qq", "--collect-only", "-p", "no:cacheprovider"]
    with subprocess.Popen(  # noqa: S603 - ours
        collect,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ):
        yield


def lint(said: IO[bytes]) -> list[bool]:
    """Run the checks that need no test; say of each whether it passed."""
    lint_imports = [sys.executable, str(Path(sys.executable).with_name("lint-imports"))]
    return [
        run("ruff", [*_PYTHON, "ruff", "check"], said),
        run("mypy", [*_PYTHON, "mypy"], said),
        run("lint-imports", lint_imports, said),
    ]


def run(
    name: str,
    command: Sequence[str],
    said: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> bool:
    """Run one check at the root of the checkout; say whether it passed.

    What it says goes to the file that is given, or to the person.
    """
    if said is None:
        say(name)
    else:
        said.write(f"tell-once test: {name}\n".encode())
        said.flush()
    done = subprocess.run(  # noqa: S603 - ours
        command, check=False, cwd=ROOT, env=environment, stdout=said, stderr=said
    )
    return done.returncode == 0


def say(what: str) -> None:
    """Tell the person, in order with what the checks print."""
    sys.stdout.write(f"tell-once test: {what}\n")
    sys.stdout.flush()


def fetch_what_is_missing() -> None:
    """Install the missing system packages where we may, then at once all that is fetched alone."""
    missing = [need for need in (_BROWSER, _SHELL, _JAVA, _MAVEN, _TOKEN) if not is_there(need)]
    if missing:
        install_packages(missing)
    for need in missing:
        if need.skipped_without and not is_there(need):
            say(f"there is no {need.what}: {need.skipped_without} will be skipped")
    fetches = list(what_to_fetch())
    with ThreadPoolExecutor(max(len(fetches), 1)) as pool:
        for fetched in [pool.submit(fetch) for fetch in fetches]:
            fetched.result()


def what_to_fetch() -> Iterator[Callable[[], None]]:
    """Give what has to be called; each waits for the network, and none for another."""
    if not programs_are_there() and is_there(_MAVEN):
        yield fetch_kafka
    for own, skipped in (
        (MESH_SANDBOX, "the tests of a real MESH mailbox"),
        (CANAILLE, "the journey through a real sign-in"),
        (OPENAPI_CLIENTS, "the test of a generated client"),
        (CHECKING, "the checks of what is deployed"),
    ):
        if not own.is_installed():
            yield partial(install_own, own, skipped)
    for programs, skipped in (
        (OIDC_PROVIDER, "the tests of a real provider of sign-in"),
        (OPENAPI_TYPESCRIPT, "the test of a client in TypeScript"),
    ):
        if not programs.is_installed():
            yield partial(install_node, programs, skipped)


def is_there(need: Need) -> bool:
    """Say whether a need is met, or has nothing left to do."""
    if need is _BROWSER:
        return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    if need is _SHELL:  # Chromium itself does as well, at twice the processor time
        return shutil.which(*need.packages) is not None
    if need is _TOKEN:
        return shutil.which("softhsm2-util") is not None
    if need is _JAVA:
        return find_java() is not None
    return programs_are_there() or shutil.which("mvn") is not None


def install_packages(needs: Sequence[Need]) -> None:
    """Install what Debian and Ubuntu have, as root or by a sudo that does not ask."""
    apt = shutil.which("apt-get")
    as_root = [] if os.geteuid() == _ROOT_USER else [shutil.which("sudo") or "sudo", "-n"]
    if apt is None or not is_quiet_success([*as_root, apt, "--version"]):
        say("this machine's packages cannot be installed from here (no apt-get, or not root)")
        return
    say("installing " + ", ".join(need.what for need in needs))
    is_quiet_success([*as_root, apt, "update", "-qq"])
    for need in needs:
        install = [apt, "install", "-y", "-qq", "--no-install-recommends", *need.packages]
        is_quiet_success([*as_root, "env", "DEBIAN_FRONTEND=noninteractive", *install])


def fetch_kafka() -> None:
    """Have Maven copy what deploy/kafka/pom.xml names, all of it or nothing."""
    say("fetching Kafka with Maven")
    shutil.rmtree(PROGRAMS, ignore_errors=True)
    goal = "dependency:copy-dependencies"
    if is_quiet_success(["mvn", "-q", "-B", "-f", str(FOLDER / "pom.xml"), goal]):
        COMPLETE.write_bytes((FOLDER / "pom.xml").read_bytes())
    else:
        say("Maven could not fetch Kafka: the tests of real Kafka will be skipped")


def install_own(own: OwnVenv, skipped_without: str) -> None:
    """Install a real server, in a virtual environment of its own."""
    say(f"installing {own.name}")
    try:
        own.install()
    except OwnVenvError as error:
        say(f"{skipped_without} will be skipped: {error}")


def install_node(programs: NodePackages, skipped_without: str) -> None:
    """Have npm fetch what runs in Node.js, where there is one that runs it."""
    say(f"installing {programs.name} with npm")
    try:
        programs.install()
    except NodeError as error:
        say(f"{skipped_without} will be skipped: {error}")


def is_quiet_success(command: Sequence[str]) -> bool:
    """Run a command without a word unless it fails; then show the end of what it said."""
    try:
        result = subprocess.run(  # noqa: S603 - fixed commands
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except OSError as error:
        say(f"{command[0]} cannot be run: {error.strerror}")
        return False
    if result.returncode != 0:
        say(" ".join(command) + " failed:\n" + result.stdout[-2000:])
    return result.returncode == 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
