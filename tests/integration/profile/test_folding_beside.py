"""Folding beside others who write: it waits for none of them, and none of them fails by it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from services.lifecycle.rebuild.postgres_swap import hold_live_still
from services.platform.errors import ServiceUnavailableError
from services.work import Outside
from services.workers.aggregation import fold_all
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, a_record, the_family
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.postgres

_ALONE = text("UPDATE record SET folded_in = NULL")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give a child with ten reviews, of which none is folded."""
    with InProcess.running(outside) as found:
        for subject in the_family():
            found.decide(subject)
        found.receive(a_message("m1", *(a_record(f"r{number}") for number in range(10))))
        found.settle()
        with found.outside.engine.begin() as connection:
            connection.execute(_ALONE)
        yield found


def test_a_profile_that_takes_this_one_s_place_is_waited_for(running: InProcess):
    """It writes what folding would hold: neither is ended for the other's sake."""
    with ThreadPoolExecutor(1) as pool:
        with running.outside.engine.begin() as swapping:
            hold_live_still(swapping)
            folding = pool.submit(fold_all, running.folding)
            assert eventually(lambda: _waits(running))
            gone = swapping.execute(text("DELETE FROM record WHERE folded_in IS NULL")).rowcount

        assert (gone, folding.result(timeout=GENEROUS)) == (10, 0)


def test_who_is_being_erased_is_not_waited_for(running: InProcess):
    """Folding gives way, and tries again; the erasure goes on, and nothing is written after."""
    with running.outside.engine.begin() as erasing:
        erasing.execute(text("SELECT person_id FROM person FOR UPDATE"))
        with ThreadPoolExecutor(1) as pool:
            folding = pool.submit(fold_all, running.folding)
            assert eventually(lambda: _waits(running) or folding.done())
            gone = erasing.execute(text("DELETE FROM record")).rowcount
            failed = folding.exception(timeout=GENEROUS)

    assert isinstance(failed, ServiceUnavailableError)
    assert gone == 10
    assert fold_all(running.folding) == running.count("record_part") == 0


def test_a_record_that_is_being_written_is_folded_the_next_time(running: InProcess):
    """The others are folded meanwhile."""
    with running.outside.engine.begin() as writing:
        one = "record_key = (SELECT min(record_key) FROM record)"
        writing.execute(text(f"UPDATE record SET version = version WHERE {one}"))  # noqa: S608
        with ThreadPoolExecutor(1) as pool:
            folded = pool.submit(fold_all, running.folding).result(timeout=GENEROUS)

    assert folded == 9
    fold_all(running.folding)
    assert running.count("record_part") == 1
    assert running.count("record WHERE folded_in IS NULL") == 0


def _waits(running: InProcess) -> bool:
    with running.outside.engine.connect() as connection:
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(connection.execute(text(query)).scalar_one())
