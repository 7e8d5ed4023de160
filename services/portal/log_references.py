"""Every line the portal writes to its log, as a closed list (STYLE.md 19)."""

from enum import StrEnum


class PortalLog(StrEnum):
    """What happened, as `subject:action`."""

    PAGE_FAILED = "page:failed"
    PAGE_UNAVAILABLE = "page:unavailable"
    FORM_REFUSED = "form:refused"
    DEMONSTRATION_SIGN_IN_OPENED = "demonstration-sign-in:opened"
