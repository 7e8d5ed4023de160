"""The fake store of records keeps the contract, and what the model says of every history."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.identifiers import PersonId
from tests.contract.stored_records_contract import StoredRecordsContract, StoredWorld
from tests.support.fakes.fake_stored_records import FakeStoredRecords
from tests.support.scopes import histories, what_is_left

PERSON = PersonId("a9" * 16)


class TestFakeStoredRecords(StoredRecordsContract):
    """The contract, in memory."""

    @pytest.fixture
    def world(self) -> StoredWorld:
        """Give an empty store."""
        return StoredWorld(FakeStoredRecords(), PERSON)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_left_is_what_the_model_says(data: st.DataObject):
    """In any order, in any batches, and twice; as the real one is tried in its own test."""
    history = data.draw(histories(PERSON))
    doubled = data.draw(st.permutations([*history, *history]))
    cut = data.draw(st.integers(0, len(doubled)))
    world = StoredWorld(FakeStoredRecords(), PERSON)

    for batch in (doubled[:cut], doubled[cut:]):
        world.store(*(record for message in batch for record in message))

    assert world.there() == {(record.key, record.version) for record in what_is_left(history)}
