"""How many statements a call sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from services.work import Outside


@contextmanager
def statements_of(outside: Outside) -> Iterator[list[str]]:
    """Give the list to which each statement is added while the block runs."""
    found: list[str] = []

    def note(*asked: Any) -> None:
        found.append(asked[2])

    event.listen(outside.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(outside.engine, "before_cursor_execute", note)
