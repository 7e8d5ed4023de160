"""The client of benches over HTTP: what it takes for an answer, and from when it counts."""

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from deploy.bench import beside_hapi
from deploy.bench.invented.fhir_families import RESOURCES, bundles
from deploy.bench.over_http.client import Plan, fault_in, run
from deploy.bench.over_http.cpu import Clock, cpu_of_trees
from deploy.bench.over_http.loading import Loaded, figures_of, percentile
from services.platform.settings import Settings

pytestmark = pytest.mark.enable_socket

_SLOW = 0.05


class _Server(BaseHTTPRequestHandler):
    """Answers as it is asked to: whole, in chunks, zipped, slowly; and as HAPI does."""

    protocol_version = "HTTP/1.1"
    taken: list[str]

    def do_GET(self) -> None:
        """Answer with the path, so that whom was asked stands in it."""
        if self.path.startswith("/slow"):
            time.sleep(_SLOW)
        body = f'{"x" * 5000} {self.path} "{self.path.partition("/fhir/")[2].split("/$")[0]}"'
        content = body.encode()
        self.send_response(404 if "missing" in self.path else 200)
        if "zipped" in self.path:
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        if "chunks" in self.path:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (content[:20], content[20:]):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        """Take a transaction."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@contextmanager
def _served() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _plan(port: int, *paths: str, clients: int = 1, **more: Any) -> Plan:
    targets = [(path, f"{path} ") for path in paths]
    return Plan("127.0.0.1", port, {"Accept": "text/html"}, targets, clients, 5.0, 1, **more)


@pytest.mark.parametrize("path", ["/whole", "/chunks", "/zipped", "/zipped-chunks"])
def test_an_answer_is_read_to_its_end_however_it_comes(path: str):
    """Ten by two clients, each with the text of whom was asked; bytes are counted."""
    with _served() as port:
        found = run(_plan(port, path, clients=2, reads=10))

    assert (len(found["milliseconds"]), found["faults"]) == (10, {})
    assert found["bytes"] > 10 * 40


def test_what_is_not_as_it_should_be_is_counted_and_not_timed():
    """Another status; and nobody's answer is another's."""
    with _served() as port:
        found = run(_plan(port, "/missing", reads=3))

    assert (found["milliseconds"], found["faults"]) == ([], {"status 404": 3})
    assert fault_in(b"HTTP/1.1 200 OK\r\n\r\nabc", b"abd") is not None
    assert fault_in(b"HTTP/1.1 200 OK\r\nX: abd\r\n\r\nabc", b"abd") is not None
    assert fault_in(b"HTTP/1.1 200 OK\r\n\r\nabd", b"abd") is None


def test_an_open_loop_counts_the_wait_of_whoever_could_not_be_sent():
    """One connection, a slow server, and requests due ten times as often as it answers."""
    with _served() as port:
        open_loop = run(_plan(port, "/slow", reads=8, rate=10 / _SLOW))
        closed = run(_plan(port, "/slow", reads=8))

    assert len(open_loop["milliseconds"]) == len(closed["milliseconds"]) == 8
    assert max(open_loop["milliseconds"]) > 4 * _SLOW * 1e3
    assert min(closed["milliseconds"]) >= _SLOW * 1e3


def test_figures_are_medians_over_rounds_and_percentiles_by_nearest_rank():
    """CPU is told for an answer, of the client apart from all others."""
    used, clock = {"portal": 0.008, "client": 0.004}, Clock(20.0, 9.0)
    rounds = [Loaded([1.0, 2.0, 3.0, 4.0], second, 400, used, clock) for second in (1.0, 2.0, 4.0)]

    found = figures_of("2 clients", rounds)

    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert found["2 clients: answers a second"]["value"] == 2.0
    assert found["2 clients: answers a second, best"]["value"] == 4.0
    assert found["2 clients: p99"]["value"] == 4.0
    assert found["2 clients: CPU of all but the client"] == {"value": 2.0, "unit": "ms an answer"}


def test_cpu_of_a_tree_has_what_ended_in_it():
    """Of this very process there is some."""
    import os  # noqa: PLC0415 only here

    assert cpu_of_trees({"tests": os.getpid()})()["tests"] > 0


def test_hapi_is_measured_while_it_is_up_and_its_figures_are_kept(tmp_path: Any):
    """With and without its cache; families are brought to it, of forty-three resources each."""
    with _served() as port:
        beside = beside_hapi.Beside(
            f"http://127.0.0.1:{port}/fhir",
            tmp_path / "kept.json",
            families=2,
            clients=1,
            seconds=0.05,
            rounds=1,
        )
        document = beside_hapi.bench_beside_hapi(Settings(), beside)
        beside_hapi.load_families(beside.address._replace(path="/missing"), [1, 2])

    assert document.keys() == {"name", "conditions", "figures", "baselines", "ratios"}
    assert document["baselines"][f"{beside_hapi.NO_CACHE}: p50"]["unit"] == "ms"
    assert beside.keep.exists()
    assert not beside_hapi.is_up(beside.address)
    assert [len(bundle["entry"]) for bundle in bundles([1, 2])] == [RESOURCES, RESOURCES]
