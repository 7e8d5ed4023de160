"""An identity that an adoption left behind: nobody is ever led from it to who the child is now.

(Adoption and Children Act 2002, section 79: what connects the two is not for the records.)
"""

from dataclasses import dataclass

from consent.ledger import ledger_entry
from consent.ledger_events import LedgerEvent
from schemas.identifiers import PersonId
from services.linking.joining_ports import Joining, JoinRefusal


@dataclass(frozen=True, slots=True)
class LeaveBehind:
    """Order: this person was left behind; join them with nobody, whoever asks."""

    person: PersonId
    by: str


def leave_behind(command: LeaveBehind, *, joining: Joining) -> PersonId | JoinRefusal:
    """Remember it for good; said again it changes nothing. Gives the person, or why not.

    Whoever is one with somebody has to be parted from them first: which of the two was left
    behind is for the person who asks to know.
    """
    joining.joins.lock()
    found = joining.joins.joinable(command.person)
    if found is None:
        return JoinRefusal.NOT_KNOWN
    if len(found.created) > 1:
        return JoinRefusal.ALREADY_ONE
    if not found.is_left_behind:
        now = joining.clock.now()
        joining.joins.leave_behind(command.person, at=now)
        entry = ledger_entry(
            LedgerEvent.PERSON_LEFT_BEHIND, {"person": command.person}, at=now, actor=command.by
        )
        joining.ledger.append([entry])
    return command.person
