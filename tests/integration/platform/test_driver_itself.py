"""The driver itself: what is prepared stays so, tables may change, nothing is left half done."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, text

from services.platform.database.direct import DirectConnection, DirectPool
from services.platform.errors import ServiceUnavailableError

pytestmark = pytest.mark.postgres

_ALL = text("SELECT * FROM changing")
_PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%changing%'"


class _RefusedError(Exception):
    """Whoever asked is refused."""


@pytest.fixture
def pool(engine: Engine) -> Iterator[DirectPool]:
    """Give a pool, and a table of one row."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE changing AS SELECT 1 AS one, 2 AS two"))
    found = DirectPool(engine)
    yield found
    found.close()
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE changing"))


def _row(pool: DirectPool) -> dict[str, Any]:
    with pool.begin() as driver:
        return dict(DirectConnection(driver).execute(_ALL).first()._mapping)


def _refuse(pool: DirectPool) -> None:
    with pool.begin() as driver:
        DirectConnection(driver).execute(text("INSERT INTO changing VALUES (3, 4)"))
        DirectConnection(driver).execute(_ALL)
        raise _RefusedError


def _be_interrupted(pool: DirectPool) -> None:
    with pool.begin() as driver:
        DirectConnection(driver).execute(_ALL)
        raise KeyboardInterrupt


def _fail_alone(pool: DirectPool) -> None:
    with pool.alone() as alone:
        alone.execute(_ALL)
        raise _RefusedError


def test_who_is_refused_costs_nobody_what_is_prepared(pool: DirectPool):
    """What they did is undone, and nothing is left open; plans stay."""
    _row(pool)

    with pytest.raises(_RefusedError):
        _refuse(pool)

    with pool.begin() as driver:
        prepared = driver.execute(_PREPARED, prepare=False).fetchone()
        rows = DirectConnection(driver).execute(_ALL).all()
    assert prepared is not None
    assert prepared[0] >= 1
    assert [tuple(row) for row in rows] == [(1, 2)]


def test_a_table_that_changes_is_read_as_it_is_now(pool: DirectPool, engine: Engine):
    """Whoever comes first is asked to come again; nobody is told one thing as another."""
    assert _row(pool) == {"one": 1, "two": 2}
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE changing DROP one"))
        connection.execute(text("ALTER TABLE changing ADD one text DEFAULT 'first'"))

    with pytest.raises(ServiceUnavailableError):
        _row(pool)

    assert _row(pool) == {"two": 2, "one": "first"}


def test_a_failure_leaves_nothing_open(pool: DirectPool, engine: Engine):
    """Neither in a transaction nor alone, whatever it was; the next is answered."""
    for doing in (_refuse, _be_interrupted, _fail_alone):
        with pytest.raises((_RefusedError, KeyboardInterrupt)):
            doing(pool)

    with engine.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        assert connection.execute(text(query)).scalar_one() == 0
    with pool.alone() as alone:
        assert len(alone.execute(_ALL).all()) == 1
    assert _row(pool) == {"one": 1, "two": 2}


def test_one_that_broke_while_idle_is_another_s_loss(pool: DirectPool, engine: Engine):
    """After the database was started anew whoever comes first is answered, alone too."""
    for asking in (_row, _row_alone):
        assert asking(pool) == {"one": 1, "two": 2}
        _end_all(engine)

        assert asking(pool) == {"one": 1, "two": 2}


def test_one_that_breaks_after_an_answer_is_not_asked_again(pool: DirectPool, engine: Engine):
    """What it has told so far may be true no more; the next is answered."""
    with pool.alone() as alone:
        alone.execute(_ALL)

    with pytest.raises(ServiceUnavailableError):
        _row_twice(pool, lambda: _end_all(engine))

    assert _row_alone(pool) == {"one": 1, "two": 2}


def test_who_is_refused_alone_costs_nobody_what_is_prepared(pool: DirectPool):
    """The connection is given back as it is."""
    with pytest.raises(_RefusedError):
        _fail_alone(pool)

    with pool.alone() as alone:
        prepared = alone.driver.execute(_PREPARED, prepare=False).fetchone()
    assert prepared is not None
    assert prepared[0] >= 1


def _row_alone(pool: DirectPool) -> dict[str, Any]:
    with pool.alone() as alone:
        return dict(alone.execute(_ALL).first()._mapping)


def _row_twice(pool: DirectPool, between: Callable[[], None]) -> None:
    with pool.alone() as alone:
        alone.execute(_ALL)
        between()
        alone.execute(_ALL)


def _end_all(engine: Engine) -> None:
    """End whatever else is connected, as a restart of the database does."""
    with engine.begin() as connection:
        connection.execute(
            text("""
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                  AND backend_type = 'client backend'
            """)
        )


def test_several_threads_use_one_connection_each(pool: DirectPool):
    """Nobody is given another's."""

    def own(number: int) -> int:
        with pool.begin() as driver:
            asked = text("SELECT CAST(:number AS integer) FROM pg_sleep(0.01)")
            return int(DirectConnection(driver).execute(asked, {"number": number}).first()[0])

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(own, range(40))) == list(range(40))


def test_a_statement_is_prepared_for_what_it_is_asked_by(pool: DirectPool):
    """A value that is not known has no type, and the next one may have: both are answered."""
    asked = text("SELECT one FROM changing WHERE one = coalesce(:which, 1)")

    with pool.alone() as alone:
        found = [alone.execute(asked, {"which": which}).all() for which in (None, 1, 2, None)]

    assert [len(rows) for rows in found] == [1, 1, 0, 1]
