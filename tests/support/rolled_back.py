"""One connection for everything that is done, and nothing of it is left when it is rolled back.

What is done has the rights of the process that would do it: each transaction is a savepoint under
that role. So hundreds of histories begin from one world, in milliseconds each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import Connection, Engine, text

from services.bootstrap import DatabaseRole
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


@dataclass(frozen=True, slots=True)
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
            engines = (cast("Engine", _Savepoints(hand, one)) for one in (role, DatabaseRole.OWNER))
            engine, own = engines  # labels and keys are read by turns, which needs rights to both
            return replace(outside, engine=engine, own=own)

        yield RolledBack(
            acting(DatabaseRole.OWNER),
            acting(DatabaseRole.PORTAL),
            acting(DatabaseRole.CONNECTORS),
            acting(DatabaseRole.AGGREGATION),
        )
        transaction.rollback()
