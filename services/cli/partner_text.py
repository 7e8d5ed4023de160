"""A partner as commands tell it: everything but secrets."""

from datetime import datetime
from typing import Any

from services.partners.onboarding_ports import CredentialKind, PartnerEntry


def partner_document(entry: PartnerEntry) -> dict[str, Any]:
    """The partner for --json."""
    partner = entry.partner
    return {
        "client_id": partner.id,
        "scopes": sorted(scope.value for scope in partner.scopes),
        "la_code": partner.la_code,
        "agencies": sorted(partner.agencies),
        "per_second": partner.pace.per_second,
        "burst": partner.pace.burst,
        "added_at": entry.added_at.isoformat(),
        "suspended_at": _time(partner.suspended_at),
        "credentials": [
            {
                "kind": credential.kind.value,
                "kid": credential.kid,
                "added_at": credential.added_at.isoformat(),
                "valid_until": _time(credential.valid_until),
            }
            for credential in entry.credentials
        ],
    }


def partner_line(entry: PartnerEntry) -> str:
    """The partner in a line."""
    partner = entry.partner
    state = "suspended" if partner.suspended_at else "may come in"
    keys = [str(c.kid) for c in entry.credentials if c.kind is CredentialKind.PUBLIC_KEY]
    what = ", ".join(sorted(scope.value for scope in partner.scopes))
    return (
        f"{partner.id}: {state}; {what}; keys: {', '.join(keys) or 'none'}; "
        f"secrets: {len(entry.credentials) - len(keys)}"
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
