"""Messages that were not published and name a person who is erased: withheld, held and parked."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

import zstandard
from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.adapters.hashing import KeyedHasher
from services.adapters.naming import Named
from services.adapters.person_facts import PostgresPersonFacts
from services.adapters.person_keys import PersonKeys
from services.adapters.sealing import open_at_rest
from services.adapters.search_tokens import PostgresSearchTokens
from services.errors import KeyUnusableError
from services.key_vault import KeyVault, SecretName

_TOKENS = text("SELECT token FROM person_token WHERE person_id = ANY(:persons)")
_FORGET = text("DELETE FROM withheld_token WHERE token = ANY(:tokens) RETURNING source, ref")
# A held message has the whole of what was said, of whomever: it goes, and with it all by which
# it would be found. Its source may send it again.
_HELD = text("DELETE FROM holding_health_visiting.held_message WHERE ref = ANY(:refs)")
_FORGET_HELD = text("DELETE FROM withheld_token WHERE source = :source AND ref = ANY(:refs)")
_HELD_OF_SOMEBODY_ALIKE = text("""
    SELECT ref, sealed FROM holding_health_visiting.held_message WHERE ref IN (
        SELECT ref FROM withheld_token WHERE source = :source AND token = ANY(:tokens))
""")
_PARKED = text("SELECT ref, sealed FROM parked")
_FORGET_PARKED = text("""
    WITH gone AS (DELETE FROM parked WHERE ref = ANY(:refs) RETURNING source, ref)
    DELETE FROM message_outcome o USING gone WHERE o.source = gone.source AND o.ref = gone.ref
""")
# What waits with its owner is asked for again on behalf of the others whom it is about.
_OF_NOBODY_ELSE = """
    DELETE FROM {table} AS kept
    USING unnest(CAST(:sources AS text[]), CAST(:refs AS bytea[])) AS gone(source, ref)
    WHERE kept.source = gone.source AND kept.ref = gone.ref AND NOT EXISTS (
        SELECT FROM withheld_token t WHERE t.source = gone.source AND t.ref = gone.ref)
"""
_SOURCE = Source.HEALTH_VISITING.value


class UnpublishedMessages:
    """Messages that wait somewhere, as one transaction sees them.

    To be asked before what is known of the person is deleted: by that they are found.
    """

    def __init__(
        self,
        connection: Connection,
        hasher: KeyedHasher,
        keys: PersonKeys,
        vault: KeyVault,
        *,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._facts = PostgresPersonFacts(connection, keys)
        self._vault = vault
        self._at = at

    def delete(self, persons: Collection[PersonId]) -> tuple[int, int]:
        """Delete those that name one of the persons; gives how many were held, how many parked."""
        named = self._named(persons)
        parked = list(self._naming(named, self._connection.execute(_PARKED), SecretName.PARKED))
        self._connection.execute(_FORGET_PARKED, {"refs": parked})
        tokens = PostgresSearchTokens(self._connection).waiting_tokens_of(persons)
        wanted = {"source": _SOURCE, "tokens": list(tokens)}
        alike = self._connection.execute(_HELD_OF_SOMEBODY_ALIKE, wanted)
        held = list(self._naming(named, alike, SecretName.HOLDING_HEALTH_VISITING))
        return self._delete_held(held) + self._delete_withheld(named), len(parked)

    def _named(self, persons: Collection[PersonId]) -> Named:
        tokens = self._connection.execute(_TOKENS, {"persons": list(persons)}).scalars()
        try:
            claims = self._facts.claims(persons, at=self._at)
        except KeyUnusableError:
            claims = {}  # what nothing opens any more finds nothing either
        facts = [claim.facts for found in claims.values() for claim in found]
        return Named(frozenset(map(bytes, tokens)), facts, self._hasher)

    def _naming(
        self, named: Named, rows: Iterable[Row[tuple[object, ...]]], secret: SecretName
    ) -> Iterator[bytes]:
        key = self._vault.secret(secret)
        for row in rows:
            ref = bytes(row.ref)
            packed = open_at_rest(key, bytes(row.sealed), bound_to=ref.hex())
            if named.stand_in(zstandard.decompress(packed)):
                yield ref

    def _delete_held(self, refs: Sequence[bytes]) -> int:
        gone = self._connection.execute(_HELD, {"refs": refs}).rowcount
        self._connection.execute(_FORGET_HELD, {"source": _SOURCE, "refs": refs})
        return gone

    def _delete_withheld(self, named: Named) -> int:
        """By the tokens of their subjects, whatever is in them; gives how many were held."""
        found = self._connection.execute(_FORGET, {"tokens": list(named.tokens)})
        rows = {(row.source, bytes(row.ref)) for row in found}
        held = self._delete_held([ref for source, ref in rows if source == _SOURCE])
        gone = {"sources": [source for source, _ in rows], "refs": [ref for _, ref in rows]}
        for table in ("file_to_reread", "partner_withheld"):
            self._connection.execute(text(_OF_NOBODY_ELSE.format(table=table)), gone)
        return held
