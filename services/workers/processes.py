"""The long-running processes: aggregation, relay, connectors."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from threading import Thread

from services.audit.index.postgres_catching_up import catch_up, count_up
from services.audit.integrity.passing import look_once, pass_if_due
from services.audit.integrity.seen.postgres_measured import Measuring
from services.audit.unusual.settings import unusual_rules
from services.audit.unusual.sweeping import sweep_step
from services.bootstrap import Application, DatabaseRole
from services.ledger.postgres_tree import is_behind
from services.platform.database.doorbell import Bell, Doorbell
from services.platform.logging import LogEvent, Logger, configure_logging
from services.platform.loops import Every, Stopping, leave_what_is_loaded, run_until_stopped
from services.work import Outside
from services.workers.aggregation import (
    CountingOfReviews,
    FoldingOfRecords,
    aggregator,
    consider_links,
)
from services.workers.consuming import (
    GATHER_SECONDS,
    LOOK_AT_LEAST_EVERY,
    WORTHWHILE,
    Consuming,
    run_consumer,
    showing_itself,
)
from services.workers.erasure import carry_out_what_is_due, forget_expired
from services.workers.files.reading import carry_out_lists
from services.workers.relaying import (
    integrate_ledger,
    make_topics,
    relay_batch,
    send_due,
    trim_bus,
    warn_of_few_officers,
)
from services.workers.replaying import look_after_parked
from services.workers.resending import resender
from services.workers.retention import (
    AlarmOfUnanswered,
    DailySweepOfMessages,
    DailySweepOfProfiles,
    RaisingOfHeldBack,
)
from services.workers.witnesses import witnessing

_TRIM_EVERY = 300.0
_SWEEP_EVERY = 600.0
_INTEGRATE_EVERY = 0.5
_LOOK_AT_TREE_EVERY = 10.0
# After an upgrade all there is waits to be indexed; signing what is new is not to wait for that.
_BATCHES_A_TURN = 4
_LAST_STEP_SECONDS = 5.0
_SEND_EVERY = 1.0
_WARN_EVERY = 3600.0
_ERASE_EVERY = 1800.0
_LOOK_EVERY = 5.0
_ASK_WHY_EVERY = 15.0
_WATCH_EVERY = 60.0
_PASS_EVERY = 600.0


def run_aggregation(application: Application) -> int:
    """Aggregate until stopped."""
    sweep, alarm = DailySweepOfProfiles(application.retention), AlarmOfUnanswered()
    held_back = RaisingOfHeldBack(unusual_rules(application.settings.unusual_rules).held_back)

    def tidy(outside: Outside) -> int:
        alarm(outside)
        if application.settings.family_port:
            held_back(outside)
        sweep(outside)
        return 0

    folding, counting = FoldingOfRecords(), CountingOfReviews()

    def idle(outside: Outside) -> int:
        return folding(outside) or counting(outside)

    role = DatabaseRole.AGGREGATION
    return run_consumer(application, Consuming("aggregation", role, aggregator, tidy, idle))


def run_connectors(application: Application) -> int:
    """Ask for what was withheld as decisions change, and compare who may be one, until stopped."""
    sweep = DailySweepOfMessages(application.retention, application.settings.schools_folder)
    tidy = LookingAfterMessages(sweep)
    role = DatabaseRole.CONNECTORS
    return run_consumer(application, Consuming("connectors", role, resender, tidy))


class LookingAfterMessages:
    """What connectors do between batches, when it is time, with the connectors' rights."""

    def __init__(self, sweep: Callable[[Outside], object]) -> None:
        self._sweep = sweep
        self._forgetting, self._looking = Every(_SWEEP_EVERY), Every(_LOOK_EVERY)

    def __call__(self, outside: Outside) -> int:
        """Give how many persons were compared with others."""
        if self._forgetting.is_due():
            forget_expired(outside)
        self._sweep(outside)
        if self._looking.is_due():
            carry_out_lists(outside)
            look_after_parked(outside)
        return consider_links(outside)


def run_relay(application: Application) -> int:
    """Publish what is queued, keep the ledger's tree and send messages, until stopped.

    Each by itself: a bus that does not answer must not keep the ledger from being signed, nor a
    broken ledger a withdrawal from being announced, nor a mail server either.
    """
    log = configure_logging("relay")
    outside = application.outside(DatabaseRole.RELAY)
    stopping = Stopping()
    trimming = Every(_TRIM_EVERY)
    bell = Doorbell(outside.engine, Bell.OUTBOX, stopping)
    made = False

    def step() -> int:
        nonlocal made
        if not made:
            make_topics(bus)
            made = True
        if trimming.is_due():
            trim_bus(bus, outside)
        return relay_batch(bus, outside)

    leave_what_is_loaded()
    log.info(LogEvent.PROCESS_STARTED)
    with ExitStack() as stack:
        bus = application.open_bus(DatabaseRole.RELAY)
        stack.callback(bus.close)
        stack.callback(bell.close)
        also = [Measuring(outside, application.watched)]
        showing = stack.enter_context(showing_itself(application, outside, log, also=also))
        for one in _beside_the_relay(application, outside, stopping, log):
            stack.enter_context(one)
        run_until_stopped(
            showing.turning(step),
            stopping=stopping,
            idle_wait=GATHER_SECONDS,
            log=log,
            rest=partial(bell.wait, LOOK_AT_LEAST_EVERY),
            worthwhile=WORTHWHILE,
        )
    log.info(LogEvent.PROCESS_STOPPED)
    return 0


