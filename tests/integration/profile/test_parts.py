"""Parts say what the records say, after whatever has happened to them; and are read quickly."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    Address,
    ContactDetails,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    Relationship,
    RelationshipKind,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Category, Label, Source
from services.platform.errors import KeyUnusableError
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.profile.parts.postgres_folding import NOBODY_YET
from services.work import Outside, UnitOfWork, unit_of_work
from services.workers.aggregation import fold_all
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, a_record, the_family

pytestmark = pytest.mark.postgres

KEYS = tuple(RecordKey(f"{number:032x}") for number in range(6))
SCOPE = RecordKey("f" * 32)
_HEALTH, _WHERE = Category.CHILD_HEALTH, Category.IDENTITY_AND_CONTACT
_TO_HEALTH = frozenset({"agency:health-visiting"})
_SAID: tuple[tuple[Category, frozenset[Label], Payload], ...] = (
    (_HEALTH, frozenset(), Occurrence(OccurrenceKind.REVIEW, "A review", Period("2026-01-05"))),
    (_HEALTH, frozenset(), Occurrence(OccurrenceKind.CONTACT, "A visit", Period("2026-02-05"))),
    (_HEALTH, frozenset({Label.THIRD_PARTY}), Occurrence(OccurrenceKind.BIRTH, "A birth")),
    (_WHERE, frozenset({Label.LOCATION}), ContactDetails((Address(("1 Mill Lane",)),))),
    (Category.FAMILY_AND_HOUSEHOLD, frozenset(), Relationship(RelationshipKind.MOTHER, "Leanne")),
)

Step = Callable[["World"], None]


class World:
    """Three persons in one transaction that is rolled back, and what happens to their records."""

    def __init__(self, work: UnitOfWork, persons: tuple[PersonId, ...]) -> None:
        self.work = work
        self.persons = persons
        self._version = 0

    def store(self, person: int, key: int, what: int, *, removed: bool) -> None:
        """Say one fact, as a version later than all before it."""
        self._version += 1
        category, labels, payload = _SAID[what]
        others = self.persons[:1] if isinstance(payload, Relationship) and person else ()
        record = PublishedRecord(
            KEYS[key],
            Source.HEALTH_VISITING,
            category,
            (self.persons[person], *others),
            f"2026-03-01T00:00:00Z/{self._version:09}",
            None if removed else payload,
            Action.REMOVE if removed else Action.UPSERT,
            labels,
            scopes=() if key % 2 else (SCOPE,),
        )
        self.work.records.upsert([record])

    def clear(self, person: int) -> None:
        """Take back a scope in which every second record lies."""
        self._version += 1
        self.work.records.clear(
            [
                PublishedRecord(
                    SCOPE,
                    Source.HEALTH_VISITING,
                    _HEALTH,
                    (self.persons[person],),
                    f"2026-03-01T00:00:00Z/{self._version:09}",
                    None,
                    Action.CLEAR,
                    scopes=(SCOPE,),
                )
            ]
        )

    def purge(self, person: int) -> None:
        """Take away what is stored first."""
        self.work.records.purge(self.work.records.about([self.persons[person]], outdated=True)[:1])

    def narrow(self, person: int) -> None:
        """Keep to fewer what is stored first."""
        stored = self.work.records.about([self.persons[person]])[:1]
        self.work.records.keep_to_fewer(list(self.work.records.open(stored)), _TO_HEALTH)

    def fold(self, most: int) -> None:
        """Fold the next persons."""
        self.work.folding.fold_next(NOBODY_YET, most=most)

    def opened(self, stored: Any) -> list[PublishedRecord]:
        """What is in these, in one order."""
        found = self.work.records.open(stored)
        return sorted(found, key=lambda record: (record.persons, record.key))


_NUMBERS = st.integers(0, 2)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        lambda person, key, what, removed: (
            lambda world: world.store(person, key, what, removed=removed)
        ),
        _NUMBERS,
        st.integers(0, len(KEYS) - 1),
        st.integers(0, len(_SAID) - 1),
        st.sampled_from([False, False, False, True]),
    ),
    st.builds(lambda person: lambda world: world.clear(person), _NUMBERS),
    st.builds(lambda person: lambda world: world.purge(person), _NUMBERS),
    st.builds(lambda person: lambda world: world.narrow(person), _NUMBERS),
    st.builds(lambda most: lambda world: world.fold(most), st.integers(1, 3)),
)


@pytest.fixture(scope="module")
def persons(shared_engine: Engine, vault: FileKeyVault) -> tuple[Outside, tuple[PersonId, ...]]:
    """Give a database that knows child, mother and father, and nothing else."""
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    outside = Outside(shared_engine, vault, hasher, StandingClock())
    with unit_of_work(outside) as work:
        found = [work.persons.resolve_or_create(each, at=work.now) for each in the_family()]
    return outside, tuple(found)


@given(steps=st.lists(STEPS, min_size=4, max_size=24))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_after_any_history_parts_say_what_the_records_say(
    persons: tuple[Outside, tuple[PersonId, ...]], steps: list[Step]
):
    """Whatever was said, taken back, purged, narrowed and folded, in whatever order."""
    outside, everybody = persons
    with outside.engine.connect() as connection:
        world = World(UnitOfWork(connection, outside), everybody)
        for step in steps:
            step(world)
            records = world.work.records
            in_parts, one_by_one = records.in_parts(everybody), records.about(everybody)
            assert world.opened(in_parts) == world.opened(one_by_one)
            assert _marks(in_parts) == _marks(one_by_one)


def _marks(stored: Any) -> set[tuple[object, ...]]:
    """All that may be asked of what is stored before it is opened."""
    return {
        (r.stored_under, r.persons, r.source, r.category, r.labels, r.kept_to, r.places)
        for r in stored
    }


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give a family with ten reviews, folded."""
    with InProcess.running(outside) as found:
        for subject in the_family():
            found.decide(subject)
        found.receive(a_message("m1", *(a_record(f"r{number}") for number in range(10))))
        found.settle()
        yield found


