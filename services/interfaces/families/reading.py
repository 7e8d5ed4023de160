"""Reading a family through a partner's own screens: the same reading as by a page.

Before it stands one entry of its own, so that a look and a refusal tell through which system
somebody asked; what is shown, and how that is entered, is for `read_profile` to say.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from services.interfaces.partners.ports import Caller, PartnerId
from services.profile.model import Profile, ProfileRefused
from services.profile.reading import Reading, read_profile
from services.profile.viewing import ReadProfile


@dataclass(frozen=True, slots=True)
class ReadForPartner:
    """Order: show this practitioner a family, on the screens of this partner."""

    partner: PartnerId
    order: ReadProfile


def read_for_partner(command: ReadForPartner, *, reading: Reading) -> Profile | ProfileRefused:
    """The family as the practitioner may see it, or why not; to be told after the commit."""
    order = command.order
    reading.ledger.append(
        [
            ledger_entry(
                LedgerEvent.PROFILE_REQUESTED_BY_PARTNER,
                {
                    "person": order.person,
                    "practitioner": order.practitioner,
                    "purpose": order.purpose,
                },
                at=reading.clock.now(),
                actor=f"partner:{command.partner}",
            )
        ]
    )
    return read_profile(order, reading=reading)


# What showing families to partners needs from the outside world.


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
