"""What rules are told beside the acts, from PostgreSQL: staff, relationships, hashes of persons.

No record and no name is opened.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from services.audit.unusual.model import (
    HashedPerson,
    Known,
    LedgerAct,
    OnStaffList,
    RelationshipState,
    StaffIndex,
)
from services.audit.unusual.settings import UnusualSettings
from services.ledger.bound_tables import COVERS, LEADS, RELATIONSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.linking.comparing import Field, Level
from services.people.linking.facts import KeyKind
from services.people.linking.scoring import Weights
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.database.engine import Texts

_STAFF = text("SELECT * FROM staff_list")
# Of whoever looked at whom, and of nobody's other families: each row is checked against its seal.
_OWN = text("""
    SELECT r.*, r.practitioner_id AS whose
    FROM unnest(CAST(:by AS text[]), CAST(:persons AS text[])) AS pair (by, person)
    JOIN relationship r ON r.person_id = pair.person AND r.practitioner_id = pair.by
""")
_ON_GROUNDS = text("""
    SELECT DISTINCT r.person_id FROM relationship r
    WHERE r.person_id = ANY(:persons) AND r.ground = ANY(:grounds)
      AND (r.practitioner_id IS NULL OR r.practitioner_id = ANY(:by))
""")
# Held by nobody by name, a relationship is that of the agency's leads.
_LED = text(f"""
    SELECT r.*, l.practitioner_id AS whose, {LEADS.selected("l")}
    FROM relationship r JOIN safeguarding_lead l ON l.agency_code = r.agency_code
    WHERE r.practitioner_id IS NULL AND r.person_id = ANY(:persons)
      AND l.practitioner_id = ANY(:by)
""")  # noqa: S608 of constant parts
_COVERED = text(f"""
    SELECT r.*, c.covering AS whose, {COVERS.selected("c")}
    FROM relationship r JOIN cover_rota c
        ON c.covered = r.practitioner_id AND c.agency_code = r.agency_code
    WHERE r.person_id = ANY(:persons) AND c.covering = ANY(:by)
""")  # noqa: S608 as above
# Who was left behind by an adoption is nobody's kin any more.
_HASHES = text("""
    SELECT DISTINCT f.person_id, t.kind, t.token
    FROM person_facts f JOIN search_token t USING (facts_id) JOIN person p USING (person_id)
    WHERE f.person_id = ANY(:persons) AND t.kind IN ('surname', 'postcode')
      AND p.left_behind_at IS NULL
""")
_PLACES = text("""
    SELECT r.person_id, r.places FROM record r JOIN person p USING (person_id)
    WHERE r.person_id = ANY(:persons) AND r.places IS NOT NULL AND NOT r.removed
      AND p.left_behind_at IS NULL
""")
_HOLDERS = text("""
    SELECT count(DISTINCT f.person_id) FROM search_token t JOIN person_facts f USING (facts_id)
    WHERE t.token = :token AND t.kind = 'surname'
""")
_PEOPLE = text("SELECT count(DISTINCT person_id) FROM person_facts")
_WORKS_FOR = text("""
    SELECT DISTINCT ON (m.practitioner_id) m.practitioner_id, m.role, a.kind
    FROM membership m JOIN agency a USING (agency_code)
    WHERE m.practitioner_id = ANY(:by) AND m.known_at <= :at
    ORDER BY m.practitioner_id, m.state DESC
