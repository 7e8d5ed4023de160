"""What can go wrong behind a page; no message of these carries a personal value."""


class PortalError(Exception):
    """Root of what the portal raises."""


class UnsafeDemonstrationError(PortalError):
    """Invented people could sign in where the environment is production."""


class NotSignedInError(PortalError):
    """There is no session behind the request."""


class NotAllowedError(PortalError):
    """The role does not include what this page does."""


class ForgedFormError(PortalError):
    """A form did not come from a page that this session was shown."""
