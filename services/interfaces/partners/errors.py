"""What can go wrong for a partner. Messages name fields and codes, never values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.platform.errors import ServiceError


class PartnerError(ServiceError):
    """Root of what the partner interfaces raise."""


class NotAuthenticatedError(PartnerError):
    """No access token that holds now came with the request: get one and send it again."""


class ScopeMissingError(PartnerError):
    """The access token holds, but not for this."""


class PractitionerNotNamedError(PartnerError):
    """The access token names no practitioner, or one for whom its partner may not speak now."""


class FormNotOfferedError(PartnerError):
    """The answer comes in no form that the request accepts."""


class AuthorityNotTheirsError(PartnerError):
    """The partner sends for one local authority and named another."""


class TooManyRequestsError(PartnerError):
    """The partner asks more often than agreed; nothing was done, wait and send it again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("more requests came than were agreed; wait and send this one again")
        self.wait = wait


class BodyTooLargeError(PartnerError):
    """More came in one request than is taken in one: send it in smaller parts."""


class BodyTooSlowError(PartnerError):
    """The body did not come within the time given."""


class ContentNotTakenError(PartnerError):
    """The media type or encoding of the body is not one that is taken here."""


class BodyUnreadableError(PartnerError):
    """The body is not what its media type says."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a request: where, by our names, and a code for why. Never a value."""

    place: str
    reason: str


class RequestFaultyError(PartnerError):
    """The request can be read, and something that it has to say is missing or wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.place}: {fault.reason}" for fault in faults))
        self.faults = tuple(faults)


class OnboardingError(PartnerError):
    """What was given for a partner cannot be taken; names the field and why."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason
