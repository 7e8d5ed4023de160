"""Messages at a rate of their own: how long from accepted to visible, at what CPU and disk.

Accepted is a message once its transaction at the connector is durable; visible once aggregation's
transaction with its records is. The n-th accepted is held against the n-th visible: the way is a
queue, and nobody has to open records to know which is which. The rate does not wait for answers,
so a message that comes late counts from when it was due.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, text

from deploy.bench.invented.health_visiting import generate_messages
from deploy.bench.over_http.cpu import cpu_of_trees, postmaster
from deploy.bench.world import bench_folder, child_with, permit_sharing, served
from schemas.topics import records_topic
from schemas.vocabulary import IdentifierScheme, Source
from services.bootstrap import Application, DatabaseRole
from services.platform.loops import leave_what_is_loaded
from services.platform.settings import Settings
from services.work import unit_of_work
from services.workers.files.reading import ingest

_SEED = 20261122
SOURCE = Source.HEALTH_VISITING
_TICK = 0.05
_LOOK_EVERY = 0.01
_LONGEST_SECONDS = 900
_TRANSIENT = ("outbox", "bus_messages")
_VISIBLE = text("""
    SELECT coalesce(sum(next_offset), 0) FROM consumer_position
    WHERE consumer LIKE 'aggregation@%' AND topic = :topic
""")
_SIZES = text("""
    SELECT relname, pg_total_relation_size(oid) AS size FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
""")


@dataclass(frozen=True, slots=True)
class Steady:
    """What was seen: messages a second, milliseconds to visible, CPU by process for a message."""

    rate: float
    p50: float
    p99: float
    longest: float
    cpu: dict[str, float]
    cores: float


@dataclass(frozen=True)
class Pipeline:
    """An installation with relay and aggregation running, whose messages this process reads."""

    application: Application
    files: Sequence[Path]
    cpu_of_others: dict[str, int]
    _taken: list[int] = field(default_factory=lambda: [0])

    def at_full_speed(self, count: int) -> Steady:
        """All of them at once: the rate is what the way can do, the waiting that of a backlog."""
        return self._watched(self._next(count), due=[0.0] * count)

    def at_rate(self, count: int, rate: float) -> Steady:
        """So many a second, whatever becomes of them."""
        return self._watched(self._next(count), due=[number / rate for number in range(count)])

    def sizes(self) -> dict[str, int]:
        """Bytes of what is kept, and of what is let go of once it was handled."""
        with unit_of_work(self.application.outside(DatabaseRole.OWNER)) as work:
            found = {row.relname: row.size for row in work.connection.execute(_SIZES)}
        transient = sum(found[name] for name in _TRANSIENT)
        return {"kept": sum(found.values()) - transient, "transient": transient}

    def _next(self, count: int) -> Sequence[Path]:
        start = self._taken[0]
        self._taken[0] += count
        found = self.files[start : start + count]
        if len(found) < count:
            raise ValueError("more messages are asked for than were made")
        return found

    def _watched(self, files: Sequence[Path], due: Sequence[float]) -> Steady:
        outside = self.application.outside(DatabaseRole.CONNECTORS)
        of_others = cpu_of_trees(self.cpu_of_others)
        with Watching.begun(self.application) as watching:
            before, own, began = of_others(), time.process_time(), time.monotonic()
            sent = 0
            while sent < len(files):
                ready = _due_by(due, sent, time.monotonic() - began)
                for _ in ingest(SOURCE, files[sent:ready], outside=outside):
                    sent += 1
                time.sleep(_TICK if sent < len(files) else 0.0)
            seen = watching.wait_for(len(files))
            seconds, own = time.monotonic() - began, time.process_time() - own
        used = {name: now - before[name] for name, now in of_others().items()} | {"reader": own}
        waited = sorted(at - began - asked for at, asked in zip(seen, due, strict=True))
        return Steady(
            rate=len(files) / seconds,
            p50=waited[len(waited) // 2] * 1e3,
            p99=waited[len(waited) * 99 // 100] * 1e3,
            longest=waited[-1] * 1e3,
            cpu={name: seconds_used / len(files) * 1e6 for name, seconds_used in used.items()},
            cores=sum(used.values()) / seconds,
        )


def _due_by(due: Sequence[float], sent: int, seconds: float) -> int:
    while sent < len(due) and due[sent] <= seconds:
        sent += 1
    return sent


@dataclass
class Watching:
    """A thread that notes when each message became visible."""

    connection: Connection
    first: int
    seen: list[float] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    @classmethod
    @contextmanager
    def begun(cls, application: Application) -> Iterator["Watching"]:
        """From now on, for as long as the block lasts."""
        engine = application.outside(DatabaseRole.OWNER).engine
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            watching = cls(connection, _visible(connection))
            thread = threading.Thread(target=watching.watch)
            thread.start()
            try:
                yield watching
            finally:
                watching.is_over.set()
                thread.join()

    def watch(self) -> None:
        """What the thread does."""
        while not self.is_over.wait(_LOOK_EVERY):
            new = _visible(self.connection) - self.first - len(self.seen)
            self.seen += [time.monotonic()] * new

    def wait_for(self, count: int) -> Sequence[float]:
        """When each of the first so many became visible; raises TimeoutError."""
        ends = time.monotonic() + _LONGEST_SECONDS
        while len(self.seen) < count:
            if time.monotonic() > ends:
                raise TimeoutError("the messages did not become visible")
            time.sleep(_LOOK_EVERY)
        return self.seen[:count]


def _visible(connection: Connection) -> int:
    topic = records_topic(SOURCE)
    return int(connection.execute(_VISIBLE, {"topic": topic}).scalar_one())


@contextmanager
def with_messages(
    settings: Settings, *, messages: int
) -> Iterator[tuple[Application, Sequence[Path]]]:
    """A data folder of its own, which is removed afterwards, and so many messages in files.

    Of each child there are four; every child's sharing is permitted.
    """
    with bench_folder(settings) as (application, folder):
        files, born = [], {}
        (folder / "files").mkdir()
        for message in generate_messages(messages, seed=_SEED):
            files.append(folder / "files" / message.name)
            files[-1].write_bytes(message.xml)
            born[message.nhs_number] = message.date_of_birth
        scheme = IdentifierScheme.NHS_NUMBER
        permit_sharing(application, [child_with(scheme, n, day) for n, day in born.items()])
        yield application, files


@contextmanager
def pipeline(settings: Settings, *, messages: int, aggregators: int = 1) -> Iterator[Pipeline]:
    """An installation with relay and aggregation running, and so many messages ready."""
    with (
        with_messages(settings, messages=messages) as (application, files),
        served(application, ["relay", *["aggregate"] * aggregators]) as supervisor,
    ):
        leave_what_is_loaded()
        of_others = dict(supervisor.process_ids())
        of_others["postgresql"] = postmaster(application.settings.data)
        yield Pipeline(application, files, of_others)
