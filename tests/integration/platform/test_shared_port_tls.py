"""A port with a certificate speaks TLS and nothing else, by the real acceptor and workers."""

import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from services.audit.integrity.seen.port import LIVE_PATH, served, told_lacking
from services.platform.errors import SettingsInvalidError
from services.platform.processes.tls import tls_as_set
from services.platform.settings import Settings
from tests.support.certificates import Authority
from tests.support.serving import Served, everything_from, serving
from tests.support.waiting import GENEROUS

pytestmark = pytest.mark.enable_socket


@dataclass(frozen=True, slots=True)
class _ByTls:
    served: Served
    authority: Authority
    files: tuple[Path, Path]

    def asked(self, port: int, path: str, context: ssl.SSLContext) -> tuple[int, bytes]:
        connection = HTTPSConnection("localhost", port, timeout=GENEROUS, context=context)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority.file)


@pytest.fixture(scope="module")
def by_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_ByTls]:
    """Give a port whose certificate an authority of ours has signed."""
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority.made(folder)
    files = authority.server("doors")
    with serving(folder / "marks", "--workers", "1", "--tls", *map(str, files)) as running:
        yield _ByTls(running, authority, files)


def test_whoever_trusts_its_authority_is_answered_by_tls(by_tls: _ByTls):
    """And the application knows that it was https."""
    status, told = by_tls.asked(by_tls.served.port, "/seen", by_tls.trusting)

    assert status == 200
    assert json.loads(told)["scheme"] == "https"


def test_nothing_is_answered_in_the_clear(by_tls: _ByTls):
    """Nor is there an answer that says so: it would be in the clear too."""
    raw = by_tls.served.raw()
    raw.sendall(b"GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert b"HTTP" not in everything_from(raw)


def test_old_tls_and_strangers_certificates_get_nowhere(by_tls: _ByTls):
    """A client that trusts others does not speak to it, and it speaks no TLS 1.1."""
    with pytest.raises(ssl.SSLCertVerificationError):
        by_tls.asked(by_tls.served.port, "/who", ssl.create_default_context())
    old = by_tls.trusting
    with pytest.warns(DeprecationWarning, match="TLS"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        by_tls.asked(by_tls.served.port, "/who", old)

    assert by_tls.asked(by_tls.served.port, "/who", by_tls.trusting)[0] == 200


def test_numbers_go_by_tls_too(by_tls: _ByTls):
    """A client that says nothing keeps nobody else waiting."""
    settings = Settings(tls_certificate=by_tls.files[0], tls_key=by_tls.files[1])
    tells = {LIVE_PATH: partial(told_lacking, ())}

    with (
        served("127.0.0.1", 0, tells, tls_as_set(settings)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=GENEROUS),
    ):
        assert by_tls.asked(port, LIVE_PATH, by_tls.trusting)[0] == 200


def test_half_a_certificate_is_none_and_is_said(by_tls: _ByTls, tmp_path: Path):
    """Never the clear in its place."""
    certificate, key = by_tls.files
    other = Authority.made(tmp_path).server("other")[1]

    assert tls_as_set(Settings()) is None
    for told in ((certificate, None), (None, key), (certificate, other), (key, certificate)):
        with pytest.raises(SettingsInvalidError):
            tls_as_set(Settings(tls_certificate=told[0], tls_key=told[1]))
