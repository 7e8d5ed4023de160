"""A port with a certificate speaks TLS and nothing else, by the real acceptor and workers."""

import json
import os
import socket
import ssl
import subprocess
import sys
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
from tests.support.checkout import ROOT
from tests.support.deploy_tools import of_the_machine
from tests.support.serving import Served, everything_from, serving
from tests.support.waiting import GENEROUS

pytestmark = pytest.mark.enable_socket
_CONTAINER = ROOT / "deploy/container"


@dataclass(frozen=True, slots=True)
class _ByTls:
    served: Served
    folder: Path

    @property
    def files(self) -> tuple[Path, Path]:
        return self.folder / "doors_certificate", self.folder / "doors_key"

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
        return ssl.create_default_context(cafile=self.folder / "internal_ca.crt")


@pytest.fixture(scope="module")
def by_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_ByTls]:
    """Give a port with the certificate that whoever deploys it makes."""
    folder = tmp_path_factory.mktemp("tls")
    make = [of_the_machine("sh"), str(_CONTAINER / "make-certificates"), str(folder)]
    of_the_machine("openssl")
    subprocess.run(make, check=True, timeout=GENEROUS)
    files = [str(folder / name) for name in ("doors_certificate", "doors_key")]
    with serving(folder / "marks", "--workers", "1", "--tls", *files) as running:
        yield _ByTls(running, folder)


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


def test_what_asks_a_container_s_health_asks_by_its_certificate(by_tls: _ByTls, tmp_path: Path):
    """And is told no where there is another one."""
    program = tmp_path / "tell-once-health"
    program.write_bytes((_CONTAINER / program.name).read_bytes())
    (tmp_path / "python").symlink_to(sys.executable)
    settings = Settings(tls_certificate=by_tls.files[0], tls_key=by_tls.files[1])
    tells = {LIVE_PATH: partial(told_lacking, ())}

    with served("127.0.0.1", 0, tells, tls_as_set(settings)) as port:
        codes = [
            subprocess.run(
                ["sh", str(program), "live", "part"],
                env={
                    "PATH": os.environ["PATH"],
                    "TELL_ONCE_METRICS_PORT": str(port),
                    "TELL_ONCE_TLS_CERTIFICATE": str(by_tls.folder / certificate),
                },
                check=False,
                capture_output=True,
                timeout=GENEROUS,
            ).returncode
            for certificate in ("doors_certificate", "database_certificate")
        ]

    assert codes == [0, 1]


def test_half_a_certificate_is_none_and_is_said(by_tls: _ByTls):
    """Never the clear in its place."""
    certificate, key = by_tls.files
    other = by_tls.folder / "database_key"

    assert tls_as_set(Settings()) is None
    for told in ((certificate, None), (None, key), (certificate, other), (key, certificate)):
        with pytest.raises(SettingsInvalidError):
            tls_as_set(Settings(tls_certificate=told[0], tls_key=told[1]))
