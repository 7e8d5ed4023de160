"""What can go wrong behind a page; no message of these carries a personal value."""

from services.portal.frame.forms import Submitted


class PortalError(Exception):
    """Root of what the portal raises."""


class UnsafeDemonstrationError(PortalError):
    """Invented people could sign in where the environment is production."""


class NotSignedInError(PortalError):
    """There is no session behind the request."""


class SignInNotFreshError(PortalError):
    """It asks for somebody to show who they are, now; what they sent is in `form`."""

    def __init__(self, form: Submitted) -> None:
        super().__init__("nobody showed who they are within the last minutes")
        self.form = form


class ConditionsNotAcceptedError(PortalError):
    """The conditions of use are not accepted yet, or no longer."""


class NotAllowedError(PortalError):
    """The role does not include what this page does."""


class ForgedFormError(PortalError):
    """A form did not come from a page that this session was shown."""
