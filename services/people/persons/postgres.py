"""Who is who, in PostgreSQL: persons by keyed hashes of their identifiers, learned and resolved."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter

from sqlalchemy import Connection, text

from connectors.publishing.ports import ResolvedSubject
from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from services.people.persons.coming_again import ComingAgain, known_by_more, replaced
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.persons.postgres_identifiers import end_tokens
from services.people.persons.postgres_known import NOBODY, KnownPersons
from services.people.persons.whose import (
    Owners,
    has_other_number,
    persons_of,
    told_of_by_its_source,
)
from services.platform.keys.hashing import (
    NUMBERS,
    KeyedHasher,
    Token,
    TokenKind,
    birth_of,
    birth_token,
    ended_tokens_of,
    tokens_of,
)
from services.platform.keys.postgres import PersonKeys

_BORN = text("""
    SELECT person_id FROM person
    WHERE person_id = ANY(:persons) AND (birth_token = :born OR birth_token IS NULL)
""")


CONTRADICTS_BIRTH = "contradicts:date-of-birth"
CONTRADICTS_NUMBER = "contradicts:other-identifier"

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
    INSERT INTO person
        (person_id, wrapped_key, wrapped_under, birth_token, created_at, is_own_case)
    VALUES (:person, :wrapped, :under, :birth, :at, :is_own_case) ON CONFLICT DO NOTHING
""")
_APART = text("""
    SELECT one, other FROM person_apart WHERE one = ANY(:persons) OR other = ANY(:persons)
""")
_KEY_OF = text("SELECT wrapped_key FROM person WHERE person_id = :person")


