"""What can go wrong in the services; one root, small named children."""

from collections.abc import Sequence
from typing import NamedTuple


class ServiceError(Exception):
    """Root of everything the services raise on purpose; its text never holds a personal value."""


class NotTextError(ServiceError):
    """Something that was sent cannot be encoded or kept: told is where, and never what it was."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place}: is-not-text")
        self.place = place


class BusUnavailable(ServiceError):  # noqa: N818
    """The bus did not answer, or did not confirm: try the same again later."""


class UnknownTopic(BusUnavailable):
    """A topic does not exist on this bus; `ensure_topics` makes it, then the same call works."""


class BusRefused(BusUnavailable):
    """The bus knows who asks and does not let them; `tell-once bus create` grants what lacks."""


class BusNotSecureError(ServiceError):
    """The bus cannot be spoken to as the settings say: told is what to set."""


class MessageTooLarge(ServiceError):  # noqa: N818
    """A message is over the bus's limit: nothing was sent, and trying again will not help."""


class UnknownBusAddress(ServiceError):  # noqa: N818
    """A bus address is in no form that this program knows."""


class KeyUnusableError(ServiceError):
    """A key does not open what it should; restore the key file that belongs to the data."""


class KeyDestroyedError(ServiceError):
    """The person's data key was destroyed; nothing about them can be read or written again."""


class ServiceUnavailableError(ServiceError):
    """The database or the ledger cannot be reached or written now: show nothing, try later."""


class KeysAwayError(ServiceUnavailableError):
    """The place of the keys cannot be reached now: nothing is wrong with any key, try later."""


class ReceiptNotReadyError(ServiceError):
    """The ledger does not prove yet what the receipt is about; ask again in a moment."""


class UnknownPersonError(ServiceError):
    """No such person, or none that may be named."""


class RetentionRulesInvalidError(ServiceError):
    """A file of retention rules cannot be used: mend the element that it names."""

    def __init__(self, element: str, what: str) -> None:
        super().__init__(f"the retention rules cannot be used: {element} {what}")
        self.element = element


class SecretFileError(ServiceError):
    """A secret cannot be taken from the file that was named for it: told is which and why."""

    def __init__(self, variable: str, why: str) -> None:
        super().__init__(f"{variable} {why}")
        self.variable = variable


class BadSetting(NamedTuple):
    """A setting that cannot be used, and why; never what it was set to."""

    setting: str
    why: str


class SettingsInvalidError(ServiceError, ValueError):
    """Settings cannot be used: told is which of them and why."""

    def __init__(self, faults: Sequence[BadSetting]) -> None:
        told = "; ".join(f"TELL_ONCE_{name.upper()} {why}" for name, why in faults)
        super().__init__(f"{told}. Every setting is explained in runbook 000")
        self.faults = faults
