"""The long-running processes: aggregation, relay, connectors."""

from services.adapters.logging import LogEvent, configure_logging
from services.bootstrap import Application, DatabaseRole
from services.workers.aggregating import aggregator
from services.workers.consuming import Consumer
from services.workers.relaying import integrate_ledger, make_topics, relay_batch
from services.workers.resending import resender
from services.workers.running import Every, Stopping, run_until_stopped

_BATCH = 300
_POLL_SECONDS = 0.2
_INTEGRATE_EVERY = 0.5


def run_aggregation(application: Application) -> int:
    """Aggregate until stopped."""
    return _run_consumer(application, "aggregation", DatabaseRole.AGGREGATION)


def run_connectors(application: Application) -> int:
    """Ask for what was withheld, as decisions change, until stopped."""
    return _run_consumer(application, "connectors", DatabaseRole.CONNECTORS)


def run_relay(application: Application) -> int:
    """Publish what is queued and keep the ledger's tree, until stopped."""
    log = configure_logging("relay")
    outside = application.outside(DatabaseRole.RELAY)
    bus = application.open_bus(DatabaseRole.RELAY)
    signer = application.ledger_signer
    integrating = Every(_INTEGRATE_EVERY)
    stopping = Stopping()
    made = False

    def step() -> int:
        nonlocal made
        if not made:
            make_topics(bus)
            made = True
        if integrating.is_due():
            integrate_ledger(outside, signer)
        return relay_batch(bus, outside)

    log.info(LogEvent.PROCESS_STARTED)
    run_until_stopped(step, stopping=stopping, idle_wait=0.02, log=log)
    bus.close()
    log.info(LogEvent.PROCESS_STOPPED)
    return 0


def _run_consumer(application: Application, name: str, role: DatabaseRole) -> int:
    log = configure_logging(name)
    outside = application.outside(role)
    bus = application.open_bus(role)
    stopping = Stopping()
    make = aggregator if role is DatabaseRole.AGGREGATION else resender
    consumer: Consumer | None = None

    def step() -> int:
        nonlocal consumer
        if consumer is None:
            consumer = make(bus, outside)
        return consumer.consume(most=_BATCH, timeout=_POLL_SECONDS)

    log.info(LogEvent.PROCESS_STARTED)
    run_until_stopped(step, stopping=stopping, idle_wait=0.0, log=log)
    if consumer is not None:
        consumer.close()
    bus.close()
    log.info(LogEvent.PROCESS_STOPPED)
    return 0
