"""One connection for everything that is done, and nothing of it is left when it is rolled back.

What is done has the rights of the process that would do it: each transaction is a savepoint under
that role. So hundreds of histories begin from one world, in milliseconds each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, text

from services.bootstrap import DatabaseRole
from services.platform.database.direct import _POOLS, _PREPARED, DirectConnection, DirectPool
from services.work import Outside


@dataclass(slots=True)
class _Hand:
    """The connection, and as whom it speaks."""

    connection: Connection
    role: DatabaseRole = DatabaseRole.OWNER

    @contextmanager
    def acting(self, role: DatabaseRole) -> Iterator[Connection]:
        """A transaction as that role, inside whatever another one has begun."""
        before = self.role
        try:
            with self.connection.begin_nested():
                self._become(role)
                yield self.connection
                self._become(before)
        finally:  # rolled back, the connection speaks as before by itself
            self.role = before

    def _become(self, role: DatabaseRole) -> None:
        self.connection.execute(text(f"SET LOCAL ROLE {role}"))
        self.role = role


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class _Savepoints:
    """What takes an engine's place: `begin` and `connect`, and no more."""

    hand: _Hand
    role: DatabaseRole

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction; an error rolls back to where it began."""
        with self.hand.acting(self.role) as connection:
            yield connection

    connect = begin


class _DirectSavepoints(DirectPool):
    """What takes the place of a pool of the driver's: the driver of the one connection."""

    def __init__(self, engine: _Savepoints) -> None:
        self._engine = engine

    @contextmanager
    def begin(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction of the driver's; an error rolls back to where it began."""
        with self._engine.begin() as connection:
            yield connection.connection.driver_connection  # type: ignore[misc]

    @contextmanager
    def alone(self) -> Iterator[DirectConnection]:
        """Likewise: what is asked alone changes nothing."""
        with self.begin() as driver:
            _PREPARED.pop(driver, None)  # rolled back, the driver forgets all that is prepared
            yield DirectConnection(driver)

    def close(self) -> None:
        """Keep it open: it is everybody's."""


def _engine(hand: _Hand, role: DatabaseRole) -> Engine:
    savepoints = _Savepoints(hand, role)
    engine = cast("Engine", savepoints)
    _POOLS[engine] = _DirectSavepoints(savepoints)
    return engine


@dataclass(frozen=True, slots=True)
class RolledBack:
    """As whom one may act in a history that is rolled back."""

    owner: Outside
    portal: Outside
    connectors: Outside
    aggregation: Outside


@contextmanager
def rolled_back(outside: Outside) -> Iterator[RolledBack]:
    """Give everything over one connection of the owner's; at the end it never was."""
    with outside.engine.connect() as connection, connection.begin() as transaction:
        hand = _Hand(connection)

        def acting(role: DatabaseRole) -> Outside:
            engines = (_engine(hand, one) for one in (role, DatabaseRole.OWNER))
            engine, own = engines  # labels and keys are read by turns, which needs rights to both
            return replace(outside, engine=engine, own=own)

        yield RolledBack(
            acting(DatabaseRole.OWNER),
            acting(DatabaseRole.PORTAL),
            acting(DatabaseRole.CONNECTORS),
            acting(DatabaseRole.AGGREGATION),
        )
        transaction.rollback()
