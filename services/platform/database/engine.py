"""Connections to PostgreSQL: no parameter reaches an error message, and failures have one name.

Every table of ours is in the one MetaData here.
"""

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from consent.errors import LedgerUnavailableError
from services.platform.errors import ServiceUnavailableError

__all__ = ["Engine", "open_engine"]

metadata = MetaData()


# Arrays that go to PostgreSQL in its binary form: as text they are written out, quoted and read.
#
# The form is that of array_recv in PostgreSQL: dimensions, whether there are nulls, type of the
# elements, how many, from which number on; then each with its length.

_HEAD = struct.Struct("!iiIii")
_LENGTH = struct.Struct("!i")
_NULL = _LENGTH.pack(-1)
_EMPTY = struct.Struct("!iiI")
_BYTEA, _BYTEA_ARRAY = 17, 1001
_TEXT, _TEXT_ARRAY = 25, 1009


class Texts(list[str | None]):
    """A `text[]`."""


class Blobs(list[bytes | None]):
    """A `bytea[]`."""


class _TextsDumper(Dumper):
    format = Format.BINARY
    oid = _TEXT_ARRAY

    def dump(self, obj: Texts) -> bytes:
        """One text after the other, in UTF-8 as every connection of ours has it."""
        return _array(_TEXT, (None if text is None else text.encode() for text in obj), len(obj))


class _BlobsDumper(Dumper):
    format = Format.BINARY
    oid = _BYTEA_ARRAY

    def dump(self, obj: Blobs) -> bytes:
        """One after the other, as they are."""
        return _array(_BYTEA, obj, len(obj))


def send_arrays_as_they_are(connection: Connection[Any]) -> None:
    """Let this connection send Texts and Blobs so; on others they are lists like any other."""
    connection.adapters.register_dumper(Texts, _TextsDumper)
    connection.adapters.register_dumper(Blobs, _BlobsDumper)


def _array(kind: int, elements: Iterable[bytes | None], count: int) -> bytes:
    if not count:
        return _EMPTY.pack(0, 0, kind)
    parts = [_HEAD.pack(1, 1, kind, count, 1)]
    for element in elements:
        if element is None:
            parts.append(_NULL)
        else:
            parts += (_LENGTH.pack(len(element)), element)
    return b"".join(parts)


def open_engine(
    url: str, *, role: str | None = None, pool_size: int = 5, options: str = ""
) -> Engine:
    """An engine for `url`; `role` replaces the user where every role may sign in (embedded).

    `options` are further settings of each connection. `hide_parameters` keeps values out of errors
    and logs (STYLE.md 21).
    """
    address = make_url(url)
    if role is not None:
        address = address.set(username=role)
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=True,
        use_native_hstore=False,  # we have none, and each process would look for it
        connect_args={"options": f"-c lock_timeout=30s -c statement_timeout=120s {options}"},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        send_arrays_as_they_are(connection)

    return engine


def address_for_driver(engine: Engine) -> str:
    """Where an engine leads, as the driver itself takes it; it may hold a password."""
    address = engine.url.render_as_string(hide_password=False)
    return address.replace("postgresql+psycopg://", "postgresql://", 1)


@contextmanager
def database_failures() -> Iterator[None]:
    """Raise ServiceUnavailableError for whatever says that the database is away or too busy."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError, LedgerUnavailableError) as error:
        raise ServiceUnavailableError(
            f"the database did not take part ({type(error).__name__}); try again later"
        ) from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise ServiceUnavailableError("the connection to the database broke; try again") from error
