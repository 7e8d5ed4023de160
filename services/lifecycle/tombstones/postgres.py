"""Tombstones in PostgreSQL: left by an erasure, found by whoever comes again.

In the caller's transaction: nobody is made again, and nothing more is known of anybody, without
what they refused being in force.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection, Row, text

from consent.decisions.entries import entry_for
from consent.decisions.keeping import news_of
from consent.ledger import FieldValue, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import SharingDecision
from consent.ports import Ledger
from schemas.envelope import Event
from schemas.identifiers import PersonId, PractitionerId
from services.decisions.documents import decision_from_document, document_from_decision
from services.decisions.postgres import PostgresDecisions, refusal_of_everything
from services.ledger.bound_tables import TOMBSTONES
from services.ledger.postgres_bound import BoundRows
from services.lifecycle.tombstones.tombstone import (
    ACTOR,
    Tombstone,
    carried,
    known_again_by,
    restored,
    tomb_token,
    without_doubles,
)
from services.people.governance.queue import ItemKind, Queue, raise_item
from services.people.protecting.postgres import PostgresProtection, RecordedExclusion
from services.platform.database.engine import Blobs
from services.platform.keys.hashing import NUMBERS, KeyedHasher, Token, TokenKind

_NEWEST = """
    CROSS JOIN LATERAL (
        SELECT * FROM tombstone WHERE tombstone_id = found.tombstone_id
        ORDER BY state DESC LIMIT 1) AS t
"""
_MATCHING = text(f"""
    SELECT t.* FROM (
        SELECT tombstone_id FROM tombstone WHERE numbers && CAST(:numbers AS bytea[])
        UNION SELECT tombstone_id FROM tombstone
        WHERE demographics && CAST(:demographics AS bytea[])
    ) AS found {_NEWEST}
    ORDER BY t.tombstone_id
""")  # noqa: S608 of constant parts
_OF = text(f"""
    SELECT t.* FROM (
        SELECT DISTINCT tombstone_id FROM came_again WHERE person_id = ANY(:persons)
    ) AS found {_NEWEST}
    ORDER BY t.tombstone_id
""")  # noqa: S608 as above
_TOKENS = text("SELECT kind, token FROM person_token WHERE person_id = ANY(:persons)")
_APART = text("""
    SELECT one, other FROM person_apart WHERE one = ANY(:persons) OR other = ANY(:persons)
""")
_KEPT_APART_BY_OTHERS = text("""
    SELECT persons FROM tombstone WHERE kept_apart && CAST(:persons AS text[])
""")
# Whoever they are now: those who were not erased, and those who came again.
_NOW = text("""
    SELECT person_id FROM person
    WHERE person_id = ANY(:persons) AND wrapped_key IS NOT NULL
    UNION SELECT c.person_id FROM came_again c JOIN tombstone t USING (tombstone_id)
    JOIN person p USING (person_id)
    WHERE t.persons && CAST(:persons AS text[]) AND p.wrapped_key IS NOT NULL
""")
_KEEP_APART = text("""
    INSERT INTO person_apart (one, other, said_by, at) VALUES (:one, :other, :by, :at)
    ON CONFLICT DO NOTHING
""")
_CAME = text("""
    INSERT INTO came_again (person_id, tombstone_id, decision_id)
    SELECT :person, :tombstone, decision
    FROM unnest(CAST(:decisions AS text[])) AS decision ON CONFLICT DO NOTHING
