"""The records in PostgreSQL keep the contract."""

from collections.abc import Iterator

import pytest

from services.work import Outside, unit_of_work
from tests.contract.stored_records_contract import StoredRecordsContract, StoredWorld
from tests.support.builders import NOW
from tests.support.messages.source_messages import the_child

pytestmark = pytest.mark.postgres


class TestPostgresStoredRecords(StoredRecordsContract):
    """The contract, in a database."""

    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[StoredWorld]:
        """Give an open transaction with one person in it."""
        with unit_of_work(outside) as work:
            person = work.persons.resolve_or_create(the_child(), at=NOW)
            work.keys.load({person})
            yield StoredWorld(work.records, person)
