"""Whatever order partitions come in, the same is stored and the same profile comes of it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.identifiers import PersonId
from schemas.records.payloads import PersonDetails, Relationship, RelationshipKind
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.profile.merging import sections
from services.profile.merging.households import FamilySections, family_sections
from services.profile.storing import Aggregation, store_opened
from tests.support.builders import NOW, a_permit
from tests.support.clock import StandingClock
from tests.support.fakes.fake_decisions import FakeDecisions, FakePlaces
from tests.support.fakes.fake_ledger import FakeLedger
from tests.support.fakes.fake_stored_records import FakeStoredRecords
from tests.support.people.family_records import CHILD, MOTHER, TODAY, a_record, a_tie
from tests.support.scopes import histories, what_is_left

Event = tuple[str, Sequence[PublishedRecord]]


class _Unused:
    """What storing tells besides, of which nothing is asked here."""

    def save(self, *records: object, **more: datetime) -> None:
        """Remember nothing."""

    def forget(self, records: Collection[tuple[PersonId, str]]) -> None:
        """Forget nothing."""


def an_aggregation() -> tuple[Aggregation, FakeStoredRecords]:
    """Build aggregation around an empty store, with everything permitted of both persons."""
    decisions, records = FakeDecisions(), FakeStoredRecords()
    decisions.save(
        a_permit(subjects=(CHILD, MOTHER), category=list(Category)), at=NOW, actor="job:test"
    )
    unused = _Unused()
    aggregation = Aggregation(
        records=records,
        case_loads=unused,
        take_new=set,
        decisions=decisions,
        unseal=lambda _, sealed: sealed,
        purges=unused,
        places=FakePlaces(),
        announce=lambda _: None,
        load_keys=lambda _: None,
        ledger=FakeLedger(),
        clock=StandingClock(NOW),
    )
    return aggregation, records


def partitions() -> st.SearchStrategy[list[list[PublishedRecord]]]:
    """Make the messages of two sources about two persons, with who they are to each other."""
    of_child = histories(CHILD)
    of_mother = histories(MOTHER).map(
        lambda found: [[replace(r, source=Source.SCHOOLS) for r in message] for message in found]
    )
    family = [
        [a_record(PersonDetails("Wren", date_of_birth="2020-05-03"), key="c", version=f"{n}/1")]
        for n in (1, 2)
    ]
    tie = [[a_tie(Relationship(RelationshipKind.MOTHER, "Mum"), MOTHER)]]
    return st.tuples(of_child, of_mother).map(lambda both: [*both[0], *both[1], *family, *tie])


def in_batches(events: Sequence[Event], cuts: Sequence[int]) -> Iterator[Sequence[Event]]:
    """Cut what comes into batches, as consumers of several partitions do."""
    edges = [0, *sorted(cuts), len(events)]
    for start, end in pairwise(edges):
        yield events[start:end]


def the_profile(records: FakeStoredRecords) -> tuple[FamilySections, object]:
    """The sections that are made of what is stored."""
    opened = list(records.open(records.about([CHILD, MOTHER])))
    return family_sections(opened, CHILD, (), TODAY), sections.timeline(opened)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_interleaving_of_versions_removals_and_clearings_stores_the_same(data: st.DataObject):
    """Shuffled, doubled, and cut anywhere: what the model says, and one profile, word for word."""
    events = [(f"event-{n}", message) for n, message in enumerate(data.draw(partitions()))]
    shuffled = data.draw(st.permutations([*events, *events]))
    cuts = data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4))
    in_order, expected = an_aggregation()
    any_order, found = an_aggregation()

    store_opened(dict(events), aggregation=in_order)
    for batch in in_batches(shuffled, cuts):
        store_opened(dict(batch), aggregation=any_order)

    assert the_profile(found) == the_profile(expected)
    assert _there(found) == {
        (person, record.key, record.version)
        for person in (CHILD, MOTHER)
        for source in Source
        for record in what_is_left(_told_by(source, person, events))
    }


def _there(records: FakeStoredRecords) -> set[tuple[PersonId, str, str]]:
    stored = records.about([CHILD, MOTHER])
    return {(record.stored_under, record.key, record.version) for record in stored}


def _told_by(
    source: Source, person: PersonId, events: Sequence[Event]
) -> list[list[PublishedRecord]]:
    return [
        [record for record in message if (record.source, record.persons[0]) == (source, person)]
        for _, message in events
    ]
