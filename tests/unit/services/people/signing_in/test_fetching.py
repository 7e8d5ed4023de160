"""Asking over HTTPS: whom, for how long, and over which connection."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest

from services.people.signing_in.fetching import AskingError, Fetcher, HttpQuestion
from tests.support.message_servers import a_certificate

pytestmark = pytest.mark.enable_socket

_HERE = frozenset({"127.0.0.1", "localhost"})
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Serve = Callable[[socket.socket], None]


@contextmanager
def _serving(*serve: Serve) -> Iterator[int]:
    """Give a port whose first caller meets the first of these, and so on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            for one in serve:
                with suppress(OSError), listening.accept()[0] as caller:
                    one(caller)

        thread = Thread(target=run)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def _answering(times: int) -> Serve:
    """HttpAnswer so many questions over one connection, then hang up."""

    def serve(caller: socket.socket) -> None:
        for _ in range(times):
            caller.recv(65_536)
            caller.sendall(_ANSWER)

    return serve


def _over_tls(certificate: Path) -> Serve:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(caller: socket.socket) -> None:
        with context.wrap_socket(caller, server_side=True) as secured:
            _answering(1)(secured)

    return serve


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """Give one that may ask this machine."""
    found = Fetcher(inside=_HERE)
    yield found
    found.close()


def _why(fetcher: Fetcher, url: str, *, seconds: float = 5.0) -> str:
    with pytest.raises(AskingError) as told:
        fetcher.ask(HttpQuestion(url), seconds=seconds)
    return told.value.why


def test_connection_is_used_again(fetcher: Fetcher):
    """One for three questions."""
    with _serving(_answering(3)) as port:
        for _ in range(3):
            answer = fetcher.ask(HttpQuestion(f"http://127.0.0.1:{port}/"), seconds=5)
            assert (answer.status, answer.content) == (200, b"{}")


def test_connection_that_was_hung_up_is_made_anew(fetcher: Fetcher):
    """Whoever asks does not notice."""
    with _serving(_answering(1), _answering(1)) as port:
        for _ in range(2):
            assert fetcher.ask(HttpQuestion(f"http://127.0.0.1:{port}/"), seconds=5).status == 200


def test_what_is_posted_goes_over_a_connection_of_its_own(fetcher: Fetcher):
    """Nobody could tell whether an old one took it; a code is taken once."""
    with _serving(_answering(1), _answering(1)) as port:
        url = f"http://127.0.0.1:{port}/"
        fetcher.ask(HttpQuestion(url), seconds=5)
        idle = [one for _, one in fetcher._idle[next(iter(fetcher._idle))]]
        for one in idle:
            one.sock.shutdown(socket.SHUT_WR)  # so that the server goes on to the next
        assert fetcher.ask(HttpQuestion(url, form="code=1"), seconds=5).status == 200


def test_headers_that_trickle_end_with_our_patience(fetcher: Fetcher):
    """A byte at a time is never too late for a socket's own time-out."""

    def trickle(caller: socket.socket) -> None:
        caller.recv(65_536)
        caller.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(200):
            caller.sendall(b"a")
            time.sleep(0.05)

    began = time.monotonic()
    with _serving(trickle) as port:
        assert _why(fetcher, f"http://127.0.0.1:{port}/", seconds=0.3) == "too-slow"
        assert time.monotonic() - began < 8


def test_handshake_that_is_never_made_ends_with_our_patience(fetcher: Fetcher):
    """It takes the call and says nothing."""

    def listen(caller: socket.socket) -> None:
        while caller.recv(65_536):
            pass

    with _serving(listen) as port:
        assert _why(fetcher, f"https://127.0.0.1:{port}/", seconds=0.3) == "too-slow"


def test_certificate_that_nobody_vouches_for_is_no_provider(fetcher: Fetcher, tmp_path: Path):
    """Whoever stands between can make one."""
    with _serving(_over_tls(a_certificate(tmp_path))) as port:
        assert _why(fetcher, f"https://127.0.0.1:{port}/") == "SSLCertVerificationError"


def test_council_may_name_its_own_authority(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As OpenSSL takes it from the environment."""
    certificate = a_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with _serving(_over_tls(certificate)) as port:
        assert fetcher.ask(HttpQuestion(f"https://127.0.0.1:{port}/"), seconds=5).status == 200


def test_certificate_is_for_the_host_that_was_asked(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One of another host is a stranger's."""
    certificate = a_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with _serving(_over_tls(certificate)) as port:
        assert _why(fetcher, f"https://localhost:{port}/") == "SSLCertVerificationError"


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]"])
def test_machine_inside_is_asked_only_where_the_settings_name_it(host: str):
    """Else whoever describes a provider could have us ask anything behind our wall."""
    fetcher = Fetcher(inside=frozenset({"provider.example"}))

    assert _why(fetcher, f"https://{host}:1/") == "address-inside"


def test_proxy_of_the_environment_is_not_taken(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch):
    """Tokens go to whom they are for."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")

    with _serving(_answering(1)) as port:
        assert fetcher.ask(HttpQuestion(f"http://127.0.0.1:{port}/"), seconds=5).status == 200


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 3,
    ],
)
def test_what_is_no_answer_in_http_is_none(fetcher: Fetcher, answer: bytes):
    """Said in a word of ours."""

    def serve(caller: socket.socket) -> None:
        caller.recv(65_536)
        caller.sendall(answer)

    with _serving(serve) as port:
        assert _why(fetcher, f"http://127.0.0.1:{port}/").isascii()


def test_nobody_there_is_told_as_such(fetcher: Fetcher):
    """A port where nobody listens, and a name that there is not."""
    with _serving() as port:
        pass

    assert _why(fetcher, f"http://127.0.0.1:{port}/") == "ConnectionRefusedError"
    assert _why(fetcher, "https://nobody.invalid/") == "gaierror"
