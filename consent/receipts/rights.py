"""What the people a decision is about can do, which depends on the ground it rests on."""

from typing import assert_never

from consent.lawfulness import Basis
from consent.model import Response, SharingDecision
from consent.receipts.parties import Council
from schemas.vocabulary import LabelledCode


class Right(LabelledCode):
    """A right of a data subject (UK GDPR Art. 15 to 21 and 77)."""

    ACCESS = "art-15", "See what is held about you"
    RECTIFICATION = "art-16", "Have what is wrong put right"
    ERASURE = "art-17", "Have it deleted"
    RESTRICTION = "art-18", "Have its use limited"
    PORTABILITY = "art-20", "Have it given to you to take elsewhere"
    OBJECTION = "art-21", "Object"
    COMPLAINT = "art-77", "Complain to the Information Commissioner"


class WayOut(LabelledCode):
    """How somebody gets out of a decision, or why not (UK GDPR Art. 7(3), 21, 6(3))."""

    WITHDRAW = "withdraw", "You can change your mind at any time"
    OBJECT = "object", "This does not rest on your agreement. You can object to it at any time"
    CHANGE = "change", "You can change your decision at any time"
    ASK = "ask", "The law demands this. You can ask for it to be looked at again"


_ALWAYS = (Right.ACCESS, Right.RECTIFICATION, Right.RESTRICTION, Right.COMPLAINT)
_TELL = "Tell any worker"
_FROM_THEN_ON = "What was seen before stays seen; from then on nobody sees it."


def rights_under(basis: Basis) -> list[Right]:
    """The rights that there are under this ground, in the order of their articles."""
    more: tuple[Right, ...]
    match basis:
        case Basis.CONSENT:
            more = (Right.ERASURE, Right.PORTABILITY)
        case Basis.PUBLIC_TASK:
            more = (Right.OBJECTION,)
        case Basis.LEGAL_OBLIGATION | Basis.VITAL_INTERESTS:
            more = ()
        case _:
            assert_never(basis)
    return sorted((*_ALWAYS, *more), key=lambda right: int(right.value.rpartition("-")[2]))


def withdrawal_method(decision: SharingDecision, council: Council) -> dict[str, str]:
    """`withdrawal_method`: which way out there is, and what to do."""
    way = _way_out(decision)
    reach = f"{_TELL}, or {council.name}: {council.contact}." if council.contact else f"{_TELL}."
    after = f" {_FROM_THEN_ON}" if way is WayOut.WITHDRAW else ""
    return {"code": way.value, "label": way.label, "how": reach + after}


def _way_out(decision: SharingDecision) -> WayOut:
    if decision.response is not Response.GIVEN:
        return WayOut.CHANGE
    match decision.basis:
        case Basis.CONSENT:
            return WayOut.WITHDRAW
        case Basis.PUBLIC_TASK:
            return WayOut.OBJECT
        case Basis.LEGAL_OBLIGATION | Basis.VITAL_INTERESTS:
            return WayOut.ASK
        case _:
            assert_never(decision.basis)