def _beside_the_relay(
    application: Application, outside: Outside, stopping: Stopping, log: Logger
) -> Iterator[AbstractContextManager[None]]:
    yield _integrating(application, outside, stopping, log)
    yield _sending(application, outside, stopping, log)
    yield witnessing(application, stopping, log)
    yield erasing_what_is_due(application, stopping, log)
    yield _asking_why(application, outside, stopping, log)
    yield _watching_integrity(application, outside, stopping, log)


def _integrating(
    application: Application, outside: Outside, stopping: Stopping, log: Logger
) -> AbstractContextManager[None]:
    """Integrate the ledger beside what the block does, and index what has its place.

    While nothing is entered, that the tree is still the one that was signed is looked at more
    seldom.
    """
    signer, copy = application.ledger_signer, application.ledger_copy
    looking, indexed, counted = Every(_LOOK_AT_TREE_EVERY), 0, 0

    def step() -> int:
        nonlocal indexed, counted
        if looking.is_due() or indexed or counted or is_behind(outside.engine):
            integrate_ledger(outside, signer, copy)
            indexed = catch_up(outside.engine, batches=_BATCHES_A_TURN)
            counted = count_up(outside.engine, now=outside.clock.now(), batches=1)
        return 0

    return _beside(step, "integrator", _INTEGRATE_EVERY, stopping, log)


def _sending(
    application: Application, outside: Outside, stopping: Stopping, log: Logger
) -> AbstractContextManager[None]:
    """Send messages to people outside beside what the block does."""
    messages = application.messages
    warning = Every(_WARN_EVERY)

    def step() -> int:
        if warning.is_due():
            warn_of_few_officers(outside, log)
        return send_due(outside, messages, log)

    return _beside(step, "messages", _SEND_EVERY, stopping, log)


def _asking_why(
    application: Application, outside: Outside, stopping: Stopping, log: Logger
) -> AbstractContextManager[None]:
    """Judge which looks are worth asking about, beside what the block does."""
    rules = unusual_rules(application.settings.unusual_rules)

    def step() -> int:
        done = sweep_step(outside, rules)
        return done.entries + done.days

    return _beside(step, "unusual-access", _ASK_WHY_EVERY, stopping, log)


@contextmanager
def _watching_integrity(
    application: Application, outside: Outside, stopping: Stopping, log: Logger
) -> Iterator[None]:
    """Look whether everything is whole, and pass over all of it daily where that is ours to do."""
    with ExitStack() as stack:
        look = partial(look_once, outside, application.watched)
        stack.enter_context(_beside(look, "integrity", _WATCH_EVERY, stopping, log))
        if application.embedded is not None:
            owner = application.outside(DatabaseRole.OWNER)
            over = partial(pass_if_due, owner, application)
            stack.enter_context(_beside(over, "full-pass", _PASS_EVERY, stopping, log))
        yield


@contextmanager
def erasing_what_is_due(
    application: Application, stopping: Stopping, log: Logger
) -> Iterator[None]:
    """Carry out erasures that are due, beside what the block does, where that is ours to do.

    On a database of somebody's own no process is its owner: there `erase carry-out` is run.
    """
    if application.embedded is None:
        yield
        return
    owner = application.outside(DatabaseRole.OWNER)
    asking = Every(_ERASE_EVERY)

    def step() -> int:
        return carry_out_what_is_due(owner) if asking.is_due() else 0

    with _beside(step, "erasures", _LOOK_EVERY, stopping, log):
        yield


@contextmanager
def _beside(
    step: Callable[[], int], name: str, every: float, stopping: Stopping, log: Logger
) -> Iterator[None]:
    """Do steps beside what the block does; a failure ends the block and is raised."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            run_until_stopped(step, stopping=stopping, idle_wait=every, log=log)
        except BaseException as error:  # noqa: BLE001 a thread's door: raised again below
            failures.append(error)
            stopping.ask()

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.ask()
        thread.join(_LAST_STEP_SECONDS)
    if failures:
        raise failures[0]
