"""Facts that persons are compared by, and who may be who by them, in PostgreSQL.

What sources say is sealed under each person's key; persons are found by keyed hashes alone.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, text

from connectors.publishing.ports import ToldSubject
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from schemas.vocabulary import IdentifierStatus, Source
from services.people.linking.claims import IdentityClaim, have_no_first_name
from services.people.linking.facts import KeyKind, LinkFacts, facts_from_subject
from services.people.linking.postgres.documents import (
    document_from_facts,
    facts_from_document,
    facts_key,
)
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.people.linking.postgres.tokens import (
    MOST_CLAIMS,
    WAITING_KINDS,
    PostgresSearchTokens,
    search_tokens,
    tokens_kept,
)
from services.people.linking.scoring import Band, Weights, score
from services.people.persons.postgres import PostgresPersonIndex
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.persons.postgres_identifiers import (
    PostgresPersonIdentifiers,
    end_tokens,
)
from services.platform.errors import KeyDestroyedError
from services.platform.keys.hashing import KeyedHasher, ended_tokens_of, tokens_of
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest

# The table of facts.

_KEYS = text("""
    SELECT person_id, facts_key, seen_at FROM person_facts
    WHERE person_id = ANY(:persons) AND source = :source ORDER BY seen_at, facts_id
""")
_ADD = text("""
    INSERT INTO person_facts (person_id, source, facts_key, sealed, seen_at)
    SELECT person, :source, key, sealed, :at
    FROM unnest(CAST(:persons AS text[]), CAST(:keys AS bytea[]), CAST(:sealed AS bytea[]))
         AS new(person, key, sealed)
    ON CONFLICT (person_id, source, facts_key) DO UPDATE SET seen_at = excluded.seen_at
    RETURNING facts_id, person_id, facts_key
""")
_TRIM = text("""
    DELETE FROM person_facts WHERE facts_id IN (
        SELECT facts_id FROM (
            SELECT facts_id, row_number() OVER (
                PARTITION BY person_id ORDER BY seen_at DESC, facts_id DESC) AS place
            FROM person_facts WHERE person_id = ANY(:persons) AND source = :source
        ) AS aged WHERE place > :most
    )
""")
_FORGET = text("DELETE FROM person_facts WHERE person_id = ANY(:persons) AND source = :source")
_READ = text("""
    SELECT f.*, p.left_behind_at IS NOT NULL AS is_former, EXISTS (
        SELECT FROM restriction r WHERE r.person_id = f.person_id AND r.placed_at <= :at
            AND (r.lifted_at IS NULL OR r.lifted_at > :at) AND NOT EXISTS (
                SELECT FROM restriction later WHERE later.restriction_id = r.restriction_id
                AND later.state > r.state AND later.placed_at <= :at)) AS is_protected
    FROM person_facts f JOIN person p USING (person_id)
    WHERE f.person_id = ANY(:persons) AND p.wrapped_key IS NOT NULL
    ORDER BY f.seen_at, f.facts_id
