"""The driver itself, for the few paths that are walked hundreds of times a second.

Everything else goes through SQLAlchemy, which costs more than the database takes to answer. Here a
statement of the same text is prepared once a connection, planned once for all values (planning
anew costs three times what it takes to carry out), and answered in binary.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Cursor, IsolationLevel, RawCursor
from psycopg.errors import FeatureNotSupported, OperationalError
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, TextClause, event

from services.platform.database.engine import address_for_driver, send_arrays_as_they_are
from services.platform.errors import ServiceUnavailableError

_OPTIONS = (
    "-c lock_timeout=30s -c statement_timeout=120s -c plan_cache_mode=force_generic_plan -c jit=off"
)
_MOST_KEPT = 8
_NOT_NOW = (OperationalError, FeatureNotSupported)
_NAME = re.compile(r"(?<![:\w]):(\w+)")


class DirectRows:
    """The rows of one statement, each with its columns by name, as SQLAlchemy gives them."""

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        """Each row in turn."""
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any:
        """The first row, if there is one."""
        return self._rows[0] if self._rows else None

    def scalars(self) -> Iterator[Any]:
        """The first column of each row."""
        return (row[0] for row in self._rows)

    def scalar_one(self) -> Any:
        """The only column of the only row."""
        ((value,),) = self._rows
        return value


@cache
def row_type(names: tuple[str, ...]) -> type[Any]:
    """A tuple with these names, and `_mapping` as rows of SQLAlchemy have it."""
    fields = namedtuple("NamedRow", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 made at run time

    class NamedRow(fields):
        __slots__ = ()

        @property
        def _mapping(self) -> Mapping[str, Any]:
            return dict(zip(names, self, strict=True))

    return NamedRow


_Makers = dict[str, Callable[[Any], Any]]
_MAKERS: WeakKeyDictionary["psycopg.Connection[Any]", _Makers] = WeakKeyDictionary()
"""What makes rows of a statement's tuples, on each connection: one that has prepared a statement
is refused it when a table has changed since, and is closed then, so its columns stay the same."""


def _maker_of(statement: str, cursor: Cursor[Any], makers: _Makers) -> Callable[[Any], Any]:
    found = makers.get(statement)
    if found is None:
        names = tuple(column.name for column in cursor.description or ())
        found = makers[statement] = row_type(names)._make
    return found


@lru_cache(maxsize=256)
def in_servers_words(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement with numbers for its values, as the server has them, and their names in order.

    The driver would look for its own marks in the text at every execution, which of a long one
    takes as long as the server does.
    """
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _NAME.sub(number, statement).encode(), tuple(names)


