"""Kills a process before each statement of an order in turn, and says what is there after each.

Before each that changes anything, and before the commit: between two
that only read nothing differs.

Run as `python -m tests.support.killing.each_statement STEPS EVERY DATA DATABASE PERSON`; STEPS is a
module beside this one that has them. Each try is a process of its own, which dies by SIGKILL:
nothing of ours tidies up after it. EVERY is before how many statements of a step one dies: 1
before each; of each step another one is the first.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from schemas.identifiers import PersonId
from services.bootstrap import DatabaseRole, opened
from services.platform.database.engine import open_engine
from services.platform.settings import Settings
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.ordering import Machine

_COUNTED = (
    *("record", "sharing_decision", "tombstone", "erasure_wait", "message_out", "look"),
    *("membership", "practitioner", "relationship", "restriction", "exclusion", "person_join"),
    *("person_apart", "governance_item", "outbox", "ledger_entry"),
)
_STATE = text(f"""
    SELECT (SELECT string_agg(kind || ' ' || status, ', ' ORDER BY kind, order_id)
            FROM (SELECT DISTINCT ON (order_id) * FROM two_hands_order
                  ORDER BY order_id, state DESC) AS newest) AS orders,
           {", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in _COUNTED)}
""")  # noqa: S608 - of constant parts
_NEWEST = text("""
    SELECT order_id FROM two_hands_order WHERE kind = :kind ORDER BY known_at DESC, order_id DESC
    LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order; time passes `before` it."""

    do: Callable[[Outside, PersonId], object]
    before: timedelta = timedelta(minutes=1)


def main(steps: str, every: str, data: str, database: str, person: str) -> None:
    """Do every step, killed before its statements first; print what was there each time."""
    settings = Settings.model_validate(
        {"data": Path(data), "database": database, "environment": "demonstration"}
    )
    machine = Machine(clock := StandingClock())
    with opened(settings) as application:
        found = {}
        outside = application.outside(DatabaseRole.OWNER)
        outside = replace(outside, clock=clock, boot_time=machine.boot_time)
        for number, (name, step) in enumerate(import_module(steps).STEPS.items()):
            machine.pass_by(step.before)
            first = number % int(every)
            found[name] = list(_tried(step, outside, PersonId(person), first, int(every)))
        print(json.dumps(found))  # noqa: T201 what the test reads


def newest(outside: Outside, kind: str) -> str:
    """The order of this kind that was asked for last."""
    with outside.engine.connect() as connection:
        found = connection.execute(_NEWEST, {"kind": kind}).first()
    return "" if found is None else str(found.order_id)


def _tried(
    step: Step, outside: Outside, person: PersonId, first: int, every: int
) -> Iterator[dict[str, Any]]:
    """What there is before, after each death, and once it was let through."""
    yield _state(outside)
    statement = first
    while True:
        child = os.fork()
        if child == 0:
            # A connection is never shared by two processes: this one makes its own.
            own = open_engine(outside.engine.url.render_as_string(hide_password=False))
            _die_before(statement, own)
            step.do(replace(outside, engine=own), person)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        yield _state(outside)
        if not os.WIFSIGNALED(status):
            assert status == 0, status
            return
        statement += every


def _die_before(statement: int, engine: Engine) -> None:
    left = statement

    def count(_: object) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def count_changes(connection: object, _: object, words: str, *__: object) -> None:
        if not words.lstrip().startswith("SELECT"):
            count(connection)

    event.listen(engine, "before_cursor_execute", count_changes)
    event.listen(engine, "commit", count)


def _state(outside: Outside) -> dict[str, Any]:
    with outside.engine.connect() as connection:
        return dict(connection.execute(_STATE).one()._mapping)


if __name__ == "__main__":
    main(*sys.argv[1:])
