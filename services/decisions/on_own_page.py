"""Changing one's mind on one's own page: what somebody said yes to themselves, they take back.

The decision is found among those that are theirs; another's is answered as one that there is not.
Taking back narrows, so it is in force at once; whoever does it has just typed a code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from consent.circumstances import Channel
from consent.decisions.changing import withdraw_decision
from consent.decisions.keeping import Asker, Deciding, Recorded
from consent.decisions.states import state_of
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis
from consent.ledger.events import LedgerEvent
from consent.model import Response, SharingDecision, TakenBack
from schemas.identifiers import DecisionId, PersonId
from services.people.family_access.model import FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached

_WITHDRAW, _NOT_THEIRS = "withdraw", "is-not-theirs"


@dataclass(frozen=True, slots=True)
class OwnYes:
    """Something that whoever looks said yes to, and for whom of those they reach."""

    decision: SharingDecision
    about: tuple[PersonId, ...]


def own_yeses(reached: Sequence[Reached], *, door: FamilyDoor) -> Sequence[OwnYes]:
    """What they said yes to themselves and is in force, the newest first."""
    ones = door.clusters.all_of([one.person for one in reached if one.is_oneself])
    found: dict[DecisionId, OwnYes] = {}
    for one in reached:
        for decision in one.on_record.decisions:
            is_yes = decision.response is Response.GIVEN and decision.basis is Basis.CONSENT
            in_force = state_of(decision, door.at).is_in_force
            if is_yes and in_force and one.is_own(decision, ones):
                known = found.get(decision.id, OwnYes(decision, ()))
                found[decision.id] = replace(known, about=(*known.about, one.person))
    return sorted(found.values(), key=lambda yes: yes.decision.decided_at, reverse=True)


def take_back(
    decision: DecisionId,
    session: FamilySession,
    reached: Sequence[Reached],
    *,
    door: FamilyDoor,
    deciding: Deciding,
) -> Recorded | None:
    """Take it back from now on; None, which is entered, where it is not theirs or is over."""
    own = next((y for y in own_yeses(reached, door=door) if y.decision.id == decision), None)
    if own is None:
        _refuse(_NOT_THEIRS, session, door)
        return None
    told = TakenBack(own.decision.decided_by, Channel.ONLINE)
    asked = replace(deciding, asker=Asker(is_confirmed=True))
    try:
        return withdraw_decision(decision, actor=session.actor, deciding=asked, told=told)
    except DecisionInvalidError as error:
        _refuse(error.reason, session, door)
        return None


def _refuse(because: str, session: FamilySession, door: FamilyDoor) -> None:
    fields = {"act": _WITHDRAW, "because": because}
    door.enter(LedgerEvent.FAMILY_ACT_REFUSED, dict(fields), by=session.actor)
