"""A load client that costs little: a process of its own, one thread, sockets that never block.

`python -m deploy.bench.over_http.client` takes a plan as JSON on standard input and prints what
came of it as JSON. It imports nothing but the standard library, so that it starts at once. Of an
answer it reads status, length and whether the one text is in it that only the right body has.

Closed loop: each connection asks again as soon as it has been answered. Open loop: requests are
due at moments that a seed gives (as a Poisson process does), whether or not earlier ones were
answered; each is timed from the moment at which it was due, so that no wait is left out.
"""

import json
import random
import selectors
import socket
import sys
import time
import zlib
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_READ = 1 << 18
_GZIP_WINDOW = 31
_LOOK_AT_ONCE = 1 << 14
_LONGEST_ANSWER = 120.0
_OK = b"200"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask of whom, how; with a `rate` the loop is open, without one it is closed.

    `targets` are paths, each with a text that has to be in its answer. At most `reads` are asked
    where that is not 0, and none after `seconds`. `cookies` are of those who ask, each as often.
    With `each_once` every target is asked for once, in order, and nothing after that.
    """

    host: str
    port: int
    headers: Mapping[str, str]
    targets: Sequence[tuple[str, str]]
    clients: int
    seconds: float
    seed: int
    rate: float | None = None
    reads: int = 0
    cookies: Sequence[str] = ()
    each_once: bool = False

    def requests(self) -> Iterator[tuple[bytes, bytes]]:
        """What to send, and what has to come, in an order that the seed gives; without end."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        where = f"Host: {self.host}:{self.port}\r\n{lines}"
        ready = [
            (
                f"GET {path} HTTP/1.1\r\n{where}{own}\r\n".encode(),
                expected.encode(),
            )
            for path, expected in self.targets
            for own in [f"Cookie: {one}\r\n" for one in self.cookies] or [""]
        ]
        if self.each_once:
            yield from ready
            return
        chosen = random.Random(self.seed)
        number = 0
        while not self.reads or number < self.reads:
            yield chosen.choice(ready)
            number += 1


@dataclass(slots=True)
class Answers:
    """What came: milliseconds of each right answer, how many bytes, what was wrong how often."""

    milliseconds: list[float] = field(default_factory=list)
    bytes: int = 0
    faults: Counter[str] = field(default_factory=Counter)


class _BrokenError(Exception):
    """The other side closed the connection."""


