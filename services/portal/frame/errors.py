"""What can go wrong behind a page; no message of these carries a personal value."""


class PortalError(Exception):
    """Root of what the portal and the services behind it raise."""


class ServiceUnavailableError(PortalError):
    """The ledger or the database cannot be written now: nothing may be shown."""


class InvalidDecisionError(PortalError):
    """A decision cannot be recorded as it was filled in.

    `field` is a field name of DecisionForm; `reason` a sentence for the person who filled it
    in, such as "Select at least one category". Neither carries what was typed.
    """

    def __init__(self, *, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class UnsafeDemonstrationError(PortalError):
    """Invented people could sign in where the environment is production."""


class NotSignedInError(PortalError):
    """There is no session behind the request."""


class NotAllowedError(PortalError):
    """The role does not include what this page does."""


class ForgedFormError(PortalError):
    """A form did not come from a page that this session was shown."""
