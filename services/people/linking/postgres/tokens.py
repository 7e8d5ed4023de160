"""Search tokens: keyed hashes of what somebody is looked for by (DESIGN.md section 6)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.linking.facts import (
    KeyKind,
    LinkFacts,
    hashed_key,
    keys_alone,
    search_keys,
)
from services.platform.database.engine import Blobs, Texts
from services.platform.keys.hashing import KeyedHasher

TOO_MANY = 40
"""A token of more tells nothing: a name that half a town has, the address of a hostel."""
MOST_CLAIMS = 6
"""What a source says changes seldom; what it said long ago is no longer worth comparing."""
WAITING_KINDS = frozenset({KeyKind.NUMBER, KeyKind.BORN_AND_NAME, KeyKind.BORN_AND_POSTCODE})
"""What a message held back is found again by: enough to be the same person, not to be kin."""

_ADD = text("""
    INSERT INTO search_token (token, facts_id, kind)
    SELECT * FROM unnest(CAST(:tokens AS bytea[]), CAST(:facts AS bigint[]),
                         CAST(:kinds AS text[])) ON CONFLICT DO NOTHING
""")
# Each token by itself, so that one which is shared by many is let go after so many rows: of one
# person there are no more than MOST_CLAIMS of each source, so more rows are more persons.
_OWNERS = text("""
    SELECT wanted.token, found.person_id FROM unnest(CAST(:tokens AS bytea[])) AS wanted(token)
    CROSS JOIN LATERAL (
        SELECT DISTINCT person_id FROM (
            SELECT facts_id FROM search_token WHERE token = wanted.token LIMIT :rows
        ) AS first_rows JOIN person_facts USING (facts_id) LIMIT :most
    ) AS found
""")
_OF_PERSONS = text("""
    SELECT DISTINCT token FROM search_token JOIN person_facts USING (facts_id)
    WHERE person_id = ANY(:persons) AND kind = ANY(:kinds)
""")

_WAIT = text("""
    INSERT INTO withheld_token (token, source, ref)
    SELECT token, :source, ref
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:refs AS bytea[])) AS new(token, ref)
    ON CONFLICT DO NOTHING
""")


def search_tokens(facts: LinkFacts, hasher: KeyedHasher) -> Mapping[bytes, KeyKind]:
    """The tokens of these facts, each with what it is made of."""
    return {hashed_key(kind, key, hasher): kind for kind, key in search_keys(facts)}


def tokens_kept(facts: LinkFacts, hasher: KeyedHasher) -> Mapping[bytes, KeyKind]:
    """What is kept of facts: those, and the two by which nobody is found."""
    alone = {hashed_key(kind, key, hasher): kind for kind, key in keys_alone(facts)}
    return {**search_tokens(facts, hasher), **alone}


class PostgresSearchTokens:
    """Search tokens as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, tokens: Mapping[int, Mapping[bytes, KeyKind]]) -> None:
        """Add the tokens of facts, by the id of those."""
        rows: list[tuple[Any, ...]] = [
            (token, facts_id, kind.value)
            for facts_id, found in tokens.items()
            for token, kind in found.items()
        ]
        if rows:
            tokens_of_all, facts, kinds = zip(*rows, strict=True)
            columns = {"tokens": Blobs(tokens_of_all), "facts": list(facts), "kinds": Texts(kinds)}
            self._connection.execute(_ADD, columns)

    def owners(self, tokens: Collection[bytes]) -> Mapping[bytes, Collection[PersonId]]:
        """Who is found by each token; nobody by one that too many share."""
        if not tokens:
            return {}
        rows = TOO_MANY * MOST_CLAIMS * len(Source) + 1
        wanted = {"tokens": list(tokens), "most": TOO_MANY + 1, "rows": rows}
        owners: dict[bytes, set[PersonId]] = {}
        for row in self._connection.execute(_OWNERS, wanted):
            owners.setdefault(bytes(row.token), set()).add(PersonId(row.person_id))
        return {token: who for token, who in owners.items() if len(who) <= TOO_MANY}

    def wait(self, rows: Sequence[tuple[bytes, bytes]], source: Source) -> None:
        """Let messages held back, each under a token, be found by it."""
        tokens, refs = [token for token, _ in rows], [ref for _, ref in rows]
        wanted = {"source": source.value, "refs": refs, "tokens": tokens}
        self._connection.execute(_WAIT, wanted)

    def waiting_tokens_of(self, persons: Collection[PersonId]) -> Collection[bytes]:
        """Tokens by which messages held back may be about these persons."""
        wanted = {"persons": list(persons), "kinds": [kind.value for kind in WAITING_KINDS]}
        return [bytes(row.token) for row in self._connection.execute(_OF_PERSONS, wanted)]
