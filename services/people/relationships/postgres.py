"""Relationships in PostgreSQL: history that only grows, and what of it holds at one moment."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from consent.model import LegitimateRelationship, RelationshipGround, RestrictionScope
from consent.question import LETS_ASK
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.ledger.binding import BINDING_COLUMNS
from services.ledger.bound_tables import COVERS, LEADS, MEMBERSHIPS, RELATIONSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.practitioners.postgres_memberships import member
from services.people.protecting.states import Told, exclusions_from, restrictions_from, row_told
from services.people.relationships.model import (
    CLOSED,
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
# As whom somebody may ask now: themselves, and those for whom a rota lets them stand in. `m` is
# the membership of who asks, `w` that of whose relationships they are: one that was made in another
# agency, or before they began in this one, ended with the membership of that time.
_HANDS = f"""
    hands AS (
        SELECT m.practitioner_id, m.agency_code, m.since AS began, c.until, 'self' AS standing,
               {MEMBERSHIPS.selected("m")}, {MEMBERSHIPS.selected("w")}, {COVERS.selected("c")}
        FROM membership m JOIN membership w
                 ON w.practitioner_id = m.practitioner_id AND w.state = m.state
             LEFT JOIN cover_rota c ON false
        WHERE m.practitioner_id = :practitioner AND m.role = ANY(:roles) AND {member("m")}
        UNION ALL
        SELECT c.covered, m.agency_code, w.since, c.until,
               CASE WHEN c.is_student THEN 'student' ELSE 'cover' END,
               {MEMBERSHIPS.selected("m")}, {MEMBERSHIPS.selected("w")}, {COVERS.selected("c")}
        FROM cover_rota c
            JOIN membership m ON m.practitioner_id = c.covering AND m.agency_code = c.agency_code
            JOIN membership w ON w.practitioner_id = c.covered AND w.agency_code = c.agency_code
        WHERE c.covering = :practitioner AND m.role = ANY(:roles)
          AND c.since <= :now AND c.until > :now AND c.known_at >= m.since
          AND {member("m")} AND {member("w")}
          AND NOT EXISTS (SELECT FROM cover_rota later WHERE later.cover_id = c.cover_id
                          AND later.state > c.state)
    )
"""  # noqa: S608 of constant parts
_WITH_LEADS = """
    LEFT JOIN safeguarding_lead l ON r.practitioner_id IS NULL
        AND l.practitioner_id = hands.practitioner_id AND l.agency_code = r.agency_code
        AND l.since <= :now AND (l.until IS NULL OR l.until > :now) AND l.known_at >= hands.began
        AND NOT EXISTS (SELECT FROM safeguarding_lead later
                        WHERE later.practitioner_id = l.practitioner_id
                          AND later.agency_code = l.agency_code AND later.state > l.state)
"""
_IS_THEIRS = """
    r.agency_code = hands.agency_code
    AND (r.practitioner_id = hands.practitioner_id AND r.known_at >= hands.began
         OR l.practitioner_id IS NOT NULL)
    AND (hands.standing = 'self' OR r.ground IN ('own', 'case-load', 'referral'))
    AND r.ground = ANY(:grounds)
    AND r.since <= :now AND (r.until IS NULL OR r.until > :now)
"""
# All that lets somebody ask beside the relationship itself, to be doubted like it.
_EVIDENCE = ", ".join(
    f"hands.{alias}_{name}"
    for table, alias in ((MEMBERSHIPS, "m"), (MEMBERSHIPS, "w"), (COVERS, "c"))
    for name in (*table.columns, *BINDING_COLUMNS)
)
_GROUND = "CASE WHEN hands.standing = 'cover' THEN 'cover' ELSE r.ground END AS standing"
_NO_EVIDENCE = """
    LEFT JOIN relationship none ON false LEFT JOIN hands ON false
    LEFT JOIN safeguarding_lead l ON false
