"""Who may be who: facts kept of persons, and persons found by them, in PostgreSQL."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from connectors.likening_ports import Told
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.adapters.clusters import PostgresClusters
from services.adapters.facts_documents import facts_key
from services.adapters.hashing import KeyedHasher
from services.adapters.link_queue import PostgresLinkQueue
from services.adapters.person_facts import NewFacts, PostgresPersonFacts
from services.adapters.person_identifiers import PostgresPersonIdentifiers
from services.adapters.person_index import PostgresPersonIndex
from services.adapters.person_keys import PersonKeys
from services.adapters.search_tokens import WAITING_KINDS, PostgresSearchTokens, search_tokens
from services.adapters.tokens import tokens_of
from services.linking.claims import Claim
from services.linking.facts import LinkFacts, facts_from_subject
from services.linking.scoring import Band, score
from services.linking.search_keys import KeyKind
from services.linking.weights import Weights

_MOST_ALIKE = 20
_APART = text("""
    SELECT one, other FROM person_apart WHERE one = ANY(:persons)
    UNION ALL SELECT other, one FROM person_apart WHERE other = ANY(:persons)
""")
_WAIT = text("""
    INSERT INTO withheld_token (token, source, ref)
    SELECT token, :source, ref
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:refs AS bytea[])) AS new(token, ref)
    ON CONFLICT DO NOTHING
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
        self._claims: dict[PersonId, Sequence[Claim]] = {}
        # With what it was made from, so that this is not let go of and its id used again.
        self._made: dict[int, tuple[Told, LinkFacts, Mapping[bytes, KeyKind]]] = {}
        self._facts = PostgresPersonFacts(connection, keys)
        self._tokens = PostgresSearchTokens(connection)
        self._identifiers = PostgresPersonIdentifiers(connection, hasher, keys)
        self._queue = PostgresLinkQueue(connection)

    def keep(self, told: Sequence[tuple[Told, PersonId]], source: Source, *, at: datetime) -> None:
        """Keep what a source tells of persons, where that is not what it said last."""
        known = self._facts.newest_keys({person for _, person in told}, source)
        latest = {person: (one, facts_key(one, self._hasher)) for one, person in told}
        new = {p: (one, key) for p, (one, key) in latest.items() if known.get(p) != key}
        if not new:
            return
        self._claims.clear()
        facts = [NewFacts(p, key, _facts_of(one)) for p, (one, key) in new.items()]
        added = self._facts.add(facts, source, at=at)
        self._tokens.add({i: search_tokens(found, self._hasher) for i, found in added.items()})
        stated = [(i, person) for person, (one, _) in new.items() for i in one.subject.identifiers]
        self._identifiers.keep(stated, source, at=at)
        self._queue.add(new, at=at)

    def alike(self, told: Sequence[tuple[Told, PersonId | None]]) -> Sequence[Collection[PersonId]]:
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

    def hold(self, told: Told, source: Source, *, at: datetime) -> PersonId | None:
        """Make a person of somebody nobody knows yet; None if nothing tells them from others."""
        if not any(True for _ in tokens_of(told.subject, self._hasher)):
            return None
        person = self._persons.create(told.subject, at=at)
        self.keep([(told, person)], source, at=at)
        return person

    def wait(self, waiting: Sequence[tuple[str, Told]], source: Source) -> None:
        """Let messages held back be found by whoever is like their subjects."""
        rows = [
            (token, bytes.fromhex(ref))
            for ref, told in waiting
            for token, kind in self._looked_for(told)[1].items()
            if kind in WAITING_KINDS
        ]
        tokens, refs = [token for token, _ in rows], [ref for _, ref in rows]
        wanted = {"source": source.value, "refs": refs, "tokens": tokens}
        self._connection.execute(_WAIT, wanted)

    def forget(self, persons: Collection[PersonId], source: Source) -> None:
        """Forget what a source has told of them, and who is found by it."""
        self._claims.clear()
        self._facts.forget(persons, source)
        self._identifiers.forget(persons, source)

    def claims(self, persons: Collection[PersonId]) -> Mapping[PersonId, Sequence[Claim]]:
        """What is known of each, the oldest first; nothing of who was erased."""
        unread = [person for person in persons if person not in self._claims]
        found = self._facts.claims(unread, at=self._at)
        self._claims.update({person: found.get(person, ()) for person in unread})
        return {person: self._claims[person] for person in persons}

    def found_by(self, claims: Sequence[Claim]) -> Sequence[PersonId]:
        """Persons who share what these are looked for by, those who share most first."""
        tokens = {t for claim in claims for t in search_tokens(claim.facts, self._hasher)}
        return _most_shared(tokens, self._tokens.owners(tokens))

    def waiting_tokens_of(self, persons: Collection[PersonId]) -> Collection[bytes]:
        """Tokens by which messages held back may be about these persons."""
        return self._tokens.waiting_tokens_of(persons)

    def _apart_from(
        self, persons: Collection[PersonId]
    ) -> Mapping[PersonId | None, Collection[PersonId]]:
        """For each person all who are one with them, and whom any of those was said not to be.

        Whoever is one with somebody else is that somebody: so nor are they any of those.
        """
        members = self._clusters.members(persons)
        said: dict[PersonId, set[PersonId]] = {}
        everyone = self._clusters.all_of(persons)
        rows = self._connection.execute(_APART, {"persons": everyone}).all() if everyone else ()
        for row in rows:
            said.setdefault(PersonId(row.one), set()).add(PersonId(row.other))
        # Asked for all at once, so that what is asked for one by one below is known.
        self._clusters.members([other for others in said.values() for other in others])
        return {
            person: {*own, *self._clusters.all_of([o for m in own for o in said.get(m, ())])}
            for person, own in members.items()
        }

    def _looked_for(self, told: Told) -> tuple[LinkFacts, Mapping[bytes, KeyKind]]:
        """The facts of one subject and its tokens, made once."""
        known = self._made.get(id(told))
        if known is None:
            facts = _facts_of(told)
            known = (told, facts, search_tokens(facts, self._hasher))
            self._made[id(told)] = known
        return known[1:]

    def _may_be(self, facts: LinkFacts, claims: Sequence[Claim]) -> bool:
        scores = [score(facts, claim.facts, self._weights) for claim in claims]
        is_impossible = any(o.is_final for found in scores for o in found.objections)
        return not is_impossible and any(s.band is not Band.SEPARATE for s in scores)


def _facts_of(told: Told) -> LinkFacts:
    return facts_from_subject(told.subject, told.details, told.contact)


def _most_shared(
    tokens: Iterable[bytes], owners: Mapping[bytes, Collection[PersonId]]
) -> list[PersonId]:
    shared = Counter(person for token in tokens for person in sorted(owners.get(token, ())))
    return [person for person, _ in shared.most_common(_MOST_ALIKE)]
