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
from itertools import count
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import IsolationLevel, RawCursor
from psycopg.abc import AdaptContext
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, OperationalError, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
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

    def scalar(self) -> Any:
        """The first column of the first row, if there is one."""
        return self._rows[0][0] if self._rows else None

    def one(self) -> Any:
        """The only row."""
        (row,) = self._rows
        return row

    def scalar_one(self) -> Any:
        """The only column of the only row."""
        ((value,),) = self._rows
        return value

    def scalar_one_or_none(self) -> Any:
        """The same, where there may be none."""
        return self.scalar_one() if self._rows else None


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


_NUMBERS = count()
"""Of what was prepared, on whichever connection: a name is never given twice."""


class _Prepared:
    """A statement as one connection has prepared it, and how its answers are read.

    One that has prepared a statement is refused it when a table has changed since, and is closed
    then: so the columns stay the same.
    """

    __slots__ = ("_as_named", "_has_loaders", "_reader", "name")

    def __init__(self, name: bytes, context: AdaptContext) -> None:
        self.name = name
        self._reader = Transformer(context)
        self._has_loaders = False
        self._as_named: Callable[[Any], Any] | None = None

    def tuples(self, result: PGresult) -> list[Any]:
        """The rows, without names."""
        return self._rows(result, tuple)

    def named(self, result: PGresult) -> list[Any]:
        """The rows, each with its columns by name."""
        if self._as_named is None:
            names = (result.fname(number) or b"" for number in range(result.nfields))
            self._as_named = row_type(tuple(name.decode() for name in names))._make
        return self._rows(result, self._as_named)

    def _rows(self, result: PGresult, make: Callable[[Any], Any]) -> list[Any]:
        reader, is_new = self._reader, not self._has_loaders
        reader.set_pgresult(result, set_loaders=is_new, format=Format.BINARY)
        self._has_loaders = True
        rows: list[Any] = reader.load_rows(0, result.ntuples, make)
        reader.set_pgresult(None, set_loaders=False)
        return rows


class _AllPrepared:
    """What one connection has prepared, by text and by the types of its values.

    The driver's cursors would be made anew for each execution, find out anew how each column is
    read, and take turns between two generators: half of what a reading pays for them.
    """

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self._context = driver.adapters  # times are read as UTC, whatever the session's zone is
        self._values = Transformer(self._context)
        self._found: dict[tuple[str, tuple[int, ...]], _Prepared] = {}

    def execute(
        self, pgconn: PGconn, statement: str, values: Mapping[str, Any]
    ) -> tuple[_Prepared, PGresult]:
        """Carry it out, prepared before if it was not. Raises psycopg.Error."""
        words, names = in_servers_words(statement)
        told: Any = self._values.dump_sequence(
            [values[name] for name in names], [PyFormat.AUTO] * len(names)
        )
        types = self._values.types or ()
        prepared = self._found.get((statement, types))
        if prepared is None:
            prepared = _Prepared(b"direct_%d" % next(_NUMBERS), self._context)
            _require(pgconn, pgconn.prepare(prepared.name, words, types))
            self._found[statement, types] = prepared
        result = pgconn.exec_prepared(prepared.name, told, self._values.formats, Format.BINARY)
        return prepared, _require(pgconn, result)


def _require(pgconn: PGconn, result: PGresult) -> PGresult:
    """The answer. Raises what the driver would for an error."""
    if result.status in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
        return result
    if pgconn.status == ConnStatus.BAD:
        raise OperationalError("the connection to the database broke")
    raise error_from_result(result)


def _say(driver: "psycopg.Connection[Any]", words: bytes) -> None:
    """Begin or end a transaction, without a cursor of the driver's. Raises psycopg.Error."""
    _require(driver.pgconn, driver.pgconn.exec_(words))


_PREPARED: WeakKeyDictionary["psycopg.Connection[Any]", _AllPrepared] = WeakKeyDictionary()


def _prepared_on(driver: "psycopg.Connection[Any]") -> _AllPrepared:
    found = _PREPARED.get(driver)
    if found is None:
        found = _PREPARED[driver] = _AllPrepared(driver)
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
        self._prepared = _prepared_on(driver)

    def execute(self, statement: TextClause, values: Mapping[str, Any] | None = None) -> DirectRows:
        """Carry out a statement, and fetch all of it."""
        prepared, result = self._done(statement.text, values or {})
        if not result.nfields:
            return DirectRows((), result.command_tuples or 0)
        rows = prepared.named(result)
        return DirectRows(rows, len(rows))

    def exec_driver_sql(self, statement: str, values: Mapping[str, Any]) -> DirectRows:
        """Carry out a statement in the driver's own words; how many rows it wrote."""
        self._renewed = None  # it may write: what comes after it is not done on another
        return DirectRows((), self.driver.execute(statement, values, prepare=True).rowcount)

    def tuples(self, statement: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """The rows of a statement, without names."""
        prepared, result = self._done(statement, values)
        return prepared.tuples(result)

    def columns(self, statement: str, values: Mapping[str, Any]) -> Sequence[tuple[str, int]]:
        """The name and the type's number of each column of a statement."""
        words, names = in_servers_words(statement)
        cursor = RawCursor(self.driver).execute(words, [values[name] for name in names])
        return [(column.name, column.type_code) for column in cursor.description or ()]

    def _done(self, statement: str, values: Mapping[str, Any]) -> tuple[_Prepared, PGresult]:
        renewed, self._renewed = self._renewed, None
        try:
            return self._prepared.execute(self.driver.pgconn, statement, values)
        except OperationalError:
            if renewed is None or not self.driver.broken:
                raise
        self.driver = renewed()
        self._prepared = _prepared_on(self.driver)
        return self._prepared.execute(self.driver.pgconn, statement, values)


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
            _say(driver, b"COMMIT")
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
                _say(driver, b"BEGIN")
            except OperationalError:
                driver.close()
            else:
                return driver
        try:
            driver = self._connected()
            _say(driver, b"BEGIN")
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
