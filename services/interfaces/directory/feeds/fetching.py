"""Fetching a feed from where a stranger's address leads: one host, looked up once, and no further.

(1) https only, and no name or password in the address.
(2) The host is looked up once; every address that it has must be one of the open internet. The
    connection goes to the address that was looked at: a name that means another address a moment
    later reaches nothing (DNS rebinding).
(3) A redirection is not followed.
(4) A reading may take so many bytes and seconds in all, whatever the number of pages.

Feeds that lie in a council's own network are named in a setting, with host and port; only those may
be private, and only those may speak plain http.
"""

import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self
from urllib.parse import SplitResult, urlsplit

from services.platform.errors import ServiceError

MOST_BYTES: Final = 200 * 1024 * 1024
MOST_SECONDS: Final = 600.0
_PATIENCE: Final = 30.0
_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "tell-once-directory",
}
_PIECE: Final = 64 * 1024
_NAT64: Final = ipaddress.ip_network("64:ff9b::/32")
_6TO4: Final = ipaddress.ip_network("2002::/16")
_OK, _NOT_MODIFIED, _REDIRECTED = 200, 304, range(300, 400)
_CLOSED: Final = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)
_GONE: Final = frozenset({404, 410})


class FeedFailure(StrEnum):
    """Why a feed was not read."""

    ADDRESS = "address-not-allowed"
    NOT_FOUND = "host-not-found"
    NO_ANSWER = "no-answer"
    TOO_SLOW = "too-slow"
    TOO_LARGE = "too-large"
    REDIRECTED = "redirected"
    GONE = "gone"
    REFUSED = "refused"
    NOT_A_FEED = "not-a-feed"


class FeedUnreadableError(ServiceError):
    """A feed could not be read; what was there before stays."""

    def __init__(self, failure: FeedFailure) -> None:
        super().__init__(f"the feed could not be read: {failure}")
        self.failure = failure


Look = Callable[[str, int], Collection[str]]
"""The addresses of a host, as the system tells them."""


def look_up(host: str, port: int) -> Collection[str]:
    """Every address of a host. Raises FeedUnreadableError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FeedUnreadableError(FeedFailure.NOT_FOUND) from None
    return [str(address[4][0]) for address in found]


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one reading of a feed may take in all."""

    bytes: int = MOST_BYTES
    seconds: float = MOST_SECONDS
    patience: float = _PATIENCE
    """Seconds without a byte."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document, and the tag under which the server knows it; `None` where it has not changed."""

    document: Any
    tag: str | None


