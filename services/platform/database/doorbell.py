"""Bells that ring when there is something to do: LISTEN and NOTIFY of PostgreSQL, at the commit.

Whoever waits looks when it rings, and now and then all the same: a ring that comes while nobody is
connected is lost. So a bell decides only how soon something is done, and never whether.
"""

import select
from contextlib import suppress
from enum import StrEnum
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine

from services.platform.database.engine import address_for_driver
from services.platform.loops import Stopping

_WITHOUT_A_BELL = 0.2


class Bell(StrEnum):
    """What may ring. The names are PostgreSQL's channels; who rings is in whatever transaction."""

    OUTBOX = "tell_once_outbox"
    BUS = "tell_once_bus"


def ring(connection: Connection, bell: Bell) -> None:
    """Have it ring once the transaction commits, if it does; several times is as good as once."""
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    driver.execute(f"NOTIFY {bell}", prepare=False)


class Doorbell:
    """Hears one bell, on a connection of its own; for one thread."""

    def __init__(self, engine: Engine, bell: Bell, stopping: Stopping) -> None:
        self._address = address_for_driver(engine)
        self._bell = bell
        self._stopping = stopping
        self._driver: psycopg.Connection[Any] | None = None

    def wait(self, seconds: float) -> None:
        """Until it has rung since the last call, or it is time to stop, or so long.

        The first call returns at once: what rang before nobody heard. Where the database is away
        it waits a moment, and whoever asks the database finds that out.
        """
        try:
            if self._driver is None:
                self._driver = self._listening()
                return
            self._hear(self._driver, seconds)
        except psycopg.Error:
            self.close()
            self._stopping.wait(_WITHOUT_A_BELL)

    def close(self) -> None:
        """Let go of the connection."""
        driver, self._driver = self._driver, None
        if driver is not None:
            with suppress(psycopg.Error):
                driver.close()

    def _listening(self) -> "psycopg.Connection[Any]":
        driver = psycopg.connect(self._address, autocommit=True)
        driver.execute(f"LISTEN {self._bell}", prepare=False)
        return driver

    def _hear(self, driver: "psycopg.Connection[Any]", seconds: float) -> None:
        select.select([driver.fileno(), self._stopping.fileno()], [], [], seconds)
        driver.pgconn.consume_input()
        while driver.pgconn.notifies():
            pass