""")


@dataclass(frozen=True, slots=True, repr=False)
class NewFacts:
    """Facts to be kept of a person; `key` tells them from others without being opened."""

    person: PersonId
    key: bytes
    facts: LinkFacts


class PostgresPersonFacts:
    """Facts as one transaction sees them."""

    def __init__(self, connection: Connection, keys: PersonKeys) -> None:
        self._connection = connection
        self._keys = keys

    def newest_keys(
        self, persons: Collection[PersonId], source: Source
    ) -> Mapping[PersonId, bytes]:
        """What this source said last of each of the persons."""
        wanted = {"persons": list(persons), "source": source.value}
        rows = self._connection.execute(_KEYS, wanted)
        return {PersonId(row.person_id): bytes(row.facts_key) for row in rows}

    def add(
        self, new: Sequence[NewFacts], source: Source, *, at: datetime
    ) -> Mapping[int, LinkFacts]:
        """Keep them, as what the source said last; gives them by the id of their row."""
        if not new:
            return {}
        unique = {(one.person, one.key): one for one in new}
        ordered = [unique[place] for place in sorted(unique)]
        wanted = {
            "source": source.value,
            "at": at,
            "persons": [one.person for one in ordered],
            "keys": [one.key for one in ordered],
            "sealed": [self._sealed(one) for one in ordered],
        }
        rows = self._connection.execute(_ADD, wanted).all()
        persons = sorted({one.person for one in ordered})
        trimmed = {"persons": persons, "source": source.value, "most": MOST_CLAIMS}
        self._connection.execute(_TRIM, trimmed)
        return {
            row.facts_id: unique[PersonId(row.person_id), bytes(row.facts_key)].facts
            for row in rows
        }

    def forget(self, persons: Collection[PersonId], source: Source) -> int:
        """Delete what this source said of them, search tokens with it; gives how many claims."""
        wanted = {"persons": sorted(persons), "source": source.value}
        return self._connection.execute(_FORGET, wanted).rowcount

    def claims(
        self, persons: Collection[PersonId], *, at: datetime
    ) -> Mapping[PersonId, Sequence[IdentityClaim]]:
        """What sources say of each of the persons, opened; nothing of those who were erased."""
        if not persons:
            return {}
        found: dict[PersonId, list[IdentityClaim]] = {}
        for claim in self._opened(persons, at):
            found.setdefault(claim.person, []).append(claim)
        return found

    def _opened(self, persons: Collection[PersonId], at: datetime) -> Iterator[IdentityClaim]:
        rows = self._connection.execute(_READ, {"persons": list(persons), "at": at}).all()
        self._keys.load({PersonId(row.person_id) for row in rows})
        for row in rows:
            person = PersonId(row.person_id)
            try:
                key = self._keys.data_key(person)
            except KeyDestroyedError:
                continue
            plain = open_at_rest(key, bytes(row.sealed), bound_to=_bound_to(person, row.facts_key))
            facts = replace(
                facts_from_document(plain), is_protected=row.is_protected, is_former=row.is_former
            )
            yield IdentityClaim(person, Source(row.source), facts, row.seen_at)

    def _sealed(self, one: NewFacts) -> bytes:
        key = self._keys.data_key(one.person)
        bound_to = _bound_to(one.person, one.key)
        return seal_at_rest(key, document_from_facts(one.facts), bound_to=bound_to)


def _bound_to(person: PersonId, facts_key: bytes) -> str:
    return f"facts:{person}:{bytes(facts_key).hex()}"


_MOST_ALIKE = 20
_HOLDERS = text("""
    SELECT t.token, t.person_id FROM person_token t JOIN person p USING (person_id)
    WHERE t.token = ANY(:tokens) AND t.kind = 'nhs-number' AND p.wrapped_key IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM person_facts f WHERE f.person_id = t.person_id AND f.source = :source)
    ORDER BY t.person_id
""")
_APART = text("""
    SELECT one, other FROM person_apart WHERE one = ANY(:persons)
    UNION ALL SELECT other, one FROM person_apart WHERE other = ANY(:persons)
