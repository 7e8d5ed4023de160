"""Serves an application on a port, by an acceptor and workers, until stopped."""

import signal
import socket
import ssl
import sys
from collections.abc import Callable
from typing import Final, Literal

import structlog
from starlette.types import ASGIApp

from services.platform.logging import LogEvent
from services.platform.loops import leave_what_is_loaded
from services.platform.processes.acceptor import Acceptor
from services.platform.processes.connections import serving_config
from services.platform.processes.worker import serve_passed

Listen = Literal["loopback", "all"]
"""Whom a port answers: this machine, or whoever reaches it, such as a proxy in a network."""
ADDRESSES: Final[dict[Listen, str]] = {"loopback": "127.0.0.1", "all": "0.0.0.0"}  # noqa: S104
_CANNOT_START = 3


def serve_port(
    app: ASGIApp,
    *,
    port: int,
    workers: int,
    disconnect: Callable[[], None],
    listen: Listen = "loopback",
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve until stopped; a process that SIGTERM ends is ended by it.

    Everything is to be imported and made by now: it is frozen here, once, so that workers share
    it. `disconnect` closes every connection to other servers: before the fork, as no two processes
    may speak over one, and at the end of each worker. Ends the process (SystemExit) when another
    one has the port.
    """
    listening = _bound(ADDRESSES[listen], port)
    serve = serve_passed(serving_config(app), end=disconnect, tls=tls)
    acceptor = Acceptor(listening, serve, workers=workers, died=_log_death)
    disconnect()
    leave_what_is_loaded()
    ended_by = acceptor.run()
    if ended_by is signal.SIGTERM:
        signal.signal(ended_by, signal.SIG_DFL)
        signal.raise_signal(ended_by)


def _bound(address: str, port: int) -> socket.socket:
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
    except OSError as error:
        sys.stderr.write(f"tell-once: port {port} of this machine: {error.strerror}\n")
        sys.exit(_CANNOT_START)
    return listening


def _log_death(exit_code: int) -> None:
    structlog.get_logger().warning(LogEvent.PROCESS_DIED, child="worker", exit_code=exit_code)
