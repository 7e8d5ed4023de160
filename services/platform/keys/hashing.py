"""Keyed hashes (BLAKE2b, RFC 7693): opaque ids and tokens that tell nothing without the key."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import blake2b

from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, IdentifierStatus

_SEPARATOR = "\x1f"
_DIGEST_BYTES = 32


class KeyedHasher:
    """Opaque ids under one installation's linking key."""

    def __init__(self, key: bytes) -> None:
        # The key is taken in once: a message is hashed seventeen times.
        self._keyed = blake2b(key=key, digest_size=_DIGEST_BYTES)

    def digest(self, kind: str, *parts: str) -> bytes:
        """32 bytes; `kind` keeps hashes of different things apart."""
        keyed = self._keyed.copy()
        keyed.update(_SEPARATOR.join((kind, *parts)).encode())
        return keyed.digest()

    def opaque(self, kind: str, *parts: str) -> str:
        """The same as 64 hexadecimal digits."""
        return self.digest(kind, *parts).hex()


# Tokens, which tell who is who without names lying in the clear (DESIGN.md section 6).


class TokenKind(StrEnum):
    """What a token was made from. Numbers name one person; demographics may name several."""

    NHS_NUMBER = "nhs-number"
    UPN = "upn"
    LA_CHILD_ID = "la-child-id"
    DEMOGRAPHICS = "demographics"


class EndedKind(StrEnum):
    """What the token of a number is from when it is that person's no longer.

    A superseded number still finds its person and contradicts no other; an invalidated one does
    neither.
    """

    SUPERSEDED = "superseded"
    INVALIDATED = "invalidated"


NUMBERS = frozenset({TokenKind.NHS_NUMBER, TokenKind.UPN, TokenKind.LA_CHILD_ID})
_KIND_OF_SCHEME = {
    IdentifierScheme.NHS_NUMBER: TokenKind.NHS_NUMBER,
    IdentifierScheme.UPN: TokenKind.UPN,
    IdentifierScheme.LA_CHILD_ID: TokenKind.LA_CHILD_ID,
}
_ENDED = {
    IdentifierStatus.SUPERSEDED: EndedKind.SUPERSEDED,
    IdentifierStatus.INVALIDATED: EndedKind.INVALIDATED,
}
_TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Token:
    """One keyed hash and what kind of fact it stands for."""

    kind: TokenKind
    value: bytes


def tokens_of(subject: Subject, hasher: KeyedHasher) -> Iterator[Token]:
    """The tokens by which a subject may be linked, the strongest first.

    Only verified identifiers count; names count only with date of birth and postcode, and
    never when they stand for a name that is not given yet.
    """
    verified = (i for i in subject.identifiers if i.is_verified and i.scheme in _KIND_OF_SCHEME)
    for identifier in sorted(verified, key=lambda i: list(IdentifierScheme).index(i.scheme)):
        kind = _KIND_OF_SCHEME[identifier.scheme]
        yield _token(kind, hasher, identifier.value)
    facts = _demographic_facts(subject.demographics)
    if facts is not None:
        yield _token(TokenKind.DEMOGRAPHICS, hasher, *facts)


def ended_tokens_of(subject: Subject, hasher: KeyedHasher) -> Sequence[tuple[Token, EndedKind]]:
    """Tokens of the numbers that are the subject's no longer, as their source says."""
    return [
        (_token(_KIND_OF_SCHEME[i.scheme], hasher, i.value), _ENDED[i.status])
        for i in subject.identifiers
        if i.status in _ENDED and i.scheme in _KIND_OF_SCHEME
    ]


def birth_token(subject: Subject, hasher: KeyedHasher) -> bytes | None:
    """A token of the date of birth, to contradict a link with; it never makes one."""
    born = subject.demographics.date_of_birth
    return _birth(born, hasher) if born else None


def birth_of(day: date, hasher: KeyedHasher) -> bytes:
    """The token of a day of birth that somebody typed."""
    return _birth(day.isoformat(), hasher)


def _birth(born: str, hasher: KeyedHasher) -> bytes:
    return hasher.digest("born", born)[:_TOKEN_BYTES]


def _token(kind: TokenKind, hasher: KeyedHasher, *parts: str) -> Token:
    return Token(kind, hasher.digest(f"token:{kind}", *parts)[:_TOKEN_BYTES])


def _demographic_facts(person: Demographics) -> tuple[str, ...] | None:
    if person.placeholder_name or not person.given_names:
        return None
    facts = (
        _letters(person.family_name),
        _letters(person.given_names[0].split(" ")[0]),
        person.date_of_birth,
        _letters(person.postcode),
    )
    complete = tuple(fact for fact in facts if fact)
    return complete if len(complete) == len(facts) else None


def _letters(text: str | None) -> str:
    """Upper-case letters and digits without accents, so that spelling habits do not count."""
    if not text or text.isascii():  # which has no accents
        return "".join(filter(str.isalnum, (text or "").upper()))
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain.upper() if c.isalnum() and not unicodedata.combining(c))
