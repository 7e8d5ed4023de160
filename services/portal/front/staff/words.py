"""Who works where, in words: lines of agencies and people, what waits, and why something is not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.identifiers import PractitionerId
from schemas.vocabulary import SERVICES_HERE, Role
from services.people.governance.orders import Order
from services.people.practitioners.memberships import Membership
from services.people.practitioners.postgres_directory import Agency
from services.people.relationships import staff
from services.people.relationships.staff import StaffRefusal
from services.people.staffing.importing import NotFromAList, RowAnswer, RowOutcome
from services.people.staffing.joining import CODES_AN_HOUR, JOIN
from services.people.staffing.lists_of_staff import CellFault
from services.people.staffing.suspending import RESUME
from services.portal.frame.addresses import ORDERS, STAFF
from services.portal.front.staff.services import AgencyTold, Member, PersonTold, StaffAct, StateTold
from services.portal.words.cards import Tag
from services.portal.words.dates import moment_in_words, uk_day_in_words

SUSPENDED = Tag("Suspended", "red")


def agency_address(code: str) -> str:
    """Where an agency's people are."""
    return f"{STAFF}/agencies/{code}"


def person_address(practitioner: PractitionerId) -> str:
    """Where somebody is."""
    return f"{STAFF}/people/{practitioner}"


@dataclass(frozen=True, slots=True, repr=False)
class StaffLine:
    """A link, and what is known beside it."""

    text: str
    href: str
    more: str
    tag: Tag | None = None


@dataclass(frozen=True, slots=True, repr=False)
class MembershipInWords:
    """A state of a membership: what it is, and since when by whom."""

    what: str
    by: str


def agency_lines(agencies: Iterable[Agency]) -> list[StaffLine]:
    """Write each agency."""
    return [
        StaffLine(one.name, agency_address(one.code), f"{one.kind.label}, {one.code}")
        for one in agencies
    ]


def member_lines(told: AgencyTold) -> list[StaffLine]:
    """Write each of its people on this page."""
    return [_member_line(one) for one in told.people]


def _member_line(one: Member) -> StaffLine:
    works = one.membership
    signs_in = ", ".join(one.providers) or "no sign-in joined yet"
    more = f"{works.role.label}, {one.job_title}; since {uk_day_in_words(works.since)}; {signs_in}"
    tag = SUSPENDED if works.suspended_at is not None else None
    return StaffLine(one.name, person_address(works.practitioner), more, tag)


def waiting_lines(orders: Iterable[Order]) -> list[StaffLine]:
    """Write what waits to be accepted."""
    return [
        StaffLine(_what_waits(one), f"{ORDERS}/{one.id}", f"until {moment_in_words(one.lapses_at)}")
        for one in orders
    ]


def _what_waits(order: Order) -> str:
    match order.kind:
        case staff.KIND:
            return f"Somebody is to be {Role(order.document['role']).label.lower()}"
        case str(kind) if kind == JOIN:
            return f"A sign-in by {order.document['provider']} is to open an account"
        case str(kind) if kind == RESUME:
            return "Somebody is to be let in again"
        case _:
            return "Something about staff"


def state_lines(told: PersonTold) -> list[MembershipInWords]:
    """Write the history of where somebody works, the newest first."""
    return [_state_line(one) for one in reversed(told.states)]


def _state_line(one: StateTold) -> MembershipInWords:
    works = one.membership
    what = f"{works.role.label} in {one.agency}"
    if works.until is not None:
        what += f", until {moment_in_words(works.until)}"
    elif works.suspended_at is not None:
        what += f", suspended {moment_in_words(works.suspended_at)}"
    hands = f"asked for by {one.asked_by}"
    if one.warranted_by != one.asked_by:
        hands += f", accepted by {one.warranted_by}"
    return MembershipInWords(what, f"Since {moment_in_words(works.since)}; {hands}")


@dataclass(frozen=True, slots=True, repr=False)
class Button:
    """Something that can be done at once, or asked for."""

    act: StaffAct
    text: str
    classes: str


