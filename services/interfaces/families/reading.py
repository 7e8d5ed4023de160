"""Reading a family through a partner's own screens: the same reading as by a page.

Its entry says through which partner somebody asked; what is shown, and how that is entered, is for
`read_profile` to say.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

from consent import Reason
from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from consent.question import told
from services.interfaces.partners.ports import PartnerId
from services.profile.model import ProfileRefused
from services.profile.parts.kept.forms import Form
from services.profile.reading import Reading, read_as
from services.profile.viewing import ReadProfile

_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class ReadForPartner:
    """Order: show this practitioner a family, on the screens of this partner."""

    partner: PartnerId
    order: ReadProfile
    is_told_why: bool = False


def read_for_partner(
    command: ReadForPartner, form: Form[_Told], *, reading: Reading
) -> _Told | ProfileRefused:
    """The family as the practitioner may see it, or that it is not; to be told after the commit.

    A refusal has the one reason that is told to everybody, unless its partner was granted more.
    """
    order = replace(command.order, through=command.partner)
    answer = read_as(form, order, reading=reading)
    if not isinstance(answer, ProfileRefused):
        return answer
    reasons = told(answer.reasons) if command.is_told_why else (Reason.NO_RIGHT,)
    if reasons != (Reason.NO_RIGHT,):
        explained = {
            "person": order.person,
            "practitioner": order.practitioner,
            "purpose": order.purpose,
            "reasons": frozenset(reasons),
        }
        actor, at = f"partner:{command.partner}", reading.clock.now()
        reading.ledger.append(
            [ledger_entry(LedgerEvent.ACCESS_EXPLAINED, explained, at=at, actor=actor)]
        )
    return replace(answer, reasons=reasons)
