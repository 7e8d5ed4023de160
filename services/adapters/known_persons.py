"""What is known of persons by the tokens of those about whom something is asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from services.adapters.clusters import PostgresClusters
from services.adapters.person_keys import PersonKeys
from services.adapters.tokens import EndedKind

Owners = Mapping[bytes, set[PersonId]]
"""Whose each token is."""

_FIND = text("""
    SELECT t.token, t.person_id, t.kind, p.birth_token, p.wrapped_key
    FROM person_token t JOIN person p USING (person_id)
    WHERE t.person_id IN (SELECT person_id FROM person_token WHERE token = ANY(:tokens))
""")
_FIND_ALL_OF = text("""
    SELECT t.token, person_id, t.kind, p.birth_token, p.wrapped_key
    FROM person p LEFT JOIN person_token t USING (person_id) WHERE person_id = ANY(:persons)
""")


@dataclass(slots=True)
class KnownPerson:
    """What is known of somebody: the token of their birth, and every token by its kind.

    Several who were joined although one's birth was written wrongly have several births.
    """

    births: frozenset[bytes]
    tokens: dict[bytes, str]
    is_erased: bool


class KnownPersons:
    """What one transaction has read of persons; nothing is read twice."""

    def __init__(
        self, connection: Connection, keys: PersonKeys, clusters: PostgresClusters
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._clusters = clusters
        self._known: dict[PersonId, KnownPerson] = {}

    def owners(self, tokens: Collection[bytes]) -> Owners:
        """Whose these tokens are; all that is known of them, and who is one with them, is read.

        A number is its holder's; only where nobody holds it is it that of who once did.
        """
        owners: dict[bytes, set[PersonId]] = {}
        former: dict[bytes, set[PersonId]] = {}
        for row in self._connection.execute(_FIND, {"tokens": list(tokens)}).all():
            person = PersonId(row.person_id)
            self._take(person, row)
            if row.kind != EndedKind.INVALIDATED:
                whose = former if row.kind == EndedKind.SUPERSEDED else owners
                whose.setdefault(bytes(row.token), set()).add(person)
        owners = former | owners
        found = {person for persons in owners.values() for person in persons}
        unread = [p for p in self._clusters.all_of(found) if p not in self._known]
        if unread:
            for row in self._connection.execute(_FIND_ALL_OF, {"persons": unread}):
                self._take(PersonId(row.person_id), row)
        return owners

    def of(self, person: PersonId) -> KnownPerson:
        """What is known of this person by itself."""
        return self._known[person]

    def together(self, person: PersonId) -> KnownPerson:
        """What is known of the person and of everybody who is one with them."""
        members = self._clusters.members([person])[person]
        if len(members) == 1:
            return self._known[person]
        known = [self._known[member] for member in members]
        return KnownPerson(
            frozenset[bytes]().union(*(one.births for one in known)),
            {token: kind for one in known for token, kind in one.tokens.items()},
            is_erased=any(one.is_erased for one in known),
        )

    def are_one(self, persons: Collection[PersonId]) -> bool:
        """Whether these are one person; nobody is none."""
        return len(persons) == 1 or len(set(self._clusters.canonical(persons).values())) == 1

    def _take(self, person: PersonId, row: Row[tuple[object, ...]]) -> None:
        known = self._known.get(person)
        if known is None:
            wrapped = None if row.wrapped_key is None else bytes(row.wrapped_key)
            birth = None if row.birth_token is None else bytes(row.birth_token)
            self._keys.remember(person, wrapped)
            births = frozenset[bytes]() if birth is None else frozenset({birth})
            known = KnownPerson(births, {}, is_erased=self._keys.is_destroyed(wrapped))
            self._known[person] = known
        if row.token is not None:
            known.tokens[bytes(row.token)] = row.kind