class _Connection:
    """One connection, and the request that it waits for."""

    __slots__ = ("_plan", "due", "expected", "got", "length", "request", "socket", "was_used")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.request = self.expected = b""
        self.due = 0.0
        self.was_used = False
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection((self._plan.host, self._plan.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.was_used = False

    def ask(self, request: bytes, expected: bytes, due: float) -> None:
        """Send it; it is small enough to go at once."""
        self.request, self.expected, self.due = request, expected, due
        self.got, self.length = bytearray(), -1
        self.socket.sendall(request)

    def ask_again(self) -> None:
        """Send it over a new connection; a kept one may have been closed as it was sent."""
        self.socket.close()
        self._open()
        self.ask(self.request, self.expected, self.due)

    def take(self) -> bool:
        """Take what has come; true when that is all of the answer. Raises _BrokenError."""
        came = self.socket.recv(_READ)
        if not came:
            raise _BrokenError
        self.got += came
        if self.length < 0:
            self.length = _length_of(self.got)
        if self.length > 0:
            return len(self.got) >= self.length
        return self.length == 0 and self.got.endswith(b"0\r\n\r\n")


def _length_of(got: bytearray) -> int:
    """Bytes of the whole answer; 0 where it comes in chunks, -1 while nobody can tell."""
    end = got.find(b"\r\n\r\n")
    if end < 0:
        return -1
    head = bytes(got[:end]).lower()
    if b"transfer-encoding: chunked" in head:
        return 0
    _, found, rest = head.partition(b"content-length:")
    return end + 4 + (int(rest.split(b"\r\n", 1)[0]) if found else 0)


def fault_in(answer: bytes | bytearray, expected: bytes) -> str | None:
    """What is wrong with a whole answer, or None."""
    if answer[9:12] != _OK:
        return f"status {answer[9:12].decode('latin-1')}"
    end = answer.find(b"\r\n\r\n")
    head, body = bytes(answer[:end]).lower(), memoryview(answer)[end + 4 :]
    if b"content-encoding: gzip" in head:
        is_right = _in_zipped(bytes(body), expected, b"chunked" in head)
    else:
        is_right = answer.find(expected, end) >= 0
    return None if is_right else "a body that is not of whom was asked"


def _in_zipped(body: bytes, expected: bytes, is_chunked: bool) -> bool:  # noqa: FBT001
    """Whether the text is in it; no more is opened than it takes to find it."""
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    plain, rest = b"", b"".join(_chunks(body)) if is_chunked else body
    while rest and not inflater.eof:
        plain = plain[-len(expected) :] + inflater.decompress(rest, _LOOK_AT_ONCE)
        if expected in plain:
            return True
        rest = inflater.unconsumed_tail
    return False


def _chunks(body: bytes) -> Iterator[bytes]:
    place = 0
    while (end := body.find(b"\r\n", place)) > 0 and (size := int(body[place:end], 16)):
        yield body[end + 2 : end + 2 + size]
        place = end + 4 + size


class _Loop:
    """All connections of one run, looked after by one thread."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._requests = plan.requests()
        self._selector = selectors.SelectSelector()  # the one whose waits end on the microsecond
        self._idle: list[_Connection] = []
        self._busy = 0
        self.answers = Answers()

    def closed(self, until: float) -> None:
        """Each connection asks, is answered, asks again."""
        for _ in range(self._plan.clients):
            connection = self._connection()
            self._idle.append(connection)
        while self._idle and self._ask(time.perf_counter()):
            pass
        while self._busy:
            self._wait(None)
            while self._idle and time.perf_counter() < until and self._ask(time.perf_counter()):
                pass

    def open(self, began: float, until: float, rate: float) -> None:
        """Requests go when they are due, or as soon as a connection is free for them."""
        chosen = random.Random(self._plan.seed + 1)
        due = began + chosen.expovariate(rate)
        waiting: deque[float] = deque()
        more = True
        while more or self._busy or waiting:
            now = time.perf_counter()
            while more and due <= now:
                waiting.append(due)
                due += chosen.expovariate(rate)
                more = due < until
            while waiting and self._has_room() and self._ask(waiting[0]):
                waiting.popleft()
            if waiting and not self._busy:
                break  # as many as were asked for have been sent
            if self._busy or more:
                self._wait(max(0.0, due - time.perf_counter()) if more else None)

    def close(self) -> None:
        """Let go of the connections."""
        for connection in self._idle:
            connection.socket.close()
        self._selector.close()

    def _has_room(self) -> bool:
        if not self._idle and self._busy < self._plan.clients:
            self._idle.append(self._connection())
        return bool(self._idle)

    def _connection(self) -> _Connection:
        connection = _Connection(self._plan)
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        return connection

    def _ask(self, due: float) -> bool:
        """Send the next by a free connection; false when there is no next."""
        found = next(self._requests, None)
        if found is None:
            return False
        self._idle.pop().ask(*found, due)
        self._busy += 1
        return True

    def _wait(self, seconds: float | None) -> None:
        found = self._selector.select(_LONGEST_ANSWER if seconds is None else seconds)
        if not found and seconds is None:
            raise TimeoutError(f"no answer in {_LONGEST_ANSWER:.0f} seconds")
        for key, _ in found:
            self._take(key.data)

    def _take(self, connection: _Connection) -> None:
        if connection in self._idle:  # closed by the other side, as it may be
            self._selector.unregister(connection.socket)
            connection.socket.close()
            self._idle.remove(connection)
            return
        try:
            if not connection.take():
                return
        except (_BrokenError, ConnectionError):
            self._again(connection)
            return
        took = (time.perf_counter() - connection.due) * 1e3
        fault = fault_in(connection.got, connection.expected)
        if fault is None:
            self.answers.milliseconds.append(took)
            self.answers.bytes += len(connection.got)
        else:
            self.answers.faults[fault] += 1
        connection.was_used = True
        self._busy -= 1
        self._idle.append(connection)

    def _again(self, connection: _Connection) -> None:
        """A kept connection that was closed as it was asked; a new one that breaks is a fault."""
        self._selector.unregister(connection.socket)
        if connection.was_used and not connection.got:
            connection.ask_again()
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
            return
        connection.socket.close()
        self._busy -= 1
        self.answers.faults["a connection that broke"] += 1


def run(plan: Plan) -> dict[str, Any]:
    """Do it, and give what came of it, with the CPU and the seconds that it took."""
    loop = _Loop(plan)
    used, began = time.process_time(), time.perf_counter()
    if plan.rate is None:
        loop.closed(began + plan.seconds)
    else:
        loop.open(began, began + plan.seconds, plan.rate)
    seconds = time.perf_counter() - began
    loop.close()
    found = loop.answers
    return {
        "seconds": seconds,
        "cpu": time.process_time() - used,
        "milliseconds": [round(one, 3) for one in found.milliseconds],
        "bytes": found.bytes,
        "faults": dict(found.faults),
    }


def main() -> int:
    """The plan in, what came of it out."""
    told = json.load(sys.stdin)
    json.dump(run(Plan(**told | {"targets": [tuple(one) for one in told["targets"]]})), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
