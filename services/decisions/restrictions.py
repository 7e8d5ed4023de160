"""Restrictions as a practitioner may know of them: whom they are told, and who may lift one."""

from collections.abc import Sequence

from consent.decisions.keeping import Deciding
from consent.decisions.restrictions import lift_restriction
from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import Restriction
from consent.ports import Clock, Ledger
from schemas.identifiers import PersonId
from schemas.vocabulary import Role
from services.decisions.postgres import PostgresDecisions
from services.people.practitioners.people import SignedInPractitioner


def restrictions_told(
    person: PersonId,
    who: SignedInPractitioner,
    *,
    decisions: PostgresDecisions,
    ledger: Ledger,
    clock: Clock,
) -> Sequence[Restriction]:
    """The restrictions in force of which the practitioner may know; the look is entered."""
    at = clock.now()
    found = decisions.on_record([person])[person].restrictions
    in_force = {r.id: r for r in found if r.is_in_force(at)}
    told = [r for _, r in sorted(in_force.items()) if _may_know(who, r)]
    fields: dict[str, FieldValue] = {"subject": person, "restrictions": len(told)}
    ledger.append([ledger_entry(LedgerEvent.RESTRICTIONS_LISTED, fields, at=at, actor=who.actor)])
    return told


def lift_as(
    restriction: str, who: SignedInPractitioner, *, deciding: Deciding
) -> Restriction | None:
    """End a restriction, or None, which is entered: it is not in force or not theirs to know of."""
    at = deciding.clock.now()
    found = deciding.decisions.find_restriction(restriction)
    if found is not None and found.is_in_force(at) and _may_know(who, found):
        return lift_restriction(found.id, actor=who.actor, deciding=deciding)
    fields: dict[str, FieldValue] = {"restriction": restriction}
    refused = ledger_entry(LedgerEvent.RESTRICTION_LIFT_REFUSED, fields, at=at, actor=who.actor)
    deciding.ledger.append([refused])
    return None


def _may_know(who: SignedInPractitioner, restriction: Restriction) -> bool:
    """Governance reviews every restriction; nobody else learns of one that is not theirs."""
    return who.id in restriction.allowed or who.role is Role.INFORMATION_GOVERNANCE
