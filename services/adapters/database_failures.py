"""What says that the database is away or too busy, as the one error that callers know."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from consent.errors import LedgerUnavailableError
from services.errors import ServiceUnavailableError


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
