"""A port of their own for metrics and health, read by whoever looks after the service.

It is served by a thread beside a loop. Nothing is taken in but the path, nothing is told but codes
and numbers, and a client that stalls is let go of.
"""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

_STALLED_SECONDS: Final = 10.0
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
METRICS_PATH, LIVE_PATH, READY_PATH = "/metrics", "/health/live", "/health/ready"


@dataclass(frozen=True, slots=True)
class PortAnswer:
    """What is answered."""

    status: int
    content: bytes
    media_type: str = "application/json"


Tells = Mapping[str, Callable[[], PortAnswer]]
"""By path."""


def told_lacking(lacking: Sequence[str]) -> PortAnswer:
    """200 where nothing is, else 503 with codes for what."""
    content = json.dumps({"ok": not lacking, "lacking": list(lacking)})
    return PortAnswer(503 if lacking else 200, content.encode())


def told_metrics(registry: CollectorRegistry) -> PortAnswer:
    """All of them, as Prometheus reads them."""
    return PortAnswer(200, generate_latest(registry), _TEXT)


class _PortServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 16

    def __init__(self, address: tuple[str, int], tells: Tells, tls: ssl.SSLContext | None) -> None:
        self.tells = tells
        super().__init__(address, _Handler)
        if tls is not None:  # hands are shaken in the client's own thread, with its patience
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: _PortServer
    timeout = _STALLED_SECONDS
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer what is known."""
        self._answer(has_body=True)

    def do_HEAD(self) -> None:
        """The same without the content."""
        self._answer(has_body=False)

    def _answer(self, *, has_body: bool) -> None:
        tell = self.server.tells.get(self.path)
        told = PortAnswer(404, b"{}") if tell is None else tell()
        self.send_response(told.status)
        self.send_header("Content-Type", told.media_type)
        self.send_header("Content-Length", str(len(told.content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if has_body:
            self.wfile.write(told.content)

    def version_string(self) -> str:
        """No program is named."""
        return "tell-once"

    def log_message(self, *_: object) -> None:
        """No line for each scrape."""


def bound(
    address: str, port: int, tells: Tells, tls: ssl.SSLContext | None = None
) -> ThreadingHTTPServer:
    """A server that listens, for `serve_forever`. Raises OSError where another one has the port."""
    return _PortServer((address, port), tells, tls)


@contextmanager
def served(
    address: str, port: int, tells: Tells, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Serve beside the block; gives the port. Raises OSError where another one has it."""
    server = bound(address, port, tells, tls)
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