""")
_STATES_OF_ONE = 10_000
_ENOUGH_PEOPLE = 1000


class SurnameRarity:
    """How much an equal surname is worth, counted once a name and sweep."""

    def __init__(self, connection: Connection, weights: Weights) -> None:
        self._connection = connection
        self._weights = weights
        self._people: int | None = None
        self._bits: dict[bytes, float] = {}

    def __call__(self, surname: bytes) -> float:
        """Bits of evidence, by the share of people here who have it."""
        if surname not in self._bits:
            if self._people is None:
                self._people = int(self._connection.execute(_PEOPLE).scalar() or 0)
            self._bits[surname] = self._counted(surname, self._people)
        return self._bits[surname]

    def _counted(self, surname: bytes, people: int) -> float:
        """Of too few people nobody can tell how rare a name is: then its worth on average."""
        if people < _ENOUGH_PEOPLE:
            return self._weights.of(Field.FAMILY, Level.SAME)
        held = int(self._connection.execute(_HOLDERS, {"token": surname}).scalar() or 1)
        return self._weights.of_value(Field.FAMILY, min(1.0, held / people))


class PostgresKnown:
    """What is known beside acts, as one transaction sees it."""

    def __init__(
        self,
        connection: Connection,
        bound: BoundRows,
        clusters: PostgresClusters,
        settings: UnusualSettings,
        weights: Weights,
    ) -> None:
        self._connection = connection
        self._bound = bound
        self._clusters = clusters
        self._settings = settings
        self._rarity: Callable[[bytes], float] = SurnameRarity(connection, weights)
        self._staff: StaffIndex | None = None

    @property
    def staff(self) -> StaffIndex:
        """The list of staff, read once."""
        if self._staff is None:
            self._staff = StaffIndex([*map(_on_list, self._connection.execute(_STAFF))])
        return self._staff

    def canonical(self, persons: Collection[str]) -> Mapping[PersonId, PersonId]:
        """By which id each is known outside."""
        return self._clusters.canonical([PersonId(person) for person in persons])

    def known(self, acts: Sequence[LedgerAct], *, with_persons: bool = False) -> Known:
        """What rules about these acts are told; `with_persons` also hashes of who was shown."""
        return self._known(acts, self.staff, with_persons=with_persons)

    def known_of_relationships(self, acts: Sequence[LedgerAct]) -> Known:
        """What was between workers and families alone: who judges sees no list of staff."""
        return self._known(acts, StaffIndex(), with_persons=False)

    def _known(self, acts: Sequence[LedgerAct], staff: StaffIndex, *, with_persons: bool) -> Known:
        by = {act.by for act in acts if act.by}
        persons = {PersonId(person) for act in acts for person in act.persons}
        members = self._clusters.members(persons)
        of = {member: person for person, all_of in members.items() for member in all_of}
        pairs = {(act.by, person) for act in acts if act.by for person in act.persons}
        found = self._relationships(by, of, pairs) if by and of else {}
        hashed = self._hashed(of) if with_persons and of else {}
        return Known(self._settings, staff, found, hashed, self._rarity)

    def who_may_rest_on(
        self, acts: Sequence[LedgerAct], grounds: Collection[RelationshipGround]
    ) -> Sequence[LedgerAct]:
        """Those of these acts that may rest on such a ground; the others cannot."""
        persons = {PersonId(person) for act in acts for person in act.persons}
        members = self._clusters.members(persons)
        of = {member: person for person, all_of in members.items() for member in all_of}
        by = {act.by for act in acts if act.by}
        asked = {"persons": Texts(of), "by": Texts(by), "grounds": Texts(grounds)}
        rows = self._connection.execute(_ON_GROUNDS, asked).scalars() if by and of else ()
        held = {of[PersonId(person)] for person in rows}
        return [act for act in acts if not held.isdisjoint(map(PersonId, act.persons))]

    def works_for(self, by: Collection[str], at: datetime) -> Mapping[str, tuple[str, str]]:
        """In which role somebody works, and for which kind of agency, by what was known then."""
        rows = self._connection.execute(_WORKS_FOR, {"by": Texts(by), "at": at})
        return {row.practitioner_id: (row.role, row.kind) for row in rows}

    def _relationships(
        self,
        by: Collection[str],
        of: Mapping[PersonId, PersonId],
        pairs: Collection[tuple[str, str]],
    ) -> Mapping[tuple[str, str], Sequence[RelationshipState]]:
        members: dict[str, list[PersonId]] = {}
        for member, known_as in of.items():
            members.setdefault(known_as, []).append(member)
        each = [(who, one) for who, known_as in pairs for one in members.get(known_as, ())]
        own = {"by": Texts(who for who, _ in each), "persons": Texts(one for _, one in each)}
        asked = {"by": Texts(by), "persons": Texts(of)}
        found: dict[tuple[str, str], list[RelationshipState]] = {}
        for whose, person, state in self._states(own, asked):
            found.setdefault((whose, of[PersonId(person)]), []).append(state)
        return found

    def _states(
        self, own: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> Iterator[tuple[str, str, RelationshipState]]:
        for row in self._connection.execute(_OWN, own):
            if self._bound.holds(RELATIONSHIPS, row):
                yield row.whose, row.person_id, _state(row)
        for query, beside, alias in ((_LED, LEADS, "l"), (_COVERED, COVERS, "c")):
            for row in self._connection.execute(query, asked):
                holds = self._bound.holds(RELATIONSHIPS, row)
                if holds and self._bound.holds(beside, row, alias):
                    yield row.whose, row.person_id, _state_through(row, alias)

    def _hashed(self, of: Mapping[PersonId, PersonId]) -> Mapping[str, HashedPerson]:
        kinds: dict[str, dict[str, set[bytes]]] = {}
        asked = {"persons": Texts(of)}
        for row in self._connection.execute(_HASHES, asked):
            kept = kinds.setdefault(of[PersonId(row.person_id)], {})
            kept.setdefault(row.kind, set()).add(bytes(row.token))
        for row in self._connection.execute(_PLACES, asked):
            kept = kinds.setdefault(of[PersonId(row.person_id)], {})
            kept.setdefault("places", set()).update(map(bytes, row.places))
        return {
            person: HashedPerson(
                frozenset(kept.get(KeyKind.SURNAME, ())),
                frozenset(kept.get(KeyKind.POSTCODE, ())),
                frozenset(kept.get("places", ())),
            )
            for person, kept in kinds.items()
        }


def _on_list(row: Row[Any]) -> OnStaffList:
    return OnStaffList(
        row.practitioner_id,
        frozenset(map(bytes, row.surnames)),
        frozenset(map(bytes, row.postcodes)),
        frozenset(map(bytes, row.places)),
        bytes(row.team),
        tuple(zip(row.leave_from, row.leave_to, strict=True)),
        frozenset(row.duty),
    )


def _state(row: Row[Any]) -> RelationshipState:
    ground = RelationshipGround(row.ground)
    return RelationshipState(
        row.relationship_id, row.state, ground, row.known_at, row.since, row.until
    )


def _state_through(row: Row[Any], alias: str) -> RelationshipState:
    """A relationship that is theirs by a rota, or by being a lead: while both are in force."""
    beside = {name: getattr(row, f"{alias}_{name}") for name in ("state", "since", "known_at")}
    until = [one for one in (row.until, getattr(row, f"{alias}_until")) if one is not None]
    through = row.c_cover_id if alias == "c" else "lead"
    return RelationshipState(
        f"{row.relationship_id}/{through}",
        row.state * _STATES_OF_ONE + beside["state"],
        RelationshipGround.COVER if alias == "c" else RelationshipGround(row.ground),
        max(row.known_at, beside["known_at"]),
        max(row.since, beside["since"]),
        min(until, default=None),
    )
