"""Ending an exclusion, or letting a fourth name of a day count: an order of two hands.

An end is what the family wants, who was asked. Neither hand is the worker's; the second is of
another agency than the first's, and than the worker's. A fourth name waits for a colleague.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.decisions.protection.excluding import (
    BOTH_HANDS,
    MANY,
    Excluding,
    ExclusionRefused,
    from_document,
    is_named,
    known_to,
    refuse,
    write,
)
from services.decisions.protection.hands import Hand
from services.people.governance.orders import (
    NotTheirs,
    Order,
    OrderStatus,
    answer_by_two,
    ask_by_two,
)
from services.people.practitioners.people import SignedInPractitioner, is_another_human
from services.people.protecting.postgres import RecordedExclusion

ENDING = "exclusion-end"
Why = ExclusionRefused | NotTheirs


def ask_end(
    exclusion: str, hand: Hand, *, family_was_asked: bool, excluding: Excluding
) -> Order | Why:
    """Ask that it ends, as the family wants; somebody else has to confirm."""
    found = known_to(exclusion, hand.who, excluding)
    if found is None:
        return refuse("end", ExclusionRefused.NOT_THERE, hand, excluding)
    if not family_was_asked:
        return refuse("end", ExclusionRefused.NOT_ASKED, hand, excluding, found)
    return ask_by_two(
        ENDING,
        {"exclusion": found.id, "state": found.state, "asked_for": hand.who.id},
        by=hand.actor,
        hands=excluding,
        carry_out=partial(_carry_out, warranted_by=BOTH_HANDS, excluding=excluding),
    )


def answer(order_id: str, hand: Hand, *, confirms: bool, excluding: Excluding) -> Order | Why:
    """Be the second hand of an end, or the colleague of a fourth name; or decline."""

    def why_not(order: Order) -> ExclusionRefused | None:
        if not confirms or order.status is not OrderStatus.ASKED:
            return None
        why = _why_not_second(order, hand, excluding)
        return None if why is None else refuse("answer", why, hand, excluding)

    return answer_by_two(
        {ENDING, MANY},
        order_id,
        by=hand.actor,
        confirms=confirms,
        hands=excluding,
        why_not=why_not,
        carry_out=partial(_carry_out, warranted_by=hand.actor, excluding=excluding),
    )


def exclusions_of(order: Order, hand: Hand, excluding: Excluding) -> Sequence[RecordedExclusion]:
    """What an order is about, for who may be its second hand and know of it; nothing for others."""
    if order.kind == MANY:
        first = excluding.directory.practitioner(PractitionerId(order.document["asked_for"]))
        if first is None or _why_not_colleague(order, first, hand, excluding) is not None:
            return []
        return _waiting_in(order, excluding)
    found = known_to(order.document["exclusion"], hand.who, excluding)
    return [] if found is None else [found]


def _waiting_in(order: Order, excluding: Excluding) -> Sequence[RecordedExclusion]:
    """What waits in an order for a colleague; of whoever was erased meanwhile nothing does."""
    made = [from_document(one) for one in order.document["exclusions"]]
    return [one for one in made if excluding.deciding.persons.exists(one.person)]


def _why_not_second(order: Order, hand: Hand, excluding: Excluding) -> ExclusionRefused | None:
    first = excluding.directory.practitioner(PractitionerId(order.document["asked_for"]))
    if first is None or not is_another_human(first, hand.who) or hand.actor == order.asked_by:
        return ExclusionRefused.NOT_ANOTHER
    if order.kind == MANY:
        return _why_not_colleague(order, first, hand, excluding)
    found = known_to(order.document["exclusion"], hand.who, excluding)
    if found is None or known_to(found.id, first, excluding) is None:
        return ExclusionRefused.NOT_THERE
    if found.state != order.document["state"]:
        return ExclusionRefused.HAS_CHANGED
    if hand.who.agency_code in _agency_of(found.practitioner, excluding):
        return ExclusionRefused.GAINS
    return ExclusionRefused.SAME_AGENCY if hand.who.agency_code == first.agency_code else None


def _why_not_colleague(
    order: Order, first: SignedInPractitioner, hand: Hand, excluding: Excluding
) -> ExclusionRefused | None:
    """A colleague of the recorder's, or governance: somebody who is not named themselves."""
    made = _waiting_in(order, excluding)
    if not made or any(is_named(one, hand.who, excluding) for one in made):
        return ExclusionRefused.NOT_THERE
    is_colleague = hand.who.agency_code == first.agency_code
    may = is_colleague or hand.who.role is Role.INFORMATION_GOVERNANCE
    return None if may else ExclusionRefused.NOT_THERE


def _agency_of(practitioner: PractitionerId | None, excluding: Excluding) -> Collection[str]:
    found = None if practitioner is None else excluding.directory.practitioner(practitioner)
    return () if found is None else (found.agency_code,)


def _carry_out(order: Order, *, warranted_by: str, excluding: Excluding) -> Order:
    if order.kind == MANY:
        made = _waiting_in(order, excluding)
        since = [replace(one, since=excluding.at, warranted_by=warranted_by) for one in made]
        write(since, LedgerEvent.EXCLUSION_RECORDED, order.asked_by, excluding)
        return order
    found = excluding.protection.exclusion(order.document["exclusion"])
    if found is None:  # nobody changed it since it was looked at: it is locked
        raise LookupError("an exclusion is gone that was there a moment ago")
    ended = replace(found, until=excluding.at, warranted_by=warranted_by, state=found.state + 1)
    write([ended], LedgerEvent.EXCLUSION_ENDED, order.asked_by, excluding)
    return order
