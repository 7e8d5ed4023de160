"""Kills a process before each statement of an order in turn, and says what is there after each.

Before each that changes anything, and before the commit: between two
that only read nothing differs.

Run as `python -m tests.support.killing.each_statement DATA DATABASE PERSON`. Each try is a process
of its own, which dies by SIGKILL: nothing of ours tidies up after it.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from schemas.identifiers import PersonId
from services.bootstrap import DatabaseRole, opened
from services.interfaces.subject_access.held import GivenTo
from services.interfaces.subject_access.ordering import (
    AskReport,
    ReportOrdering,
    ask_report,
    make_ordered,
)
from services.interfaces.subject_access.reporting import reporting
from services.lifecycle.erasure.erasing import ErasureGround
from services.lifecycle.erasure.ordering import Officer, ask_erasure, confirm_erasure, stop_erasure
from services.people.governance.reports import ReportOfficer, answer_report
from services.platform.database.engine import open_engine
from services.platform.settings import Settings
from services.work import Outside, unit_of_work
from services.workers.erasure import carry_out_erasure, ordering
from tests.support.clock import StandingClock
from tests.support.ordering import ONE, OTHER, Machine

Step = Callable[[Outside, PersonId, str], object]
_STATE = text("""
    SELECT (SELECT string_agg(kind || ' ' || status, ', ' ORDER BY kind, order_id)
            FROM (SELECT DISTINCT ON (order_id) * FROM two_hands_order
                  ORDER BY order_id, state DESC) AS newest) AS orders,
           (SELECT count(*) FROM record) AS records,
           (SELECT count(*) FROM sharing_decision) AS decisions,
           (SELECT count(*) FROM tombstone) AS tombstones,
           (SELECT count(*) FROM erasure_wait) AS waits,
           (SELECT count(*) FROM message_out) AS messages,
           (SELECT count(*) FROM look) AS looks,
           (SELECT count(*) FROM ledger_entry) AS entries
""")
_NEWEST = text("""
    SELECT order_id FROM two_hands_order WHERE kind = :kind ORDER BY known_at DESC, order_id DESC
    LIMIT 1
""")


def _ask(outside: Outside, person: PersonId, order: str) -> object:
    del order
    with ordering(outside) as found:
        ground = ErasureGround.UNLAWFUL
        return ask_erasure(person, ground, frozenset(), by=Officer(ONE), ordering=found)


def _confirm(outside: Outside, person: PersonId, order: str) -> object:
    del person
    with ordering(outside) as found:
        return confirm_erasure(order, by=Officer(OTHER), ordering=found)


def _stop(outside: Outside, person: PersonId, order: str) -> object:
    del person
    with ordering(outside) as found:
        return stop_erasure(order, by=Officer(ONE), ordering=found)


def _carry_out(outside: Outside, person: PersonId, order: str) -> object:
    del person
    return carry_out_erasure(order, by="job:erasure", outside=outside)


def _ask_report(outside: Outside, person: PersonId, order: str) -> object:
    del order
    with unit_of_work(outside) as work:
        wanted = AskReport(person, GivenTo.PERSON)
        return ask_report(wanted, by=ReportOfficer(ONE), ordering=_reports(work, outside))


def _confirm_report(outside: Outside, person: PersonId, order: str) -> object:
    del person
    with unit_of_work(outside) as work:
        hands = _reports(work, outside)
        return answer_report(order, by=ReportOfficer(OTHER), confirms=True, hands=hands)


def _make_report(outside: Outside, person: PersonId, order: str) -> object:
    del person
    with unit_of_work(outside) as work:
        return make_ordered(order, by=ReportOfficer(ONE), ordering=_reports(work, outside))


def _reports(work: Any, outside: Outside) -> ReportOrdering:
    presences = work.presences()
    told = (presences.contacts, presences.channels, presences.messages, work.now)
    return ReportOrdering(reporting(work, outside), work.orders, *told)


STEPS: Mapping[str, tuple[str, Step]] = {
    "report asked": ("subject-access", _ask_report),
    "report confirmed": ("subject-access", _confirm_report),
    "report made": ("subject-access", _make_report),
    "asked": ("erasure", _ask),
    "confirmed": ("erasure", _confirm),
    "stopped": ("erasure", _stop),
    "asked again": ("erasure", _ask),
    "confirmed again": ("erasure", _confirm),
    "carried out": ("erasure", _carry_out),
}


def main(data: str, database: str, person: str) -> None:
    """Do every step, killed before each of its statements first; print what was there each time."""
    settings = Settings.model_validate(
        {"data": Path(data), "database": database, "environment": "demonstration"}
    )
    clock = StandingClock()
    machine = Machine(clock)
    with opened(settings) as application:
        found = {}
        for number, (name, (kind, step)) in enumerate(STEPS.items()):
            clock.pass_by(timedelta(minutes=number))
            if name == "carried out":
                machine.pass_by(timedelta(days=7))
            outside = application.outside(DatabaseRole.OWNER)
            outside = replace(outside, clock=clock, boot_time=machine.boot_time)
            order = _newest(outside, kind)
            found[name] = list(_tried(step, outside, PersonId(person), order))
        print(json.dumps(found))  # noqa: T201 what the test reads


def _tried(step: Step, outside: Outside, person: PersonId, order: str) -> Iterator[dict[str, Any]]:
    """What there is before, after each death, and once it was let through."""
    yield _state(outside)
    statement = 0
    while True:
        child = os.fork()
        if child == 0:
            # A connection is never shared by two processes: this one makes its own.
            own = open_engine(outside.engine.url.render_as_string(hide_password=False))
            _die_before(statement, own)
            step(replace(outside, engine=own), person, order)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        yield _state(outside)
        if not os.WIFSIGNALED(status):
            assert status == 0, status
            return
        statement += 1


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


def _newest(outside: Outside, kind: str) -> str:
    with outside.engine.connect() as connection:
        found = connection.execute(_NEWEST, {"kind": kind}).first()
    return "" if found is None else str(found.order_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
