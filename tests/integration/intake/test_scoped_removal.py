"""Whatever a source takes back as a whole is gone, in whatever order and however often it comes."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import PublishedRecord
from services.profile.storing import is_clearing
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import NOW
from tests.support.messages.source_messages import the_child
from tests.support.scopes import cleared, histories, said, what_is_left

pytestmark = pytest.mark.postgres


@pytest.fixture
def work(outside: Outside) -> Iterator[tuple[UnitOfWork, PersonId]]:
    """Give an open transaction with one person in it."""
    with unit_of_work(outside) as found:
        yield found, found.persons.resolve_or_create(the_child(), at=NOW)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_what_is_left_does_not_depend_on_order_batches_or_repetition(
    work: tuple[UnitOfWork, PersonId], data: st.DataObject
):
    """It is what the model says of the same messages, whose order no model looks at."""
    unit, person = work
    history = data.draw(histories(person))
    doubled = data.draw(st.permutations([*history, *history]))
    cut = data.draw(st.integers(0, len(doubled)))

    before = unit.connection.begin_nested()
    for batch in (doubled[:cut], doubled[cut:]):
        _store([record for message in batch for record in message], unit)
    left = _stored(unit, person)
    before.rollback()

    assert left == {(record.key, record.version) for record in what_is_left(history)}


def test_the_model_can_tell_the_difference():
    """A clearing takes what is older and leaves what it keeps, what is newer, what is elsewhere."""
    late = said("worker-1", day=3)
    early = [said(key, day=1) for key in ("worker-1", "worker-2", "plan")]

    left = what_is_left([early, [cleared("workers", 2, "two")]])

    assert {record.key for record in left} == {"worker-2", "plan"}
    assert what_is_left([[cleared("child", 2)], [late]]) == [late]


def _store(records: Sequence[PublishedRecord], unit: UnitOfWork) -> None:
    unit.keys.load({record.persons[0] for record in records})
    unit.records.clear([record for record in records if is_clearing(record)])
    unit.records.upsert([record for record in records if not is_clearing(record)])


def _stored(unit: UnitOfWork, person: PersonId) -> set[tuple[RecordKey, str]]:
    return {(record.key, record.version) for record in unit.records.about([person])}
