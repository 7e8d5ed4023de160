"""Doing all the work that waits, for a data folder that nobody serves."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from services.bootstrap import Application, DatabaseRole
from services.workers.aggregating import aggregator
from services.workers.relaying import integrate_ledger, make_topics, relay_batch
from services.workers.resending import resender

_BATCH = 500


@contextmanager
def working(application: Application) -> Iterator[None]:
    """Around a command: when nobody serves this data, do afterwards what a server would."""
    yield
    if not application.is_served:
        drain(application)


def drain(application: Application) -> None:
    """Relay, aggregate, resend and integrate until nothing is left to do."""
    relay = application.outside(DatabaseRole.RELAY)
    with ExitStack() as stack:
        bus = application.open_bus(DatabaseRole.RELAY)
        stack.callback(bus.close)
        make_topics(bus)
        consumers = []
        for make, role in (
            (aggregator, DatabaseRole.AGGREGATION),
            (resender, DatabaseRole.CONNECTORS),
        ):
            own_bus = application.open_bus(role)
            stack.callback(own_bus.close)
            consumer = make(own_bus, application.outside(role))
            stack.callback(consumer.close)
            consumers.append(consumer)
        idle = 0
        while idle < 2:
            moved = relay_batch(bus, relay)
            moved += sum(consumer.consume(most=_BATCH, timeout=0.02) for consumer in consumers)
            waiting = sum(consumer.lag() for consumer in consumers)
            idle = 0 if moved or waiting else idle + 1
        integrate_ledger(relay, application.ledger_signer)
