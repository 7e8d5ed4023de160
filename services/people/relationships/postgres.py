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
from services.ledger.bound_tables import COVERS, LEADS, MEMBERSHIPS, RELATIONSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.linking.joined_record import still_crossing
from services.people.persons.clusters import Clusters
from services.people.persons.postgres_clusters import (
    PostgresClusters,
    edges_of,
    joins_from_documents,
)
from services.people.protecting.states import Told, exclusions_from, restrictions_from, row_told
from services.people.relationships.model import (
    CLOSED,
    NOTHING,
    PASSING,
    HeldRelationship,
    MayOpen,
    Warrant,
    WarrantKind,
    without_passing,
)
from services.people.relationships.postgres_asking import (
    LATEST,
    MAY_OPEN,
    MINE,
    TOLD_EXCLUSION,
)
from services.platform.database.engine import Texts

_CURRENT = text(f"""
    SELECT r.* FROM relationship r WHERE r.relationship_id = ANY(:ids) AND {LATEST}
""")  # noqa: S608 as above
_PASSING = text(f"""
    SELECT r.* FROM relationship r
    WHERE r.practitioner_id = :practitioner AND r.ground IN ('emergency', 'family-confirmed')
      AND r.since <= :now AND r.until > :now AND {LATEST}
""")  # noqa: S608 as above
# By whom somebody is not to be seen, asked of everybody alike.
_KEPT_OUT = text(f"""
    SELECT {TOLD_EXCLUSION} AS told FROM exclusion x WHERE person_id = ANY(:persons)
""")  # noqa: S608 of constant parts
_OF_MEMBERSHIP = text(f"""
    SELECT r.* FROM relationship r
    WHERE r.practitioner_id = :practitioner AND r.agency_code = :agency
      AND (r.until IS NULL OR r.until > :now) AND {LATEST}
""")  # noqa: S608 as above
_KEEP_WORDS = text("""
    INSERT INTO relationship_words (relationship_id, person_id, sealed)
    SELECT :id, person_id, :sealed FROM person WHERE person_id = :person
""")


_ROLES = Texts(sorted(OPENS_FAMILY_RECORDS))
_GROUNDS = Texts(sorted(LETS_ASK))
# Asked about where there is nobody, so that a stranger waits as long as whom a family has named.
_NOBODY = PersonId("0" * 32)


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
        they are one lets nobody ask. A restriction or exclusion of either holds for both by one
        hand, and goes with both when they are parted. Somebody unknown, and an unknown
        practitioner, get nothing; nor does whom the family has named.
        """
        rows = self._connection.execute(
            MAY_OPEN, self._asking(practitioner) | {"persons": Texts(sorted(persons))}
        ).all()
        first = rows[0]  # what is true of all comes with each, and there is always one
        edges = edges_of(joins_from_documents(first.joins or ()), self._bound)
        clusters = Clusters(edges)
        self._clusters.learn(persons, edges)
        restrictions, exclusions = _told(first.restrictions), _told(first.exclusions)
        held: dict[PersonId, list[LegitimateRelationship]] = {}
        for row in rows:
            if row.asked is None:  # nothing is held
                continue
            asked = PersonId(row.asked)
            if row.about is None and self._holds(row):
                with_whom = clusters.one_with(PersonId(row.person_id))[0]
                held.setdefault(asked, []).append(_legitimate(practitioner, with_whom, row))
            elif row.about in clusters.one_with(asked) and self._holds(row):
                held.setdefault(asked, []).append(_legitimate(practitioner, asked, row))
        found = {}
        for person in persons:
            until = clusters.holding_for(person)
            found[person] = (
                CLOSED
                if self._keeps_out(practitioner, exclusions.get(person, ()), until)
                else _opened(
                    held.get(person, ()),
                    is_restricted=self._hides(practitioner, restrictions.get(person, ()), until),
                )
            )
        return found

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
        rows = self._connection.execute(MINE, self._asking(practitioner) | {"most": most})
        mine = [
            (PersonId(row.whom), RelationshipGround(row.standing))
            for row in rows
            if self._holds(row)
        ]
        persons = [person for person, _ in mine] or [_NOBODY]
        kept_out = self._kept_out_of(practitioner, persons)
        known_as = self._clusters.canonical(persons)
        return list(dict.fromkeys((known_as[p], ground) for p, ground in mine if p not in kept_out))

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
        found = [_relationship(row) for row in rows if self._bound.holds(RELATIONSHIPS, row)]
        kept_out = self._kept_out_of(practitioner, [one.person for one in found] or [_NOBODY])
        return [one for one in found if one.person not in kept_out]

    def keep_words(self, relationship: str, person: PersonId | None, sealed: bytes) -> None:
        """Keep, sealed, what was written when a relationship was made; of nobody nothing is kept.

        That is asked of the database too, so that it takes as long.
        """
        kept = {"id": relationship, "person": person, "sealed": sealed}
        self._connection.execute(_KEEP_WORDS, kept)

    def _hides(
        self, practitioner: PractitionerId, rows: Sequence[Told], until: Mapping[PersonId, datetime]
    ) -> bool:
        """Whether a restriction hides the whole person from them."""
        return any(
            r.scope is RestrictionScope.PERSON
            and r.is_in_force(self._at)
            and practitioner not in r.allowed
            for r in still_crossing(restrictions_from(rows, self._bound.holds_told), until)
        )

    def _kept_out_of(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Collection[PersonId]:
        """Those of the persons whose family has named them."""
        until = self._clusters.holding_for(persons)
        everyone = sorted({other for found in until.values() for other in found})
        rows = self._connection.execute(_KEPT_OUT, {"persons": everyone})
        told = [row_told(row.told) for row in rows]
        return {
            person
            for person, found in until.items()
            if self._keeps_out(practitioner, [t for t in told if t["person_id"] in found], found)
        }

    def _keeps_out(
        self, practitioner: PractitionerId, rows: Sequence[Told], until: Mapping[PersonId, datetime]
    ) -> bool:
        """Whether the family has named them."""
        found = exclusions_from(rows, self._bound.holds_told)
        return any(
            one.is_in_force(self._at)
            and one.keeps_out(practitioner)
            and one.subject in until
            and one.since <= until[one.subject]
            for one in found
        )

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
        return {
            "practitioner": practitioner,
            "roles": _ROLES,
            "grounds": _GROUNDS,
            "now": self._at,
        }

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


def _told(pairs: Iterable[tuple[PersonId, Told]] | None) -> Mapping[PersonId, list[Told]]:
    """The rows that came as JSON, by whom they were asked about."""
    found: dict[PersonId, list[Told]] = {}
    for asked, told in pairs or ():
        found.setdefault(asked, []).append(row_told(told))
    return found


def _opened(held: Sequence[LegitimateRelationship], *, is_restricted: bool) -> MayOpen:
    return MayOpen(tuple(held), is_restricted) if held or is_restricted else NOTHING


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


class PostgresLastingRelationships(PostgresRelationships):
    """Relationships as they count through a partner: without what passes, emergency and presence.

    The same is asked of the database as by a page.
    """

    def may_open(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Mapping[PersonId, MayOpen]:
        """What of lasting lets the practitioner ask about each of these persons."""
        found = super().may_open(practitioner, persons)
        return {person: without_passing(one) for person, one in found.items()}

    def of(
        self, practitioner: PractitionerId, *, most: int
    ) -> Sequence[tuple[PersonId, RelationshipGround]]:
        """The persons with whom the practitioner has a relationship that lasts."""
        mine = super().of(practitioner, most=most)
        return [(person, ground) for person, ground in mine if ground not in PASSING]
