"""Orders of two in words: what is asked, what has become of it, and why an answer is not taken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consent.model import RestrictionScope
from schemas.vocabulary import Role
from services.decisions.protection import changing, ending, excluding, taking_off
from services.lifecycle.erasure import ordering as erasures
from services.lifecycle.erasure.erasing import ErasureGround
from services.lifecycle.erasure.waiting import WAITS
from services.people.governance import reports
from services.people.governance.orders import NotTheirs, Order, OrderStatus
from services.people.presence.model import WithWhom
from services.people.relationships import staff
from services.people.relationships.staff import StaffRefusal
from services.people.staffing.answering import STAFF_KINDS
from services.people.staffing.joining import JOIN
from services.people.staffing.suspending import RESUME
from services.portal.decisions.protection.words import WHY_NOT_EXCLUDED, WHY_NOT_PROTECTED
from services.portal.frame.addresses import ORDERS
from services.portal.front.orders import MOST_LISTED, OrderAnswer, OrderTold
from services.portal.words.cards import Fact, Row, Tag
from services.portal.words.dates import moment_in_words
from services.portal.words.people import record_reference


@dataclass(frozen=True, slots=True, repr=False)
class OrderInWords:
    """One order. `stands` goes on from the tag; `follows` is what comes of it once confirmed."""

    href: str
    heading: str
    tag: Tag
    stands: str
    follows: str
    rows: tuple[Row, ...]
    answers: tuple[tuple[str, str, str], ...]
    """What can be said to it: the code, in words, and what sort of button it is."""


def how_many_wait(told: Sequence[OrderTold]) -> str | None:
    """Write how many orders wait, if any."""
    match len(told):
        case 0:
            return None
        case 1:
            return "Something that somebody else asked for waits for your answer."
        case many:
            more = " or more" if many == MOST_LISTED else ""
            return f"{many}{more} things that others asked for wait for your answer."


def order_lines(told: Iterable[OrderTold]) -> list[OrderInWords]:
    """Write each order."""
    return [order_in_words(one) for one in told]


def order_in_words(told: OrderTold) -> OrderInWords:
    """Write one order."""
    order = told.order
    return OrderInWords(
        href=f"{ORDERS}/{order.id}",
        heading=_heading(told),
        tag=_TAGS[order.status],
        stands=_stands(told),
        follows=_FOLLOWS[order.kind],
        rows=tuple(Row(label, (Fact(text),)) for label, text in _rows(told)),
        answers=tuple(_button(one, order) for one in told.answers),
    )


def why_not_in_words(why: StrEnum) -> str:
    """Write why an answer was not taken."""
    return _WHY.get(why, "This cannot be answered now. Ask for it again")


_TAGS: Mapping[OrderStatus, Tag] = {
    OrderStatus.ASKED: Tag("Asked for", "yellow"),
    OrderStatus.CONFIRMED: Tag("Confirmed", "green"),
    OrderStatus.DECLINED: Tag("Declined", "grey"),
    OrderStatus.STOPPED: Tag("Stopped", "grey"),
    OrderStatus.CARRIED_OUT: Tag("Done", "blue"),
}
_DAYS = WAITS.days
_FOLLOWS: Mapping[str, str] = {
    staff.KIND: (
        "Once you accept it they can sign in there and do what that role does. What somebody holds "
        "by name where they worked before ends with that."
    ),
    RESUME: "Once you accept it they can sign in there again, and do what that role does.",
    JOIN: (
        "Ask them first whether they read a code out to the administrator, today. Once you accept "
        "it whoever has that sign-in works under their name. All accounts that it opens count as "
        "one person’s from then on."
    ),
    erasures.KIND: (
        f"Once it is confirmed it waits {_DAYS} days. Then everything that is held about this "
        "person is deleted and their keys are destroyed: nobody finds anything of them here any "
        "more. It cannot be undone. Until then whoever asked for it or confirmed it can stop it."
    ),
    changing.KIND: (
        "Once it is confirmed it is so, at once: nobody else is shown anything by it, or told that "
        "there is anything. What lets anybody see more needs that the protected person was asked."
    ),
    ending.ENDING: (
        "Once it is confirmed the worker can work with this family again. It takes two people of "
        "two agencies, the second one not of the worker’s, and that the family wants it."
    ),
    excluding.MANY: (
        "Whoever wrote it down had written down three that day about which nobody has asked the "
        "family yet. Once it is confirmed the worker sees nothing of this family any more."
    ),
    taking_off.KIND: (
        "Confirm it only when you have seen the order or the paper yourself, or have asked the "
        "court, the authority or the service that holds it: by a number of your own, not by what "
        "you were given. Once it is confirmed it is so, at once. Whoever the page belongs to is "
        "not told, and not told who asked; nobody else’s page changes."
    ),
    reports.KIND: (
        "Once it is confirmed it can be made, by whoever asked for it. They are told by a contact "
        "that a source has held for a while that it is ready, and fetch it."
    ),
}
_CONTACTS = {
    "email": "An address of e-mail that a source holds",
    "mobile": "A mobile number that a source holds",
}
_WHY: Mapping[StrEnum, str] = {
    **WHY_NOT_PROTECTED,
    **WHY_NOT_EXCLUDED,
    taking_off.TakingRefusal.SAME_AGENCY: "An officer of another agency has to confirm it",
    NotTheirs.ASKED_IT: "Somebody else has to confirm what you asked for",
    NotTheirs.ANSWERED: "Somebody has answered it already",
    NotTheirs.LAPSED: "Nobody answered it in time. It has to be asked for again",
    NotTheirs.NEITHER: "Only who asked for it or confirmed it can stop it",
    StaffRefusal.REF_TAKEN: (
        "Somebody else in this agency has that reference. Ask for it again with another"
    ),
    StaffRefusal.TWO_DUTIES: (
        "Somebody of that name has an account that does not go with this one. Whoever checks "
        "others opens no records"
    ),
    StaffRefusal.SUSPENDED: "They are suspended. That has to end first",
    StaffRefusal.NOT_SUSPENDED: "They are not suspended any more",
    StaffRefusal.WORKS_NOWHERE: (
        "They do not work in this agency. If that waits to be accepted too, accept it first"
    ),
    StaffRefusal.JOINED: "That sign-in opens the account already",
    StaffRefusal.OPENS_MORE: (
        "That sign-in has come to open other accounts meanwhile. It has to be asked for again"
    ),
    StaffRefusal.ASKED_BY_NONE: (
        "Whoever asked for it is an administrator no more. Decline it; another has to ask for it"
    ),
    StaffRefusal.ENDED_SINCE: (
        "They were taken out after it was asked for. It has to be asked for again"
    ),
    StaffRefusal.OWN: "It is your own sign-in, or your own account. Somebody else has to accept it",
    StaffRefusal.NOT_KNOWN: "There is nobody to be accepted any more",
}


def _heading(told: OrderTold) -> str:
    match told.order.kind:
        case str(kind) if kind in STAFF_KINDS:
            return _heading_of_staff(told)
        case erasures.KIND:
            return f"Erase everything about record {_reference(told)}"
        case changing.KIND:
            lifts = told.order.document["allowed"] is None
            what = "End a restriction" if lifts else "Let a restriction last, for a list"
            return f"{what}{_of(told)}"
        case ending.ENDING | excluding.MANY as kind:
            ends = kind == ending.ENDING
            return f"{'End an exclusion' if ends else 'A worker whom a family named'}{_of(told)}"
        case taking_off.KIND:
            what = taking_off.TakingAct(told.order.document["act"]).label
            return f"{what}{_of(told)}"
        case _:
            return f"Report of what is held about record {_reference(told)}"


def _heading_of_staff(told: OrderTold) -> str:
    name = told.worker.name if told.worker else "Somebody"
    if told.order.kind == staff.KIND:
        agency = told.worker.agency if told.worker else told.order.document["agency"]
        return f"{name} is to work in {agency}"
    return f"{name} is to {'be let in again' if told.order.kind == RESUME else 'have a sign-in'}"


def _rows(told: OrderTold) -> Iterable[tuple[str, str]]:
    document, worker = told.order.document, told.worker
    match told.order.kind:
        case staff.KIND:
            if worker is not None:
                yield "Job title", worker.job_title
            yield "Role", Role(document["role"]).label
            yield "The agency’s own reference", document["worker_ref"] or "None"
            yield "Works now as", (worker and worker.works_now) or "Nobody yet"
        case str(kind) if kind in STAFF_KINDS:
            if worker is not None:
                yield "Job title", worker.job_title
                yield "Agency", worker.agency
                yield "Works now as", worker.works_now or "Nobody: nothing opens for them"
            if kind == JOIN:
                yield "Signs in by", document["provider"]
                yield "That sign-in also opens", "; ".join(told.people) or "No other account"
        case erasures.KIND:
            yield "Because", ErasureGround(document["because"]).label
            also = len(document["also"])
            yield "Goes too", f"{also} joined with them" if also else "Nobody else"
        case changing.KIND:
            yield "What it protects", RestrictionScope(document["scope"]).label
            yield "Who may see it then", "; ".join(told.people) or "Whoever else may"
            asked = "Yes" if document["asked_safely"] else "No"
            yield "The protected person was asked safely", asked
        case taking_off.KIND:
            is_own = document["person"] == document["child"]
            yield "Whose page", "; ".join(told.people) or ("Theirs" if is_own else "Not told here")
            yield "Because", taking_off.TakingBecause(document["because"]).label
        case ending.ENDING | excluding.MANY:
            yield "The worker whom the family named", "; ".join(told.people) or "Not told any more"
        case _:
            yield "For", WithWhom(document["held_as"]).label if document["held_as"] else "A parent"
            yield "Told by", _CONTACTS.get(document["contact"] or "", "Nothing: they are invented")
    yield "Asked for by", told.asked_by[:1].upper() + told.asked_by[1:]


def _stands(told: OrderTold) -> str:
    order = told.order
    since = "" if order.known_at is None else f" on {moment_in_words(order.known_at)}"
    match order.status:
        case OrderStatus.ASKED if told.is_over:
            return f"Nobody answered it until {moment_in_words(order.lapses_at)}. It is over."
        case OrderStatus.ASKED:
            return f"It can be answered until {moment_in_words(order.lapses_at)}, then it is over."
        case OrderStatus.CONFIRMED if order.kind == erasures.KIND and order.known_at is not None:
            earliest = moment_in_words(order.known_at + WAITS)
            by = f"by {told.answered_by}{since}."
            return f"{by} It is carried out on {earliest} or later."
        case OrderStatus.CARRIED_OUT:
            return f"{since.removeprefix(' ')}; confirmed by {told.answered_by}."
        case _:
            return f"by {told.answered_by}{since}."


def _button(answer: OrderAnswer, order: Order) -> tuple[str, str, str]:
    is_accepting = order.kind in STAFF_KINDS and answer is OrderAnswer.CONFIRM
    text = "Accept" if is_accepting else answer.label
    is_grave = order.kind == erasures.KIND and answer is OrderAnswer.CONFIRM
    usual = "" if answer is not OrderAnswer.DECLINE else "govuk-button--secondary"
    return answer.value, text, "govuk-button--warning" if is_grave else usual


def _of(told: OrderTold) -> str:
    """Whose record it is about, while they may be told of it."""
    return "" if told.person is None else f": record {record_reference(told.person)}"


def _reference(told: OrderTold) -> str:
    return record_reference(told.order.document["person"])
