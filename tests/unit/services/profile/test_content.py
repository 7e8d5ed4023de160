"""What lies under a seal: every fact comes back as it was, from either form, or is refused."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from schemas.errors import UnreadableEventError
from schemas.fhir_mapping import bundle_from_records
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Occurrence, OccurrenceKind
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.profile.parts.content import (
    OCCURRENCE,
    content_of,
    item_of,
    read,
    records_in,
    written,
)
from tests.support.payload_strategies import PAYLOADS, records_of

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.__name__)
@given(data=st.data())
@quick
def test_a_record_comes_back_as_it_was(payload: type, data: st.DataObject):
    """All of it but its scopes, which stand beside it."""
    record = data.draw(records_of(payload))

    (found,) = records_in(written(content_of(record)))

    assert found == replace(record, scopes=(), keeps=())


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.__name__)
@given(data=st.data())
@quick
def test_a_bundle_entry_of_before_says_the_same(payload: type, data: st.DataObject):
    """What was stored before this form came is read as if it were in it."""
    record = data.draw(records_of(payload))
    (entry,) = bundle_from_records([replace(record, scopes=())])["entry"]

    assert read(orjson.dumps(entry)) == read(written(content_of(record)))


@given(st.lists(st.one_of(*map(records_of, PAYLOADS)), min_size=1, max_size=6))
@quick
def test_several_facts_come_back_each_by_itself(drawn: list[PublishedRecord]):
    """As many as were put together, in their order."""
    first = content_of(drawn[0])
    alike = [
        replace(
            record,
            source=first.source,
            category=first.category,
            persons=first.persons,
            labels=first.labels,
            scopes=(),
            keeps=(),
            kept_to=first.kept_to,
        )
        for record in drawn
    ]

    plain = written(replace(first, items=[item_of(record) for record in alike]))

    assert list(records_in(plain)) == alike


@given(records_of(Occurrence))
@quick
def test_what_happened_tells_its_day_unread(record: PublishedRecord):
    """So that a timeline can be put in order before anything of it is opened."""
    (item,) = content_of(record).items

    assert item.kind == OCCURRENCE
    assert isinstance(record.payload, Occurrence)
    assert item.date == record.payload.period.start
    assert item.text == orjson.dumps(record.payload)


@given(records_of(Occurrence), st.data())
@quick
def test_bytes_that_are_cut_or_are_something_else_are_refused(
    record: PublishedRecord, data: st.DataObject
):
    """With an error that says nothing of them; a cut fact is refused when it is read."""
    plain = written(content_of(record))
    cut = plain[: data.draw(st.integers(0, len(plain) - 1))]

    for damaged in (cut, b"\x02" + plain[1:], b"{}", b"[]\n"):
        with pytest.raises(UnreadableEventError) as raised:
            list(records_in(damaged))
        assert record.key not in str(raised.value)


def test_a_kind_that_is_not_known_is_refused_when_it_is_read(a_record: PublishedRecord):
    """As of a later version of this program: told, and not guessed at."""
    content = content_of(a_record)
    (item,) = content.items

    plain = written(replace(content, items=[structs.replace(item, kind="of-tomorrow")]))

    with pytest.raises(UnreadableEventError, match="of-tomorrow"):
        list(records_in(plain))


@pytest.fixture
def a_record() -> PublishedRecord:
    """Some record."""
    return PublishedRecord(
        RecordKey("ab" * 16),
        Source.SCHOOLS,
        Category.EDUCATION,
        (PersonId("c0" * 16),),
        "2026-03-02T09:30:00Z/1",
        Occurrence(OccurrenceKind.REVIEW, "A review"),
    )
