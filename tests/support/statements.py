"""What is executed in the database, as it is sent there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event

from services.platform.database.direct import DirectConnection, direct_pool
from services.work import Outside


@contextmanager
def statements_of(outside: Outside) -> Iterator[list[str]]:
    """Give the list to which each statement is added while the block runs.

    Those too that go to the driver itself, on connections that are opened meanwhile.
    """
    found: list[str] = []

    def note(*asked: Any) -> None:
        found.append(asked[2])

    pool = direct_pool(outside.engine)
    connected, alone = pool._connected, pool._alone

    def connected_noting() -> psycopg.Connection[Any]:
        driver = connected()
        get = driver._prepared.get

        def noting(query: Any, prepare: bool | None = None) -> Any:  # noqa: FBT001 as it is
            found.append(query.query.decode())
            return get(query, prepare)

        driver._prepared.get = noting  # type: ignore[method-assign] # where each passes by
        return driver

    def alone_noting() -> DirectConnection:
        connection = alone()
        done = connection._done

        def noting(statement: str, values: Any) -> Any:
            found.append(statement)
            return done(statement, values)

        connection._done = noting  # type: ignore[method-assign] # where each passes by
        return connection

    event.listen(outside.engine, "before_cursor_execute", note)
    pool.close()
    pool._connected = connected_noting  # type: ignore[method-assign]
    pool._alone = alone_noting  # type: ignore[method-assign]
    try:
        yield found
    finally:
        event.remove(outside.engine, "before_cursor_execute", note)
        del pool._connected, pool._alone
        pool.close()
