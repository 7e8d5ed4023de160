"""Erasing from end to end: the database is told first, the vault second, the database again.

The vault last would let a wrapped key lie in a restored backup; the vault first would leave,
when the process dies, rows that nobody can read and no entry that says why. So the order is
durable with everything deleted before the vault forgets, and only then is it entered that the
keys are destroyed. An order that is not finished is finished by whoever looks next.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from services.lifecycle.erasure.erasing import (
    ErasePerson,
    Erasing,
    Erasure,
    ErasureRefusal,
    finish_erasure,
    order_erasure,
)
from services.lifecycle.erasure.postgres import PostgresErasures
from services.platform.database.activity import ActivityKind, wait_for_those_in_flight
from services.work import Outside, UnitOfWork, unit_of_work


def erase(command: ErasePerson, *, outside: Outside) -> Erasure | ErasureRefusal:
    """Erase a person, as the database's owner; also completes what was left unfinished."""
    with _erasing(outside) as (_, erasing):
        ordered = order_erasure(command, erasing=erasing)
    finish_erasures(outside)
    return ordered


def finish_erasures(outside: Outside) -> int:
    """Destroy the keys of every erasure that is not finished; gives how many those were."""
    with _erasing(outside) as (_, erasing):
        unfinished = erasing.erasures.unfinished()
    for erasure in unfinished:
        outside.vault.destroy(erasure.handles)
        with _erasing(outside) as (work, erasing):
            # What began before the order may still write about them; what begins now cannot.
            for kind in (ActivityKind.PUBLISHING, ActivityKind.STORING):
                wait_for_those_in_flight(work.connection, kind)
            finish_erasure(erasure, erasing=erasing)
    return len(unfinished)


@contextmanager
def _erasing(outside: Outside) -> Iterator[tuple[UnitOfWork, Erasing]]:
    with unit_of_work(outside) as work:
        erasures = PostgresErasures.of(work, outside.vault)
        yield work, Erasing(erasures, work.outbox.add, work.ledger, outside.clock)
