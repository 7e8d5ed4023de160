"""Relationships in PostgreSQL: history that only grows, and what of it holds at one moment."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from consent.model import LegitimateRelationship, RelationshipGround
from consent.question import LETS_ASK
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.ledger.bound_tables import RELATIONSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.persons.clusters import Clusters
from services.people.persons.postgres_clusters import (
    REACHED_JOINS,
    REACHED_STEP,
    PostgresClusters,
    edges_of,
    joins_from_documents,
)
from services.people.relationships.model import (
    NOTHING,
    HeldRelationship,
    MayOpen,
    Warrant,
    WarrantKind,
)

_LATEST = """
    NOT EXISTS (SELECT FROM relationship later WHERE later.relationship_id = r.relationship_id
                AND later.state > r.state)
"""
# As whom somebody may ask now: themselves, and those for whom a rota lets them stand in. A
# relationship ends with the membership under which it was made, so the agency is theirs of today.
_HANDS = """
    hands AS (
        SELECT practitioner_id, agency_code, CAST(NULL AS timestamptz) AS until, 'self' AS standing
        FROM practitioner WHERE practitioner_id = :practitioner AND role = ANY(:roles)
        UNION ALL
        SELECT c.covered, p.agency_code, c.until,
               CASE WHEN c.is_student THEN 'student' ELSE 'cover' END
        FROM cover_rota c JOIN practitioner p
          ON p.practitioner_id = c.covering AND p.agency_code = c.agency_code
        WHERE c.covering = :practitioner AND p.role = ANY(:roles)
          AND c.since <= :now AND c.until > :now
          AND NOT EXISTS (SELECT FROM cover_rota later WHERE later.cover_id = c.cover_id
                          AND later.state > c.state)
    )
"""
_IS_THEIRS = """
    r.agency_code = hands.agency_code
    AND (r.practitioner_id = hands.practitioner_id
         OR r.practitioner_id IS NULL AND EXISTS (
             SELECT FROM safeguarding_lead l
             WHERE l.practitioner_id = hands.practitioner_id AND l.agency_code = r.agency_code
               AND l.since <= :now AND (l.until IS NULL OR l.until > :now)
               AND NOT EXISTS (SELECT FROM safeguarding_lead later
                               WHERE later.practitioner_id = l.practitioner_id
                                 AND later.agency_code = l.agency_code AND later.state > l.state)))
    AND (hands.standing = 'self' OR r.ground IN ('own', 'case-load', 'referral'))
    AND r.ground = ANY(:grounds)
    AND r.since <= :now AND (r.until IS NULL OR r.until > :now)
"""
_GROUND = "CASE WHEN hands.standing = 'cover' THEN 'cover' ELSE r.ground END AS standing"
# One query, whoever is asked about: somebody unknown costs what somebody known does. Whoever is
# with a family is with the persons who confirmed it, whichever of them is opened. What is found of
# somebody whom any join reaches comes with the joins: who is one by them is said in `clusters`.
_MAY_OPEN = text(f"""
    WITH RECURSIVE {_HANDS},
    confirmed AS (
        SELECT r.* FROM relationship r
        WHERE r.practitioner_id = :practitioner AND r.ground = 'family-confirmed'
          AND r.since <= :now AND r.until > :now AND {_LATEST}
    ),
    asked AS (SELECT unnest(CAST(:persons AS text[])) AS person_id),
    reached AS (
        SELECT person_id AS start, person_id
        FROM (SELECT person_id FROM asked UNION SELECT person_id FROM confirmed) AS begun
        UNION {REACHED_STEP}
    ),
    members AS (
        SELECT reached.start AS asked, reached.person_id
        FROM reached JOIN asked ON asked.person_id = reached.start
    ),
    joins AS (SELECT jsonb_agg(to_jsonb(states)) AS joins FROM ({REACHED_JOINS}) AS states)
    SELECT m.asked, m.person_id AS about, {_GROUND}, least(r.until, hands.until) AS ends, r.*,
           (SELECT joins FROM joins) AS joins
    FROM members m JOIN relationship r USING (person_id) CROSS JOIN hands
    WHERE {_IS_THEIRS} AND {_LATEST}
    UNION ALL
    SELECT a.person_id, NULL, r.ground, r.until, r.*, (SELECT joins FROM joins)
    FROM asked a CROSS JOIN confirmed r
    UNION ALL
    SELECT m.asked, m.person_id, 'restricted', r.placed_at, none.*, (SELECT joins FROM joins)
    FROM members m JOIN restriction r USING (person_id) LEFT JOIN relationship none ON false
    WHERE r.scope = 'person' AND r.placed_at <= :now AND (r.lifted_at IS NULL OR r.lifted_at > :now)
      AND NOT :practitioner = ANY(r.allowed)
