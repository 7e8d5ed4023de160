"""Messages that nothing has read, or that were not published, and name somebody who is erased.

In the caller's transaction.
"""

import html
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import zstandard
from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme
from services.intake.postgres_kept_back import HELD_FOR
from services.people.linking.facts import LinkFacts, compact
from services.people.linking.postgres.facts import PostgresPersonFacts
from services.people.linking.postgres.tokens import PostgresSearchTokens
from services.people.persons.subjects import identifier_of
from services.platform.errors import KeyUnusableError
from services.platform.keys.hashing import KeyedHasher, tokens_of
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest
from services.platform.keys.vault import KeyVault, SecretName

# Whether a message that nothing has read names somebody: by number, or by name and birth.

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NUMBERS = {
    IdentifierScheme.NHS_NUMBER: re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"),
    IdentifierScheme.UPN: re.compile(r"(?<![A-Z0-9])[A-Z]\d{11}[A-Z0-9](?![A-Z0-9])"),
}


@dataclass(frozen=True, slots=True, repr=False)
class NamedPerson:
    """Somebody: the tokens of their numbers, and what sources say about who they are."""

    tokens: frozenset[bytes]
    facts: Sequence[LinkFacts]
    hasher: KeyedHasher

    def stand_in(self, content: bytes) -> bool:
        """Whether they are named there, as far as can be told without reading it."""
        text = _text_of(content)
        return any(self._is_theirs(text)) or self._are_described(text)

    def _is_theirs(self, text: str) -> Iterator[bool]:
        for scheme, pattern in _NUMBERS.items():
            for found in set(pattern.findall(text)):
                identifier = identifier_of(scheme, found.replace(" ", "").replace("-", ""))
                subject = Subject("somebody", (identifier,), Demographics())
                yield any(token.value in self.tokens for token in tokens_of(subject, self.hasher))

    def _are_described(self, text: str) -> bool:
        """A given name, a family name and the date of birth, each anywhere in it."""
        letters = compact(text) or ""
        return any(
            any(name in letters for name in facts.given_names)
            and any(name in letters for name in facts.family_names)
            and any(born in letters for born in _spellings_of(facts.date_of_birth))
            for facts in self.facts
        )


def _text_of(content: bytes) -> str:
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8"
    return html.unescape(content.decode(encoding, errors="replace"))


def _spellings_of(day: str | None) -> Sequence[str]:
    """A date of birth without its separators: year first, and day first."""
    if day is None or re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) is None:
        return ()
    year, month, of_month = day.split("-")
    return year + month + of_month, of_month + month + year


# Messages that were not published and name a person who is erased: withheld, held and parked.

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
_PARKED_ABOUT = text("SELECT DISTINCT ref FROM parked_about WHERE token = ANY(:tokens)")
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
_SOURCE = HELD_FOR.value


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
        parked = self._parked_of(named)
        self._connection.execute(_FORGET_PARKED, {"refs": parked})
        tokens = PostgresSearchTokens(self._connection).waiting_tokens_of(persons)
        wanted = {"source": _SOURCE, "tokens": list(tokens)}
        alike = self._connection.execute(_HELD_OF_SOMEBODY_ALIKE, wanted)
        held = list(self._naming(named, alike, SecretName.KEPT_BACK_HEALTH_VISITING))
        return self._delete_held(held) + self._delete_withheld(named), len(parked)

    def _parked_of(self, named: NamedPerson) -> list[bytes]:
        """Those that were found to name them, and those in which they stand after all."""
        rows = self._connection.execute(_PARKED_ABOUT, {"tokens": list(named.tokens)})
        about = {bytes(row.ref) for row in rows}
        parked = self._connection.execute(_PARKED)
        return sorted(about | set(self._naming(named, parked, SecretName.PARKED)))

    def _named(self, persons: Collection[PersonId]) -> NamedPerson:
        tokens = self._connection.execute(_TOKENS, {"persons": list(persons)}).scalars()
        try:
            claims = self._facts.claims(persons, at=self._at)
        except KeyUnusableError:
            claims = {}  # what nothing opens any more finds nothing either
        facts = [claim.facts for found in claims.values() for claim in found]
        return NamedPerson(frozenset(map(bytes, tokens)), facts, self._hasher)

    def _naming(
        self, named: NamedPerson, rows: Iterable[Row[tuple[object, ...]]], secret: SecretName
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

    def _delete_withheld(self, named: NamedPerson) -> int:
        """By the tokens of their subjects, whatever is in them; gives how many were held."""
        found = self._connection.execute(_FORGET, {"tokens": list(named.tokens)})
        rows = {(row.source, bytes(row.ref)) for row in found}
        held = self._delete_held([ref for source, ref in rows if source == _SOURCE])
        gone = {"sources": [source for source, _ in rows], "refs": [ref for _, ref in rows]}
        for table in ("file_to_reread", "partner_withheld"):
            self._connection.execute(text(_OF_NOBODY_ELSE.format(table=table)), gone)
        return held
