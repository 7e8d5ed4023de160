"""A database on another machine is spoken to by TLS, or production does not start."""

import pytest

from services.platform.database.secured import secured
from services.platform.errors import SettingsInvalidError
from services.platform.settings import Settings

_START = "postgresql+psycopg://somebody:Zebediah@"
_HERE = (
    "/db?host=/run/postgresql",
    "/db",
    "/db?host=@abstract",
    "localhost/db",
    "LOCALHOST:5433/db",
    "127.0.0.1/db",
    "127.8.0.1:5432/db?sslmode=disable",
    "[::1]:5432/db",
    "/db?host=localhost:5432&host=[::1]:5432",
)
_BY_TLS = (
    "db.example/db?sslmode=require",
    "db.example/db?sslmode=verify-ca",
    "10.0.0.9/db?sslmode=verify-full&sslrootcert=system",
)
_IN_THE_CLEAR = (
    "db.example/db",
    "database:5432/db",
    "10.0.0.9:5432/db",
    "[2001:db8::1]/db",
    "localhost.example/db",
    "db.example/db?sslmode=prefer",
    "db.example/db?sslmode=allow",
    "db.example/db?sslmode=disable",
    "db.example/db?sslmode=disable&sslmode=require",
    "/db?host=db.example",
    "localhost/db?host=db.example",
    "localhost/db?hostaddr=10.0.0.9",
    "/db?host=localhost:5432&host=db.example:5432",
    "/db?host=localhost,db.example",
)


def is_taken(address: str, **more: object) -> bool:
    """Whether an address of the owner's database is taken; a refusal names no part of it."""
    settings = Settings.model_validate({"database": _START + address, **more})
    assert settings.database is not None
    try:
        assert secured(settings, settings.database, "database").startswith(_START)
    except SettingsInvalidError as error:
        told = str(error)
        assert told.startswith("TELL_ONCE_DATABASE names another machine")
        assert not [part for part in ("Zebediah", "somebody", "example", "10.0") if part in told]
        return False
    return True


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGHOST", raising=False)


@pytest.mark.parametrize("address", [*_HERE, *_BY_TLS])
def test_what_stays_here_or_goes_by_tls_is_taken(address: str):
    """A socket, this machine by a name of its own, or TLS and nothing else."""
    assert is_taken(address)


@pytest.mark.parametrize("address", _IN_THE_CLEAR)
def test_what_leaves_in_the_clear_is_refused_in_production(address: str):
    """Also where only one of several hosts is elsewhere, and where TLS is left to the server."""
    assert not is_taken(address)
    assert is_taken(address, environment="demonstration")
    assert is_taken(address, unsafe_database_in_the_clear=True)


def test_an_authority_makes_it_tls_and_a_host_of_the_environment_counts(
    monkeypatch: pytest.MonkeyPatch,
):
    """With `database_ca` the address asks for TLS; libpq goes to PGHOST where nobody is named."""
    assert is_taken("db.example/db", database_ca="ca.crt")
    assert not is_taken("db.example/db?sslmode=prefer", database_ca="ca.crt")

    monkeypatch.setenv("PGHOST", "db.example")

    assert not is_taken("/db")
    assert is_taken("/db?host=/run/postgresql")


def test_what_is_no_address_is_left_to_whoever_opens_it():
    """They say so, without its text."""
    assert is_taken("db.example:port/db")
