"""Asking a provider over HTTPS: little patience, small answers, and nobody but whom we meant.

By `http.client`, which follows no redirect, unpacks nothing and takes no proxy from the
environment; certificates are checked against those of the system (`SSL_CERT_FILE`).
"""

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import Event, Lock, Timer
from typing import Final
from urllib.parse import urlsplit

from services.people.signing_in.ports import ProviderRefusal
from services.platform.errors import ServiceError

_MOST_BYTES: Final = 256 * 1024
_SECONDS_TO_CONNECT: Final = 2.0
_SECONDS_IDLE: Final = 20.0
_MOST_IDLE: Final = 4
_HTTPS_PORT, _HTTP_PORT = 443, 80
_NOT_PACKED: Final = frozenset({"", "identity"})

Monotonic = Callable[[], float]


class AskingError(ServiceError):
    """A provider gave no answer that can be used; `why` is a code of ours for the log."""

    def __init__(self, refusal: ProviderRefusal, why: str) -> None:
        super().__init__(f"{refusal.value}: {why}")
        self.refusal = refusal
        self.why = why


@dataclass(frozen=True, slots=True, repr=False)
class HttpQuestion:
    """What is asked: a form to send makes it a POST."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HttpAnswer:
    """What came back, whole; a redirect is an answer like another."""

    status: int
    content: bytes


@dataclass(frozen=True, slots=True)
class _Server:
    scheme: str
    host: str
    port: int


class Fetcher:
    """Asks, for as long as it may take in all, and keeps connections for the next question.

    A machine inside (an address that is not the internet's) is asked only where the settings name
    its host: `inside` are the hosts of the settings. Safe to use from several threads.
    """

    def __init__(self, *, inside: frozenset[str], monotonic: Monotonic = time.monotonic) -> None:
        self._inside = inside
        self._monotonic = monotonic
        self._idle: dict[_Server, list[tuple[float, HTTPConnection]]] = {}
        self._lock = Lock()

    def ask(self, question: HttpQuestion, *, seconds: float) -> HttpAnswer:
        """Raises AskingError if nobody answers in time, or with more than may be read.

        What is posted is posted once, over a connection that is new: nobody can tell whether the
        other side took it before an old one broke.
        """
        over = time.monotonic() + seconds
        place = _place_of(question.url)
        kept = self._take(place) if question.form is None else None
        if kept is not None:
            with suppress(_BrokenError):
                return self._converse(kept, place, question, over)
        try:
            return self._converse(self._connected(place, over), place, question, over)
        except _BrokenError as error:
            raise AskingError(ProviderRefusal.AWAY, error.why) from None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def close(self) -> None:
        """Let go of every connection that is kept."""
        with self._lock:
            kept = [one for several in self._idle.values() for _, one in several]
            self._idle.clear()
        for one in kept:
            one.close()

    def _converse(
        self, connection: HTTPConnection, place: _Server, question: HttpQuestion, over: float
    ) -> HttpAnswer:
        is_kept = False
        try:
            with _ending(connection.sock, over) as is_over:
                answer, is_kept = _exchange(connection, question)
                if is_over.is_set():
                    raise _BrokenError("too-slow")
        except (OSError, HTTPException, ValueError) as error:
            raise _BrokenError(_named(error, over)) from None
        finally:
            if is_kept:
                self._keep(place, connection)
            else:
                connection.close()
        return answer

    def _connected(self, place: _Server, over: float) -> HTTPConnection:
        """A connection over which nothing was said yet, for TLS with its certificate checked."""
        try:
            plain = self._socket_to(place, over)
        except (OSError, UnicodeError) as error:
            raise _BrokenError(_named(error, over)) from None
        if place.scheme == "http":
            connection = HTTPConnection(place.host, place.port)
            connection.sock = plain
            return connection
        connection = HTTPSConnection(place.host, place.port, context=self._tls)
        try:
            secured = self._tls.wrap_socket(
                plain, server_hostname=place.host, do_handshake_on_connect=False
            )
            connection.sock = secured
            with _ending(secured, over):
                secured.do_handshake()
        except (OSError, ValueError) as error:
            plain.close()
            connection.close()
            raise _BrokenError(_named(error, over)) from None
        return connection

    def _socket_to(self, place: _Server, over: float) -> socket.socket:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        last: OSError = OSError("no address")
        for family, kind, protocol, _, address in found:
            if place.host not in self._inside and not ip_address(address[0]).is_global:
                raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "address-inside")
            left = min(_SECONDS_TO_CONNECT, over - time.monotonic())
            if left <= 0:
                raise TimeoutError
            one = socket.socket(family, kind, protocol)
            one.settimeout(left)
            try:
                one.connect(address)
            except OSError as error:
                one.close()
                last = error
                continue
            return one
        raise last

    def _take(self, place: _Server) -> HTTPConnection | None:
        while True:
            with self._lock:
                several = self._idle.get(place)
                if not several:
                    return None
                since, connection = several.pop()
            if self._monotonic() - since < _SECONDS_IDLE and _is_quiet(connection):
                return connection
            connection.close()

    def _keep(self, place: _Server, connection: HTTPConnection) -> None:
        with self._lock:
            several = self._idle.setdefault(place, [])
            if len(several) < _MOST_IDLE:
                several.append((self._monotonic(), connection))
                return
        connection.close()


class _BrokenError(Exception):
    """No answer came; `why` is the kind of error, for an answer would say more than may be told."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _named(error: Exception, over: float) -> str:
    return "too-slow" if time.monotonic() >= over else type(error).__name__


@contextmanager
def _ending(sock: socket.socket, over: float) -> Iterator[Event]:
    """End the connection when the time is over, however slowly the other side goes on talking.

    A socket's own time-out begins anew with every byte. Shut down as what it is below TLS, whose
    state belongs to the thread that reads.
    """
    left = max(over - time.monotonic(), 0.001)
    sock.settimeout(left)
    is_over = Event()

    def end() -> None:
        is_over.set()
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = Timer(left, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()


def _exchange(connection: HTTPConnection, question: HttpQuestion) -> tuple[HttpAnswer, bool]:
    """One question and its answer, and whether the connection is good for another."""
    headers = {"Accept": "application/json", "User-Agent": "tell-once", **question.headers}
    body = None if question.form is None else question.form.encode("ascii")
    parts = urlsplit(question.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET" if body is None else "POST", target, body, headers)
    with connection.getresponse() as response:
        if (response.getheader("Content-Encoding") or "").lower() not in _NOT_PACKED:
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "answer-packed")
        content = response.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "answer-too-large")
        if response.length:
            raise _BrokenError("answer-cut-off")
        is_read = response.isclosed()
    return HttpAnswer(response.status, content), is_read and not response.will_close


def _is_quiet(connection: HTTPConnection) -> bool:
    """Whether the other side neither hung up nor said anything that was not asked."""
    poller = select.poll()
    poller.register(connection.sock, select.POLLIN)
    return not poller.poll(0)


def _place_of(url: str) -> _Server:
    parts = urlsplit(url)
    port = parts.port or (_HTTPS_PORT if parts.scheme == "https" else _HTTP_PORT)
    return _Server(parts.scheme, parts.hostname or "", port)
