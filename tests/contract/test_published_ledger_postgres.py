"""The published ledger on PostgreSQL keeps the contract."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, text

from consent.ledger import LedgerEntry
from services.ledger.postgres_access import LedgerAccess
from services.ledger.postgres_published import PublishedLedgerOnDatabase
from tests.contract.published_ledger_contract import PublishedLedgerContract
from tests.support.ledger.ledger_builders import SIGNER

pytestmark = pytest.mark.postgres


class _World:
    def __init__(self, engine: Engine) -> None:
        self.published = PublishedLedgerOnDatabase(engine)
        self._engine = engine
        self._access = LedgerAccess(engine, signer=SIGNER)

    def grow(self, entries: Sequence[LedgerEntry]) -> None:
        self._access.append(entries)
        self._access.integrate()

    def break_down(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("ALTER TABLE ledger_leaf RENAME TO elsewhere"))
            connection.execute(text("DROP VIEW ledger_cosigned_checkpoint"))


class TestPublishedLedgerOnDatabase(PublishedLedgerContract):
    """The contract, in a database."""

    @pytest.fixture
    def empty(self, ledger_engine: Engine) -> _World:
        """Give an empty ledger that was never signed."""
        return _World(ledger_engine)
