"""What a family is read with, read ahead: every row that its ports will ask for, by one statement.

The ports ask for their rows as ever, each by its own statement; here they are answered from what
was read ahead, where that is all of what they ask for, and else by the database. So what is read
ahead decides only how long a reading takes, and never what it says.

What is read ahead is of the child, and of whom records tie to them or their own family, permitted
or not: which of it may be opened is asked afterwards, and nothing else is.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import psycopg
from sqlalchemy import TextClause

from consent.errors import LedgerUnavailableError
from services.decisions.postgres import DECISIONS_ABOUT, PROTECTING
from services.decisions.postgres_agreements import ADOPTED, contents_known
from services.intake.postgres_unread import MAY_HOLD, UNREAD_ABOUT
from services.ledger.postgres import APPEND, APPEND_NEW, APPEND_ONE
from services.people.persons.postgres_clusters import JOINS_OF
from services.people.practitioners.postgres_directory import SOURCES_HEARD, TELEPHONES
from services.people.protecting.postgres import EXCLUSIONS_OF, RESTRICTIONS_OF
from services.platform.database.direct import DirectConnection, DirectRows
from services.platform.database.engine import Blobs, Texts
from services.platform.database.together import Piece, Together, put_together
from services.platform.errors import ServiceError
from services.platform.keys.postgres import WRAPPED_KEYS
from services.profile.parts.postgres import IN_PARTS
from services.profile.ports import VISIT
from services.profile.postgres_looks import LOOKED_BEFORE, SAVE_LOOK
from services.work.inputs import Inputs, with_seals

# Whom a reading may come to: two generations along records, as `view_family` goes, with everybody
# whom any join reaches; and `far`, whom any record about those names besides.
_REACHED = """
    WITH RECURSIVE reach(person_id, steps) AS (
        SELECT CAST(:child AS text), 0
        UNION
        SELECT more.person_id, reach.steps + more.step FROM reach CROSS JOIN LATERAL (
            SELECT j.joined AS person_id, 0 AS step FROM person_join j
            WHERE j.kept = reach.person_id
            UNION ALL SELECT j.kept, 0 FROM person_join j WHERE j.joined = reach.person_id
            UNION ALL SELECT r.other_person_id, 1 FROM record r
            WHERE r.person_id = reach.person_id AND r.other_person_id IS NOT NULL
              AND NOT r.removed AND reach.steps < 2
            UNION ALL SELECT also.person_id, 1
            FROM record r, unnest(r.also_about) AS also(person_id)
            WHERE r.person_id = reach.person_id AND r.other_person_id IS NOT NULL
              AND NOT r.removed AND reach.steps < 2
            UNION ALL SELECT r.person_id, 1 FROM record r
            WHERE r.other_person_id = reach.person_id AND reach.steps < 2
            UNION ALL SELECT named.person_id, 1 FROM record r,
                unnest(array[r.person_id, r.other_person_id] || r.also_about) AS named(person_id)
            WHERE r.also_about <> '{}' AND r.also_about && array[reach.person_id]
              AND named.person_id IS NOT NULL AND reach.steps < 2
        ) AS more
    ),
    near AS MATERIALIZED (SELECT array_agg(DISTINCT person_id) AS persons FROM reach),
    own AS MATERIALIZED (
        SELECT array_agg(DISTINCT person_id) AS persons FROM reach WHERE steps = 0),
    parts AS MATERIALIZED ({in_parts}),
    far AS MATERIALIZED (
        SELECT array_agg(DISTINCT person_id) AS persons FROM (
            SELECT unnest(persons) AS person_id FROM near
            UNION SELECT other_person_id FROM parts WHERE other_person_id IS NOT NULL
            UNION SELECT person_id FROM parts
            UNION SELECT unnest(also_about) FROM parts) AS named),
    working AS MATERIALIZED (
        SELECT coalesce(array_agg(DISTINCT agency_code), '{}') AS agencies FROM case_load
        WHERE person_id = ANY((SELECT persons FROM near)::text[]))
"""

Values = Mapping[str, Any]
_Of = Callable[[Any], Collection[Any]]


class _Answers(Enum):
    """Which of its rows answer a statement that asks about some of what was read ahead."""

    JOINED = "those that reach whom it asks about"
    ALL_OF_THESE = "all, where it asks about just what was read ahead"


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A statement that is read ahead.

    `value` is its one value, in the place of which `stands` is asked for. `answers` says which
    rows are an answer, or gives of a row the values to which it belongs.
    """

    name: str
    statement: TextClause
    value: str
    stands: str
    answers: _Answers | _Of

    @property
    def part(self) -> Piece:
        """It, with what stands in the place of its value."""
        return Piece(self.name, self.statement.text.replace(f":{self.value}", self.stands))


def _person(row: Any) -> Collection[Any]:
    return (row.person_id,)


def _persons(row: Any) -> Collection[Any]:
    return (row.person_id, row.other_person_id, *row.also_about)


