"""The erasures in PostgreSQL keep the contract."""

from collections.abc import Iterator, Sequence

import pytest

from schemas.identifiers import PersonId
from services.lifecycle.erasure.postgres import PostgresErasures
from services.work import Outside, unit_of_work
from tests.contract.erasures_contract import ErasuresContract
from tests.support.builders import NOW
from tests.support.fakes.in_process import by_number
from tests.support.people.joined import make_one

pytestmark = pytest.mark.postgres


class TestPostgresErasures(ErasuresContract):
    """In one transaction of the owner's."""

    @pytest.fixture
    def erasures(self, outside: Outside) -> Iterator[PostgresErasures]:
        """Give two who are one, and another."""
        with unit_of_work(outside) as work:
            numbers = ("9990000018", "9990000026", "9990000034")
            kept, joined, _ = (work.persons.create(by_number(n), at=NOW) for n in numbers)
            make_one(work, kept, joined)
            self._cluster = (kept, joined)
            yield PostgresErasures.of(work, outside.vault)

    def cluster(self) -> Sequence[PersonId]:
        """Say who are one."""
        return self._cluster
