"""What is not a kill: stalls, full disks, clocks that step, keys that are away (DESIGN.md 13).

After each everything is as after an undisturbed run, and meanwhile a person sees a page in words.
Minutes each: they run where TELL_ONCE_DISTURBED is set, as `deploy/tell-once test --faults` does.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.support.checkout import ROOT
from tests.support.fixtures.fixtures_embedded import postmaster_pid
from tests.support.installation import Installation
from tests.support.kafka_broker import LocalBroker
from tests.support.killing.ended_well import (
    an_installation,
    require_clean_stop,
    verified_entries,
)
from tests.support.killing.kill_preparation import Prepared
from tests.support.killing.kill_rounds import SEED, kill_folder, prepared, undisturbed
from tests.support.killing.kill_state import Everything, count_of_entries, everything_in
from tests.support.killing.killing import ingest_half_way, wait_until_drained
from tests.support.waiting import GENEROUS, eventually

__all__ = ["kill_folder", "prepared", "undisturbed"]

_IS_WALKED = os.environ.get("TELL_ONCE_DISTURBED", "") != ""
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not _IS_WALKED, reason="minutes: deploy/tell-once test --faults walks it"),
]
_SECONDS = 6.0
_PAGE_SECONDS = 20.0
_CLOCK = ROOT / "tests/support/killing/stepping_clock.c"
_UNAVAILABLE = 4

Disturbance = Callable[[Installation], None]


def _database_stalled(installation: Installation) -> None:
    """It answers nobody, and nobody is told: as a disk that hangs."""
    processes = _database(installation)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        time.sleep(_SECONDS)
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def _database_slowed(installation: Installation) -> None:
    """It has a fifth of its time."""
    ends = time.monotonic() + _SECONDS
    while time.monotonic() < ends:
        processes = _database(installation)
        for signal_sent, seconds in ((signal.SIGSTOP, 0.2), (signal.SIGCONT, 0.05)):
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal_sent)
            time.sleep(seconds)


def _database_stopped(installation: Installation) -> None:
    """As its administrator stops it: everybody is thrown out, and it is started again."""
    stopped = postmaster_pid(installation.data)
    os.kill(stopped, signal.SIGINT)
    told = eventually(lambda: _page(installation)[0] >= 500 or _came_back(installation, stopped))
    assert told, "the portal never said so, nor did the database come back"


def _keys_away(installation: Installation) -> None:
    """The folder is gone from under running processes, as a mount that drops."""
    keys = installation.data / "keys"
    away = keys.rename(keys.with_name("keys.away"))
    try:
        time.sleep(_SECONDS)
        assert _page(installation)[0] != 0
    finally:
        if keys.exists():  # nothing of worth may have been made there meanwhile
            assert not list(keys.rglob("*.key")), "a fresh key was made"
            for file in keys.iterdir():
                file.unlink()
            keys.rmdir()
        away.rename(keys)


@pytest.mark.parametrize(
    "disturbance", [_database_stalled, _database_slowed, _database_stopped, _keys_away]
)
def test_it_goes_on_where_it_was(
    prepared: Prepared, undisturbed: Everything, disturbance: Disturbance
) -> None:
    """Nothing is lost or doubled, whoever has to be started again."""
    with an_installation(prepared) as installation:
        ingest_half_way(installation, random=Random(SEED))

        disturbance(installation)

        _finish_and_compare(installation, undisturbed)


@pytest.mark.kafka
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_broker_that_stalls_or_stops_holds_nothing_up_for_good(
    prepared: Prepared, undisturbed: Everything, own_kafka: LocalBroker
) -> None:
    """It hangs, and later it is stopped; pages are there all the while."""
    with an_installation(prepared, own_kafka) as installation:
        ingest_half_way(installation, random=Random(SEED))
        broker = own_kafka.process_id
        assert broker is not None

        os.kill(broker, signal.SIGSTOP)
        try:
            time.sleep(_SECONDS)
            during = _page(installation)
        finally:
            os.kill(broker, signal.SIGCONT)
        own_kafka.kill()
        away = _page(installation)
        time.sleep(_SECONDS)
        own_kafka.restart()

        assert (during[0], away[0]) == (200, 200)
        _finish_and_compare(installation, undisturbed)


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_clock_that_steps_both_ways_changes_nothing(
    prepared: Prepared, undisturbed: Everything, tmp_path: Path
) -> None:
    """Three hours on, then an hour behind the truth, then right again."""
    offset, library = tmp_path / "clock", tmp_path / "stepping_clock.so"
    offset.write_text("0")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(_CLOCK)], check=True)
    with an_installation(prepared) as installation:
        installation.environment = {"LD_PRELOAD": str(library), "STEPPING_CLOCK": str(offset)}
        ingest_half_way(installation, random=Random(SEED))

        for stepped in ("10800", "-3600", "0"):
            offset.write_text(stepped)
            time.sleep(_SECONDS / 2)
            assert _page(installation)[0] == 200

        _finish_and_compare(installation, undisturbed)


def test_a_full_disk_is_said_and_what_follows_is_whole(
    prepared: Prepared, undisturbed: Everything, tmp_path: Path
) -> None:
    """Whatever had no room is done once there is room."""
    with _small_disk(tmp_path) as disk, an_installation(prepared, within=disk) as installation:
        ingest_half_way(installation, random=Random(SEED))
        filler = disk / "filler"

        _fill(filler)
        time.sleep(_SECONDS)
        during = _page(installation)
        filler.unlink()

        assert during[0] != 0, "nobody answers"
        _finish_and_compare(installation, undisturbed)


def test_a_folder_that_cannot_be_written_is_said(prepared: Prepared, tmp_path: Path) -> None:
    """With a code and a sentence, and nothing of it is changed."""
    with _small_disk(tmp_path) as disk, an_installation(prepared, within=disk) as installation:
        _mount("-o", "remount,ro", str(disk))
        try:
            code, said = _start_once(installation, "--port", "0")
        finally:
            _mount("-o", "remount,rw", str(disk))

        assert code == _UNAVAILABLE
        assert "read-only" in said.lower()
        installation.keep_serving()
        assert _page(installation)[0] == 200


def test_a_port_that_is_taken_is_said(prepared: Prepared) -> None:
    """By whom it was asked for, before anything runs."""
    with an_installation(prepared) as installation, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        code, said = _start_once(installation, "--port", port)

    assert code == _UNAVAILABLE
    assert f"port {port}" in said


def test_ctrl_c_in_the_first_start_leaves_nothing_half_made(tmp_path: Path) -> None:
    """At any moment of it; the next start is as the first."""
    random = Random(SEED)
    installation = Installation(tmp_path / "data", tmp_path)
    installation.data.mkdir()
    try:
        for _ in range(4):
            installation.begin_serving()
            time.sleep(random.uniform(0.1, 6))
            code, _seconds = installation.stop_serving()
            # By the signal itself while the interpreter is still loading.
            assert code in (0, 130, -signal.SIGINT), (
                f"Ctrl-C ended with {code}\n{installation.logs()}"
            )

        installation.keep_serving()

        assert _page(installation)[0] == 200
        require_clean_stop(installation)
        assert verified_entries(installation) == count_of_entries(installation.data)
    finally:
        installation.close()


def _finish_and_compare(installation: Installation, undisturbed: Everything) -> None:
    installation.keep_serving()
    installation.finish_ingesting()
    wait_until_drained(installation)
    assert eventually(lambda: _page(installation)[0] == 200), "the portal does not come back"
    require_clean_stop(installation)
    assert verified_entries(installation) == count_of_entries(installation.data)
    assert not undisturbed.differences(everything_in(installation.data))


def _page(installation: Installation) -> tuple[int, str]:
    """The first page as anybody gets it: always in words; 0 where nobody answers in time."""
    try:
        with urlopen(f"{installation.url}/", timeout=_PAGE_SECONDS) as answer:  # noqa: S310 ours
            status, text = answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            status, text = error.code, error.read().decode()
    except (URLError, OSError):
        return 0, ""
    assert "<h1" in text, f"a page without a heading: {status}"
    return status, text


def _came_back(installation: Installation, stopped: int) -> bool:
    with suppress(OSError, ValueError):
        return postmaster_pid(installation.data) != stopped and _page(installation)[0] == 200
    return False


def _database(installation: Installation) -> list[int]:
    """Its first process, and all that this has started."""
    first = postmaster_pid(installation.data)
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


def _start_once(installation: Installation, *more: str) -> tuple[int, str]:
    """`serve`, which is to end by itself; its code, and what it said."""
    command = [sys.executable, "-m", "services", "serve", "--data", str(installation.data), *more]
    environment = os.environ | {"TELL_ONCE_ENVIRONMENT": "demonstration"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=GENEROUS,
    )
    return done.returncode, done.stderr


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Give a disk of its own of a few hundred megabytes; only root may have one."""
    disk = folder / "disk"
    disk.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", "size=700m", "none", str(disk))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here (not root, or not allowed)")
    try:
        yield disk
    finally:
        # Lazily: this process has files of keys open there, as every vault has.
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)


def _fill(file: Path) -> None:
    """Write until there is no room."""
    with file.open("wb", buffering=0) as filler:
        for block in (bytes(1 << 20), bytes(4096)):
            with suppress(OSError):
                while True:
                    filler.write(block)
