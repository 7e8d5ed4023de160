"""What showing families to partners needs from the outside world."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from services.aggregation.profile import Profile, ProfileRefused
from services.partners.ports import Caller


class Families(Protocol):
    """One transaction in which one caller asks, for the practitioner whom its token names."""

    def read(self, family: str) -> Profile | ProfileRefused:
        """The family of the person with this opaque id, or why not; either is on the ledger.

        Whatever is no id of anybody reads like somebody with whom there is no relationship.
        """

    def tag(self, content: bytes) -> str:
        """A keyed hash of a representation: the same for the same bytes, telling nothing of them.

        Letters, digits, hyphens and underscores.
        """


OpenFamilies = Callable[[Caller], AbstractContextManager[Families]]
"""Opens a transaction: committed when the block ends, rolled back when it raises.

Raises NotAuthenticatedError when the token has ceased to hold, PractitionerNotNamedError when it
names nobody for whom its partner may speak, and ServiceUnavailableError when database or ledger
cannot be reached or written.
"""
