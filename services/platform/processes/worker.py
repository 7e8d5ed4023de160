"""A worker: takes the connections that the acceptor passes to it, and serves them with uvicorn.

`uvicorn.Server` is not used: it listens itself, and wakes ten times a second to look whether it is
to end. uvicorn's protocol, its limits and its middleware are.
"""

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable

import uvloop
from uvicorn.config import Config

from services.platform.processes.connections import Connections
from services.platform.processes.forked import LEAVING, READY, WorkerEnd
from services.platform.processes.tls import HANDSHAKE_SECONDS

_AT_ONCE = 64


def serve_passed(
    config: Config, *, end: Callable[[], None], tls: ssl.SSLContext | None = None
) -> Callable[[WorkerEnd], None]:
    """What each worker does for `config.app`; `end` lets go of what it opened itself.

    The configuration is loaded before the fork, so that all workers share what it has loaded. With
    `tls` nothing is answered in the clear.
    """

    def serve(acceptor: WorkerEnd) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_Worker(acceptor, config, tls).serve())
        finally:
            end()

    return serve


class _Worker:
    """One worker's loop, from the first connection to the last."""

    def __init__(self, acceptor: WorkerEnd, config: Config, tls: ssl.SSLContext | None) -> None:
        self._acceptor = acceptor
        self._tls = tls
        self._patience = None if tls is None else HANDSHAKE_SECONDS
        self._config = config
        self._connections = Connections(config.encoded_headers, self._closed)
        self._opening: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Take connections until the acceptor passes no more; then answer what is left."""
        loop = asyncio.get_running_loop()
        self._all_passed, self._one_closed = asyncio.Event(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._acceptor.say, LEAVING)
        loop.add_reader(self._acceptor.control, self._take)
        self._acceptor.say(READY)
        await self._all_passed.wait()
        loop.remove_reader(self._acceptor.control)
        await self._finish()

    async def _finish(self) -> None:
        """Whoever waits for us longer than we are given is ended by the acceptor."""
        while self._opening:
            await asyncio.wait(self._opening)
        self._connections.drain()
        while self._connections.connections:
            self._one_closed.clear()
            await self._one_closed.wait()
        while self._connections.tasks:
            await asyncio.wait(self._connections.tasks)

    def _closed(self) -> None:
        self._acceptor.closed()
        self._one_closed.set()

    def _take(self) -> None:
        """Some of what was passed: one byte and one descriptor each."""
        for _ in range(_AT_ONCE):
            try:
                byte, descriptors, _flags, _ = socket.recv_fds(self._acceptor.control, 1, 1)
            except BlockingIOError:
                return
            except OSError:
                byte, descriptors = b"", []
            if not byte:
                self._all_passed.set()
                return
            if not descriptors:  # no descriptor was left for it: the kernel has closed it
                self._acceptor.closed()
            for descriptor in descriptors:
                task = asyncio.create_task(self._open(descriptor))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    async def _open(self, descriptor: int) -> None:
        connection = socket.socket(fileno=descriptor)
        loop = asyncio.get_running_loop()
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.connect_accepted_socket(
                self._protocol, connection, ssl=self._tls, ssl_handshake_timeout=self._patience
            )
        except OSError:  # the client has gone meanwhile, or does not speak TLS, or says nothing
            connection.close()
            self._acceptor.closed()

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self._config.http_protocol_class(  # type: ignore[call-arg]
            config=self._config, server_state=self._connections, app_state={}
        )
        return protocol
