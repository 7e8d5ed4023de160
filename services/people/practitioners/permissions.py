"""What each role may do on pages. Whose record may be read is decided elsewhere."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from services.people.practitioners.people import SignedInPractitioner


class Permission(StrEnum):
    """What a router asks of whoever calls it."""

    ANYONE = "anyone"
    SIGNED_IN = "signed-in"
    FAMILY_RECORDS = "family-records"
    WHO_IS_WHO = "who-is-who"
    CONFIRMS = "confirms"
    SECOND_HAND = "second-hand"
    STAFF = "staff"
    ACCOUNTS = "accounts"
    AUDIT = "audit"
    FIGURES = "figures"


_ROLES: Mapping[Permission, frozenset[Role]] = {
    # Stewards join records, managers read figures and auditors ask on pages of their own.
    Permission.FAMILY_RECORDS: OPENS_FAMILY_RECORDS,
    Permission.WHO_IS_WHO: frozenset({Role.DATA_STEWARD}),
    Permission.CONFIRMS: frozenset({Role.CONFIRMING_OFFICER}),
    # Who answers orders of two on pages; whose each order is, its kind says.
    Permission.SECOND_HAND: frozenset(
        {
            *(Role.LEAD_PRACTITIONER, Role.INFORMATION_GOVERNANCE, Role.ADMINISTRATOR),
            Role.CONFIRMING_OFFICER,
        }
    ),
    # Who sees who works where: a lead in their own agency.
    Permission.STAFF: frozenset({Role.LEAD_PRACTITIONER, Role.ADMINISTRATOR}),
    Permission.ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
    Permission.AUDIT: frozenset({Role.INFORMATION_GOVERNANCE}),
    # How their services do: counts, with small ones hidden.
    Permission.FIGURES: frozenset({Role.SERVICE_MANAGER}),
}


def allows(permission: Permission, role: Role) -> bool:
    """Tell whether the role includes the permission."""
    if permission in {Permission.ANYONE, Permission.SIGNED_IN}:
        return True
    return role in _ROLES[permission]


def entry_of_refusal(
    permission: Permission, who: SignedInPractitioner, *, at: datetime
) -> LedgerEntry:
    """The entry of a page that somebody's role did not open: of what sort it was, not whose."""
    fields = {"role": who.role, "permission": permission.value}
    return ledger_entry(LedgerEvent.PAGE_REFUSED, fields, at=at, actor=who.actor)