def _place(row: Any) -> Collection[Any]:
    return (row.place,)


def _agency(row: Any) -> Collection[Any]:
    return (row.agency_code,)


_FAR = "(SELECT persons FROM far)::text[]"
_NEAR = "(SELECT persons FROM near)::text[]"
_OWN = "(SELECT persons FROM own)::text[]"
_NAMED = "(SELECT array_agg(place) FROM parts, unnest(places) AS named(place))::bytea[]"
_WORKING = "(SELECT agencies FROM working)::text[]"
_LOOKED = _Ahead("looked", LOOKED_BEFORE, "persons", _OWN, _Answers.ALL_OF_THESE)
_STATEMENTS = (
    _Ahead("joins", JOINS_OF, "persons", _FAR, _Answers.JOINED),
    _Ahead("decisions", DECISIONS_ABOUT, "persons", _FAR, _person),
    _Ahead("restrictions", RESTRICTIONS_OF, "persons", _FAR, _person),
    _Ahead("exclusions", EXCLUSIONS_OF, "persons", _FAR, _person),
    _Ahead("agreements", ADOPTED, "known", ":known", _Answers.ALL_OF_THESE),
    _Ahead("keys", WRAPPED_KEYS, "persons", _FAR, _person),
    _Ahead("places", PROTECTING, "places", _NAMED, _place),
    _Ahead("unread", UNREAD_ABOUT, "persons", _OWN, _Answers.ALL_OF_THESE),
    _Ahead("may hold", MAY_HOLD, "persons", _OWN, _Answers.ALL_OF_THESE),
    _Ahead("telephones", TELEPHONES, "agencies", _WORKING, _agency),
    _LOOKED,
)
# Whether who reads through a partner still may, asked at the moment of which the answer tells.
_STILL = """
    SELECT t.token_hash FROM partner_token t JOIN partner p USING (partner_id)
    WHERE t.token_hash = CAST(:token AS bytea) AND t.expires_at > CAST(:now AS timestamptz)
      AND p.suspended_at IS NULL
"""
_BY_STATEMENT = {one.statement.text: one for one in _STATEMENTS}
_PARTS = _Ahead("parts", IN_PARTS, "persons", _NEAR, _persons)
_ASKED = """
    SELECT near.persons AS near, own.persons AS own, far.persons AS far,
           working.agencies AS agencies
    FROM near, own, far, working
"""


_TOLD_ANEW = frozenset({"still", "heard", "looked"})
"""From whom the token is, and what each reading tells anew: no answer that is kept has it."""


def _beginning() -> str:
    return _REACHED.replace("{in_parts}", _PARTS.part.statement)


def _all_parts(*, with_looks: bool) -> Sequence[Piece]:
    """Each costs the database its beginning, whether or not it finds anything."""
    return [
        Piece("asked", _ASKED),
        Piece(_PARTS.name, "SELECT * FROM parts"),
        Piece("heard", SOURCES_HEARD.text),
        Piece("still", _STILL),
        *(one.part for one in _STATEMENTS if with_looks or one is not _LOOKED),
    ]


class _ReadAlready:
    """What was read ahead, as answers to what is asked."""

    def __init__(
        self, rows: Mapping[str, list[Any]], known: Collection[str], looker: str | None
    ) -> None:
        self._rows = rows
        self._looker = looker
        (asked,) = rows["asked"]
        places = {place for row in rows[_PARTS.name] for place in row.places or ()}
        near, far = frozenset(asked.near), frozenset(asked.far)
        self._asked: Mapping[str, AbstractSet[Any]] = {
            _NEAR: near,
            _FAR: far,
            _OWN: frozenset(asked.own),
            _WORKING: frozenset(asked.agencies),
            _NAMED: places,
            ":known": frozenset(known),
        }

    def answer(self, statement: TextClause, values: Values) -> list[Any] | None:
        """Its rows, where all of them were read; None where it has to be asked."""
        if statement is SOURCES_HEARD:
            return self._rows["heard"]
        ahead = _PARTS if statement is IN_PARTS else _BY_STATEMENT.get(statement.text)
        if (
            ahead is None
            or ahead.name not in self._rows
            or (ahead is _LOOKED and values["looker"] != self._looker)
        ):
            return None
        wanted = set(values[ahead.value])
        asked, rows = self._asked[ahead.stands], self._rows[ahead.name]
        match ahead.answers:
            case _Answers.JOINED:
                return joins_reaching(wanted, rows) if wanted <= asked else None
            case _Answers.ALL_OF_THESE:
                return rows if wanted == asked else None
            case of:
                if not wanted <= asked:
                    return None
                return [row for row in rows if not wanted.isdisjoint(of(row))]


