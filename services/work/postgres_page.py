"""One page as one transaction: on the driver itself, and each row read once.

Whoever makes a page asks many ports one after the other, and several of them ask the database for
the same rows: who a child is, what was decided about them, what sources tell of them. Here they
are asked for once, and again only where they are of somebody else. So what is kept here, for the
length of one page and as it is stored, decides only how long a page takes, and never what it says:
a later reading in the same transaction would be of a later moment, and no page has two.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, cast

import psycopg
from sqlalchemy import Connection, TextClause

from consent.errors import LedgerUnavailableError
from services.decisions.postgres import DECISIONS_ABOUT
from services.decisions.postgres_agreements import ADOPTED
from services.people.deciders.postgres import FACTS_OF
from services.people.family_access.letting_see.postgres import LET_SEE_BY
from services.people.family_access.postgres_family import CHILDREN_OF
from services.people.practitioners.postgres_directory import KIND_OF
from services.people.protecting.postgres import EXCLUSIONS_OF, RESTRICTIONS_OF
from services.platform.database.direct import DirectConnection, DirectRows, direct_pool
from services.platform.database.engine import database_failures
from services.platform.keys.postgres import WRAPPED_KEYS
from services.work.transaction import Outside
from services.work.using import UnitOfWork

Values = Mapping[str, Any]

_BY_PERSON: Final = frozenset(
    one.text for one in (DECISIONS_ABOUT, RESTRICTIONS_OF, EXCLUSIONS_OF, FACTS_OF, WRAPPED_KEYS)
)
"""What is asked of `persons`, each row of one of them; in no order between persons but theirs."""
_AS_ASKED: Final = frozenset(one.text for one in (ADOPTED, CHILDREN_OF, KIND_OF, LET_SEE_BY))
"""What is answered again where just the same is asked."""


class RowsReadOnce:
    """What ports ask of a connection while one page is made."""

    def __init__(self, connection: DirectConnection) -> None:
        self._connection = connection
        self._by_person: dict[str, dict[str, list[Any]]] = {}
        self._as_asked: dict[tuple[str, str], DirectRows] = {}

    def execute(self, statement: TextClause, values: Values | None = None) -> DirectRows:
        """Answer from what was read, or ask the database."""
        words, asked = statement.text, values or {}
        if words in _BY_PERSON:
            return self._of_persons(statement, asked["persons"])
        if words not in _AS_ASKED:
            return self._connection.execute(statement, asked)
        key = words, repr(sorted(asked.items()))
        found = self._as_asked.get(key)
        if found is None:
            found = self._as_asked[key] = self._connection.execute(statement, asked)
        return found

    def exec_driver_sql(self, statement: str, values: Values) -> DirectRows:
        """Carry out a statement in the driver's own words: an entry of the ledger.

        Raises LedgerUnavailableError: then nothing may be shown.
        """
        try:
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
        rows = [row for person in dict.fromkeys(persons) for row in known[person]]
        return DirectRows(rows, len(rows))


@contextmanager
def one_page(outside: Outside) -> Iterator[UnitOfWork]:
    """The transaction in which one page is made: committed when the block ends.

    Whoever begins a unit of work in its `outside` is in this one. Rolled back when the block
    raises. Raises ServiceUnavailableError as `unit_of_work` does. It is for what reads: what is
    written is entries of the ledger, and what no page reads again.
    """
    with database_failures(), direct_pool(outside.engine).begin() as driver:
        # It answers what ports ask of a connection when they read.
        connection = cast("Connection", RowsReadOnce(DirectConnection(driver)))
        work = UnitOfWork(connection, outside)
        work.outside = replace(outside, within=work)
        yield work
