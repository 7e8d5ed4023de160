"""Sharing decisions and restrictions in PostgreSQL, read in the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, text

from consent.agreement import AdoptedAgreement, in_force
from consent.compiled import policy_version
from consent.decision import OnRecord
from consent.decision_states import DecisionState, state_of
from consent.model import Restriction, RestrictionScope, SharingDecision
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from services.adapters.agreements import PostgresAgreements
from services.adapters.decision_documents import decision_from_document, document_from_decision

_DECISIONS = text("""
    SELECT s.person_id, d.document FROM sharing_decision_subject s
    JOIN sharing_decision d USING (decision_id) WHERE s.person_id = ANY(:persons)
""")
# Few decisions have a review date, and this is asked once a day: no index is kept for it.
_WITH_REVIEW = text("""
    SELECT document FROM sharing_decision
    WHERE convert_from(document, 'UTF8')::jsonb ->> 'review_at' IS NOT NULL
""")
_RESTRICTIONS = text("SELECT * FROM restriction WHERE person_id = ANY(:persons)")
_SAVE = text("""
    INSERT INTO sharing_decision (decision_id, version, document, recorded_at)
    VALUES (:id, :version, :document, :at)
    ON CONFLICT (decision_id) DO UPDATE SET version = :version, document = :document
""")
_SAVE_SUBJECTS = text("""
    INSERT INTO sharing_decision_subject (person_id, decision_id)
    SELECT person, :id FROM unnest(CAST(:persons AS text[])) AS person ON CONFLICT DO NOTHING
""")
_PLACE = text("""
    INSERT INTO restriction (restriction_id, person_id, scope, allowed, placed_at)
    VALUES (:id, :person, :scope, :allowed, :at) ON CONFLICT DO NOTHING
""")


class PostgresDecisionStore:
    """What is on record about sharing, as this transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def on_record(self, persons: Collection[PersonId]) -> Mapping[PersonId, OnRecord]:
        """For each person everything that may bear on a request about them."""
        if not persons:
            return {}
        wanted = {"persons": list(persons)}
        decisions: dict[PersonId, list[SharingDecision]] = {}
        for row in self._connection.execute(_DECISIONS, wanted):
            decision = decision_from_document(bytes(row.document))
            decisions.setdefault(PersonId(row.person_id), []).append(decision)
        restrictions: dict[PersonId, list[Restriction]] = {}
        for row in self._connection.execute(_RESTRICTIONS, wanted):
            restriction = Restriction(
                row.restriction_id,
                PersonId(row.person_id),
                RestrictionScope(row.scope),
                frozenset(PractitionerId(p) for p in row.allowed),
                row.placed_at,
                row.lifted_at,
            )
            restrictions.setdefault(restriction.subject, []).append(restriction)
        return {
            person: OnRecord(
                tuple(decisions.get(person, ())),
                tuple(restrictions.get(person, ())),
                self.agreements,
            )
            for person in persons
        }

    def policy_version(self, at: datetime) -> str:
        """The rules and the agreement by which anything is decided at that time."""
        return policy_version(in_force(self.agreements, at))

    @cached_property
    def agreements(self) -> tuple[AdoptedAgreement, ...]:
        """Every agreement that was ever adopted, read once in this transaction."""
        return PostgresAgreements(self._connection).adopted()

    def due_for_review(self, by: datetime) -> Sequence[SharingDecision]:
        """The decisions that hold and that somebody should ask about again by then."""
        rows = self._connection.execute(_WITH_REVIEW).all()
        decisions = [decision_from_document(bytes(row.document)) for row in rows]
        due = [d for d in decisions if state_of(d, by) is DecisionState.DUE_FOR_REVIEW]
        return sorted(due, key=lambda d: (d.review_at or by, d.id))

    def any_recorded(self) -> bool:
        """Whether any decision was ever recorded."""
        found = self._connection.execute(text("SELECT 1 FROM sharing_decision LIMIT 1"))
        return found.first() is not None

    def find(self, decision: DecisionId) -> SharingDecision | None:
        """One decision, locked against a change at the same moment."""
        row = self._connection.execute(
            text("SELECT document FROM sharing_decision WHERE decision_id = :id FOR UPDATE"),
            {"id": decision},
        ).first()
        return None if row is None else decision_from_document(bytes(row.document))

    def save(self, decision: SharingDecision, *, at: datetime) -> None:
        """Write a decision or its next version."""
        self._connection.execute(
            _SAVE,
            {
                "id": decision.id,
                "version": decision.version,
                "document": document_from_decision(decision),
                "at": at,
            },
        )
        self._connection.execute(
            _SAVE_SUBJECTS, {"id": decision.id, "persons": sorted(decision.subjects)}
        )

    def place(self, restriction: Restriction) -> None:
        """Write a restriction."""
        self._connection.execute(
            _PLACE,
            {
                "id": restriction.id,
                "person": restriction.subject,
                "scope": restriction.scope.value,
                "allowed": sorted(restriction.allowed),
                "at": restriction.placed_at,
            },
        )