class PostgresPersonIndex:
    """The index as one transaction sees it; what it read once it does not read again."""

    def __init__(
        self,
        connection: Connection,
        hasher: KeyedHasher,
        keys: PersonKeys,
        clusters: PostgresClusters,
        coming_again: ComingAgain,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._keys = keys
        self._clusters = clusters
        self._coming_again = coming_again
        self._known = KnownPersons(connection, keys, clusters)
        self._hashed: dict[int, tuple[Subject, Sequence[Token], bytes | None]] = {}

    def typed(self, subject: Subject) -> PersonId | None:
        """Who somebody is whom a practitioner typed, by the id under which they are known outside.

        The same is executed whoever that is, also where it is nobody.
        """
        person = self.resolve([subject], alike=True)[0].person
        return None if person is None else self._clusters.canonical([person])[person]

    def born_on(self, persons: Collection[PersonId], day: date) -> Sequence[PersonId]:
        """Those of these who were born then, or of whom nobody knows when; each as known outside.

        The same is executed where there are none.
        """
        everyone = self._clusters.all_of({*persons, NOBODY})
        born = birth_of(day, self._hasher)
        rows = self._connection.execute(_BORN, {"persons": list(everyone), "born": born})
        found = [PersonId(row.person_id) for row in rows]
        return sorted(set(self._clusters.canonical(found).values())) if found else []

    def resolve(
        self, subjects: Sequence[Subject], *, alike: bool = False
    ) -> Sequence[ResolvedSubject]:
        """For each subject the person it is known to be.

        A number beats demographics; two numbers of different persons, another date of birth or
        another number of the same kind contradict, and a contradiction links to nobody. Nor does
        anything link to a person who was erased. What is known of any of several who are one is
        known of all of them; the subject is the one of them by whom its source knows them.
        """
        wanted = [self._hashes(subject)[0] for subject in subjects]
        ended = [ended_tokens_of(subject, self._hasher) for subject in subjects]
        asked = {token.value for tokens in wanted for token in tokens}
        asked |= {t.value for tokens in ended for t, _ in tokens}
        owners = self._known.owners(asked, alike=alike)
        return [
            self._resolve_one(subject, tokens, [token for token, _ in former], owners)
            for subject, tokens, former in zip(subjects, wanted, ended, strict=True)
        ]

    def learn(
        self, known: Sequence[tuple[Subject, PersonId]], *, at: datetime
    ) -> Collection[PersonId]:
        """Add what the subjects newly tell; gives the persons whom more can be linked to now."""
        del at
        new: dict[tuple[PersonId, bytes], Token] = {}
        births: dict[PersonId, bytes] = {}
        for subject, person in known:
            held = self._known.together(person)
            tokens, birth = self._hashes(subject)
            for token in tokens:
                if token.value not in held.tokens:
                    new[person, token.value] = token
            if birth is not None and not self._known.of(person).births:
                births.setdefault(person, birth)
        self._learn_births(births)
        ended = {p: ended_tokens_of(s, self._hasher) for s, p in known if s.identifiers}
        end_tokens(self._connection, {p: tokens for p, tokens in ended.items() if tokens})
        more = known_by_more(
            ((person, token) for (person, _), token in new.items()),
            ended,
            lambda person: self._known.together(person).tokens,
        )
        if more:
            self._coming_again.came(more)
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

    def create(self, subject: Subject, *, at: datetime, is_own_case: bool = False) -> PersonId:
        """The person with these identifiers, made if nobody has them yet.

        The id follows from the first token, so two who make the same person make one. The next
        id follows where that one was erased: whoever comes again is somebody new, with what is left
        of who they were in force. One who is made
        as an agency's own case is a claim until something is recorded of them.
        """
        tokens = list(tokens_of(subject, self._hasher))
        first = tokens[0].value.hex() if tokens else secrets.token_hex(16)
        birth = birth_token(subject, self._hasher)
        person = self._insert((first,), birth, at, is_own_case=is_own_case)
        again = 0
        while self._keys.is_destroyed(self._wrapped_key_of(person)):
            again += 1
            person = self._insert((first, str(again)), birth, at, is_own_case=is_own_case)
        self._learn_tokens({(person, token.value): token for token in tokens})
        former = replaced(ended_tokens_of(subject, self._hasher))
        self._coming_again.came({person: [*tokens, *former]})
        return person

    def tokens_of_person(self, person: PersonId) -> Collection[bytes]:
        """Every token by which messages held back may be of them, or of who is one with them."""
        rows = self._connection.execute(
            text("SELECT token FROM person_token WHERE person_id = ANY(:persons)"),
            {"persons": self._clusters.all_of([person])},
        )
        return [bytes(row.token) for row in rows]

    def exists(self, person: PersonId) -> bool:
        """Whether there is such a person, who was not erased."""
        return not self._keys.is_destroyed(self._wrapped_key_of(person))

    def _insert(
        self, following: tuple[str, ...], birth: bytes | None, at: datetime, *, is_own_case: bool
    ) -> PersonId:
        """Make the person of this id unless there is one."""
        person = PersonId(self._hasher.opaque("person", *following)[:32])
        key = self._keys.new_wrapped_key(person)
        values = {"person": person, "wrapped": key.content, "under": key.under}
        more = {"birth": birth, "at": at, "is_own_case": is_own_case}
        self._connection.execute(_CREATE, values | more)
        return person

    def _wrapped_key_of(self, person: PersonId) -> bytes | None:
        found = self._connection.execute(_KEY_OF, {"person": person}).first()
        return None if found is None else _bytes(found.wrapped_key)

    def _resolve_one(
        self, subject: Subject, tokens: Sequence[Token], former: Sequence[Token], owners: Owners
    ) -> ResolvedSubject:
        # (1) Numbers first, also the NHS number that was replaced, which no adoption does;
        # demographics only where no number is known.
        replaced = persons_of(former, owners, {TokenKind.NHS_NUMBER})
        by_number = persons_of(tokens, owners, NUMBERS) or replaced
        by_name = persons_of(tokens, owners, {TokenKind.DEMOGRAPHICS})
        # A number that only claims have stands in nobody's way who is known by all the rest.
        if self._are_claims(by_number) and not self._are_claims(by_name):
            by_number = set()
        found = by_number or by_name
        found = self._without_claims(found, (*tokens, *former), owners)
        is_one = self._known.are_one(found)
        if by_number and not is_one:
            return ResolvedSubject(None, CONTRADICTS_NUMBER)
        if not is_one or any(self._known.of(person).is_erased for person in found):
            return ResolvedSubject(None)
        person = told_of_by_its_source((*tokens, *former), owners, found)
        known = self._known.together(person)
        # (2) A different date of birth contradicts.
        birth = self._hashes(subject)[1]
        if birth is not None and known.births and birth not in known.births:
            return ResolvedSubject(None, CONTRADICTS_BIRTH)
        # (3) So does a different number of a kind of which a person has but one; a claim does not.
        if not known.is_a_claim and has_other_number(tokens, former, known.tokens):
            conflict = CONTRADICTS_NUMBER if by_number else None
            return ResolvedSubject(None, conflict)
        is_as_told = bool(by_number) and birth is not None and birth in known.births
        others = self._not_known_as_two(person, persons_of(former, owners, {TokenKind.NHS_NUMBER}))
        return ResolvedSubject(person, is_birth_on_record=is_as_told, replaced=others)

    def _hashes(self, subject: Subject) -> tuple[Sequence[Token], bytes | None]:
        """The tokens of a subject and of their birth, made once: a batch resolves, then learns."""
        found = self._hashed.get(id(subject))
        if found is None:
            tokens, birth = (
                list(tokens_of(subject, self._hasher)),
                birth_token(subject, self._hasher),
            )
            # With the subject, so that no other comes to have its place in memory.
            found = self._hashed[id(subject)] = (subject, tokens, birth)
        return found[1:]

    def _not_known_as_two(
        self, person: PersonId, others: Collection[PersonId]
    ) -> frozenset[PersonId]:
        """Those of them who are not one with the person already, nor kept apart from them."""
        own = self._clusters.members([person])[person]
        found = frozenset(others).difference(own)
        if not found:
            return found
        rows = self._connection.execute(_APART, {"persons": list(own)})
        return found.difference(one for row in rows for one in (row.one, row.other))

    def claims_of(self, subject: Subject) -> Collection[PersonId]:
        """Those of whom nothing is recorded that have one of the subject's numbers."""
        numbers = [t.value for t in tokens_of(subject, self._hasher) if t.kind in NUMBERS]
        owners = self._known.owners(numbers) if numbers else {}
        found = {person for persons in owners.values() for person in persons}
        return {person for person in found if self._are_claims({person})}

    def _are_claims(self, persons: Collection[PersonId]) -> bool:
        return all(self._known.together(person).is_a_claim for person in persons)

    def _without_claims(
        self, found: set[PersonId], tokens: Sequence[Token], owners: Owners
    ) -> set[PersonId]:
        """Of several those of whom something is recorded; else whose the strongest number is."""
        if self._known.are_one(found) or not found:
            return found
        recorded = {person for person in found if not self._known.together(person).is_a_claim}
        if recorded:
            return recorded
        numbers = (owners.get(t.value, set()) & found for t in tokens if t.kind in NUMBERS)
        return next((theirs for theirs in numbers if theirs), found)

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


def _bytes(value: memoryview | bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