def buttons(now: Membership | None, *, is_administrator: bool, signs_in: bool) -> list[Button]:
    """What can be done about somebody by whoever looks; a lead lets nobody in again alone."""
    if now is None:
        return []
    first = StaffAct.SUSPEND if now.suspended_at is None else StaffAct.RESUME
    acts = [first] if first is StaffAct.SUSPEND or is_administrator else []
    acts += [StaffAct.PART] if signs_in else []
    acts.append(StaffAct.END)
    return [Button(act, act.label, _CLASSES[act]) for act in acts]


_CLASSES: Mapping[StaffAct, str] = {
    StaffAct.SUSPEND: "govuk-button--secondary",
    StaffAct.RESUME: "govuk-button--secondary",
    StaffAct.PART: "govuk-button--secondary",
    StaffAct.END: "govuk-button--warning",
}
DONE: Mapping[str, str] = {
    "asked": "It is asked for. A lead of the agency accepts it.",
    StaffAct.SUSPEND: "Nothing opens for them any more.",
    StaffAct.RESUME: "It is asked for. A lead of the agency accepts it.",
    StaffAct.END: "They work there no more.",
    StaffAct.PART: "No sign-in opens this account any more.",
    "agency": "The agency is entered. Add its first lead.",
}


def why_not_in_words(why: StrEnum) -> str:
    """Write why something is not done, and what to do."""
    return _WHY.get(why, "This cannot be done now")


_WHY: Mapping[StrEnum, str] = {
    StaffRefusal.AGENCY_NOT_KNOWN: "There is no agency with this code",
    StaffRefusal.WORKS_HERE: "They work somewhere already. Change that instead",
    StaffRefusal.WORKS_NOWHERE: "They work nowhere now",
    StaffRefusal.REF_TAKEN: "Somebody else in this agency has that reference",
    StaffRefusal.TWO_DUTIES: (
        "They, or somebody of that name, have an account that does not go with this. Whoever "
        "checks others opens no records"
    ),
    StaffRefusal.NO_LEAD: "This agency has no lead yet. Add its first lead before others",
    StaffRefusal.OWN: "You cannot do this for yourself. Ask another administrator",
    StaffRefusal.SUSPENDED: "They are suspended. That has to end first",
    StaffRefusal.NOT_SUSPENDED: "They are not suspended",
    StaffRefusal.NOT_THEIRS: "This is for an administrator",
    StaffRefusal.MISTYPED: "There is a typing error in this code. Ask them to read it out again",
    StaffRefusal.NO_CODE: (
        "This code finds nobody. It may be over, or they may have a newer one: ask them to sign "
        "in again and to read out the code that they see"
    ),
    StaffRefusal.TOO_MANY: f"You have tried {CODES_AN_HOUR} codes in an hour. Try again later",
    StaffRefusal.JOINED: "That sign-in opens this account already",
    StaffRefusal.NOT_JOINED: "No sign-in opens this account",
    NotFromAList.NO_PROVIDER: "is no provider of sign-in that is known here",
    NotFromAList.TWO_OF_NAME: "is more than one person’s here. Give their reference",
    NotFromAList.ANOTHER_NAME: "is not the name of whoever has that reference or sign-in",
    NotFromAList.DETAILS: "is changed by command alone",
}


@dataclass(frozen=True, slots=True, repr=False)
class StaffListInWords:
    """What a list comes to: how many of each, and each row that is refused."""

    counts: str
    refused: tuple[str, ...]


def list_in_words(answers: Sequence[RowAnswer]) -> StaffListInWords:
    """Write what became of a list, or would."""
    counts = [f"{sum(a.outcome is one for a in answers)} {one}" for one in RowOutcome]
    refused = tuple(
        f"Row {one.number}, {one.field}: {_why_row(one.why)}"
        for one in answers
        if one.outcome is RowOutcome.REFUSED
    )
    return StaffListInWords(", ".join(counts), refused)


def _why_row(why: StrEnum | None) -> str:
    if isinstance(why, CellFault):
        return why.label
    return _WHY.get(why, "cannot be asked for") if why is not None else "cannot be asked for"


KINDS = SERVICES_HERE
