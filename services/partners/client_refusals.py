"""Why a partner was not taken for who it says it is: for the log, never for the caller."""

from enum import StrEnum


class ClientRefusal(StrEnum):
    """One reason. Callers are told `invalid_client` whichever it is."""

    UNKNOWN = "unknown-client"
    SUSPENDED = "suspended"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 a reason
    UNREADABLE = "assertion-unreadable"
    ALGORITHM = "algorithm-not-taken"
    NO_KEY = "no-key-of-this-id"
    SIGNATURE = "signature-wrong"
    ISSUER = "issuer-or-subject-wrong"
    AUDIENCE = "audience-wrong"
    TIMES = "times-wrong"
    NO_ID = "id-missing"
    USED_BEFORE = "used-before"