@dataclass(slots=True)
class Fetching:
    """One reading of one feed: a connection, and what it has taken. Use it as a context."""

    url: str
    private: frozenset[str] = frozenset()
    limits: FetchLimits = field(default_factory=FetchLimits)
    look: Look = look_up
    _parts: SplitResult = field(init=False)
    _address: str = field(init=False)
    _ends: float = field(init=False)
    _taken: int = field(init=False, default=0)
    _connection: http.client.HTTPConnection | None = field(init=False, default=None)
    _alarm: threading.Timer | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Look at the address, and at where it leads. Raises FeedUnreadableError."""
        self._ends = time.monotonic() + self.limits.seconds
        self._parts = require_address(self.url, self.private)
        found = self.look(self._host, self._port)
        if not found or not (self._is_named or all(map(is_open_internet, found))):
            raise FeedUnreadableError(FeedFailure.ADDRESS)
        self._address = next(iter(found))

    def __enter__(self) -> Self:
        """Begin; at the end of the time whatever is waited for ends, also a head without end."""
        self._alarm = threading.Timer(self.limits.seconds, self._cut)
        self._alarm.daemon = True
        self._alarm.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the connection."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._close()

    def get(self, path: str, tag: str | None = None) -> Fetched:
        """The JSON under the feed's address. Raises FeedUnreadableError.

        Where the server closed the connection meanwhile it is opened anew, once, to the same
        address.
        """
        is_new = self._connection is None
        try:
            return self._get(path, tag)
        except TimeoutError:
            raise FeedUnreadableError(FeedFailure.TOO_SLOW) from None
        except (OSError, http.client.HTTPException) as error:
            self._close()
            self._wait_no_longer()
            if is_new or not isinstance(error, _CLOSED):
                raise FeedUnreadableError(FeedFailure.NO_ANSWER) from None
        return self.get(path, tag)

    @property
    def _host(self) -> str:
        return self._parts.hostname or ""

    @property
    def _port(self) -> int:
        return self._parts.port or (443 if self._parts.scheme == "https" else 80)

    @property
    def _is_named(self) -> bool:
        return f"{self._host}:{self._port}" in self.private

    def _get(self, path: str, tag: str | None) -> Fetched:
        connection = self._connected()
        headers = dict(_HEADERS)
        if tag is not None:
            headers["If-None-Match"] = tag
        connection.request("GET", self._parts.path.rstrip("/") + path, headers=headers)
        response = connection.getresponse()
        content = self._content(response)
        self._wait_no_longer()  # what was cut off is no answer
        if response.status == _NOT_MODIFIED and tag is not None:
            return Fetched(None, tag)
        _require_ok(response)
        try:
            # Not orjson: it refuses all of a page for one letter, which is one service's to answer.
            return Fetched(json.loads(content), response.getheader("ETag"))
        except (ValueError, RecursionError):
            raise FeedUnreadableError(FeedFailure.NOT_A_FEED) from None

    def _content(self, response: http.client.HTTPResponse) -> bytes:
        """All of it, piece by piece, so that whoever sends a letter a minute is left too."""
        pieces = []
        while piece := response.read1(_PIECE):
            pieces.append(piece)
            self._taken += len(piece)
            if self._taken > self.limits.bytes:
                raise FeedUnreadableError(FeedFailure.TOO_LARGE)
            self._wait_no_longer()
        response.close()  # all of it is read: the connection may be asked again
        return b"".join(pieces)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = self._open()
        self._wait_no_longer()
        return self._connection

    def _open(self) -> http.client.HTTPConnection:
        """A connection to the address that was looked at, in the name of the host."""
        plain = socket.create_connection((self._address, self._port), self._seconds())
        if self._parts.scheme == "https":
            try:
                context = ssl.create_default_context()
                plain = context.wrap_socket(plain, server_hostname=self._host)
            except OSError:
                plain.close()
                raise
        connection = http.client.HTTPConnection(self._host, self._port)
        connection.sock = plain
        connection.auto_open = 0
        return connection

    def _seconds(self) -> float:
        """How long to wait for the next byte."""
        return min(self.limits.patience, max(0.01, self._ends - time.monotonic()))

    def _wait_no_longer(self) -> None:
        if time.monotonic() > self._ends:
            raise FeedUnreadableError(FeedFailure.TOO_SLOW)
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.settimeout(self._seconds())

    def _cut(self) -> None:
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def require_address(url: str, private: Collection[str] = ()) -> SplitResult:
    """The parts of an address that may be asked. Raises FeedUnreadableError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FeedUnreadableError(FeedFailure.ADDRESS) from None
    is_named = f"{parts.hostname}:{port}" in private
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_named)
    is_plain = "@" not in parts.netloc and not parts.query and not parts.fragment
    is_one = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not (is_safe and is_plain and is_one and parts.hostname):
        raise FeedUnreadableError(FeedFailure.ADDRESS)
    return parts


def is_open_internet(address: str) -> bool:
    """Whether it is an address that anybody could reach, and none of ours or of this machine."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return is_open_internet(str(known.ipv4_mapped))
        if known in _NAT64 or known in _6TO4 or known.teredo is not None:
            return False  # an address of version 4 is inside, and could be any
    return known.is_global and not known.is_multicast and not known.is_reserved


def named_hosts(setting: str) -> frozenset[str]:
    """The hosts and ports that a setting names, with spaces between them."""
    return frozenset(setting.split())


def _require_ok(response: http.client.HTTPResponse) -> None:
    if response.status == _OK and not response.getheader("Content-Encoding"):
        return
    if response.status in _REDIRECTED:
        raise FeedUnreadableError(FeedFailure.REDIRECTED)
    if response.status in _GONE:
        raise FeedUnreadableError(FeedFailure.GONE)
    raise FeedUnreadableError(FeedFailure.REFUSED)