def _count(running: InProcess, what: str) -> int:
    with running.outside.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())  # noqa: S608


def test_what_is_asked_alike_lies_under_one_seal(running: InProcess):
    """And nothing is left to be read by itself."""
    assert _count(running, "record_part") == 1
    assert _count(running, "record WHERE folded_in IS NULL") == 0
    assert fold_all(running.folding) == 0


_ONE = "record_key = (SELECT min(record_key) FROM record)"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM record WHERE",
        "UPDATE record SET labels = '{third-party}' WHERE",
        "UPDATE record SET folded_in = NULL WHERE",
    ],
)
def test_whoever_changes_one_record_takes_its_part_away(running: InProcess, change: str):
    """By whichever statement: the others are read one by one until they are folded again."""
    with running.outside.engine.begin() as connection:
        connection.execute(text(f"{change} {_ONE}"))

    assert _count(running, "record_part") == 0
    assert _count(running, "record WHERE folded_in IS NOT NULL") == 0


def test_a_few_more_are_folded_into_what_is_small(running: InProcess):
    """So that there are few parts however slowly records come; what is nearly full stays."""
    for number in range(4):
        running.receive(a_message(f"n{number}", a_record(f"n{number}")))
        running.settle()

    assert _count(running, "record_part") == 2
    assert _count(running, "record WHERE folded_in IS NULL") == 0


def test_a_part_opens_under_its_own_marks_alone(running: InProcess):
    """Whoever can write to the database cannot show it as something else."""
    with running.outside.engine.begin() as connection:
        connection.execute(text("UPDATE record_part SET labels = '{third-party}'"))

    with unit_of_work(running.portal) as work:
        child = running.person(the_family()[0])
        assert child is not None
        stored = work.records.in_parts([child])
        with pytest.raises(KeyUnusableError):
            list(work.records.open(stored))


def test_a_record_that_does_not_open_stays_by_itself(running: InProcess):
    """It is folded with nothing, and keeps nothing else from being folded."""
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("UPDATE record SET sealed = 'spoilt' WHERE record_key = :key"),
            {"key": connection.execute(text("SELECT min(record_key) FROM record")).scalar_one()},
        )

    assert fold_all(running.folding) == 9
    assert _count(running, "record WHERE folded_in IS NULL") == 1
    assert fold_all(running.folding) == 0
