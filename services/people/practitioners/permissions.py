"""What each role may do on pages. Whose record may be read is decided elsewhere."""

from enum import StrEnum
from typing import assert_never

from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role


class Permission(StrEnum):
    """What a router asks of whoever calls it."""

    ANYONE = "anyone"
    SIGNED_IN = "signed-in"
    FAMILY_RECORDS = "family-records"
    WHO_IS_WHO = "who-is-who"
    CONFIRMS = "confirms"


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
        case _:
            assert_never(permission)
