"""Visits that began about a number somebody typed: whose they are follows from the number alone.

Who is known by it may have become known later, or have been taken for one with somebody else then.
"""

from collections.abc import Collection

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.people.presence.beginning import subject_as_typed
from services.platform.keys.hashing import KeyedHasher, tokens_of

_TOKENS = text("SELECT token FROM person_token WHERE person_id = ANY(:persons)")
_TYPED = text("""
    SELECT presence_id, sealed_subject FROM presence WHERE sealed_subject IS NOT NULL
""")


def visits_typed_about(
    persons: Collection[PersonId], connection: Connection, hasher: KeyedHasher, *, sheet_key: bytes
) -> list[str]:
    """The ids of the visits that began about a number of one of these; every visit is opened."""
    found = connection.execute(_TOKENS, {"persons": list(persons)}).scalars()
    theirs = frozenset(map(bytes, found))
    return [
        row.presence_id
        for row in connection.execute(_TYPED)
        if not theirs.isdisjoint(
            token.value
            for token in tokens_of(
                subject_as_typed(bytes(row.sealed_subject), row.presence_id, key=sheet_key), hasher
            )
        )
    ]