"""
# One query, whoever is asked about: somebody unknown costs what somebody known does. Whoever is
# with a family is with the persons who confirmed it, whichever of them is opened.
_MAY_OPEN = text(f"""
    WITH {_HANDS},
    asked AS (
        SELECT wanted.person_id AS asked, coalesce(p.joined_into, wanted.person_id) AS eldest
        FROM unnest(CAST(:persons AS text[])) AS wanted(person_id)
        LEFT JOIN person p USING (person_id)
    ),
    members AS (
        SELECT asked, eldest AS person_id FROM asked
        UNION SELECT asked, p.person_id FROM asked JOIN person p ON p.joined_into = asked.eldest
    )
    SELECT s.asked, s.asked AS with_whom, {_GROUND}, least(r.until, hands.until) AS ends,
           CAST(NULL AS jsonb) AS protection, r.*,
           {_EVIDENCE}, {LEADS.selected("l")}
    FROM members s JOIN relationship r USING (person_id) CROSS JOIN hands {_WITH_LEADS}
    WHERE {_IS_THEIRS} AND {_LATEST}
    UNION ALL
    SELECT s.asked, coalesce(p.joined_into, r.person_id), r.ground, r.until, NULL, r.*,
           {_EVIDENCE}, {LEADS.selected("l")}
    FROM asked s CROSS JOIN relationship r JOIN person p USING (person_id)
        JOIN hands ON hands.practitioner_id = r.practitioner_id
            AND hands.agency_code = r.agency_code AND r.known_at >= hands.began
        LEFT JOIN safeguarding_lead l ON false
    WHERE r.practitioner_id = :practitioner AND r.ground = 'family-confirmed'
      AND hands.standing = 'self' AND r.since <= :now AND r.until > :now AND {_LATEST}
    UNION ALL
    SELECT s.asked, s.asked, 'restriction', NULL, to_jsonb(x), none.*,
           {_EVIDENCE}, {LEADS.selected("l")}
    FROM members s JOIN restriction x USING (person_id) {_NO_EVIDENCE}
    UNION ALL
    SELECT s.asked, s.asked, 'exclusion', NULL, to_jsonb(x), none.*,
           {_EVIDENCE}, {LEADS.selected("l")}
    FROM members s JOIN exclusion x USING (person_id) {_NO_EVIDENCE}
""")  # noqa: S608 of constant parts
_RESTRICTION, _EXCLUSION = "restriction", "exclusion"
# By whom somebody is not to be seen, in the same query: so that it is one for everybody.
_KEPT_OUT = """
    (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM exclusion x
     WHERE x.person_id = {eldest} OR x.person_id IN (
         SELECT person_id FROM person WHERE joined_into = {eldest})) AS kept_out
"""
# The newest first, so that whoever has more than are listed finds those that they began with last.
_MINE = text(f"""
    WITH {_HANDS}
    SELECT mine.*, {_KEPT_OUT.format(eldest="mine.eldest")} FROM (
        SELECT DISTINCT ON (1, 2) coalesce(p.joined_into, r.person_id) AS eldest, {_GROUND}, r.*,
               {_EVIDENCE}, {LEADS.selected("l")}
        FROM relationship r JOIN person p USING (person_id) CROSS JOIN hands {_WITH_LEADS}
        WHERE {_IS_THEIRS} AND {_LATEST}
        ORDER BY 1, 2, r.since DESC
    ) AS mine ORDER BY since DESC, eldest, standing LIMIT :most
""")  # noqa: S608 as above
_CURRENT = text(f"""
    SELECT r.* FROM relationship r WHERE r.relationship_id = ANY(:ids) AND {_LATEST}
""")  # noqa: S608 as above
_PASSING = text(f"""
    SELECT r.*, {_KEPT_OUT.format(eldest="coalesce(p.joined_into, p.person_id)")}
    FROM relationship r JOIN person p USING (person_id)
    WHERE r.practitioner_id = :practitioner AND r.ground IN ('emergency', 'family-confirmed')
      AND r.since <= :now AND r.until > :now AND {_LATEST}
""")  # noqa: S608 as above
_OF_MEMBERSHIP = text(f"""
    SELECT r.* FROM relationship r
    WHERE r.practitioner_id = :practitioner AND r.agency_code = :agency
      AND (r.until IS NULL OR r.until > :now) AND {_LATEST}
""")  # noqa: S608 as above
_KEEP_WORDS = text("""
    INSERT INTO relationship_words (relationship_id, person_id, sealed)
    SELECT :id, person_id, :sealed FROM person WHERE person_id = :person
