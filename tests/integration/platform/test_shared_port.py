"""One port, several workers: connections are shared evenly, and a death costs only its own.

Real processes and sockets; what each answers is the process id of the worker that answered.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.serving import Served, ask, everything_from, serving
from tests.support.waiting import eventually

pytestmark = pytest.mark.enable_socket

_A_THOUSAND = 1_000
_MEGABYTES = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give two workers for tests that leave them as they were."""
    with serving(tmp_path_factory.mktemp("served") / "marks") as running:
        assert eventually(lambda: len(running.workers()) == 2)
        yield running


@pytest.mark.parametrize(("count", "fewest", "most"), [(8, 4, 4), (64, 30, 34)])
def test_connections_that_are_kept_are_shared_evenly(
    served: Served, count: int, fewest: int, most: int
) -> None:
    """To whoever has the fewest, so that no worker has twice what another has."""
    kept = [served.connection() for _ in range(count)]

    by_worker = Counter(ask(one, "/who") for one in kept)

    assert len(by_worker) == 2
    assert all(fewest <= share <= most for share in by_worker.values())
    for one in kept:
        one.close()


def test_whoever_has_let_go_of_more_is_given_more(served: Served) -> None:
    """What counts is how many are open now, not how many there ever were."""
    kept = [served.connection() for _ in range(8)]
    by_worker = {one: ask(one, "/who") for one in kept}
    chosen = by_worker[kept[0]]
    for one, worker in by_worker.items():
        if worker == chosen:
            one.close()
    assert eventually(lambda: _open_at(int(chosen), served.port) == 0)

    new = [served.connection() for _ in range(4)]

    assert {ask(one, "/who") for one in new} == {chosen}
    for one in [*kept, *new]:
        one.close()


def test_a_thousand_connections_leave_no_descriptor_behind(served: Served) -> None:
    """Neither with the acceptor, which passes them on, nor with those who take them."""
    acceptor = psutil.Process(served.process.pid)
    before = acceptor.num_fds(), served.ask_once("/descriptors")

    for number in range(_A_THOUSAND):
        if number % 4:
            served.raw().close()  # it goes before anything is said
        else:
            served.ask_once("/who")

    assert eventually(lambda: (acceptor.num_fds(), served.ask_once("/descriptors")) == before)


def test_a_large_body_arrives_whole(served: Served) -> None:
    """In as many pieces as it comes."""
    connection = served.connection()

    connection.request("POST", "/length", body=b"x" * _MEGABYTES)

    assert connection.getresponse().read() == str(_MEGABYTES).encode()
    connection.close()


def test_http_1_0_is_answered_and_closed(served: Served) -> None:
    """As by proxies that know no better."""
    with served.raw() as raw:
        raw.sendall(b"GET /seen HTTP/1.0\r\n\r\n")

        answer = everything_from(raw)

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b'"version":"1.0"}')


def test_requests_sent_together_are_answered_in_order(served: Served) -> None:
    """A client may send the next before it has the answer (RFC 9112, section 9.3.2)."""
    with served.raw() as raw:
        raw.sendall(
            b"GET /who HTTP/1.1\r\nHost: a\r\n\r\n"
            b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            b"GET /seen HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )

        answer = everything_from(raw)

    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.index(b"\r\n\r\n3HTTP/1.1") < answer.index(b'"version":"1.1"}')


def test_a_proxy_that_ends_tls_says_who_asks(served: Served) -> None:
    """Of this machine it is believed, as it was before there were workers."""
    connection = served.connection()
    told = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}

    connection.request("GET", "/seen", headers=told)

    assert b'"client":"192.0.2.7","scheme":"https"' in connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /who HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000,
        b"GET /who HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 20_000,
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"never a request\r\n\r\n",
    ],
)
def test_a_head_without_end_or_sense_is_refused(served: Served, head: bytes) -> None:
    """Before it has filled any memory."""
    with served.raw() as raw:
        raw.sendall(head)

        assert raw.recv(65536).startswith(b"HTTP/1.1 400")


def test_a_worker_that_is_killed_costs_its_own_connections_and_no_other(tmp_path: Path) -> None:
    """The other's are answered, and another worker takes its place."""
    with serving(tmp_path / "marks") as served:
        kept = [served.connection() for _ in range(6)]
        by_worker = {one: int(ask(one, "/who")) for one in kept}
        victim = by_worker[kept[0]]
        for number, one in enumerate(kept):
            one.request("GET", f"/when-there-is/end{number % 2}")
        assert eventually(lambda: served.is_begun("end0") and served.is_begun("end1"))

        os.kill(victim, signal.SIGKILL)
        assert served.died() == -signal.SIGKILL
        served.let_go("end0")
        served.let_go("end1")

        for one, worker in by_worker.items():
            if worker == victim:
                with pytest.raises(ConnectionError):
                    one.getresponse()
            else:
                assert one.getresponse().read() == str(worker).encode()
        assert eventually(lambda: len(served.workers()) == 2 and victim not in served.workers())
        assert eventually(lambda: len({served.ask_once("/who") for _ in range(4)}) == 2)


def test_workers_end_with_their_acceptor_however_it_dies(tmp_path: Path) -> None:
    """So that the supervisor finds the port free when it starts it again."""
    with serving(tmp_path / "marks") as served:
        assert eventually(lambda: len(served.workers()) == 2)
        workers = served.workers()

        served.process.kill()

        assert eventually(lambda: not any(psutil.pid_exists(worker) for worker in workers))


def _open_at(worker: int, port: int) -> int:
    of_worker = psutil.Process(worker).net_connections("tcp")
    return sum(bool(one.raddr) and one.laddr.port == port for one in of_worker)