""")
_Wanted: TypeAlias = Mapping[str, Collection[bytes]]
_NO_DECISION = ""
_NAMED_BEFORE = b"A worker whom the family had named before"


class PostgresTombstones:
    """Tombstones as one transaction sees them."""

    def __init__(
        self,
        connection: Connection,
        hasher: KeyedHasher,
        decisions: PostgresDecisions,
        bound: BoundRows,
        *,
        protection: PostgresProtection,
        queue: Queue,
        seal: Callable[[PersonId, bytes], bytes],
        ledger: Ledger,
        announce: Callable[[Sequence[Event]], None],
        at: datetime,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._decisions = decisions
        self._bound = bound
        self._protection = protection
        self._queue = queue
        self._seal = seal
        self._ledger = ledger
        self._announce = announce
        self._at = at

    def leave(self, erasure: str, persons: Collection[PersonId], *, by: str) -> Tombstone | None:
        """Keep what is to come back to these persons, who are one and about to be deleted.

        None, and nothing is kept, where nothing says no. What an earlier one had brought back to
        them is kept here from now on.
        """
        everyone = {"persons": list(persons)}
        tokens = [
            (row.kind, bytes(row.token)) for row in self._connection.execute(_TOKENS, everyone)
        ]
        earlier = [self._read(row) for row in self._connection.execute(_OF, everyone)]
        tombstone = Tombstone(
            erasure,
            frozenset(persons),
            *known_again_by(tokens, self._hasher),
            kept_apart=self._kept_apart(persons),
            refusals=self._refusals(persons),
            left_at=self._at,
            excluded=self._excluded(persons),
        ).with_all_of(earlier)
        written = [] if tombstone.brings_nothing else [tombstone]
        written += [one.handed_on(self._at) for one in earlier if not one.brings_nothing]
        self._bound.add(TOMBSTONES, [(_row(one), by) for one in written])
        if tombstone.brings_nothing:
            return None
        self._enter(LedgerEvent.TOMBSTONE_LEFT, tombstone, {}, by)
        return tombstone

    def came(self, known: Mapping[PersonId, Collection[Token]]) -> None:
        """Bring back to each person what the tombstones of who they were hold; again does nothing.

        Nearly always there is none for anybody, which is asked for all of them at once.
        """
        wanted = {person: self._wanted(tokens) for person, tokens in known.items()}
        if len(wanted) > 1 and not self._matching(_together(wanted.values())):
            return
        for person, theirs in wanted.items():
            for row in self._matching(theirs):
                tombstone = self._read(row)
                if tombstone.is_of(known[person], self._hasher) and not tombstone.brings_nothing:
                    self._bring_back(tombstone, person)

    def _wanted(self, tokens: Collection[Token]) -> _Wanted:
        by_kind = {
            "numbers": [t.value for t in tokens if t.kind in NUMBERS],
            "demographics": [t.value for t in tokens if t.kind is TokenKind.DEMOGRAPHICS],
        }
        return {
            kind: {tomb_token(value, self._hasher) for value in values}
            for kind, values in by_kind.items()
        }

    def _matching(self, wanted: _Wanted) -> Sequence[Row[Any]]:
        asked = {kind: Blobs(sorted(tokens)) for kind, tokens in wanted.items()}
        return self._connection.execute(_MATCHING, asked).all()

    def _bring_back(self, tombstone: Tombstone, person: PersonId) -> None:
        refused = [restored(one, tombstone, person, self._at) for one in tombstone.refusals]
        new = [one for one in refused if self._decisions.add(one, at=self._at, actor=ACTOR)]
        self._ledger.append([entry_for(decision) for decision in new])
        apart = self._keep_apart(tombstone, person)
        wanted = {"person": person, "tombstone": tombstone.id}
        ids = [_NO_DECISION, *(decision.id for decision in refused)]
        is_new = self._connection.execute(_CAME, {**wanted, "decisions": ids}).rowcount > 0
        excluded = self._exclude(tombstone, person)
        if not new and not apart and not excluded and not is_new:
            return
        self._announce([news_of(person, decision.id, self._at) for decision in new])
        told: dict[str, FieldValue] = {"person": person}
        self._enter(LedgerEvent.PERSON_CAME_AGAIN, tombstone, told, ACTOR)

    def _refusals(self, persons: Collection[PersonId]) -> tuple[SharingDecision, ...]:
        recorded = self._decisions.recorded_about(persons)
        decisions = {d.id: d for found in recorded.values() for d in found}
        found = carried(decisions.values(), self._at, self._hasher.opaque)
        # One that is not as it was written may have named anybody.
        unknown = [e for e in self._protection.exclusions(persons) if e.practitioner is None]
        return tuple(without_doubles([*found, *(refusal_of_everything(e.id) for e in unknown)]))

    def _excluded(self, persons: Collection[PersonId]) -> frozenset[PractitionerId]:
        """Workers whom the family had named; whom nobody here is called was named to nobody."""
        named = [e for e in self._protection.exclusions(persons) if e.is_in_force(self._at)]
        return frozenset(e.practitioner for e in named if e.practitioner is not None)

    def _exclude(self, tombstone: Tombstone, person: PersonId) -> int:
        """Keep out whom they had named, at once, and let governance know."""
        known = {one.id for one in self._protection.exclusions([person])}
        new = [one for one in self._restored(tombstone, person) if one.id not in known]
        if not new:
            return 0
        self._protection.write_exclusions(new, actor=ACTOR)
        self._announce([news_of(person, one.id, self._at) for one in new])
        self._ledger.append(
            [
                ledger_entry(
                    LedgerEvent.EXCLUSION_RECORDED,
                    {"exclusion": one.id, "subject": person},
                    at=self._at,
                    actor=ACTOR,
                )
                for one in new
            ]
        )
        raise_item(
            ItemKind.EXCLUSION,
            tombstone.id,
            by=ACTOR,
            queue=self._queue,
            ledger=self._ledger,
            at=self._at,
            person=person,
        )
        return len(new)

    def _restored(self, tombstone: Tombstone, person: PersonId) -> Sequence[RecordedExclusion]:
        return [
            RecordedExclusion(
                id=str(entry_id_for("exclusion", tombstone.id, person, worker)),
                person=person,
                practitioner=worker,
                since=self._at,
                named=self._seal(person, _NAMED_BEFORE),
                claim=tombstone.id,
                asked_by=ACTOR,
            )
            for worker in sorted(tombstone.excluded)
        ]

    def _kept_apart(self, persons: Collection[PersonId]) -> frozenset[PersonId]:
        everyone = {"persons": list(persons)}
        pairs = self._connection.execute(_APART, everyone)
        apart = {PersonId(one) for pair in pairs for one in (pair.one, pair.other)}
        for row in self._connection.execute(_KEPT_APART_BY_OTHERS, everyone):
            apart.update(map(PersonId, row.persons))
        return frozenset(apart - set(persons))

    def _keep_apart(self, tombstone: Tombstone, person: PersonId) -> int:
        if not tombstone.kept_apart:
            return 0
        found = self._connection.execute(_NOW, {"persons": sorted(tombstone.kept_apart)})
        others = sorted({PersonId(row.person_id) for row in found} - {person})
        made = 0
        for other in others:
            one, two = sorted((person, other))
            row = {"one": one, "other": two, "by": ACTOR, "at": self._at}
            made += self._connection.execute(_KEEP_APART, row).rowcount
        return made

    def _read(self, row: Row[Any]) -> Tombstone:
        """A tombstone; one that is not as it was written says no to everything."""
        is_intact = self._bound.holds(TOMBSTONES, row)
        if is_intact:
            refusals = tuple(
                decision_from_document(orjson.dumps(one))
                for one in orjson.loads(bytes(row.refusals))
            )
        else:
            refusals = (refusal_of_everything(row.tombstone_id),)
        return Tombstone(
            row.tombstone_id,
            frozenset(map(PersonId, row.persons)),
            frozenset(bytes(token) for token in row.numbers),
            frozenset(bytes(token) for token in row.demographics),
            frozenset(row.single_kinds),
            frozenset(map(PersonId, row.kept_apart)),
            refusals,
            row.left_at,
            frozenset(map(PractitionerId, row.excluded)),
            row.state,
            is_intact=is_intact,
        )

    def _enter(
        self, event: LedgerEvent, tombstone: Tombstone, more: dict[str, FieldValue], by: str
    ) -> None:
        fields: dict[str, FieldValue] = {
            "tombstone": tombstone.id,
            "refusals": len(tombstone.refusals),
            "apart": len(tombstone.kept_apart),
            "exclusions": len(tombstone.excluded),
        }
        self._ledger.append([ledger_entry(event, fields | more, at=self._at, actor=by)])


def _together(wanted: Iterable[_Wanted]) -> _Wanted:
    together: dict[str, set[bytes]] = {}
    for one in wanted:
        for kind, tokens in one.items():
            together.setdefault(kind, set()).update(tokens)
    return together


def _row(tombstone: Tombstone) -> dict[str, object]:
    refusals = [orjson.loads(document_from_decision(one)) for one in tombstone.refusals]
    return {
        "tombstone_id": tombstone.id,
        "state": tombstone.state,
        "persons": sorted(tombstone.persons),
        "numbers": sorted(tombstone.numbers),
        "demographics": sorted(tombstone.demographics),
        "single_kinds": sorted(tombstone.single_kinds),
        "kept_apart": sorted(tombstone.kept_apart),
        "excluded": sorted(tombstone.excluded),
        "refusals": orjson.dumps(refusals),
        "left_at": tombstone.left_at,
    }
