"""Several who join and part at once neither wait for one another for ever nor contradict."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from schemas.identifiers import PersonId
from services.people.linking.ports import Join
from services.work import Outside, unit_of_work
from tests.support.fakes.in_process import InProcess
from tests.support.people.joined import SECOND_STEWARD, by_la_id, confirm, join, undo

pytestmark = pytest.mark.postgres

THIRD_STEWARD = "practitioner:" + "e2" * 16


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def persons(running: InProcess) -> list[PersonId]:
    """Give five persons who may all turn out to be one."""
    subjects = [by_la_id(f"999/{n}") for n in range(5)]
    return [p for s in subjects for p in running.decide(s).decision.subjects]


def test_whoever_joins_at_once_comes_to_one_end(running: InProcess, persons: list[PersonId]):
    """All pairs in both orders, by eight at once: four joins are enough, and no more are made."""
    pairs = list(permutations(persons, 2))

    with ThreadPoolExecutor(8) as workers:
        made = [j for j in workers.map(lambda p: join(running, *p), pairs) if isinstance(j, Join)]

    assert len(made) == len(persons) - 1
    assert len(_clusters(running, persons)) == len(persons)

    by = (SECOND_STEWARD, THIRD_STEWARD) * len(made)
    with ThreadPoolExecutor(8) as workers:
        said = workers.map(
            lambda each: confirm(running, each[0], by=each[1], settle=False),
            zip([one for one in made for _ in range(2)], by, strict=True),
        )
        warranted = [one for one in said if isinstance(one, Join)]

    assert len(warranted) == len(made)
    assert len(_clusters(running, persons)) == 1

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda one: undo(running, one, settle=False), made))

    assert len(_clusters(running, persons)) == len(persons)


def _clusters(running: InProcess, persons: list[PersonId]) -> set[tuple[PersonId, ...]]:
    with unit_of_work(running.outside) as work:
        return set(work.clusters.members(persons).values())
