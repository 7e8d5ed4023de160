"""Reading every feed that is due, once or night after night, in a process of its own.

It alone reaches out to councils' servers, and has no other right in the database than to what it
read: neither the pages nor any record of a person is within its reach.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

import structlog

from consent.ports import Clock
from schemas.uk_time import to_uk_time
from services.interfaces.directory.feeds import postgres
from services.interfaces.directory.feeds.fetching import FeedFailure, Fetching, named_hosts
from services.interfaces.directory.feeds.postgres import ServiceFeed
from services.interfaces.directory.feeds.pulling import Open, is_due, is_night, read_feed
from services.platform.clock import SystemClock
from services.platform.database.engine import Engine, database_failures
from services.platform.logging import LogEvent, Logger, configure_logging
from services.platform.loops import Stopping, leave_what_is_loaded, run_until_stopped
from services.platform.settings import Settings

_LOOK_EVERY: Final = 300.0


def opening(settings: Settings) -> Open:
    """How feeds are opened here: some hosts may be named that lie in a network of one's own."""
    return partial(Fetching, private=named_hosts(settings.directory_private_feeds))


def read_feeds(
    engine: Engine, clock: Clock, open_feed: Open, only: Collection[str] = ()
) -> Iterator[tuple[ServiceFeed, FeedFailure | None]]:
    """Read these feeds now, or every one; gives each with why it was not read, if so."""
    with engine.connect() as connection:
        known = postgres.feeds(connection)
    for feed in known:
        if not only or feed.id in only:
            yield feed, read_feed(feed, engine=engine, clock=clock, open_feed=open_feed)


Shows = Callable[[Logger], AbstractContextManager[object]]
"""Shows the process on its port for metrics while the loop runs."""


def run_nightly(settings: Settings, engine: Engine, shows: Shows) -> int:
    """Read what is due, from time to time, until stopped."""
    log = configure_logging("directory-feeds")
    clock, stopping = SystemClock(), Stopping()
    leave_what_is_loaded()

    def step() -> int:
        with database_failures():
            _read_due(engine, clock, opening(settings))
        return 0

    log.info(LogEvent.PROCESS_STARTED)
    with shows(log):
        run_until_stopped(step, stopping=stopping, idle_wait=_LOOK_EVERY, log=log)
    log.info(LogEvent.PROCESS_STOPPED)
    return 0


def _read_due(engine: Engine, clock: Clock, open_feed: Open) -> None:
    """Read what is due, and say in the log how each went: which feed, and which of a few codes."""
    now = clock.now()
    night = is_night(to_uk_time(now).hour)
    with engine.connect() as connection:
        due = [one for one in postgres.feeds(connection) if is_due(one, now, is_night=night)]
    for feed in due:
        failure = read_feed(feed, engine=engine, clock=clock, open_feed=open_feed)
        log = structlog.get_logger()
        if failure is None:
            log.info(LogEvent.FEED_READ, feed=feed.id)
        else:
            log.warning(LogEvent.FEED_NOT_READ, feed=feed.id, why=failure.value)
