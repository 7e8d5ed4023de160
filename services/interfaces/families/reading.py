"""Reading a family through a partner's own screens: the same reading as by a page.

Before it stands one entry of its own, so that a look and a refusal tell through which system
somebody asked; what is shown, and how that is entered, is for `read_profile` to say.
"""

from dataclasses import dataclass, replace

from consent import Reason
from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.question import told
from services.interfaces.partners.ports import PartnerId
from services.profile.model import Profile, ProfileRefused
from services.profile.reading import Reading, read_profile
from services.profile.viewing import ReadProfile


@dataclass(frozen=True, slots=True)
class ReadForPartner:
    """Order: show this practitioner a family, on the screens of this partner."""

    partner: PartnerId
    order: ReadProfile
    is_told_why: bool = False


def read_for_partner(command: ReadForPartner, *, reading: Reading) -> Profile | ProfileRefused:
    """The family as the practitioner may see it, or that it is not; to be told after the commit.

    A refusal has the one reason that is told to everybody, unless its partner was granted more.
    """
    reading.ledger.append([_entry(LedgerEvent.PROFILE_REQUESTED_BY_PARTNER, command, reading)])
    answer = read_profile(command.order, reading=reading)
    if not isinstance(answer, ProfileRefused):
        return answer
    reasons = told(answer.reasons) if command.is_told_why else (Reason.NO_RIGHT,)
    if reasons != (Reason.NO_RIGHT,):
        reading.ledger.append(
            [_entry(LedgerEvent.ACCESS_EXPLAINED, command, reading, reasons=frozenset(reasons))]
        )
    return replace(answer, reasons=reasons)


def _entry(
    event: LedgerEvent, command: ReadForPartner, reading: Reading, **more: FieldValue
) -> LedgerEntry:
    order = command.order
    asked: dict[str, FieldValue] = {
        "person": order.person,
        "practitioner": order.practitioner,
        "purpose": order.purpose,
    }
    actor = f"partner:{command.partner}"
    return ledger_entry(event, asked | more, at=reading.clock.now(), actor=actor)
