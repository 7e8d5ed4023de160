"""Reading a family through a partner's own screens: the same reading as by a page.

Before it stands one entry of its own, so that a look and a refusal tell through which system
somebody asked; what is shown, and how that is entered, is for `read_profile` to say.
"""

from dataclasses import dataclass

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from services.interfaces.partners.ports import PartnerId
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
