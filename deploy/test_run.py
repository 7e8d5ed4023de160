# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Runs every check there is: deploy/tell-once test [options of pytest].

First it fetches, where it may, what some of the tests need from outside Python: Chromium for the
journeys, Maven and a Java for Kafka, the NHS's MESH sandbox for mailboxes. What cannot be had is
named, and pytest then names each test that is skipped for it. Then ruff, mypy, import-linter and
pytest run, all of them, whatever the earlier ones said. The integration tests, which mostly wait,
run beside the others and are shown last. The exit code is 0 only if all passed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from deploy import mesh_sandbox
from deploy.kafka.java import COMPLETE, FOLDER, PROGRAMS, find_java, programs_are_there

ROOT = Path(__file__).resolve().parent.parent
_ROOT_USER = 0
_INTERRUPTED = 130
_PYTHON = (sys.executable, "-m")
_SLOW = "tests/integration"


@dataclass(frozen=True, slots=True)
class Need:
    """Something from outside Python: what lacks without it, and who provides it on Debian."""

    what: str
    packages: tuple[str, ...]
    skipped_without: str


_BROWSER = Need("Chromium", ("chromium", "fonts-liberation"), "the browser journeys")
_JAVA = Need("Java 17 or later", ("default-jre-headless",), "the tests of real Kafka")
_MAVEN = Need("Maven", ("maven",), "the tests of real Kafka")


def main(pytest_options: Sequence[str]) -> int:
    """Fetch, check, and return the exit code."""
    fetch_what_is_missing()
    if pytest_options:
        return 0 if all([*lint(), run("pytest", [*_PYTHON, "pytest", *pytest_options])]) else 1
    with running_beside("pytest tests/integration", [*_PYTHON, "pytest", _SLOW]) as beside:
        passed = [*lint(), run("pytest", [*_PYTHON, "pytest", f"--ignore={_SLOW}"])]
    return 0 if all(passed) and beside.returncode == 0 else 1


def lint() -> list[bool]:
    """Run the checks that need no test; say of each whether it passed."""
    lint_imports = [sys.executable, str(Path(sys.executable).with_name("lint-imports"))]
    passed = [
        run("ruff", [*_PYTHON, "ruff", "check"]),
        run("mypy", [*_PYTHON, "mypy"]),
        run("lint-imports", lint_imports),
    ]
    if not all(passed):
        say("not everything above passed; the tests run all the same")
    return passed


@contextmanager
def running_beside(name: str, command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a check beside what the block does; at its end wait for it and show what it said."""
    with (
        TemporaryFile() as said,
        subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT) as beside,  # noqa: S603 - ours
    ):
        yield beside
        say(f"{name}, which ran beside this")
        beside.wait()
        said.seek(0)
        shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()


def run(name: str, command: Sequence[str]) -> bool:
    """Run one check at the root of the checkout; say whether it passed."""
    say(name)
    return subprocess.run(command, check=False, cwd=ROOT).returncode == 0  # noqa: S603 - ours


def say(what: str) -> None:
    """Tell the person, in order with what the checks print."""
    sys.stdout.write(f"tell-once test: {what}\n")
    sys.stdout.flush()


def fetch_what_is_missing() -> None:
    """Install the missing system packages where we may, then Kafka's programs."""
    missing = [need for need in (_BROWSER, _JAVA, _MAVEN) if not is_there(need)]
    if missing:
        install_packages(missing)
    for need in missing:
        if not is_there(need):
            say(f"there is no {need.what}: {need.skipped_without} will be skipped")
    if not programs_are_there() and is_there(_MAVEN):
        fetch_kafka()
    if not mesh_sandbox.is_installed():
        install_mesh_sandbox()


def is_there(need: Need) -> bool:
    """Say whether a need is met, or has nothing left to do."""
    if need is _BROWSER:
        return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
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


def install_mesh_sandbox() -> None:
    """Install the NHS's MESH server, in a virtual environment of its own."""
    say("installing the MESH sandbox")
    try:
        mesh_sandbox.install()
    except mesh_sandbox.SandboxError as error:
        say(f"the tests of a real MESH mailbox will be skipped: {error}")


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
