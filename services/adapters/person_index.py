"""Who is who: persons by keyed hashes of their identifiers, in PostgreSQL."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Connection, text

from connectors.publishing_ports import ResolvedSubject
from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId
from schemas.records.subject import Subject
from services.adapters.hashing import KeyedHasher
from services.adapters.person_keys import PersonKeys
from services.adapters.tokens import NUMBERS, Token, TokenKind, birth_token, tokens_of

CONTRADICTS_BIRTH = "contradicts:date-of-birth"
CONTRADICTS_NUMBER = "contradicts:other-identifier"

_FIND = text("""
    SELECT t.token, t.person_id, t.kind, p.birth_token, p.wrapped_key
    FROM person_token t JOIN person p USING (person_id)
    WHERE t.person_id IN (SELECT person_id FROM person_token WHERE token = ANY(:tokens))
""")
_LEARN = text("""
    INSERT INTO person_token (token, person_id, kind)
    SELECT * FROM unnest(CAST(:tokens AS bytea[]), CAST(:persons AS text[]),
                         CAST(:kinds AS text[]))
    ON CONFLICT DO NOTHING RETURNING person_id
""")
_LEARN_BIRTH = text("""
    UPDATE person SET birth_token = new.birth_token
    FROM unnest(CAST(:persons AS text[]), CAST(:births AS bytea[])) AS new(person_id, birth_token)
    WHERE person.person_id = new.person_id AND person.birth_token IS NULL
""")
_CREATE = text("""
    INSERT INTO person (person_id, wrapped_key, birth_token, created_at)
    VALUES (:person, :wrapped, :birth, :at) ON CONFLICT DO NOTHING
