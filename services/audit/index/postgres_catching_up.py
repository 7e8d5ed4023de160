"""Taking in what is new, a batch a transaction; comparing with the ledger; emptying it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from services.audit.decisions.postgres_marks import mark_anew
from services.audit.figures.postgres_counts import count_batch, counts_differ, forget_counts
from services.audit.index.postgres_index import (
    BATCH,
    IndexFaults,
    compare_with_ledger,
    forget_index,
    index_batch,
)
from services.platform.database.engine import database_failures


def take_in(engine: Engine, *, most: int = BATCH) -> int:
    """Take in one batch of entries that have their place; gives how many there were.

    As the relay. Of decisions that they tell of it is derived anew what marks them.
    """
    with database_failures(), engine.begin() as connection:
        taken = index_batch(connection, most=most)
        mark_anew(connection, taken.decisions)
        return taken.entries


def catch_up(
    engine: Engine,
    *,
    tell: Callable[[int], None] = lambda _: None,
    batches: int | None = None,
) -> int:
    """Take in all that have their place; gives how many there were, and tells how many so far.

    With `batches` no more than so many: what is left is taken in the next time.
    """
    total = 0
    while (batches is None or batches > 0) and (taken := take_in(engine)):
        total += taken
        batches = None if batches is None else batches - 1
        tell(total)
    return total


def count_up(engine: Engine, *, now: datetime, batches: int | None = None) -> int:
    """Count for figures what the index has taken in; gives how many places were counted.

    A batch a transaction, as the relay. With `batches` no more than so many.
    """
    total = 0
    while batches is None or batches > 0:
        batches = None if batches is None else batches - 1
        with database_failures(), engine.begin() as connection:
            done = count_batch(connection, now=now)
        total += done
        if not done:
            break
    return total


def check_index(engine: Engine) -> IndexFaults:
    """In what the index and its counts differ from the ledger, in one snapshot."""
    with database_failures(), engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        faults = compare_with_ledger(connection)
        faults.differing += counts_differ(connection)
        return faults


def empty_index(engine: Engine) -> None:
    """Empty it: the next batch is the first."""
    with database_failures(), engine.begin() as connection:
        forget_index(connection)
        forget_counts(connection)
