"""What one transaction knows of persons in PostgreSQL: tokens by kind, births, who is a claim."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.persons.whose import Owners
from services.platform.keys.hashing import EndedKind
from services.platform.keys.postgres import PersonKeys

NOBODY = PersonId("0" * 32)
"""Is asked about beside whoever is looked for, so that it is always somebody."""
# Who was only ever told of as somebody's own case: nothing is recorded of them, but what was of
# whoever had the number before they were erased.
_IS_A_CLAIM = """
    p.is_own_case AND NOT EXISTS (SELECT FROM sharing_decision_subject s
                                  WHERE s.person_id = p.person_id AND NOT EXISTS (
                                      SELECT FROM came_again c
                                      WHERE c.decision_id = s.decision_id))
    AND NOT EXISTS (SELECT FROM restriction r WHERE r.person_id = p.person_id) AS is_a_claim
"""
_FIND = text(f"""
    SELECT t.token, t.person_id, t.kind, p.birth_token, p.wrapped_key, {_IS_A_CLAIM}
    FROM person_token t JOIN person p USING (person_id)
    WHERE t.person_id IN (SELECT person_id FROM person_token WHERE token = ANY(:tokens))
""")  # noqa: S608 of constant parts
_FIND_ALL_OF = text(f"""
    SELECT t.token, person_id, t.kind, p.birth_token, p.wrapped_key, {_IS_A_CLAIM}
    FROM person p LEFT JOIN person_token t USING (person_id) WHERE person_id = ANY(:persons)
""")  # noqa: S608 as above


@dataclass(slots=True)
class KnownPerson:
    """What is known of somebody: the token of their birth, and every token by its kind.

    Several who were joined although one's birth was written wrongly have several births. Who is
    only a claim was told of as somebody's own case, and nothing is recorded of them: their numbers
    stand in nobody's way.
    """

    births: frozenset[bytes]
    tokens: dict[bytes, str]
    is_erased: bool
    is_a_claim: bool = False


class KnownPersons:
    """What one transaction has read of persons; nothing is read twice."""

    def __init__(
        self, connection: Connection, keys: PersonKeys, clusters: PostgresClusters
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._clusters = clusters
        self._known: dict[PersonId, KnownPerson] = {}

    def owners(self, tokens: Collection[bytes], *, alike: bool = False) -> Owners:
        """Whose these tokens are; all that is known of them, and who is one with them, is read.

        A number is its holder's; only where nobody holds it is it that of who once did. `alike`
        lets the same statements be executed whether they are anybody's or not.
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
        asked = self._clusters.all_of(found | {NOBODY} if alike else found)
        unread = [p for p in asked if p not in self._known]
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
            is_a_claim=all(one.is_a_claim for one in known),
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
            is_erased = self._keys.is_destroyed(wrapped)
            known = KnownPerson(births, {}, is_erased=is_erased, is_a_claim=row.is_a_claim)
            self._known[person] = known
        if row.token is not None:
            known.tokens[bytes(row.token)] = row.kind
