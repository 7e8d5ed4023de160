"""What every page of a family's own is read with, by one statement, from the session's secret on.

`own` is whose session it is, by every id of theirs; `near` their children too, by every id of
theirs; `far` also whom sources name beside them for any of these. Of nobody's session it is nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from services.decisions.postgres import DECISIONS_ABOUT
from services.decisions.postgres_agreements import ADOPTED
from services.people.deciders.postgres import FACTS_OF
from services.people.family_access.letting_see.postgres import LET_SEE_BY
from services.people.family_access.letting_see.postgres_taken_off import TAKEN_OFF_OF
from services.people.family_access.postgres import ACCESS_BY_ID, SESSION_BEHIND
from services.people.family_access.postgres_family import CHILDREN_OF, HOLDING
from services.people.persons.postgres_clusters import JOINS_OF
from services.people.practitioners.postgres_directory import KIND_OF
from services.people.presence.postgres_contacts import CONTACTS_OF, HOLDERS, MARKED
from services.people.protecting.postgres import EXCLUSIONS_OF, RESTRICTIONS_OF
from services.platform.database.direct import DirectConnection
from services.platform.database.engine import Texts
from services.platform.database.together import Piece, Together, put_together
from services.platform.keys.postgres import WRAPPED_KEYS

JOINS: Final = "joins"
BY_PERSON: Final = {
    DECISIONS_ABOUT.text: "decisions",
    RESTRICTIONS_OF.text: "restrictions",
    EXCLUSIONS_OF.text: "exclusions",
    FACTS_OF.text: "facts",
    WRAPPED_KEYS.text: "keys",
    LET_SEE_BY.text: "let see",
}
"""What is asked of `persons`, each row of one of them, with its name here."""
AS_ASKED: Final = frozenset(
    one.text
    for one in (
        *(SESSION_BEHIND, ACCESS_BY_ID, ADOPTED, CHILDREN_OF, KIND_OF),
        *(CONTACTS_OF, HOLDERS, MARKED, HOLDING, TAKEN_OFF_OF),
    )
)
"""What is answered again where just the same is asked."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = """
    SELECT edge.person_id FROM {cluster} CROSS JOIN LATERAL (
        SELECT j.joined AS person_id FROM person_join j WHERE j.kept = {cluster}.person_id
        UNION ALL SELECT j.kept FROM person_join j WHERE j.joined = {cluster}.person_id) AS edge
"""
_OWN = "(SELECT own FROM persons)::text[]"
_FAR = "(SELECT far FROM persons)::text[]"
_CONTACT = "(SELECT contact FROM access)"


def _placed(statement: str, **values: str) -> str:
    for name, place in values.items():
        statement = statement.replace(f":{name}", place)
    return statement


_BEGINNING = f"""
    WITH RECURSIVE session AS MATERIALIZED ({SESSION_BEHIND.text}),
    access AS MATERIALIZED (
        {_placed(ACCESS_BY_ID.text, access="(SELECT access_id FROM session)")}),
    own(person_id) AS (SELECT access.person_id FROM access UNION {_STEP.format(cluster="own")}),
    named(person_id) AS MATERIALIZED (
        {_placed(CHILDREN_OF.text, persons="(SELECT array_agg(person_id) FROM own)::text[]")}),
    near(person_id) AS (
        SELECT person_id FROM (SELECT * FROM own UNION ALL SELECT * FROM named) AS begun
        UNION {_STEP.format(cluster="near")}),
    persons AS MATERIALIZED (
        SELECT (SELECT array_agg(person_id ORDER BY person_id) FROM own) AS own,
               (SELECT array_agg(DISTINCT person_id) FROM (
                    SELECT person_id FROM near
                    UNION ALL SELECT f.other_person_id FROM decider_fact f
                    WHERE f.other_person_id IS NOT NULL
                        AND f.person_id = ANY((SELECT array_agg(person_id) FROM near)::text[])
               ) AS every) AS far),
    held AS MATERIALIZED ({_placed(CONTACTS_OF.text, persons=_OWN)})
"""  # noqa: S608 of constant parts
_HELD = "(SELECT array_agg(DISTINCT contact) FROM held)"
_PIECES = (
    Piece("persons", "SELECT own, far FROM persons"),
    Piece("session", "SELECT * FROM session"),
    Piece("access", "SELECT * FROM access"),
    Piece("named", "SELECT * FROM named"),
    Piece("held", "SELECT * FROM held"),
    Piece(JOINS, _placed(JOINS_OF.text, persons=_FAR)),
    *(Piece(name, _placed(words, persons=_FAR)) for words, name in BY_PERSON.items()),
    Piece("agreements", ADOPTED.text),
    Piece("kind", _placed(KIND_OF.text, code="(SELECT agency_code FROM access)")),
    Piece("holders", _placed(HOLDERS.text, contacts=_HELD)),
    Piece("holding", _placed(HOLDING.text, contact=_CONTACT)),
    Piece("taken off", _placed(TAKEN_OFF_OF.text, persons=_OWN)),
    Piece("marked", _placed(MARKED.text, contacts=f"ARRAY[{_CONTACT}]", practitioner="''")),
)


def family_together(connection: DirectConnection) -> Together:
    """The one statement, whose values are those of a session and the agreements known."""
    values = {"hash": b"", "now": _NEVER, "idle_since": _NEVER, "known": Texts([""])}
    return put_together(_BEGINNING, _PIECES, connection=connection, values=values)


def answers_ahead(
    asked: Mapping[str, Any], known: Sequence[str], rows: Mapping[str, list[Any]]
) -> Iterator[tuple[str, Mapping[str, Any], list[Any]]]:
    """Statements that ports are going to send, with their values, each with what was read of it.

    Whatever they send instead is asked of the database.
    """
    yield SESSION_BEHIND.text, asked, rows["session"]
    for session in rows["session"]:
        yield ACCESS_BY_ID.text, {"access": session.access_id}, rows["access"]
    for access in rows["access"]:
        (of,) = rows["persons"]
        contact = bytes(access.contact)
        held = sorted({bytes(row.contact) for row in rows["held"]})
        yield CHILDREN_OF.text, {"persons": of.own}, rows["named"]
        yield CONTACTS_OF.text, {"persons": of.own}, rows["held"]
        yield TAKEN_OFF_OF.text, {"persons": of.own}, rows["taken off"]
        yield HOLDERS.text, {"contacts": held}, rows["holders"]
        yield HOLDING.text, {"contact": contact}, rows["holding"]
        yield MARKED.text, {"contacts": [contact], "practitioner": ""}, rows["marked"]
        yield KIND_OF.text, {"code": access.agency_code}, rows["kind"]
    yield ADOPTED.text, {"known": list(known)}, rows["agreements"]
