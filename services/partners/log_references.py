"""Every line the partner interfaces write to the log, as a closed list (STYLE.md 19)."""

from enum import StrEnum


class PartnerLog(StrEnum):
    """What happened, as `subject:action`."""

    TOKEN_REFUSED = "access-token:refused"  # noqa: S105 an event
    CLIENT_REFUSED = "partner:authentication_refused"
    REQUEST_FAILED = "request:failed"
