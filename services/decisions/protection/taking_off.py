"""Taking a child off somebody's own page, or turning all of their page off: an order of two hands.

Who works with a child asks, of an adult whom a source names for that child; a confirming officer of
another agency confirms, who has seen for themselves what it rests on. Neither is of that adult's or
the child's own people. Whoever loses it is told nothing: their page is what it would be if no
source named them. Nobody else's page changes by it. To give a child back takes two hands as well.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from connectors.publishing.telling.decider_ports import ToldResponsibility
from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode, Role
from services.decisions.protection.hands import Hand, works_with
from services.people.deciders.documents import responsibility_from
from services.people.deciders.naming import references_of
from services.people.family_access.giving import end_access
from services.people.family_access.letting_see.postgres_taken_off import TakenOff, TakenOffStanding
from services.people.family_access.model import AccessEnd
from services.people.family_access.ports import FamilyDoor
from services.people.governance.orders import (
    NotTheirs,
    Order,
    OrderStatus,
    answer_by_two,
    ask_by_two,
)
from services.people.governance.postgres import PostgresOrders
from services.people.practitioners.people import is_another_human, is_one_name

KIND = "own-page-off"
_KEY_DIGITS = 32


class TakingAct(LabelledCode):
    """What is asked for."""

    CHILD = "child", "Take this child off their own page"
    PAGE = "page", "Turn all of their own page off"
    BACK = "back", "Let their own page show this child again"


class TakingBecause(LabelledCode):
    """What it rests on, which whoever confirms has seen for themselves."""

    NOT_RESPONSIBLE = "not-responsible", "They have no responsibility any more"
    COURT = "court", "A court has ordered it"
    DANGER = "danger", "It puts the child or somebody else in danger"
    NUMBER_PASSED_ON = "number-passed-on", "Their number or address is somebody else’s now"
    LOST = "lost", "Their telephone is lost, or somebody has taken it"
    PUT_RIGHT = "put-right", "It does not hold any more, or never did"


class TakingRefusal(StrEnum):
    """Why nothing was done: for the ledger, and for who confirms."""

    NOT_THERE = "is-not-there"
    GAINS = "gains-by-it"
    SO_ALREADY = "is-so-already"
    ASKED_ALREADY = "was-asked-already"
    NOT_ANOTHER = "is-the-same-person"
    SAME_AGENCY = "is-of-the-same-agency"


@dataclass(frozen=True, slots=True)
class AskTaking:
    """Order: about whom a worker asks, whose page by the key of its list, what, and why."""

    person: PersonId
    key: str
    act: TakingAct
    because: TakingBecause


@dataclass(frozen=True, slots=True, repr=False)
class OwnPageOf:
    """Whose page may be asked about. Whether they have one, or ever had, is told to nobody."""

    key: str
    person: PersonId
    name: str | None
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """What it is asked and answered with, in one transaction. TwoHands.

    An order is one of pages alone: nowhere is one command both its hands.
    """

    door: FamilyDoor
    orders: PostgresOrders
    is_demonstration: bool = False

    @property
    def at(self) -> datetime:
        """The one moment of it."""
        return self.door.at

    @property
    def ledger(self) -> Ledger:
        """Where everything is entered."""
        return self.door.here.ledger


Why = TakingRefusal | NotTheirs


def pages_to_ask_about(
    person: PersonId, hand: Hand, *, taking: Taking
) -> Sequence[OwnPageOf] | None:
    """The person themselves, then whom a source names for them. None for a stranger; both entered.

    Nobody who is protected, has died, or is hidden from who asks is listed.
    """
    relationships = taking.door.here.relationships
    if not works_with(hand.who, person, relationships):
        _refuse("list", TakingRefusal.NOT_THERE, hand, taking, person)
        return None
    named = _named(person, taking.door)
    opened = relationships.may_open(hand.who.id, list(named)) if named else {}
    shown = {one: name for one, name in named.items() if not opened[one].is_restricted}
    off = _off(person, taking.door)
    fields: dict[str, FieldValue] = {"subjects": [person], "people": len(shown)}
    _enter(LedgerEvent.FAMILY_TAKINGS_LISTED, fields, hand, taking)
    found = [
        OwnPageOf(_key(person, one, taking), one, name, is_off=one in off)
        for one, name in shown.items()
    ]
    return [OwnPageOf(_key(person, person, taking), person, None), *found]


def ask_taking(command: AskTaking, hand: Hand, *, taking: Taking) -> Order | TakingRefusal:
    """Ask; somebody else confirms within 14 days, or it lapses.

    (1) Of a child they work with, and a page on their list; (2) by nobody who is one of the family;
    (3) what is not so yet; (4) once. Whatever comes of it, who asks is told the same.
    """
    listed = pages_to_ask_about(command.person, hand, taking=taking) or ()
    found = next((one for one in listed if one.key == command.key), None)
    why: TakingRefusal | None = None
    if found is None or (found.name is None and command.act is not TakingAct.PAGE):  # (1)
        return _refuse("ask", TakingRefusal.NOT_THERE, hand, taking, command.person)
    document = {
        "act": command.act.value,
        "person": found.person,
        "child": command.person,
        "because": command.because.value,
        "asked_for": hand.who.id,
    }
    if _is_of_family(hand, command.person, taking.door):  # (2)
        why = TakingRefusal.GAINS
    elif command.act is not TakingAct.PAGE and found.is_off is (command.act is TakingAct.CHILD):
        why = TakingRefusal.SO_ALREADY  # (3)
    elif any(_is_same(one, document, taking) for one in taking.orders.of_kinds(KIND)):  # (4)
        why = TakingRefusal.ASKED_ALREADY
    if why is not None:
        return _refuse("ask", why, hand, taking, command.person)
    carry_out = partial(_carry_out, taking=taking)
    return ask_by_two(KIND, document, by=hand.actor, hands=taking, carry_out=carry_out)


def answer_taking(order_id: str, hand: Hand, *, confirms: bool, taking: Taking) -> Order | Why:
    """Be the second hand, or decline."""

    def why_not(order: Order) -> TakingRefusal | None:
        if not confirms or order.status is not OrderStatus.ASKED:
            return None
        why = why_not_second(order, hand, taking=taking)
        if why is None:
            return None
        return _refuse("confirm", why, hand, taking, PersonId(order.document["child"]))

    return answer_by_two(
        {KIND},
        order_id,
        by=hand.actor,
        confirms=confirms,
        hands=taking,
        why_not=why_not,
        carry_out=partial(_carry_out, taking=taking),
    )


def why_not_second(order: Order, hand: Hand, *, taking: Taking) -> TakingRefusal | None:
    """Why this hand may not confirm: it has to be a confirming officer who gains nothing by it."""
    door, child = taking.door, PersonId(order.document["child"])
    first = door.here.directory.practitioner(PractitionerId(order.document["asked_for"]))
    if hand.who.role is not Role.CONFIRMING_OFFICER or not door.here.persons.exists(child):
        return TakingRefusal.NOT_THERE
    if first is None or not is_another_human(first, hand.who) or hand.actor == order.asked_by:
        return TakingRefusal.NOT_ANOTHER
    if first.agency_code == hand.who.agency_code:
        return TakingRefusal.SAME_AGENCY
    return TakingRefusal.GAINS if _is_of_family(hand, child, door) else None


def named_in(order: Order, *, taking: Taking) -> str | None:
    """What a source calls whose page it is, for who confirms; None where nobody may be told."""
    child, person = PersonId(order.document["child"]), PersonId(order.document["person"])
    return _named(child, taking.door).get(min(taking.door.clusters.all_of([person])))


def _named(child: PersonId, door: FamilyDoor) -> Mapping[PersonId, str]:
    """Who has responsibility by a source now, each once, by the name that it tells."""
    ones, today = door.clusters.all_of([child]), uk_day(door.at)
    found: dict[PersonId, str] = {}
    for fact in door.kept_of(child):
        if fact.other is None or fact.other in ones:
            continue
        held = responsibility_from(fact, today, lambda n: references_of(n, door.here.hasher))
        if held is not None and isinstance(fact.said, ToldResponsibility):
            found.setdefault(min(door.clusters.all_of([fact.other])), fact.said.name)
    dead = door.facts.have_died(list(found)) if found else frozenset()
    return {
        one: name
        for one, name in sorted(found.items())
        if one not in dead and not door.is_protected(one)
    }


def _is_of_family(hand: Hand, child: PersonId, door: FamilyDoor) -> bool:
    """Whether somebody of their name stands in the child's record, as having responsibility."""
    told = (fact.said for fact in door.kept_of(child))
    return any(
        isinstance(said, ToldResponsibility) and is_one_name(said.name, hand.who.name)
        for said in told
    )


