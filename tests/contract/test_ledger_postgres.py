"""The ledger on PostgreSQL keeps the contract."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text

from services.ledger.postgres import PostgresLedger
from services.ledger.postgres_access import LedgerAccess
from tests.contract.ledger_contract import LedgerContract
from tests.support.ledger.ledger_builders import SIGNER

pytestmark = pytest.mark.postgres


class _World:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator[PostgresLedger]:
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tell_once_app"))
            yield PostgresLedger(connection)

    def committed(self) -> Sequence[bytes]:
        access = LedgerAccess(self._engine, signer=SIGNER)
        size = access.integrate().size
        with access.snapshot() as reader:
            return [entry.body or b"" for entry in reader.entries(0, size)]

    def break_down(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("REVOKE INSERT ON ledger_entry FROM tell_once_app"))
            connection.execute(
                text("REVOKE INSERT (entry_id, body) ON ledger_entry FROM tell_once_app")
            )


class TestPostgresLedger(LedgerContract):
    """The contract, in a database, with the rights of the application."""

    @pytest.fixture
    def world(self, ledger_engine: Engine) -> _World:
        """Give an empty ledger."""
        return _World(ledger_engine)
