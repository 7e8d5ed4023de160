"""What each role may do on pages. Whose record may be read is decided elsewhere."""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

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
    SESSIONS = "sessions"


_SECOND_HANDS = frozenset({Role.LEAD_PRACTITIONER, Role.INFORMATION_GOVERNANCE, Role.ADMINISTRATOR})
"""Who answers orders of two on pages; whose each order is, its kind says."""


def allows(permission: Permission, role: Role) -> bool:
    """Tell whether the role includes the permission."""
    match permission:
        case Permission.ANYONE | Permission.SIGNED_IN:
            return True
        case Permission.FAMILY_RECORDS:
            # Stewards join records and managers read figures on pages of their own; auditors
            # read the ledger.
            return role in OPENS_FAMILY_RECORDS
        case Permission.WHO_IS_WHO:
            return role is Role.DATA_STEWARD
        case Permission.CONFIRMS:
            return role is Role.CONFIRMING_OFFICER
        case Permission.SECOND_HAND:
            return role in _SECOND_HANDS
        case Permission.SESSIONS:
            return role is Role.ADMINISTRATOR
        case _:
            assert_never(permission)


def entry_of_refusal(
    permission: Permission, who: SignedInPractitioner, *, at: datetime
) -> LedgerEntry:
    """The entry of a page that somebody's role did not open: of what sort it was, not whose."""
    fields = {"role": who.role, "permission": permission.value}
    return ledger_entry(LedgerEvent.PAGE_REFUSED, fields, at=at, actor=who.actor)