""")


@dataclass(slots=True)
class _KnownPerson:
    birth: bytes | None
    tokens: dict[bytes, str]
    is_erased: bool


class PostgresPersonIndex:
    """The index as one transaction sees it; what it read once it does not read again."""

    def __init__(self, connection: Connection, hasher: KeyedHasher, keys: PersonKeys) -> None:
        self._connection = connection
        self._hasher = hasher
        self._keys = keys
        self._known: dict[PersonId, _KnownPerson] = {}

    def resolve(self, subjects: Sequence[Subject]) -> Sequence[ResolvedSubject]:
        """For each subject the person it is known to be.

        A number beats demographics; two numbers of different persons, another date of birth or
        another number of the same kind contradict, and a contradiction links to nobody. Nor does
        anything link to a person who was erased.
        """
        wanted = [list(tokens_of(subject, self._hasher)) for subject in subjects]
        owners = self._owners({token.value for tokens in wanted for token in tokens})
        return [
            self._resolve_one(subject, tokens, owners)
            for subject, tokens in zip(subjects, wanted, strict=True)
        ]

    def learn(
        self, known: Sequence[tuple[Subject, PersonId]], *, at: datetime
    ) -> Collection[PersonId]:
        """Add what the subjects newly tell; gives the persons whom more can be linked to now."""
        del at
        new: dict[tuple[PersonId, bytes], Token] = {}
        births: dict[PersonId, bytes] = {}
        for subject, person in known:
            held = self._known[person]
            for token in tokens_of(subject, self._hasher):
                if token.value not in held.tokens:
                    new[person, token.value] = token
            birth = birth_token(subject, self._hasher)
            if birth is not None and held.birth is None:
                births.setdefault(person, birth)
        self._learn_births(births)
        return self._learn_tokens(new)

    def resolve_or_create(self, subject: Subject, *, at: datetime) -> PersonId:
        """The person with these identifiers, made if there is none.

        Raises DecisionInvalidError when they contradict what is known, or name nobody.
        """
        resolved = self.resolve([subject])[0]
        if resolved.conflict is not None:
            raise DecisionInvalidError("subject", resolved.conflict)
        if resolved.person is not None:
            self.learn([(subject, resolved.person)], at=at)
            return resolved.person
        if not any(True for _ in tokens_of(subject, self._hasher)):
            raise DecisionInvalidError("subject", "has-no-valid-identifier")
        return self.create(subject, at=at)

    def create(self, subject: Subject, *, at: datetime) -> PersonId:
        """The person with these identifiers, made if nobody has them yet.

        The id follows from the first token, so two who make the same person make one.
        """
        tokens = list(tokens_of(subject, self._hasher))
        first = tokens[0].value.hex() if tokens else secrets.token_hex(16)
        person = PersonId(self._hasher.opaque("person", first)[:32])
        birth = birth_token(subject, self._hasher)
        wrapped = self._keys.new_wrapped_key()
        self._connection.execute(
            _CREATE, {"person": person, "wrapped": wrapped, "birth": birth, "at": at}
        )
        self._learn_tokens({(person, token.value): token for token in tokens})
        return person

    def tokens_of_person(self, person: PersonId) -> Collection[bytes]:
        """Every token by which messages held back may be this person's."""
        rows = self._connection.execute(
            text("SELECT token FROM person_token WHERE person_id = :person"), {"person": person}
        )
        return [bytes(row.token) for row in rows]

    def exists(self, person: PersonId) -> bool:
        """Whether there is such a person."""
        found = self._connection.execute(
            text("SELECT 1 FROM person WHERE person_id = :person"), {"person": person}
        )
        return found.first() is not None

    def _owners(self, tokens: Collection[bytes]) -> Mapping[bytes, set[PersonId]]:
        rows = self._connection.execute(_FIND, {"tokens": list(tokens)}).all()
        owners: dict[bytes, set[PersonId]] = {}
        for row in rows:
            person, token = PersonId(row.person_id), bytes(row.token)
            read = _KnownPerson(_bytes(row.birth_token), {}, is_erased=row.wrapped_key is None)
            known = self._known.setdefault(person, read)
            known.tokens[token] = row.kind
            owners.setdefault(token, set()).add(person)
            self._keys.remember(person, _bytes(row.wrapped_key))
        return owners

    def _resolve_one(
        self, subject: Subject, tokens: Sequence[Token], owners: Mapping[bytes, set[PersonId]]
    ) -> ResolvedSubject:
        # (1) Numbers first, demographics only where no number is known.
        by_number = _persons(tokens, owners, NUMBERS)
        found = by_number or _persons(tokens, owners, {TokenKind.DEMOGRAPHICS})
        if len(by_number) > 1:
            return ResolvedSubject(None, CONTRADICTS_NUMBER)
        if len(found) != 1:
            return ResolvedSubject(None)
        person = next(iter(found))
        known = self._known[person]
        if known.is_erased:
            return ResolvedSubject(None)
        # (2) A different date of birth contradicts.
        birth = birth_token(subject, self._hasher)
        if birth is not None and known.birth is not None and birth != known.birth:
            return ResolvedSubject(None, CONTRADICTS_BIRTH)
        # (3) So does a different number of a kind of which a person has but one.
        if _has_other_number(tokens, known):
            conflict = CONTRADICTS_NUMBER if by_number else None
            return ResolvedSubject(None, conflict)
        return ResolvedSubject(person)

    def _learn_tokens(self, new: Mapping[tuple[PersonId, bytes], Token]) -> Collection[PersonId]:
        if not new:
            return ()
        # In one order, so that two who learn the same at once do not wait for each other.
        ordered = sorted(new.items(), key=itemgetter(0))
        rows = self._connection.execute(
            _LEARN,
            {
                "tokens": [value for (_, value), _ in ordered],
                "persons": [person for (person, _), _ in ordered],
                "kinds": [token.kind.value for _, token in ordered],
            },
        )
        return {PersonId(row.person_id) for row in rows}

    def _learn_births(self, births: Mapping[PersonId, bytes]) -> None:
        if births:
            self._connection.execute(
                _LEARN_BIRTH, {"persons": list(births), "births": list(births.values())}
            )


def _persons(
    tokens: Iterable[Token], owners: Mapping[bytes, set[PersonId]], kinds: Collection[TokenKind]
) -> set[PersonId]:
    return {
        person for token in tokens if token.kind in kinds for person in owners.get(token.value, ())
    }


def _has_other_number(tokens: Iterable[Token], known: _KnownPerson) -> bool:
    """A local authority may know one child by several ids; NHS numbers and UPNs are one each."""
    single = {TokenKind.NHS_NUMBER, TokenKind.UPN}
    held = {kind: value for value, kind in known.tokens.items()}
    return any(
        token.kind in single and token.value not in known.tokens and token.kind in held
        for token in tokens
    )


def _bytes(value: memoryview | bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
