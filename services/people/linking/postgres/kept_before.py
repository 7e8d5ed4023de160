"""Family names and postcodes by themselves, of persons who were known before these were hashed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.people.linking.postgres.facts import PostgresPersonFacts
from services.people.linking.postgres.tokens import PostgresSearchTokens, tokens_kept
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys

_AT_ONCE = 500
_WITHOUT = text("""
    SELECT f.facts_id, f.person_id, f.source, f.seen_at FROM person_facts f
    WHERE f.facts_id > :after AND NOT EXISTS (
        SELECT FROM search_token t
        WHERE t.facts_id = f.facts_id AND t.kind IN ('surname', 'postcode'))
    ORDER BY f.facts_id LIMIT :most
""")


def keep_tokens_alone(
    connection: Connection, keys: PersonKeys, hasher: KeyedHasher, *, after: int, at: datetime
) -> int | None:
    """Hash what is not hashed yet of the next facts after this row; gives the last of them.

    None when there are no more. Facts that say neither are looked at each time, and are few.
    """
    rows = connection.execute(_WITHOUT, {"after": after, "most": _AT_ONCE}).all()
    if not rows:
        return None
    persons: Sequence[PersonId] = [PersonId(row.person_id) for row in rows]
    claims = PostgresPersonFacts(connection, keys).claims(set(persons), at=at)
    told = {
        (claim.person, claim.source.value, claim.seen_at): claim.facts
        for of_person in claims.values()
        for claim in of_person
    }
    wanted = {row.facts_id: told.get((row.person_id, row.source, row.seen_at)) for row in rows}
    tokens = {
        facts_id: tokens_kept(facts, hasher)
        for facts_id, facts in wanted.items()
        if facts is not None
    }
    PostgresSearchTokens(connection).add(tokens)
    return int(rows[-1].facts_id)
