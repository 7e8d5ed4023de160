"""Protecting a person or their whereabouts."""

from collections.abc import Collection

from consent.errors import DecisionInvalidError
from consent.keeping import Deciding, news_of
from consent.ledger import ledger_entry, new_entry_id
from consent.ledger_events import LedgerEvent
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
