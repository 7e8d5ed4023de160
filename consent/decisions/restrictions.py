"""Protecting a person or their whereabouts, and ending that."""

from collections.abc import Collection
from dataclasses import replace

from consent.decisions.keeping import Deciding, news_of
from consent.errors import DecisionInvalidError
from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PersonId, PractitionerId


def place_restriction(
    person: PersonId,
    scope: RestrictionScope,
    allowed: Collection[PractitionerId],
    *,
    actor: str,
    deciding: Deciding,
) -> Restriction:
    """Protect a person or their whereabouts: from now on only the allow-list may know.

    Raises DecisionInvalidError for a person whom nobody knows.
    """
    if not deciding.persons.exists(person):
        raise DecisionInvalidError("subject", "is-not-known")
    now = deciding.clock.now()
    restriction = Restriction(
        str(new_entry_id(now)), person, scope, frozenset(allowed), placed_at=now
    )
    deciding.decisions.place(restriction)
    deciding.places.protect_stored(person)
    deciding.outbox.add([news_of(person, restriction.id, now)])
    deciding.ledger.append(
        [
            ledger_entry(
                LedgerEvent.RESTRICTION_PLACED,
                {"restriction": restriction.id, "subject": person, "scope": scope},
                at=now,
                actor=actor,
            )
        ]
    )
    return restriction


def lift_restriction(restriction_id: str, *, actor: str, deciding: Deciding) -> Restriction:
    """End a restriction: from now on what else is on record decides again.

    Raises DecisionInvalidError where none of that id is in force.
    """
    now = deciding.clock.now()
    restriction = deciding.decisions.find_restriction(restriction_id)
    if restriction is None or not restriction.is_in_force(now):
        raise DecisionInvalidError("restriction", "is-not-in-force")
    deciding.decisions.lift(restriction.id, at=now)
    deciding.outbox.add([news_of(restriction.subject, restriction.id, now)])
    fields: dict[str, FieldValue] = {"restriction": restriction.id, "subject": restriction.subject}
    deciding.ledger.append(
        [ledger_entry(LedgerEvent.RESTRICTION_LIFTED, fields, at=now, actor=actor)]
    )
    return replace(restriction, lifted_at=now)