""")  # noqa: S608 of constant parts
_RESTRICTED = "restricted"
# The newest first, so that whoever has more than are listed finds those that they began with last.
_MINE = text(f"""
    WITH {_HANDS}
    SELECT * FROM (
        SELECT DISTINCT ON (1, 2) r.person_id AS whom, {_GROUND}, r.*
        FROM relationship r CROSS JOIN hands
        WHERE {_IS_THEIRS} AND {_LATEST}
        ORDER BY 1, 2, r.since DESC
    ) AS mine ORDER BY since DESC, whom, standing LIMIT :most
""")  # noqa: S608 as above
_CURRENT = text(f"""
    SELECT r.* FROM relationship r WHERE r.relationship_id = ANY(:ids) AND {_LATEST}
""")  # noqa: S608 as above
_PASSING = text(f"""
    SELECT r.* FROM relationship r
    WHERE r.practitioner_id = :practitioner AND r.ground IN ('emergency', 'family-confirmed')
      AND r.since <= :now AND r.until > :now AND {_LATEST}
""")  # noqa: S608 as above
_KEEP_WORDS = text("""
    INSERT INTO relationship_words (relationship_id, person_id, sealed)
    SELECT :id, person_id, :sealed FROM person WHERE person_id = :person
""")


class PostgresRelationships:
    """Relationships as one transaction sees them at one moment. Nothing is ever written over."""

    def __init__(
        self,
        connection: Connection,
        at: datetime,
        bound: BoundRows,
        clusters: PostgresClusters,
    ) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound
        self._clusters = clusters

    def add(self, relationships: Sequence[HeldRelationship]) -> Sequence[HeldRelationship]:
        """Write what is new or stands otherwise than before; gives just that.

        Whoever writes has seen the warrant: nothing here asks for it.
        """
        before = self._current([one.id for one in relationships])
        stands = self._as_written(before.values())
        changed = [one for one in relationships if stands.get(one.id) != one]
        rows = [
            (self._values(one, before[one.id].state + 1 if one.id in before else 1), one.asked_by)
            for one in changed
        ]
        self._bound.add(RELATIONSHIPS, rows)
        return changed

    def find(self, ids: Collection[str]) -> Mapping[str, HeldRelationship]:
        """Those of these ids, as they stand."""
        return self._as_written(self._current(ids).values())

    def may_open(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Mapping[PersonId, MayOpen]:
        """What lets the practitioner ask about each of these persons now; one query.

        A relationship with anybody who is one with them is one with them; one hand's word that
        they are one lets nobody ask. A restriction of either holds for both by one hand, and goes
        with both when they are parted. Somebody unknown, and an unknown practitioner, get nothing.
        """
        rows = self._connection.execute(
            _MAY_OPEN, self._asking(practitioner) | {"persons": sorted(persons)}
        ).all()
        found = joins_from_documents((rows[0].joins or ()) if rows else ())
        clusters = Clusters(edges_of(found, self._bound))
        held: dict[PersonId, list[LegitimateRelationship]] = {}
        restricted: set[PersonId] = set()
        for row in rows:
            asked = PersonId(row.asked)
            if row.standing == _RESTRICTED:
                if _reaches(row, clusters):
                    restricted.add(asked)
                continue
            with_whom = asked
            if row.about is None:
                with_whom = clusters.one_with(PersonId(row.person_id))[0]
            elif row.about not in clusters.one_with(asked):
                continue
            if self._bound.holds(RELATIONSHIPS, row):
                held.setdefault(asked, []).append(_legitimate(practitioner, with_whom, row))
        return {
            person: MayOpen(tuple(held.get(person, ())), person in restricted)
            if person in held or person in restricted
            else NOTHING
            for person in persons
        }

    def relationships(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Sequence[LegitimateRelationship]:
        """Every relationship of the practitioner in force with one of the persons."""
        found = self.may_open(practitioner, persons)
        return list(dict.fromkeys(r for one in found.values() for r in one.relationships))

    def of(
        self, practitioner: PractitionerId, *, most: int
    ) -> Sequence[tuple[PersonId, RelationshipGround]]:
        """The persons with whom the practitioner has a relationship now, once a ground."""
        rows = self._connection.execute(_MINE, self._asking(practitioner) | {"most": most})
        mine = [
            (PersonId(row.whom), RelationshipGround(row.standing))
            for row in rows
            if self._bound.holds(RELATIONSHIPS, row)
        ]
        known_as = self._clusters.canonical([person for person, _ in mine])
        return list(dict.fromkeys((known_as[person], ground) for person, ground in mine))

    def passing(self, practitioner: PractitionerId) -> Sequence[HeldRelationship]:
        """What the practitioner holds now that lasts for minutes: emergencies and presences."""
        rows = self._connection.execute(_PASSING, {"practitioner": practitioner, "now": self._at})
        return [_relationship(row) for row in rows if self._bound.holds(RELATIONSHIPS, row)]

    def keep_words(self, relationship: str, person: PersonId | None, sealed: bytes) -> None:
        """Keep, sealed, what was written when a relationship was made; of nobody nothing is kept.

        That is asked of the database too, so that it takes as long.
        """
        kept = {"id": relationship, "person": person, "sealed": sealed}
        self._connection.execute(_KEEP_WORDS, kept)

    def _asking(self, practitioner: PractitionerId) -> dict[str, object]:
        roles = sorted(OPENS_FAMILY_RECORDS)
        grounds = sorted(LETS_ASK)
        return {"practitioner": practitioner, "roles": roles, "grounds": grounds, "now": self._at}

    def _current(self, ids: Collection[str]) -> Mapping[str, Row[Any]]:
        if not ids:
            return {}
        rows = self._connection.execute(_CURRENT, {"ids": sorted(ids)})
        return {row.relationship_id: row for row in rows}

    def _as_written(self, rows: Iterable[Row[Any]]) -> Mapping[str, HeldRelationship]:
        return {
            row.relationship_id: _relationship(row)
            for row in rows
            if self._bound.holds(RELATIONSHIPS, row)
        }

    def _values(self, one: HeldRelationship, state: int) -> dict[str, object]:
        return {
            "relationship_id": one.id,
            "state": state,
            "person_id": one.person,
            "agency_code": one.agency,
            "practitioner_id": one.practitioner,
            "ground": one.ground.value,
            "since": one.since,
            "until": one.until,
            "warrant": one.warrant.kind.value,
            "warranted_by": one.warrant.reference,
            "asked_by": one.asked_by,
            "known_at": self._at,
        }


def _reaches(row: Row[tuple[object, ...]], clusters: Clusters) -> bool:
    """Whether what restricts one whom a join reaches restricts who is asked about too."""
    asked, about = PersonId(row.asked), PersonId(row.about)
    if about in clusters.one_with(asked):
        return True
    until = clusters.denying(asked).get(about)
    return until is not None and row.ends <= until


def _legitimate(
    practitioner: PractitionerId, with_whom: PersonId, row: Row[tuple[object, ...]]
) -> LegitimateRelationship:
    return LegitimateRelationship(
        practitioner,
        with_whom,
        RelationshipGround(row.standing),
        row.since,
        row.ends,
    )


def _relationship(row: Row[tuple[object, ...]]) -> HeldRelationship:
    held_by = None if row.practitioner_id is None else PractitionerId(row.practitioner_id)
    return HeldRelationship(
        row.relationship_id,
        PersonId(row.person_id),
        row.agency_code,
        held_by,
        RelationshipGround(row.ground),
        row.since,
        row.until,
        Warrant(WarrantKind(row.warrant), row.warranted_by),
        row.asked_by,
    )
