"""What each role may do on these pages. Whose record may be read is decided elsewhere."""

from enum import StrEnum
from typing import assert_never

from schemas.vocabulary import Role


class Permission(StrEnum):
    """What a router asks of whoever calls it."""

    ANYONE = "anyone"
    SIGNED_IN = "signed-in"
    FAMILY_RECORDS = "family-records"
    WHO_IS_WHO = "who-is-who"


# Only those who work with families open records (DESIGN.md section 10): stewards join records
# and managers read figures on pages of their own; auditors read the ledger.
_WORKS_WITH_FAMILIES = frozenset({Role.PRACTITIONER, Role.LEAD_PRACTITIONER})


def allows(permission: Permission, role: Role) -> bool:
    """Tell whether the role includes the permission."""
    match permission:
        case Permission.ANYONE | Permission.SIGNED_IN:
            return True
        case Permission.FAMILY_RECORDS:
            return role in _WORKS_WITH_FAMILIES
        case Permission.WHO_IS_WHO:
            return role is Role.DATA_STEWARD
        case _:
            assert_never(permission)