""")


class PostgresRelationships:
    """Relationships as one transaction sees them at one moment. Nothing is ever written over."""

    def __init__(self, connection: Connection, at: datetime, bound: BoundRows) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound

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

        A relationship with anybody who is one with them is one with them. Somebody unknown, and
        an unknown practitioner, get nothing; nor does whom the family has named.
        """
        rows = self._connection.execute(
            _MAY_OPEN, self._asking(practitioner) | {"persons": sorted(persons)}
        ).all()
        held: dict[PersonId, list[LegitimateRelationship]] = {}
        told: dict[tuple[PersonId, str], list[Told]] = {}
        for row in rows:
            asked = PersonId(row.asked)
            if row.protection is not None:
                told.setdefault((asked, row.standing), []).append(row_told(row.protection))
            elif self._holds(row):
                held.setdefault(asked, []).append(_legitimate(practitioner, row))
        return {
            person: CLOSED
            if self._keeps_out(practitioner, told.get((person, _EXCLUSION), ()))
            else _opened(
                held.get(person, ()),
                is_restricted=self._hides(practitioner, told.get((person, _RESTRICTION), ())),
            )
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
        return [
            (PersonId(row.eldest), RelationshipGround(row.standing))
            for row in rows
            if self._holds(row) and not self._is_kept_out(practitioner, row)
        ]

    def end_with_membership(
        self, practitioner: PractitionerId, agency: str, *, by: str
    ) -> Sequence[HeldRelationship]:
        """End what somebody holds by name in an agency in which they work no more; gives it."""
        wanted = {"practitioner": practitioner, "agency": agency, "now": self._at}
        rows = self._connection.execute(_OF_MEMBERSHIP, wanted).all()
        ended = [
            replace(_relationship(row), until=max(self._at, row.since), asked_by=by) for row in rows
        ]
        return self.add(ended)

    def passing(self, practitioner: PractitionerId) -> Sequence[HeldRelationship]:
        """What the practitioner holds now that lasts for minutes: emergencies and presences."""
        rows = self._connection.execute(_PASSING, {"practitioner": practitioner, "now": self._at})
        return [
            _relationship(row)
            for row in rows
            if self._bound.holds(RELATIONSHIPS, row) and not self._is_kept_out(practitioner, row)
        ]

    def keep_words(self, relationship: str, person: PersonId | None, sealed: bytes) -> None:
        """Keep, sealed, what was written when a relationship was made; of nobody nothing is kept.

        That is asked of the database too, so that it takes as long.
        """
        kept = {"id": relationship, "person": person, "sealed": sealed}
        self._connection.execute(_KEEP_WORDS, kept)

    def _hides(self, practitioner: PractitionerId, rows: Sequence[Told]) -> bool:
        """Whether a restriction hides the whole person from them."""
        return any(
            r.scope is RestrictionScope.PERSON
            and r.is_in_force(self._at)
            and practitioner not in r.allowed
            for r in restrictions_from(rows, self._bound.holds_told)
        )

    def _is_kept_out(self, practitioner: PractitionerId, row: Row[Any]) -> bool:
        return self._keeps_out(practitioner, [row_told(one) for one in row.kept_out])

    def _keeps_out(self, practitioner: PractitionerId, rows: Sequence[Told]) -> bool:
        """Whether the family has named them."""
        found = exclusions_from(rows, self._bound.holds_told)
        return any(one.is_in_force(self._at) and one.keeps_out(practitioner) for one in found)

    def _holds(self, row: Row[Any]) -> bool:
        """Whether the relationship and all by which it is theirs is as it was written."""
        return (
            self._bound.holds(RELATIONSHIPS, row)
            and self._bound.holds(MEMBERSHIPS, row, "m")
            and (row.m_bound_by == row.w_bound_by or self._bound.holds(MEMBERSHIPS, row, "w"))
            and (row.c_cover_id is None or self._bound.holds(COVERS, row, "c"))
            and (row.l_practitioner_id is None or self._bound.holds(LEADS, row, "l"))
        )

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


def _opened(held: Sequence[LegitimateRelationship], *, is_restricted: bool) -> MayOpen:
    return MayOpen(tuple(held), is_restricted) if held or is_restricted else NOTHING


def _legitimate(
    practitioner: PractitionerId, row: Row[tuple[object, ...]]
) -> LegitimateRelationship:
    return LegitimateRelationship(
        practitioner,
        PersonId(row.with_whom),
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
