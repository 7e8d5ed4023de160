"""Bells: who waits for work is woken when it is committed, and costs nothing until then."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text

from schemas.envelope import Event, EventType
from schemas.topics import PROFILES_CHANGED
from services.platform.bus.ports import BusMessage, TopicSpec
from services.platform.bus.postgres import PostgresEventBus
from services.platform.bus.postgres_outbox import PostgresOutbox
from services.platform.database.doorbell import Bell, Doorbell, ring
from services.platform.loops import Stopping, run_until_stopped
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.postgres

_SHORT = 0.2
_CUT = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE query LIKE 'LISTEN%' AND datname = current_database()
""")


class _Stopping(Stopping):
    """Told to stop by the test, and by no signal."""

    def __init__(self) -> None:
        before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
        super().__init__()
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)


@pytest.fixture
def stopping() -> _Stopping:
    """Give what is told when it is time to stop."""
    return _Stopping()


@pytest.fixture
def bell(engine: Engine, stopping: _Stopping) -> Iterator[Doorbell]:
    """Give one that is listened to already."""
    made = Doorbell(engine, Bell.OUTBOX, stopping)
    made.wait(0)
    yield made
    made.close()


def _has_rung(bell: Doorbell) -> bool:
    """Whether it rings within a moment; waits the whole of it where it does not."""
    began = time.monotonic()
    bell.wait(_SHORT)
    return time.monotonic() - began < _SHORT


def _later(do: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=lambda: (time.sleep(_SHORT), do()))
    thread.start()
    return thread


def test_it_rings_once_what_is_done_is_committed(bell: Doorbell, engine: Engine):
    """Not before, not for what is rolled back, not for another bell; and once for several."""
    with engine.begin() as connection:
        ring(connection, Bell.OUTBOX)
        ring(connection, Bell.OUTBOX)
        assert not _has_rung(bell)
    assert _has_rung(bell)
    assert not _has_rung(bell)

    with engine.connect() as connection:
        ring(connection, Bell.OUTBOX)
        connection.rollback()
    with engine.begin() as connection:
        ring(connection, Bell.BUS)
    assert not _has_rung(bell)


def test_what_rang_between_two_waits_is_not_lost(bell: Doorbell, engine: Engine):
    """Whoever found nothing to do, and waits only then, is woken at once."""
    with engine.begin() as connection:
        ring(connection, Bell.OUTBOX)

    bell.wait(GENEROUS)


def test_the_first_wait_returns_at_once(engine: Engine, stopping: _Stopping):
    """What rang before nobody heard: it is looked for."""
    bell = Doorbell(engine, Bell.BUS, stopping)

    bell.wait(GENEROUS)

    bell.close()


def test_to_be_told_to_stop_ends_the_wait(bell: Doorbell, stopping: _Stopping):
    """At once, and every later one."""
    waiting = _later(stopping.ask)

    bell.wait(GENEROUS)
    bell.wait(GENEROUS)

    waiting.join()
    assert stopping.is_asked()


def test_a_signal_ends_the_wait(engine: Engine):
    """As a process is told by its supervisor."""
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    stopping = Stopping(grace=GENEROUS)
    bell = Doorbell(engine, Bell.OUTBOX, stopping)
    bell.wait(0)
    waiting = _later(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        bell.wait(GENEROUS)
    finally:
        waiting.join()
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)
        bell.close()

    assert stopping.is_asked()


def test_a_connection_that_is_cut_is_made_anew(bell: Doorbell, engine: Engine):
    """Whoever waits goes on waiting, and is woken by what rings afterwards."""
    with engine.begin() as connection:
        assert list(connection.execute(_CUT).scalars())

    assert _has_rung(bell)  # it finds that it is cut, and the caller looks
    assert eventually(lambda: not _has_rung(bell))
    with engine.begin() as connection:
        ring(connection, Bell.OUTBOX)

    assert _has_rung(bell)


def test_a_database_that_is_away_is_asked_again_and_again(stopping: _Stopping, engine: Engine):
    """It never raises: whoever asks the database finds out by themselves."""
    nowhere = engine.url.set(database="there_is_none")
    bell = Doorbell(_Engine(nowhere), Bell.OUTBOX, stopping)  # type: ignore[arg-type]

    for _ in range(3):
        assert not _has_rung(bell)


class _Engine:
    def __init__(self, url: object) -> None:
        self.url = url


def test_what_is_queued_and_what_is_published_ring(engine: Engine, stopping: _Stopping):
    """Each its own bell: the relay waits for the one, and who consumes for the other."""
    queued, published = (Doorbell(engine, bell, stopping) for bell in (Bell.OUTBOX, Bell.BUS))
    queued.wait(0)
    published.wait(0)
    bus = PostgresEventBus(engine)
    bus.ensure_topics([TopicSpec(PROFILES_CHANGED, partitions=1, retention=None, compacted=False)])

    with engine.begin() as connection:
        PostgresOutbox(connection).park([])
    assert not _has_rung(queued)
    with engine.begin() as connection:
        PostgresOutbox(connection).add([_event()])
    assert _has_rung(queued)
    assert not _has_rung(published)
    bus.publish([BusMessage(topic=PROFILES_CHANGED, key="a", headers=(), value=b"x")])
    assert _has_rung(published)

    for bell in (queued, published):
        bell.close()


def _event() -> Event:
    return Event(
        topic=PROFILES_CHANGED,
        key="a" * 32,
        id="b" * 32,
        type=EventType.PROFILE_CHANGED,
        source="tests",
        subject="a" * 32,
        time="2026-11-30T09:00:00Z",
        content_type="application/json",
        data=b"{}",
    )


def test_a_loop_rests_only_when_nothing_moved(stopping: _Stopping):
    """While there is some, it gathers for a moment and goes on."""
    moves, rests = [3, 0, 2, 0], []

    def step() -> int:
        if not moves:
            stopping.ask()
            return 1
        return moves.pop(0)

    run_until_stopped(
        step,
        stopping=stopping,
        idle_wait=0.001,
        log=None,
        rest=lambda: rests.append(len(moves)),  # type: ignore[arg-type]
    )

    assert rests == [2, 0]
