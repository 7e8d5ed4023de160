"""What can be wrong with a value or a message; no message of these carries the value."""


class SchemaError(Exception):
    """Root of what the shared language refuses."""


class InvalidIdentifierError(SchemaError):
    """An identifier is not of its scheme's form."""


class UnreadableMessageError(SchemaError):
    """A message from a source cannot be read; names the field and the reason, never the value."""

    def __init__(self, *, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class UnreadableEventError(SchemaError):
    """An event from the bus is not of a form that this version knows."""
