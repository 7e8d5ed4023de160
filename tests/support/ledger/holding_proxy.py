"""An HTTP proxy that lets every request through but the one it is told to hold."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from tests.support.waiting import GENEROUS

_NOT_PASSED_ON = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


class HoldingProxy(ThreadingHTTPServer):
    """Passes requests on to `target`; one for which `holds` is true waits until `let_go`.

    `is_held` is set when such a request has come. It is never passed on, not even then.
    """

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.holds: Callable[[str, str], bool] = lambda _method, _path: False
        self.is_held = threading.Event()
        self._go = threading.Event()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def let_go(self) -> None:
        """Hold nothing any more."""
        self.holds = lambda _method, _path: False
        self._go.set()

    def hold(self) -> None:
        """Keep this request here."""
        self.is_held.set()
        self._go.wait()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked may be dead by now."""


class _Handler(BaseHTTPRequestHandler):
    server: HoldingProxy
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._pass_on()

    def do_PUT(self) -> None:
        self._pass_on()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 as the parent has it
        """Say nothing."""

    def _pass_on(self) -> None:
        if self.server.holds(self.command, self.path):
            self.server.hold()
            self.close_connection = True
            return
        answer = requests.request(
            self.command,
            self.server.target + self.path,
            headers={k: v for k, v in self.headers.items() if k.lower() not in _NOT_PASSED_ON},
            data=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            stream=True,
            timeout=GENEROUS,
        )
        with answer:
            body = answer.raw.read(decode_content=False)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def a_proxy(target: str) -> Iterator[HoldingProxy]:
    """Run a proxy in a thread; stop it at the end."""
    proxy = HoldingProxy(target)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.let_go()
        proxy.shutdown()
        proxy.server_close()
        thread.join()
