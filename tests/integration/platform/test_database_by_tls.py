"""A real PostgreSQL with TLS and SCRAM: made by its script, migrated, and each part as itself."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text

from services.__main__ import main
from services.audit.integrity.seen.postgres_usable import what_lacks
from services.bootstrap import DatabaseRole, opened
from services.platform.errors import ServiceUnavailableError
from services.platform.settings import Settings
from tests.support.checkout import ROOT
from tests.support.tls_postgres import OWNER, SecuredPostgres, a_secured_postgres

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]
_PARTS = {
    DatabaseRole.PORTAL: "portal",
    DatabaseRole.AGGREGATION: "aggregation",
    DatabaseRole.RELAY: "relay",
    DatabaseRole.CONNECTORS: "connectors",
}
_HOW = text("""
    SELECT s.ssl, s.version, current_user AS who
    FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()
""")


@pytest.fixture(scope="module")
def secured() -> Iterator[SecuredPostgres]:
    with a_secured_postgres() as postgres:
        yield postgres


def test_each_part_comes_by_tls_as_a_user_of_its_own(
    secured: SecuredPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The script makes the users, the owner migrates, and every part can do its work."""
    passwords = {f"{name}_password": f"own-of-{name}" for name in (*_PARTS.values(), "own")}
    for name, password in passwords.items():
        (tmp_path / name).write_text(password)
    owner = secured.url(OWNER, quote(secured.password))
    monkeypatch.setenv("TELL_ONCE_DATABASE_CA", str(secured.authority))

    _make_users(secured, tmp_path)
    data = tmp_path / "data"
    assert main(["migrate", "--database", owner, "--data", str(data)]) == 0
    found = {}
    for role, name in _PARTS.items():
        url = secured.url(f"tell_once_{name}", passwords[f"{name}_password"])
        settings = Settings.model_validate({"data": data, "database": url})
        with opened(settings) as application:
            outside = application.outside(role)
            with outside.engine.connect() as connection:
                how = connection.execute(_HOW).one()
            found[name] = (how.who, how.ssl, what_lacks(outside.engine, outside.vault))
            assert how.version in {"TLSv1.2", "TLSv1.3"}

    assert found == {name: (f"tell_once_{name}", True, ()) for name in _PARTS.values()}


@pytest.mark.parametrize("how", ["in-the-clear", "another-authority", "another-password"])
def test_nobody_comes_in_another_way(secured: SecuredPostgres, tmp_path: Path, how: str):
    """Nor is a server believed that nobody vouches for."""
    password = "wrong" if how == "another-password" else quote(secured.password)
    url = secured.url(OWNER, password)
    ca = secured.authority
    if how == "another-authority":
        ca = tmp_path / "ca.crt"
        ca.write_bytes(b"")
    if how == "in-the-clear":
        url += "?sslmode=disable"
    settings = Settings.model_validate({"data": tmp_path, "database": url, "database_ca": ca})

    with pytest.raises(ServiceUnavailableError) as raised, opened(settings):
        pass

    assert "owner's" not in str(raised.value)


def _make_users(secured: SecuredPostgres, folder: Path) -> None:
    """As the runbooks have it run, by psql and over TLS."""
    told = {
        "PGPASSWORD": secured.password,
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(secured.authority),
        "SECRETS": str(folder),
    }
    at = ("--host=localhost", f"--port={secured.port}", f"--username={OWNER}")
    script = ROOT / "deploy/container/roles.sql"
    command = ["psql", "--quiet", "--no-psqlrc", *at, "--dbname=postgres", f"--file={script}"]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **told}
    )
    assert done.returncode == 0, done.stderr