def _off(child: PersonId, door: FamilyDoor) -> Collection[PersonId]:
    about = door.taken_off.about(door.clusters.all_of([child]))
    return {min(door.clusters.all_of([one.other])) for one in about}


def _key(child: PersonId, other: PersonId, taking: Taking) -> str:
    return taking.door.here.hasher.opaque("taken-off", child, other)[:_KEY_DIGITS]


def _is_same(order: Order, document: Mapping[str, str], taking: Taking) -> bool:
    same = all(order.document[name] == document[name] for name in ("act", "person", "child"))
    return same and order.is_waiting(taking.at)


def _carry_out(order: Order, *, taking: Taking) -> Order:
    door, by = taking.door, order.answered_by or order.asked_by
    child, person = PersonId(order.document["child"]), PersonId(order.document["person"])
    match TakingAct(order.document["act"]):
        case TakingAct.PAGE:
            end_access(person, AccessEnd.BY_TWO, by=by, door=door)
        case TakingAct.CHILD:
            new = TakenOff(
                str(new_entry_id(door.at)),
                1,
                child,
                person,
                TakenOffStanding.OFF,
                order.document["because"],
                order.id,
                door.at,
            )
            _write(new, LedgerEvent.FAMILY_CHILD_TAKEN_OFF, by, door)
        case TakingAct.BACK:
            ones = door.clusters.all_of([person])
            for one in door.taken_off.about(door.clusters.all_of([child])):
                if one.other in ones:
                    back = replace(
                        one,
                        state=one.state + 1,
                        standing=TakenOffStanding.GIVEN_BACK,
                        because=order.document["because"],
                        order=order.id,
                        known_at=door.at,
                    )
                    _write(back, LedgerEvent.FAMILY_CHILD_GIVEN_BACK, by, door)
    return order


def _write(one: TakenOff, event: LedgerEvent, by: str, door: FamilyDoor) -> None:
    door.taken_off.write(one, by=by)
    fields: dict[str, FieldValue] = {
        "taking": one.id,
        "order": one.order,
        "subjects": [one.person],
        "seen_by": [one.other],
    }
    door.enter(event, fields, by=by)


def _enter(event: LedgerEvent, fields: dict[str, FieldValue], hand: Hand, taking: Taking) -> None:
    taking.ledger.append([ledger_entry(event, fields, at=taking.at, actor=hand.actor)])


def _refuse(
    act: str,
    why: TakingRefusal,
    hand: Hand,
    taking: Taking,
    about: PersonId,
) -> TakingRefusal:
    """Enter that nothing was done, and why; gives that back."""
    fields: dict[str, FieldValue] = {
        "act": act,
        "because": why.value,
        "subjects": [about],
    }
    _enter(LedgerEvent.FAMILY_TAKING_REFUSED, fields, hand, taking)
    return why
