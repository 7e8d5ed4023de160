"""Whom a family knows because it decided that they may see something. Pure."""

from datetime import datetime

from consent import OnRecord
from consent.decision_states import state_of
from consent.model import LegitimateRelationship, RelationshipGround, Response
from schemas.identifiers import PersonId, PractitionerId


def named_by_family(
    practitioner: PractitionerId, person: PersonId, on_record: OnRecord, at: datetime
) -> tuple[LegitimateRelationship, ...]:
    """Whom a permission in force names is known to the family by that very decision."""
    named = f"practitioner:{practitioner}"
    return tuple(
        LegitimateRelationship(
            practitioner,
            person,
            RelationshipGround.NAMED_BY_FAMILY,
            decision.decided_at,
            decision.until,
        )
        for decision in on_record.decisions
        if named in decision.recipients
        and decision.response is Response.GIVEN
        and state_of(decision, at).is_in_force
    )