class DirectConnection:
    """A connection of the driver: what ports ask of one, and no more.

    `renewed` opens another, in the place of one that nobody knows to be there still: where it broke
    before it answered anything, as after the database was started anew. What is asked first is
    then asked again, so it MUST be a reading.
    """

    def __init__(
        self,
        driver: "psycopg.Connection[Any]",
        renewed: Callable[[], "psycopg.Connection[Any]"] | None = None,
    ) -> None:
        self.driver = driver
        self._renewed = renewed
        self._makers = _MAKERS.setdefault(driver, {})

    def execute(self, statement: TextClause, values: Mapping[str, Any] | None = None) -> DirectRows:
        """Carry out a statement, and fetch all of it."""
        cursor = self._done(statement.text, values or {})
        if cursor.pgresult is None or not cursor.pgresult.nfields:
            return DirectRows((), cursor.rowcount)
        rows = list(map(_maker_of(statement.text, cursor, self._makers), cursor.fetchall()))
        return DirectRows(rows, cursor.rowcount)

    def exec_driver_sql(self, statement: str, values: Mapping[str, Any]) -> DirectRows:
        """Carry out a statement in the driver's own words; how many rows it wrote."""
        self._renewed = None  # it may write: what comes after it is not done on another
        return DirectRows((), self.driver.execute(statement, values, prepare=True).rowcount)

    def tuples(self, statement: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """The rows of a statement, without names."""
        return self._done(statement, values).fetchall()

    def columns(self, statement: str, values: Mapping[str, Any]) -> Sequence[tuple[str, int]]:
        """The name and the type's number of each column of a statement."""
        described = self._done(statement, values).description
        return [(column.name, column.type_code) for column in described or ()]

    def _done(self, statement: str, values: Mapping[str, Any]) -> RawCursor[Any]:
        words, names = in_servers_words(statement)
        told = [values[name] for name in names]
        renewed, self._renewed = self._renewed, None
        try:
            return RawCursor(self.driver).execute(words, told, prepare=True, binary=True)
        except OperationalError:
            if renewed is None or not self.driver.broken:
                raise
        self.driver = renewed()
        self._makers = _MAKERS.setdefault(self.driver, {})
        return RawCursor(self.driver).execute(words, told, prepare=True, binary=True)


class DirectPool:
    """Connections of the driver to where an engine leads, kept for whoever comes next.

    As many are open as have been in use at once. One that broke is not used again; where it broke
    before anything was asked of it, as after the database was started anew, another is opened.
    """

    def __init__(self, engine: Engine) -> None:
        self._address = address_for_driver(engine)
        self._free: list[psycopg.Connection[Any]] = []
        self._lock = Lock()

    @contextmanager
    def begin(self) -> Iterator["psycopg.Connection[Any]"]:
        """A transaction: committed when the block ends, rolled back when it raises.

        Raises ServiceUnavailableError when the database cannot be reached, or breaks off, or a
        table has changed since a statement was prepared, which is then prepared anew.
        """
        driver = self._begun()
        try:
            yield driver
            driver.execute("COMMIT")
        except _NOT_NOW as error:
            driver.close()
            if isinstance(error, FeatureNotSupported):  # of the others it is true too
                self.close()
            raise _unavailable(error) from error
        except BaseException:
            self._roll_back(driver)
            raise
        self._keep(driver)

    @contextmanager
    def alone(self) -> Iterator[DirectConnection]:
        """Each statement a transaction of its own: for reading, and for one that writes it all.

        It saves the two ways there and back that begin and end a transaction. Raises
        ServiceUnavailableError as `begin` does.
        """
        connection = self._alone()
        try:
            yield connection
        except _NOT_NOW as error:
            connection.driver.close()
            self.close()  # tables have changed, or the others are as broken
            raise _unavailable(error) from error
        finally:
            # Whoever is refused gives it back: nobody can have every reading planned anew.
            if connection.driver.info.transaction_status is TransactionStatus.IDLE:
                self._keep(connection.driver)
            else:
                connection.driver.close()

    def close(self) -> None:
        """Let go of those that nobody uses."""
        with self._lock:
            free, self._free = self._free, []
        for driver in free:
            driver.close()

    def _begun(self) -> "psycopg.Connection[Any]":
        while (driver := self._idle()) is not None:
            try:
                driver.execute("BEGIN")
            except OperationalError:
                driver.close()
            else:
                return driver
        try:
            driver = self._connected()
            driver.execute("BEGIN")
        except OperationalError as error:
            raise _unavailable(error) from error
        return driver

    def _alone(self) -> DirectConnection:
        idle = self._idle()
        if idle is not None:
            return DirectConnection(idle, self._connected_instead)
        try:
            return DirectConnection(self._connected())
        except OperationalError as error:
            raise _unavailable(error) from error

    def _connected_instead(self) -> "psycopg.Connection[Any]":
        """One in the place of one that was broken while idle, as the others may be."""
        self.close()
        return self._connected()

    def _idle(self) -> "psycopg.Connection[Any] | None":
        with self._lock:
            return self._free.pop() if self._free else None

    def _connected(self) -> "psycopg.Connection[Any]":
        driver = psycopg.connect(
            self._address, autocommit=True, prepare_threshold=0, options=_OPTIONS
        )
        driver.isolation_level = IsolationLevel.READ_COMMITTED
        send_arrays_as_they_are(driver)
        return driver

    def _roll_back(self, driver: "psycopg.Connection[Any]") -> None:
        """Behind the driver's back, who would forget all that is prepared: whoever is refused.

        So anybody could have every reading planned anew.
        """
        is_whole = driver.info.transaction_status is TransactionStatus.INTRANS
        try:
            if is_whole and driver.pgconn.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK:
                self._keep(driver)
                return
        except psycopg.Error:
            pass
        driver.close()

    def _keep(self, driver: "psycopg.Connection[Any]") -> None:
        with self._lock:
            if len(self._free) < _MOST_KEPT:
                self._free.append(driver)
                return
        driver.close()


def _unavailable(error: Exception) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"the database did not take part ({type(error).__name__}); try again later"
    )


_POOLS: WeakKeyDictionary[Engine, DirectPool] = WeakKeyDictionary()


def direct_pool(engine: Engine) -> DirectPool:
    """The one to where this engine leads; its connections are let go of with the engine's."""
    found = _POOLS.get(engine)
    if found is None:
        found = _POOLS.setdefault(engine, DirectPool(engine))
        pool = found
        event.listen(engine, "engine_disposed", lambda _: pool.close())
    return found