""")


class PostgresLikenesses:
    """Likenesses as one transaction sees them, at its one moment."""

    def __init__(
        self,
        connection: Connection,
        hasher: KeyedHasher,
        keys: PersonKeys,
        persons: PostgresPersonIndex,
        clusters: PostgresClusters,
        *,
        weights: Weights,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._persons = persons
        self._clusters = clusters
        self._weights = weights
        self._at = at
        self._claims: dict[PersonId, Sequence[IdentityClaim]] = {}
        self._owners: dict[bytes, Collection[PersonId]] = {}
        # With what it was made from, so that this is not let go of and its id used again.
        self._made: dict[int, tuple[ToldSubject, LinkFacts, Mapping[bytes, KeyKind]]] = {}
        self._facts = PostgresPersonFacts(connection, keys)
        self._tokens = PostgresSearchTokens(connection)
        self._identifiers = PostgresPersonIdentifiers(connection, hasher, keys)
        self._queue = PostgresLinkQueue(connection)

    def keep(
        self,
        told: Sequence[tuple[ToldSubject, PersonId]],
        source: Source,
        *,
        at: datetime,
        is_kept: bool = False,
    ) -> None:
        """Keep what a source tells of persons, where that is not what it said last."""
        known = self._facts.newest_keys({person for _, person in told}, source)
        latest = {person: (one, facts_key(one, self._hasher)) for one, person in told}
        new = {p: (one, key) for p, (one, key) in latest.items() if known.get(p) != key}
        if not new:
            return
        self._claims.clear()
        self._owners.clear()
        facts = [NewFacts(p, key, _facts_of(one)) for p, (one, key) in new.items()]
        holders = self._holders_of_replaced({p: one.subject for p, (one, _) in new.items()}, source)
        facts += holders
        added = self._facts.add(facts, source, at=at)
        self._tokens.add({i: tokens_kept(found, self._hasher) for i, found in added.items()})
        stated = [(i, person) for person, (one, _) in new.items() for i in one.subject.identifiers]
        self._identifiers.keep(stated, source, at=at, is_kept=is_kept)
        self._queue.add({*new, *(one.person for one in holders)}, at=at)

    def _holders_of_replaced(
        self, subjects: Mapping[PersonId, Subject], source: Source
    ) -> list[NewFacts]:
        """Of whoever else has an NHS number that was replaced: that they have it, and no more.

        Of somebody known by a decision alone there is nothing to compare, and nobody would be asked
        whether two are one of whom a source says that one number took the place of the other. What
        the source has told of them says more and stays what it said last.
        """
        told = {
            token.value: (replace(one, status=IdentifierStatus.VERIFIED), person)
            for person, subject in subjects.items()
            for one in subject.identifiers
            if one.status is IdentifierStatus.SUPERSEDED
            for token, _ in ended_tokens_of(Subject("", (one,)), self._hasher)
        }
        wanted = {"tokens": list(told), "source": source.value}
        found = []
        for row in self._connection.execute(_HOLDERS, wanted) if told else ():
            number, person = told[bytes(row.token)]
            if row.person_id != person:
                held = ToldSubject(Subject("", (number,)))
                key = facts_key(held, self._hasher)
                found.append(NewFacts(PersonId(row.person_id), key, _facts_of(held)))
        return found

    def alike(
        self, told: Sequence[tuple[ToldSubject, PersonId | None]]
    ) -> Sequence[Collection[PersonId]]:
        """For each the known persons whom they may be: scored, not final."""
        looked_for = [self._looked_for(one) for one, _ in told]
        owners = self._tokens.owners({token for _, tokens in looked_for for token in tokens})
        if not owners:
            return [()] * len(told)
        apart = self._apart_from({person for _, person in told if person is not None})
        candidates = [
            [p for p in _most_shared(tokens, owners) if p not in apart.get(person, ())]
            for (_, tokens), (_, person) in zip(looked_for, told, strict=True)
        ]
        claims = self.claims({person for persons in candidates for person in persons})
        return [
            [p for p in persons if self._may_be(found, claims.get(p, ()))]
            for (found, _), persons in zip(looked_for, candidates, strict=True)
        ]

    def take_in(self, told: ToldSubject, source: Source, *, at: datetime) -> PersonId | None:
        """Make a person of somebody nobody knows yet; None if nothing tells them from others."""
        if not any(True for _ in tokens_of(told.subject, self._hasher)):
            return None
        person = self._persons.create(told.subject, at=at)
        self.keep([(told, person)], source, at=at)
        return person

    def wait(self, waiting: Sequence[tuple[str, ToldSubject]], source: Source) -> None:
        """Let messages held back be found by whoever is like their subjects."""
        rows = [
            (token, bytes.fromhex(ref))
            for ref, told in waiting
            for token, kind in self._looked_for(told)[1].items()
            if kind in WAITING_KINDS
        ]
        self._tokens.wait(rows, source)

    def note_replaced(self, told: Sequence[tuple[Subject, PersonId]], *, at: datetime) -> None:
        """Keep which numbers are theirs no longer; who has such a number is compared with them."""
        end_tokens(self._connection, {p: ended_tokens_of(one, self._hasher) for one, p in told})
        self._queue.add({person for _, person in told}, at=at)

    def holders_of_replaced(self, persons: Collection[PersonId]) -> Sequence[PersonId]:
        """Others who have an NHS number that was replaced by one of theirs, as a source says."""
        return self._identifiers.holders_of_replaced(persons)

    def look_ahead(self, persons: Collection[PersonId]) -> None:
        """Know of whom no number was replaced, so that nobody asks about each of them."""
        self._identifiers.look_ahead(persons)

    def forget(self, persons: Collection[PersonId], source: Source) -> None:
        """Forget what a source has told of them, and who is found by it."""
        self._claims.clear()
        self._owners.clear()
        self._facts.forget(persons, source)
        self._identifiers.forget(persons, source)

    def may_have_twin(self, subject: Subject, person: PersonId | None, days: Sequence[str]) -> bool:
        """Whether they are one of several born together, as far as anybody here knows."""
        known = [] if person is None else [person]
        same = self._clusters.said_to_be(known).get(person, ()) if person else ()
        own = facts_from_subject(subject)
        born = (LinkFacts(family_names=own.family_names, date_of_birth=day) for day in days)
        tokens = {
            token
            for facts in born
            for token, kind in search_tokens(facts, self._hasher).items()
            if kind is KeyKind.BORN_AND_NAME
        }
        others = {p for found in self._tokens.owners(tokens).values() for p in found} - {*same}
        claims = self.claims([*others, *same])
        is_one_of_several = any(c.facts.birth_order for p in same for c in claims[p])
        return is_one_of_several or any(have_no_first_name(own, claims[p]) for p in others)

    def claims(self, persons: Collection[PersonId]) -> Mapping[PersonId, Sequence[IdentityClaim]]:
        """What is known of each, the oldest first; nothing of who was erased."""
        unread = [person for person in persons if person not in self._claims]
        found = self._facts.claims(unread, at=self._at)
        self._claims.update({person: found.get(person, ()) for person in unread})
        return {person: self._claims[person] for person in persons}

    def found_by(self, claims: Sequence[IdentityClaim]) -> Sequence[PersonId]:
        """Persons who share what these are looked for by, those who share most first."""
        tokens = {t for claim in claims for t in search_tokens(claim.facts, self._hasher)}
        unread = tokens - self._owners.keys()
        self._owners |= {**dict.fromkeys(unread, ()), **self._tokens.owners(unread)}
        return _most_shared(tokens, self._owners)

    def waiting_tokens_of(self, persons: Collection[PersonId]) -> Collection[bytes]:
        """Tokens by which messages held back may be about these persons."""
        return self._tokens.waiting_tokens_of(persons)

    def _apart_from(
        self, persons: Collection[PersonId]
    ) -> Mapping[PersonId | None, Collection[PersonId]]:
        """For each person all who are said to be them, and whom any of those was said not to be.

        Whoever is one with somebody else is that somebody: so nor are they any of those.
        """
        members = self._clusters.said_to_be(persons)
        said: dict[PersonId, set[PersonId]] = {}
        everyone = sorted({member for own in members.values() for member in own})
        rows = self._connection.execute(_APART, {"persons": everyone}).all() if everyone else ()
        for row in rows:
            said.setdefault(PersonId(row.one), set()).add(PersonId(row.other))
        others = self._clusters.said_to_be({other for each in said.values() for other in each})
        return {
            person: {*own, *(each for m in own for o in said.get(m, ()) for each in others[o])}
            for person, own in members.items()
        }

    def _looked_for(self, told: ToldSubject) -> tuple[LinkFacts, Mapping[bytes, KeyKind]]:
        """The facts of one subject and its tokens, made once."""
        known = self._made.get(id(told))
        if known is None:
            facts = _facts_of(told)
            known = (told, facts, search_tokens(facts, self._hasher))
            self._made[id(told)] = known
        return known[1:]

    def _may_be(self, facts: LinkFacts, claims: Sequence[IdentityClaim]) -> bool:
        scores = [score(facts, claim.facts, self._weights) for claim in claims]
        is_impossible = any(o.is_final for found in scores for o in found.objections)
        return not is_impossible and any(s.band is not Band.SEPARATE for s in scores)


def _facts_of(told: ToldSubject) -> LinkFacts:
    return facts_from_subject(told.subject, told.details, told.contact)


def _most_shared(
    tokens: Iterable[bytes], owners: Mapping[bytes, Collection[PersonId]]
) -> list[PersonId]:
    shared = Counter(person for token in tokens for person in sorted(owners.get(token, ())))
    return [person for person, _ in shared.most_common(_MOST_ALIKE)]
