"""A PostgreSQL of this machine that takes nobody without TLS and a password (SCRAM)."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.certificates import Authority
from tests.support.checkout import ROOT
from tests.support.fixtures.fixtures_demonstration import free_ports

# PostgreSQL never runs as root, and the tests' own folder is closed to whom it runs as.
_OTHERS_MAY_ENTER: Final = "/tmp"  # noqa: S108 a folder of a name that nobody can guess
OWNER: Final = "tell_once_owner"
# Who comes in is what deploy/compose.yaml has it say.
_HBA: Final = ROOT / "deploy/container/pg_hba.conf"
_SETTINGS: Final = (
    *("ssl=on", "ssl_min_protocol_version=TLSv1.2", "password_encryption=scram-sha-256"),
    *("fsync=off", "listen_addresses=127.0.0.1", "max_connections=40"),
)


@dataclass(frozen=True, slots=True)
class SecuredPostgres:
    """Where it is, whose certificate vouches for it, and the owner's password."""

    port: int
    authority: Path
    password: str = field(repr=False)

    def url(self, user: str, password: str, database: str = "postgres") -> str:
        """As settings name it, without a word of TLS."""
        return f"postgresql+psycopg://{user}:{password}@localhost:{self.port}/{database}"


def programs() -> Path:
    """The folder of a server that was built with TLS; the test is skipped where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("there is no PostgreSQL server of this machine's own (the wheel's has no TLS)")
    return found[-1].parent


@contextmanager
def a_secured_postgres() -> Iterator[SecuredPostgres]:
    """Run one of one's own; nothing of it is kept."""
    bin_folder, folder = (
        programs(),
        Path(tempfile.mkdtemp(prefix="tell-once-tls-", dir=_OTHERS_MAY_ENTER)),
    )
    account: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []}
    as_whom = account if os.geteuid() == 0 else {}
    try:
        authority = Authority.made(folder)
        authority.server("server")
        password = folder / "password"
        password.write_text("an-owner's-own")
        cluster, port = folder / "cluster", free_ports(1)
        if as_whom:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, "postgres", "postgres")
        options = [f"--pwfile={password}", "--auth=scram-sha-256", "--no-sync", "--locale=C.UTF-8"]
        _run(
            [bin_folder / "initdb", f"--pgdata={cluster}", f"--username={OWNER}", *options], as_whom
        )
        (cluster / "pg_hba.conf").write_text(_HBA.read_text())
        settings = [*_SETTINGS, f"port={port}", f"unix_socket_directories={folder}"]
        settings += [f"ssl_cert_file={folder}/server.crt", f"ssl_key_file={folder}/server.key"]
        server = subprocess.Popen(
            [bin_folder / "postgres", "-D", cluster, *(w for s in settings for w in ("-c", s))],
            stderr=subprocess.PIPE,
            text=True,
            **as_whom,
        )
        try:
            assert server.stderr is not None
            assert any("ready to accept" in line for line in server.stderr)
            yield SecuredPostgres(port, authority.file, password.read_text())
        finally:
            server.terminate()
            server.communicate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[Any], as_whom: dict[str, Any]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **as_whom)
    assert done.returncode == 0, done.stderr
