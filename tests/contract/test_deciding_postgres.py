"""Decisions, persons and outbox in PostgreSQL keep the contract."""

from collections.abc import Iterator, Sequence

import pytest

from services.bootstrap import DatabaseRole
from services.work import Outside, UnitOfWork, unit_of_work
from tests.contract.deciding_contract import DecidingContract
from tests.support.fakes.in_process import acting_for

pytestmark = pytest.mark.postgres


class _World:
    def __init__(self, work: UnitOfWork) -> None:
        self.persons = work.persons
        self.decisions = work.decisions
        self.outbox = work.outbox
        self._work = work

    def announced(self) -> Sequence[tuple[str, str]]:
        rows = self._work.connection.exec_driver_sql(
            "SELECT aggregatetype, aggregateid FROM outbox ORDER BY id"
        )
        return [(row[0], row[1]) for row in rows]


class TestPostgresDeciding(DecidingContract):
    """The contract, in a database, with the rights of the portal."""

    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[_World]:
        """Give ports of which nothing is known yet."""
        with acting_for(outside, DatabaseRole.PORTAL) as portal, unit_of_work(portal) as work:
            yield _World(work)
