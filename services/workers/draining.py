"""Doing all the work that waits, for a data folder that nobody serves."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from schemas.topics import PARTITIONS
from services.bootstrap import Application, DatabaseRole
from services.platform.bus.ports import EventBus
from services.platform.durable_files import FileLock
from services.platform.loops import insist
from services.workers.aggregation import aggregator, consider_links
from services.workers.consuming import Consumer
from services.workers.files.reading import carry_out_lists
from services.workers.relaying import integrate_ledger, make_topics, relay_batch
from services.workers.replaying import look_after_parked
from services.workers.resending import resender
from services.workers.witnesses import ask_witnesses_once

_BATCH = 500
_POLL_SECONDS = 0.02
_QUIET_ROUNDS = 2
_INSIST_SECONDS = 20.0
# Longer than a bus waits for a killed member before it gives its partitions to others.
_PATIENCE = 20.0


@contextmanager
def working(application: Application) -> Iterator[None]:
    """Around a command: when nobody serves this data, do afterwards what a server would.

    Raises ServiceError when the bus or the database is away for longer; what the command itself
    did is durable by then, and the next command or server does the rest.
    """
    yield

    def finish() -> None:
        if not application.is_served:
            drain(application)

    insist(finish, seconds=_INSIST_SECONDS)


def drain(application: Application) -> None:
    """Relay, aggregate, resend, compare and integrate until nothing is left to do.

    Commands that drain the same data folder do so one after the other, so that each ends when
    all is done, and not when the rest is in another's hands. Raises ServiceError when the bus or
    the database fails; whoever drains next finishes.
    """
    with ExitStack() as stack:
        lock = stack.enter_context(FileLock.open(application.settings.data / "draining.lock"))
        lock.wait_exclusive()
        bus = _open_bus(application, DatabaseRole.RELAY, stack)
        make_topics(bus)
        members = [
            aggregator(
                _open_bus(application, DatabaseRole.AGGREGATION, stack),
                application.outside(DatabaseRole.AGGREGATION),
            ),
            resender(
                _open_bus(application, DatabaseRole.CONNECTORS, stack),
                application.outside(DatabaseRole.CONNECTORS),
            ),
        ]
        for member in members:
            stack.callback(member.close)
        _work_until_done(application, bus, members)
        relay = application.outside(DatabaseRole.RELAY)
        integrate_ledger(relay, application.ledger_signer, application.ledger_copy)
        ask_witnesses_once(application)


def _open_bus(application: Application, role: DatabaseRole, stack: ExitStack) -> EventBus:
    bus = application.open_bus(role)
    stack.callback(bus.close)
    return bus


def _work_until_done(application: Application, bus: EventBus, members: Sequence[Consumer]) -> None:
    """Twice nothing to do, all partitions being ours: a member gets them some time after joining.

    Partitions that somebody else keeps, who then does their work, are not waited for long.
    """
    relay = application.outside(DatabaseRole.RELAY)
    deadline = time.monotonic() + _PATIENCE
    idle = 0
    while idle < _QUIET_ROUNDS:
        moved = relay_batch(bus, relay)
        moved += sum(member.consume(most=_BATCH, timeout=_POLL_SECONDS) for member in members)
        moved += consider_links(application.outside(DatabaseRole.CONNECTORS))
        moved += look_after_parked(application.outside(DatabaseRole.CONNECTORS))
        moved += len(carry_out_lists(application.outside(DatabaseRole.CONNECTORS)))
        if moved or any(member.lag() for member in members):
            idle, deadline = 0, time.monotonic() + _PATIENCE
        elif (
            all(member.has_all(PARTITIONS) for member in members)
            or application.is_served
            or time.monotonic() > deadline
        ):
            idle += 1
