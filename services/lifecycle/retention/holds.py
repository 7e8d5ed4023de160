"""A legal hold: nothing about the person goes for its age until they are released. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Clock, Ledger
from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode


class HoldReason(LabelledCode):
    """Who wants it kept."""

    INQUIRY = "inquiry", "A public inquiry or a review of practice"
    COURT = "court", "Court proceedings"
    COMPLAINT = "complaint", "A complaint that is being looked into"
    SUBJECT_ACCESS = "subject-access", "The person's own request to see what is held"
    POLICE = "police", "A police investigation"


class Holds(Protocol):
    """Who is held."""

    def hold(self, person: PersonId, *, because: str, by: str, at: datetime) -> bool:
        """Hold everything about the person; false where that was so already."""

    def release(self, person: PersonId) -> bool:
        """Let go of the person and of who is one with them; false where nobody was held."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What holding works with; every port joins one transaction."""

    holds: Holds
    ledger: Ledger
    clock: Clock


def hold_person(person: PersonId, because: HoldReason, *, actor: str, holding: Holding) -> bool:
    """Hold a person; false, and nothing is entered, where they were held already."""
    now = holding.clock.now()
    if not holding.holds.hold(person, because=because.value, by=actor, at=now):
        return False
    fields = {"person": person, "because": because.value}
    holding.ledger.append([ledger_entry(LedgerEvent.RETENTION_HELD, fields, at=now, actor=actor)])
    return True


def release_person(person: PersonId, *, actor: str, holding: Holding) -> bool:
    """Release a person; false, and nothing is entered, where nobody was held."""
    now = holding.clock.now()
    if not holding.holds.release(person):
        return False
    holding.ledger.append(
        [ledger_entry(LedgerEvent.RETENTION_RELEASED, {"person": person}, at=now, actor=actor)]
    )
    return True
