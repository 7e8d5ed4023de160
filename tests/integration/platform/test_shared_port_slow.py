"""One port, several workers: who is slow, silent or hung keeps nobody else waiting; and the end."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.platform.processes.connections import MOST_WAITING
from services.platform.processes.threads import READS_AT_ONCE
from tests.support.serving import Served, ask, everything_from, serving
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.enable_socket

_MANY = 500
_ALL_THREADS = 40


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_stopping_answers_what_was_asked_and_then_ends(
    tmp_path: Path, asked: signal.Signals
) -> None:
    """The signal comes to the whole group; nobody is let in after it."""
    with serving(tmp_path / "marks") as served:
        idle, busy = served.connection(), [served.connection() for _ in range(4)]
        workers = served.workers()
        ask(idle, "/who")
        for number, one in enumerate(busy):
            one.request("GET", f"/when-there-is/end{number}")
        assert eventually(lambda: all(served.is_begun(f"end{n}") for n in range(len(busy))))

        served.stop(asked)
        assert eventually(lambda: _refuses(served))
        for number in range(len(busy)):
            served.let_go(f"end{number}")

        assert {int(one.getresponse().read()) for one in busy} == workers
        assert served.process.wait(GENEROUS) == 1  # the program prints which signal it was
        assert idle.sock.recv(1) == b""


def test_what_takes_longer_than_stopping_may_is_cut_off(tmp_path: Path) -> None:
    """A request that never ends does not keep the process from it."""
    with serving(tmp_path / "marks", "--seconds-to-finish", "0.5") as served:
        busy = served.connection()
        busy.request("GET", "/when-there-is/never")
        assert eventually(lambda: served.is_begun("never"))

        served.stop()

        assert served.process.wait(GENEROUS) == 1
        with pytest.raises(ConnectionError):
            busy.getresponse()


def test_a_worker_that_is_asked_to_leave_finishes_and_is_replaced(tmp_path: Path) -> None:
    """SIGTERM to it alone."""
    with serving(tmp_path / "marks") as served:
        busy = served.connection()
        busy.request("GET", "/when-there-is/end")
        assert eventually(lambda: served.is_begun("end"))
        owner = served.owner_of(busy)

        os.kill(owner, signal.SIGTERM)
        assert eventually(lambda: len(served.workers() - {owner}) == 2)
        others = {int(served.ask_once("/who")) for _ in range(6)}
        served.let_go("end")

        assert owner not in others
        assert busy.getresponse().read() == str(owner).encode()
        assert eventually(lambda: owner not in served.workers())


def test_a_worker_that_hangs_at_its_start_stops_nobody(tmp_path: Path) -> None:
    """The port opens without it, and it is given nothing."""
    with serving(tmp_path / "marks", "--first-hangs") as served:
        answered = {served.ask_once("/who") for _ in range(6)}

        assert len(answered) == 1
        assert len(served.workers()) == 2


def test_many_connections_that_say_nothing_starve_nobody(tmp_path: Path) -> None:
    """Neither as many as a client may have, nor more than workers keep: the oldest go first."""
    with serving(tmp_path / "marks") as served:
        silent = [served.raw() for _ in range(_MANY)]
        half = b"GET /who HTTP/1.1\r\nHost: a\r\n"
        for one in silent[::2]:
            one.sendall(half)
        assert served.ask_once("/who")

        silent += [served.raw() for _ in range(2 * MOST_WAITING)]

        assert served.ask_once("/who")
        assert eventually(lambda: _ended(silent[0]))
        assert not _ended(silent[-1])
        for one in silent:
            one.close()


@pytest.fixture(scope="module")
def one_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a single worker for tests that leave it as it was."""
    with serving(tmp_path_factory.mktemp("served") / "marks", "--workers", "1") as running:
        yield running


def test_a_request_that_is_begun_and_not_gone_on_with_is_let_go_of(one_worker: Served) -> None:
    """Its head has twenty seconds, in whatever pieces."""
    with one_worker.raw() as raw:
        raw.sendall(b"GET /who HTTP/1.1\r\nHos")

        assert everything_from(raw) == b""


def test_reads_never_wait_for_what_is_slow(one_worker: Served) -> None:
    """All threads of the large pool wait for something; a family is read all the same."""
    waiting = [one_worker.connection() for _ in range(_ALL_THREADS)]
    names = [f"slow{number}" for number in range(_ALL_THREADS)]
    for one, name in zip(waiting, names, strict=True):
        one.request("GET", f"/when-there-is/{name}")
    assert eventually(lambda: all(map(one_worker.is_begun, names)))

    assert one_worker.ask_once("/read")

    for name in names:
        one_worker.let_go(name)
    assert len({one.getresponse().read() for one in waiting}) == 1


def test_reads_take_turns_and_stop_nothing_else(one_worker: Served) -> None:
    """At most so many at once: one more waits until a thread of theirs is free."""
    reading = [one_worker.connection() for _ in range(READS_AT_ONCE + 1)]
    names = [f"read{number}" for number in range(len(reading))]
    for one, name in zip(reading, names, strict=True):
        one.request("GET", f"/read/when-there-is/{name}")
    assert eventually(lambda: sum(map(one_worker.is_begun, names)) == READS_AT_ONCE)

    assert one_worker.ask_once("/who")
    assert sum(map(one_worker.is_begun, names)) == READS_AT_ONCE
    for name in names:
        one_worker.let_go(name)

    assert len({one.getresponse().read() for one in reading}) == 1


def test_a_process_with_threads_is_not_forked(tmp_path: Path) -> None:
    """A lock that one of them held would stay locked in the worker."""
    with serving(tmp_path / "marks", "--with-a-thread") as served:
        assert served.process.wait(GENEROUS) == 1
        assert _refuses(served)


def _refuses(served: Served) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", served.port)) != 0


def _ended(raw: socket.socket) -> bool:
    raw.setblocking(False)
    try:
        return raw.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
