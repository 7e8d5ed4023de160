"""What asking for access can fail at; messages name elements, never values."""

from services.errors import ServiceError


class AccessError(ServiceError):
    """Root of what the access interface raises."""


class RequestUnreadableError(AccessError):
    """The request has not the shape of an evaluation; names the element and why."""

    def __init__(self, element: str, reason: str) -> None:
        super().__init__(f"{element}: {reason}")
        self.element = element
        self.reason = reason
