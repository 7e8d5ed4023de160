"""A shared profile built anew in tests: what was stored before and after, row by row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random

from sqlalchemy import text

from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage
from schemas.vocabulary import Category
from services.lifecycle.retention.rules import retention_rules
from services.platform.bus.ports import EventBus
from services.platform.bus.postgres import PostgresEventBus
from services.workers.rebuild import Origin, Rebuilt, rebuild
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_clearing,
    a_message,
    a_record,
    a_removal,
    the_family,
)

Rows = tuple[list[tuple[object, ...]], list[tuple[object, ...]]]
_SOME_CATEGORIES = (Category.CHILD_HEALTH, Category.EDUCATION, Category.PRACTITIONERS)


def rows_of(running: InProcess, *, sealed: bool = True) -> Rows:
    """Every row of the shared profile, byte for byte, or but for how it is sealed.

    In which part a record lies says nothing of what it says, nor when it came: what was lost comes
    again.
    """
    left_out = {"folded_in", "arrived_at", *(() if sealed else ("sealed",))}
    with running.outside.engine.connect() as connection:
        records = connection.execute(
            text("SELECT * FROM record ORDER BY person_id, source, record_key")
        ).mappings()
        case_loads = connection.execute(
            text("SELECT * FROM case_load ORDER BY record_key, person_id")
        )
        return (
            [tuple(v for name, v in row.items() if name not in left_out) for row in records],
            [tuple(row) for row in case_loads],
        )


def wait_a_minute(clock: StandingClock) -> None:
    """Let a little time go by: what happens after is later."""
    clock.pass_by(timedelta(minutes=1))


@contextmanager
def without_progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Nobody watches."""
    del what, total
    yield lambda _: None


def rebuilt(
    running: InProcess,
    origin: Origin,
    *,
    dry_run: bool = False,
    bus: EventBus | None = None,
    meanwhile: Callable[[str], None] = lambda _: None,
) -> Rebuilt:
    """Rebuild; `meanwhile` is called as each part of the work begins, with its name."""

    @contextmanager
    def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
        del total
        meanwhile(what)
        yield lambda _: None

    return rebuild(
        origin,
        bus=bus or PostgresEventBus(running.outside.engine),
        outside=running.outside,
        rules=retention_rules(None),
        progress=progress,
        dry_run=dry_run,
    )


def damage(running: InProcess, statement: str, **values: object) -> int:
    """Change the tables behind the program's back; gives how many rows it hit."""
    with running.outside.engine.begin() as connection:
        return connection.execute(text(statement), values).rowcount


def live_through(
    running: InProcess, clock: StandingClock, random: Random, *, steps: int
) -> list[PersonId]:
    """A random history of one family: told, taken back, cleared, refused, agreed, withdrawn."""
    given = [running.decide(*the_family()).decision.id]
    for step in range(steps):
        clock.pass_by(timedelta(minutes=random.randrange(1, 60)))
        chosen = random.randrange(8)
        if chosen == 0:
            categories = random.sample(_SOME_CATEGORIES, 2)
            given.append(running.decide(*the_family(), categories=categories).decision.id)
        elif chosen == 1 and given:
            running.withdraw(given.pop(random.randrange(len(given))))
        else:
            running.receive(_a_message(step, random))
        if random.random() < 0.6:
            running.settle()
    running.settle()
    return [person for s in the_family() if (person := running.person(s)) is not None]


def _a_message(step: int, random: Random) -> SourceMessage:
    day = f"2026-01-{random.randrange(1, 29):02d}T00:00:00Z"
    number = random.randrange(5)
    scope = f"scope-{number % 2}"
    records = [
        a_record(f"r{number}", A_REVIEW, random.choice(_SOME_CATEGORIES[:2]), scopes=(scope,)),
        a_record(f"w{number}", A_VISITOR, Category.PRACTITIONERS, scopes=(scope,)),
        a_removal(f"r{number}"),
        a_clearing(scope),
    ]
    return (
        a_message(f"m{step}", *random.sample(records[:2], 1), at=day)
        if random.random() < 0.75
        else a_message(f"m{step}", random.choice(records[2:]), at=day)
    )
