"""Erasing from end to end: the database is told first, the vault second, the database again.

The vault last would let a wrapped key lie in a restored backup; the vault first would leave,
when the process dies, rows that nobody can read and no entry that says why. So the order is
durable with everything deleted before the vault forgets, and only then is it entered that the
keys are destroyed. An order that is not finished is finished by whoever looks next.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from services.interfaces.partners.push.postgres import forget_old_pushes
from services.lifecycle.erasure.erasing import (
    ErasePerson,
    Erasing,
    Erasure,
    ErasureRefusal,
    finish_erasure,
    order_erasure,
)
from services.lifecycle.erasure.ordering import (
    JOB,
    Ordering,
    StillWaiting,
    carry_out,
    due_erasures,
)
from services.lifecycle.erasure.postgres import PostgresErasures
from services.lifecycle.erasure.postgres_waits import PostgresWaits
from services.lifecycle.retention.postgres import forget_expired_messages
from services.people.governance.orders import NotTheirs
from services.platform.database.activity import ActivityKind, wait_for_those_in_flight
from services.work import Outside, UnitOfWork, unit_of_work


def carry_out_erasure(
    order_id: str, *, by: str, outside: Outside, is_at_once: bool = False
) -> Erasure | ErasureRefusal | StillWaiting | NotTheirs:
    """Carry out one order, as the database's owner, if it is due; completes what was left."""
    with ordering(outside) as found:
        answer = carry_out(order_id, by=by, ordering=found, is_at_once=is_at_once)
    finish_erasures(outside)
    return answer


def carry_out_what_is_due(outside: Outside) -> int:
    """Measure how long confirmed orders have waited and carry out those that are due.

    To be called every hour or so, as the database's owner. Gives how many were carried out.
    """
    with ordering(outside) as found:
        due = due_erasures(ordering=found)
    answers = [carry_out_erasure(order, by=JOB, outside=outside) for order in due]
    finish_erasures(outside)
    return sum(isinstance(answer, Erasure) for answer in answers)


@contextmanager
def ordering(outside: Outside) -> Iterator[Ordering]:
    """What erasures are ordered with in one transaction; `outside` has to be the owner's."""
    with _erasing(outside) as (work, erasing):
        yield Ordering(
            erasing,
            work.orders,
            PostgresWaits(work.connection, work.bound),
            work.now,
            outside.boot_time(),
            work.is_demonstration,
        )


def erase(command: ErasePerson, *, outside: Outside) -> Erasure | ErasureRefusal:
    """Erase a person by an order that is due, or again after a restore; as the database's owner.

    It also completes what was left unfinished.
    """
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


def forget_expired(outside: Outside) -> int:
    """Let go of messages that were held for their whole time; gives how many."""
    with unit_of_work(outside) as work:
        forget_old_pushes(work.connection, work.now)
        return forget_expired_messages(work.connection, work.now)
