"""Kills processes of an installation at random moments of its work, and waits for its end."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Any, Final, LiteralString

import psycopg
from kafka import KafkaConsumer, TopicPartition

from services.platform.database.embedded.folder import PostgresFolder
from tests.support.fixtures.fixtures_postgres import libpq_url
from tests.support.installation import Installation, Target
from tests.support.waiting import GENEROUS, eventually

_LOOK_EVERY: Final = 0.05
_LONGEST_PAUSE: Final = 0.4
_LONGEST_TURN: Final = 4.0
_BY_TIME: Final = 0.4
_GROUPS: Final = ("aggregation", "connectors")

_DECIDED = "SELECT count(*) FROM message_outcome"
_LEFT = """
    SELECT (SELECT count(*) FROM outbox),
        (SELECT count(*) FROM ledger_entry) - (SELECT count(*) FROM ledger_leaf)
"""
_POSITIONS = """
    SELECT split_part(consumer, '@', 1), topic, partition, next_offset FROM consumer_position
    WHERE consumer LIKE '%%@' || %s || '%%'
"""
_ENDS = """
    SELECT name, partition, next_offset FROM bus_logs JOIN bus_topics ON id = topic_id
    WHERE next_offset > 0
"""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Kill:
    """What is killed, when, and how many messages have been decided on by then."""

    target: Target
    seconds: float
    decided: int

    def __str__(self) -> str:
        return f"{self.target.name.lower()} at {self.seconds:.1f} s and {self.decided} messages"


def ingest_while_killing(
    installation: Installation, *, kills: int, random: Random
) -> Iterator[Kill]:
    """Ingest the files, some more for each kill, and kill at a random point of that work.

    Gives each kill just before it is done. `serve` and `ingest` are started again when they have
    died; what `serve` started is its own to start again. Every kind of process has its turn
    before one comes again.
    """
    installation.keep_serving()
    with closing(_Looks(installation)) as looks:
        before, files = looks.decided(0), len(list(installation.files.iterdir()))
        started = time.monotonic()
        for turn, target in zip(range(kills), _deck(installation, random), strict=False):
            given, more = files * turn // kills, files * (turn + 1) // kills
            installation.given = more
            point = before + random.uniform(given, more)
            decided = _wait_for_a_moment(installation, looks, point, random)
            yield Kill(target, time.monotonic() - started, decided - before)
            _kill(installation, target, random)
        installation.keep_serving()


def _wait_for_a_moment(
    installation: Installation, looks: "_Looks", point: float, random: Random
) -> int:
    """Work until so many messages are decided on, or just for a while; gives how many are."""
    began, pause = time.monotonic(), random.uniform(0, _LONGEST_TURN)
    by_time = random.random() < _BY_TIME
    decided = 0
    while (time.monotonic() < began + pause) if by_time else (decided < point):
        assert time.monotonic() < began + GENEROUS, f"no progress\n{installation.logs()}"
        installation.keep_serving()
        installation.keep_ingesting()
        decided = looks.decided(decided)
        time.sleep(_LOOK_EVERY)
    time.sleep(random.uniform(0, _LONGEST_PAUSE))
    return looks.decided(decided)


def ingest_half_way(installation: Installation, *, random: Random) -> None:
    """Ingest up to a random point; the command goes on."""
    installation.keep_serving()
    with closing(_Looks(installation)) as looks:
        before, files = looks.decided(0), len(list(installation.files.iterdir()))
        installation.keep_ingesting()
        point = random.uniform(0, 0.7) * files
        assert eventually(lambda: looks.decided(0) - before > point)
    time.sleep(random.uniform(0, _LONGEST_PAUSE))


def wait_until_drained(installation: Installation) -> None:
    """Wait until nothing is queued, every log is read to its end and the ledger is whole."""
    with closing(_Looks(installation)) as looks:
        assert eventually(lambda: _is_drained(installation, looks)), (
            f"there is still work after {GENEROUS} seconds\n{installation.logs()}"
        )


def _deck(installation: Installation, random: Random) -> Iterator[Target]:
    targets = [t for t in Target if t is not Target.BROKER or installation.broker]
    random.shuffle(targets)
    return cycle(targets)


def _kill(installation: Installation, target: Target, random: Random) -> None:
    def is_there() -> bool:
        installation.keep_serving()
        installation.keep_ingesting()
        return bool(installation.process_ids(target))

    found = eventually(is_there)
    assert found, f"no {target.name.lower()} came back\n{installation.logs()}"
    if target is Target.BROKER and installation.broker is not None:
        installation.broker.kill()
        time.sleep(random.uniform(0, 1))
        installation.broker.restart()
    else:
        chosen = random.choice(installation.process_ids(target))
        os.kill(chosen, signal.SIGKILL)
        assert eventually(lambda: chosen not in installation.process_ids(target))


class _Looks:
    """Looks into the database of an installation, over one connection for as long as it holds.

    One a look would be a process of the database for each, twenty times a second.
    """

    def __init__(self, installation: Installation) -> None:
        self._url = libpq_url(PostgresFolder.below(installation.data).url("tell_once"))
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def decided(self, otherwise: int) -> int:
        """How many messages there is an outcome of; `otherwise` while the database is away."""
        try:
            return int(self.rows(_DECIDED)[0][0])
        except psycopg.OperationalError:
            return otherwise

    def rows(self, statement: LiteralString, *values: str) -> list[tuple[Any, ...]]:
        """What a statement finds. Raises psycopg.OperationalError while the database is away."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, autocommit=True)
            return self._connection.execute(statement, values or None).fetchall()
        except psycopg.OperationalError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _is_drained(installation: Installation, looks: _Looks) -> bool:
    bus = "kafka" if installation.broker else "postgres"
    try:
        if looks.rows(_LEFT) != [(0, 0)]:
            return False
        positions = looks.rows(_POSITIONS, bus)
        ends = _ends(installation, looks)
    except psycopg.OperationalError:
        return False
    read = {(group, (topic, partition)): at for group, topic, partition, at in positions}
    wanted = [
        (group, place, end)
        for place, end in ends.items()
        for group in _GROUPS
        if place[0] == "sharing.decisions" or (place[0][:8] == "records." and group == _GROUPS[0])
    ]
    return all(read.get((group, place)) == end for group, place, end in wanted)


def _ends(installation: Installation, looks: _Looks) -> Mapping[Place, int]:
    if installation.broker is None:
        return {(topic, log): end for topic, log, end in looks.rows(_ENDS)}
    with closing(KafkaConsumer(bootstrap_servers=installation.broker.bootstrap_servers)) as kafka:
        topics = {topic: kafka.partitions_for_topic(topic) for topic in kafka.topics()}
        places = [TopicPartition(topic, n) for topic, numbers in topics.items() for n in numbers]
        return {(p.topic, p.partition): end for p, end in kafka.end_offsets(places).items() if end}
