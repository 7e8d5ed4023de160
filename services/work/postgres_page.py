"""One page of a family's own as one transaction: on the driver itself, each row read once.

Whoever makes a page asks many ports one after the other, and several of them ask the database for
the same rows: who a child is, what was decided about them, what sources tell of them. Here they
are read once, most of them by one statement as soon as the session is asked for, and again only
where they are of somebody else. What is kept here, for the length of one page and as it is stored,
decides only how long a page takes, and never what it says: a later reading in the same transaction
would be of a later moment, and no page has two.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, TextClause, text

from consent.errors import LedgerUnavailableError
from services.decisions.postgres_agreements import contents_known
from services.ledger.postgres import APPEND_ONE
from services.people.family_access.postgres import SESSION_BEHIND
from services.people.persons.postgres_clusters import JOINS_OF
from services.platform.database.direct import DirectConnection, DirectRows, direct_pool
from services.platform.database.engine import Texts, database_failures
from services.platform.database.together import Together
from services.work.postgres_ahead import joins_reaching
from services.work.postgres_family_ahead import (
    AS_ASKED,
    BY_PERSON,
    JOINS,
    answers_ahead,
    family_together,
)
from services.work.transaction import Outside
from services.work.using import UnitOfWork

Values = Mapping[str, Any]
_ENTER_ONE = text(APPEND_ONE.replace("%(id)b", ":id").replace("%(body)b", ":body"))
_Asked = tuple[str, tuple[tuple[str, Any], ...]]


class RowsReadOnce:
    """What ports ask of a connection while one page is made."""

    def __init__(self, connection: DirectConnection, together: Together) -> None:
        self._connection = connection
        self._together = together
        self._joins_known: Collection[str] = frozenset()
        self._joins: list[Any] = []
        self._by_person: dict[str, dict[str, list[Any]]] = {}
        self._as_asked: dict[_Asked, list[Any]] = {}

    def execute(self, statement: TextClause, values: Values | None = None) -> DirectRows:
        """Answer from what was read, or ask the database."""
        words, asked = statement.text, values or {}
        if words == SESSION_BEHIND.text:
            self._read_ahead(asked)
        if words in BY_PERSON:
            return self._of_persons(statement, asked["persons"])
        if words == JOINS_OF.text and set(asked["persons"]) <= set(self._joins_known):
            return _rows(joins_reaching(set(asked["persons"]), self._joins))
        if words not in AS_ASKED:
            return self._connection.execute(statement, asked)
        key = _key(words, asked)
        found = self._as_asked.get(key)
        if found is None:
            found = self._as_asked[key] = list(self._connection.execute(statement, asked))
        return _rows(found)

    def exec_driver_sql(self, statement: str, values: Values) -> DirectRows:
        """Carry out a statement in the driver's own words: an entry of the ledger.

        Raises LedgerUnavailableError: then nothing may be shown.
        """
        try:
            if statement == APPEND_ONE:
                return self._connection.execute(_ENTER_ONE, values)
            return self._connection.exec_driver_sql(statement, values)
        except psycopg.Error as error:
            raise LedgerUnavailableError("the entry of a page was not written") from error

    def _of_persons(self, statement: TextClause, persons: Collection[str]) -> DirectRows:
        known = self._by_person.setdefault(statement.text, {})
        missing = [person for person in persons if person not in known]
        if missing:
            known.update({person: [] for person in missing})
            for row in self._connection.execute(statement, {"persons": missing}):
                known[row.person_id].append(row)
        return _rows([row for person in dict.fromkeys(persons) for row in known[person]])

    def _read_ahead(self, asked: Values) -> None:
        """All that is read of every page, of whoever's session it is."""
        known_ones = contents_known()
        values = {**asked, "known": Texts(known_ones)}
        rows = self._together.execute(self._connection, values)
        (of,) = rows["persons"]
        self._joins_known, self._joins = frozenset(of.far or ()), rows[JOINS]
        for name, statement in BY_PERSON_NAMED.items():
            known = self._by_person[statement] = {person: [] for person in of.far or ()}
            for row in rows[name]:
                known[row.person_id].append(row)
        for statement, told, found in answers_ahead(asked, known_ones, rows):
            self._as_asked[_key(statement, told)] = found


BY_PERSON_NAMED = {name: words for words, name in BY_PERSON.items()}


def _rows(found: list[Any]) -> DirectRows:
    return DirectRows(found, len(found))


def _key(words: str, asked: Values) -> _Asked:
    """What is asked, in whatever order it is told of whom."""
    told = [
        (name, tuple(sorted(one)) if isinstance(one, list) else one)
        for name, one in sorted(asked.items())
    ]
    return words, tuple(told)


class OwnPages:
    """Connections on which pages are made; how they are read ahead is found out once."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._made: Together | None = None

    @contextmanager
    def one_page(self) -> Iterator[UnitOfWork]:
        """The transaction in which one page is made: committed when the block ends.

        Whoever begins a unit of work in its `outside` is in this one. Rolled back when the block
        raises. Raises ServiceUnavailableError as `unit_of_work` does. It is for what reads: what
        is written is entries of the ledger, and what no page reads again.
        """
        with database_failures(), direct_pool(self._outside.engine).begin() as driver:
            connection = DirectConnection(driver)
            once = RowsReadOnce(connection, self._ready(connection))
            # It answers what ports ask of a connection when they read.
            work = UnitOfWork(cast("Connection", once), self._outside)
            work.outside = replace(self._outside, within=work)
            yield work

    def _ready(self, connection: DirectConnection) -> Together:
        if self._made is None:
            self._made = family_together(connection)
        return self._made
