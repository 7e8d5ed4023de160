"""A database with the folder of keys that it was made with, for tests that part the two."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from services.bootstrap import opened
from services.platform.database.engine import open_engine
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.platform.settings import Settings
from services.work import Outside, unit_of_work
from tests.support.builders import NOW
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import by_number

NUMBERS = ["9990000018", "9990000026", "9990000034"]


@dataclass(frozen=True, slots=True)
class Made:
    """A database, and the folder with the keys that it was made with."""

    url: str
    keys: Path

    @contextmanager
    def outside(self) -> Iterator[Outside]:
        """As the owner, with these keys."""
        vault = FileKeyVault.open_known(self.keys / "root.key")
        hasher = KeyedHasher(vault.secret(SecretName.LINKING))
        engine = open_engine(self.url)
        yield Outside(engine, vault, hasher, StandingClock())
        engine.dispose()


def three_persons(made: Made) -> None:
    """Enter three persons, each under a key of their own."""
    with made.outside() as outside:
        make_persons(outside, NUMBERS)


def make_persons(outside: Outside, numbers: list[str]) -> None:
    """Enter a person for each of these numbers."""
    with unit_of_work(outside) as work:
        for number in numbers:
            work.persons.create(by_number(number), at=NOW)


def opened_on(made: Made, data: Path) -> Any:
    """The application on that database, as a command starts it with this data folder."""
    settings = {"data": data, "database": made.url, "environment": "demonstration"}
    return opened(Settings.model_validate(settings))


def execute(url: str, statement: str) -> list[Any]:
    """Run a statement as the owner; gives its rows."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()
