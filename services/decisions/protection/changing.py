"""Making a restriction lasting, for others, or ending it: an order of two hands.

Information governance, and somebody of another agency whom the restriction lets in: neither is let
in by it, and the second one's agency is not either. Every try that is refused is entered.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC
from functools import partial
from typing import Any

from consent.decisions.restrictions import Change, change_restriction, why_no_change
from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from services.decisions.protection.hands import Hand
from services.decisions.protection.restricting import (
    Restricting,
    RestrictionRefused,
    Why,
    known_to,
    refuse,
)
from services.people.governance.orders import (
    Order,
    OrderStatus,
    answer_by_two,
    ask_by_two,
)
from services.people.practitioners.people import SignedInPractitioner, is_another_human

KIND = "restriction"
_BOTH_HANDS = "job:demonstration"


def ask_change(
    restriction: str, change: Change, hand: Hand, *, restricting: Restricting
) -> Order | Why:
    """Ask that it be made lasting, be for just these people, or be lifted; another one answers.

    Where families are invented this is both hands, and the order comes back carried out.
    """
    act = _act(change)
    current = known_to(restriction, hand.who, restricting)
    why = (
        RestrictionRefused.NOT_THERE
        if current is None
        else why_no_change(current, change, _agencies(change, restricting))
    )
    if current is None or why is not None:
        return refuse(
            act, why or RestrictionRefused.NOT_THERE, hand, restricting, restriction=current
        )
    return ask_by_two(
        KIND,
        _document(current, change, hand),
        by=hand.actor,
        hands=restricting,
        carry_out=partial(_carry_out, warranted_by=_BOTH_HANDS, restricting=restricting),
    )


def answer_change(
    order_id: str, hand: Hand, *, confirms: bool, restricting: Restricting
) -> Order | Why:
    """Be the second hand: confirm, which carries it out, or decline."""

    def why_not(order: Order) -> Why | None:
        if not confirms or order.status is not OrderStatus.ASKED:
            return None
        why = _why_not_second(order, hand, restricting)
        return None if why is None else refuse("confirm", why, hand, restricting)

    return answer_by_two(
        {KIND},
        order_id,
        by=hand.actor,
        confirms=confirms,
        hands=restricting,
        why_not=why_not,
        carry_out=partial(_carry_out, warranted_by=hand.actor, restricting=restricting),
    )


def orders_about(
    restrictions: Collection[str], *, restricting: Restricting
) -> Mapping[str, Sequence[Order]]:
    """What waits about each of these, for whoever was told of them."""
    waiting = [
        order
        for order in restricting.orders.of_kinds(KIND)
        if order.status is OrderStatus.ASKED and restricting.at < order.lapses_at
    ]
    return {
        one: [order for order in waiting if order.document["restriction"] == one]
        for one in restrictions
    }


def restriction_of(order: Order, hand: Hand, restricting: Restricting) -> Restriction | None:
    """The restriction in force that an order is about, for who may know of it."""
    return known_to(order.document["restriction"], hand.who, restricting)


# Whose hands.


def _why_not_second(order: Order, hand: Hand, restricting: Restricting) -> Why | None:
    """Why this hand may not confirm it; by order of what tells least."""
    current = known_to(order.document["restriction"], hand.who, restricting)
    if current is None:
        return RestrictionRefused.NOT_THERE
    if _current(order, restricting) is None:
        return RestrictionRefused.HAS_CHANGED
    change = _change(order)
    agencies = _agencies(change, restricting)
    return _why_not_these(order, current, agencies, hand, restricting) or why_no_change(
        current, change, agencies
    )


def _why_not_these(
    order: Order,
    current: Restriction,
    agencies: Mapping[PractitionerId, str],
    hand: Hand,
    restricting: Restricting,
) -> RestrictionRefused | None:
    """Why these two are not the hands that it takes."""
    first = restricting.directory.practitioner(PractitionerId(order.document["asked_for"]))
    if first is None or not is_another_human(first, hand.who) or hand.actor == order.asked_by:
        return RestrictionRefused.NOT_ANOTHER
    if not _are_the_hands(first, hand.who) or known_to(current.id, first, restricting) is None:
        return RestrictionRefused.WRONG_HANDS
    gains = _gains(first, hand.who, current, _change(order), agencies)
    return RestrictionRefused.GAINS if gains else None


def _are_the_hands(one: SignedInPractitioner, other: SignedInPractitioner) -> bool:
    """Information governance, and somebody of another agency."""
    roles = {one.role, other.role}
    return Role.INFORMATION_GOVERNANCE in roles and one.agency_code != other.agency_code


def _gains(
    first: SignedInPractitioner,
    second: SignedInPractitioner,
    current: Restriction,
    change: Change,
    agencies: Mapping[PractitionerId, str],
) -> bool:
    """Whether either is let in by it, or the second one's agency is."""
    added = (change.allowed or frozenset()) - current.allowed
    return not added.isdisjoint({first.id, second.id}) or second.agency_code in {
        agencies[one] for one in added
    }


# The order.


def _document(current: Restriction, change: Change, hand: Hand) -> Mapping[str, Any]:
    return {
        "restriction": current.id,
        "stands": _stands(current),
        "allowed": None if change.allowed is None else sorted(change.allowed),
        "scope": change.scope.value,
        "asked_safely": change.was_asked_safely,
        "asked_for": hand.who.id,
    }


def _change(order: Order) -> Change:
    told = order.document
    allowed = told["allowed"]
    return Change(
        None if allowed is None else frozenset(PractitionerId(one) for one in allowed),
        RestrictionScope(told["scope"]),
        told["asked_safely"] is True,
    )


def _stands(restriction: Restriction) -> Mapping[str, Any]:
    """What it was when the change was asked for: of something else it is not confirmed."""
    return {
        "allowed": sorted(restriction.allowed),
        "scope": restriction.scope.value,
        "since": restriction.placed_at.astimezone(UTC).isoformat(),
        "is_provisional": restriction.is_provisional,
    }


def _current(order: Order, restricting: Restricting) -> Restriction | None:
    """The restriction of an order, in force and as it stood when the order was asked for."""
    found = restricting.deciding.decisions.find_restriction(order.document["restriction"])
    is_same = found is not None and _stands(found) == order.document["stands"]
    return found if found is not None and is_same and found.is_in_force(restricting.at) else None


def _carry_out(order: Order, *, warranted_by: str, restricting: Restricting) -> Order:
    current = _current(order, restricting)
    if current is None:  # nobody changed it since it was looked at: it is locked
        raise LookupError("a restriction is gone that was there a moment ago")
    change_restriction(
        current,
        _change(order),
        actor=order.asked_by,
        warranted_by=warranted_by,
        deciding=restricting.deciding,
    )
    return order


def _agencies(change: Change, restricting: Restricting) -> Mapping[PractitionerId, str]:
    """Where those work who are to be let in, if their role opens records; one human counts once."""
    found: dict[PractitionerId, SignedInPractitioner] = {}
    for one in sorted(change.allowed or ()):
        who = restricting.directory.practitioner(one)
        may_be = who is not None and who.role in OPENS_FAMILY_RECORDS
        if who is not None and may_be and all(is_another_human(who, o) for o in found.values()):
            found[one] = who
    return {one: who.agency_code for one, who in found.items()}


def _act(change: Change) -> str:
    return "lift" if change.allowed is None else "change"