def joins_reaching(wanted: set[str], rows: list[Any]) -> list[Any]:
    """The joins that reach these, and no others.

    Of whom it was found out before with whom they are one, that stays so to the end, although
    somebody may have joined them since.
    """
    reached, before = set(wanted), 0
    while before != len(reached):
        before = len(reached)
        for row in rows:
            if row.kept in reached or row.joined in reached:
                reached |= {row.kept, row.joined}
    return [row for row in rows if row.kept in reached]


def together_ahead(connection: DirectConnection, *, with_looks: bool) -> Together:
    """All that is read ahead as one statement; with when its reader looked before, if asked."""
    values = {"child": "", "known": Texts([""]), **dict.fromkeys(_BY)}
    parts = _all_parts(with_looks=with_looks)
    return put_together(_beginning(), parts, connection=connection, values=values)


_BY = ("token", "now", "looker", "before")
"""By what else a reading is made, which nothing that is read tells."""


class NoLongerReadByError(ServiceError):
    """Whoever came in by a token may not read any more: nothing is shown."""


class ReadingAhead:
    """What ports ask of a connection while one family is read; what they write waits for the end.

    What is stored is read when it is first asked for: whoever is refused before has read nothing.
    """

    def __init__(
        self,
        connection: DirectConnection,
        together: Callable[[DirectConnection, bool], Together],
        *,
        token: bytes | None = None,
        now: datetime | None = None,
        looker: str | None = None,
    ) -> None:
        self._connection = connection
        self._together = together
        before = None if now is None else now - VISIT
        self._by = {"token": token, "now": now, "looker": looker, "before": before}
        self._read: _ReadAlready | None = None
        self.inputs = Inputs()
        self._looks: list[Values] = []
        self._entries: list[tuple[Any, bytes]] = []

    def execute(self, statement: TextClause, values: Values | None = None) -> DirectRows:
        """Answer from what was read ahead, or ask the database."""
        asked = values or {}
        if statement is SAVE_LOOK:
            self._looks.append(asked)
            return DirectRows((), 1)
        if self._read is None and statement is IN_PARTS:
            self._read = self._read_ahead(asked["persons"])
        rows = None if self._read is None else self._read.answer(statement, asked)
        if rows is None:
            found = self._connection.execute(statement, asked)
            self.inputs.note(statement.text, found.all())
            return found
        return DirectRows(rows, len(rows))

    def exec_driver_sql(self, statement: str, values: Values) -> DirectRows:
        """The same; entries of the ledger wait for the end."""
        if statement == APPEND_ONE:
            self._entries.append((values["id"], values["body"]))
            return DirectRows((), 1)
        if statement == APPEND:
            self._entries += zip(values["ids"], values["bodies"], strict=True)
            return DirectRows((), len(values["ids"]))
        return self._connection.exec_driver_sql(statement, values)

    def write(self) -> None:
        """Write the entries and the look by one statement, which is durable when this returns.

        Raises LedgerUnavailableError when they cannot be written, or not all of them are new, and
        NoLongerReadByError: then nothing was written, and nothing may be shown.
        """
        if self._read is None and self._by["token"] is not None:
            # Nothing was read ahead, as of a child who is one with another.
            self._require_still(self._connection.tuples(_STILL, self._by))
        if not self._entries and not self._looks:
            return
        if len(self._looks) > 1:
            raise LedgerUnavailableError("a reading has more than one look")
        values = {
            "ids": [entry for entry, _ in self._entries],
            "bodies": Blobs(body for _, body in self._entries),
        }
        try:
            if self._looks:
                self._connection.tuples(_WRITE, {**values, **self._looks[0]})
            else:
                self._connection.tuples(_ENTER, values)
        except psycopg.Error as error:
            raise LedgerUnavailableError("the entries of a reading were not written") from error

    def _read_ahead(self, persons: Sequence[str]) -> _ReadAlready:
        known = contents_known()
        values = {"child": persons[0], "known": Texts(known), **self._by}
        with_looks = self._by["looker"] is not None
        together = self._together(self._connection, with_looks)
        rows = together.execute(self._connection, values)
        self._require_still(rows["still"])
        for name, found in rows.items():
            if name not in _TOLD_ANEW:
                self.inputs.note(name, with_seals(found) if name == _PARTS.name else found)
        looker = self._by["looker"]
        return _ReadAlready(rows, known, looker if isinstance(looker, str) else None)

    def _require_still(self, rows: Collection[Any]) -> None:
        if self._by["token"] is not None and not rows:
            raise NoLongerReadByError("who reads was suspended, or their token is over")


# Entries of a reading are new: one that is there already is a fault, and then nothing is written.
_NEW = APPEND_NEW.replace("%(ids)b", ":ids").replace("%(bodies)b", ":bodies")
_ENTER = f"{_NEW} RETURNING 1"
_WRITE = f"""
    WITH entered AS ({_ENTER}), looked AS ({SAVE_LOOK.text} RETURNING 1)
    SELECT (SELECT count(*) FROM entered) FROM looked
"""  # noqa: S608 of constant parts
