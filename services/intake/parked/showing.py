"""What a data steward is shown of what is parked: the list, and the dates that contradict.

Of a message nothing is shown but dates that contradict each other and whether what else is known
agrees: without them nobody could say whose it is. (What was sent in the field at fault is asked for
by itself, with a reason: `as_sent`.) Whoever a restriction leaves out is not told it
from a message that is not there. Every look is entered.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from connectors.publishing.ports import PersonIndex
from connectors.publishing.receiving.doubts import accepted
from connectors.registry import read_messages
from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Clock, Decisions, Ledger
from schemas.identifiers import PersonId
from schemas.records.message import BirthDoubt, SourceMessage, Subject
from schemas.vocabulary import LabelledCode, Role
from services.intake.parked.answering import NotAnswered
from services.intake.parked.model import ParkedMessage, ParkedState
from services.intake.parked.postgres import ParkedMessages


class DateOnRecord(LabelledCode):
    """With which of two dates what other sources say agrees."""

    OWN = "own", "The date in the child’s own details"
    ROUTED = "routed", "The date by which the message was sent"
    NEITHER = "neither", "Neither of them"
    NOT_KNOWN = "not-known", "No date of birth is on record"


@dataclass(frozen=True, slots=True, repr=False)
class Contradiction:
    """Two dates of birth of whom a message is about by its number, and what speaks for which.

    `routed` is empty where the message says only one, and what is on record another. `against` are
    codes of what else is odd (connectors.health_visiting.persons.doubts).
    """

    own: str | None
    routed: tuple[str, ...]
    on_record: DateOnRecord
    is_timed: bool
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ShownParked:
    """One parked message, with what contradicts itself in it where that can be shown."""

    message: ParkedMessage
    contradiction: Contradiction | None


@dataclass(frozen=True, slots=True)
class ParkedOnlooker:
    """Who looks: `id` is on allow-lists or not; an operator is on none and is shown no date."""

    actor: str
    role: Role
    id: str = ""

    @property
    def sees_dates(self) -> bool:
        """Whether it is a person of that role, who has signed in."""
        return bool(self.id)


@dataclass(frozen=True, slots=True)
class Showing:
    """What is shown with, in one transaction."""

    messages: ParkedMessages
    persons: PersonIndex
    decisions: Decisions
    ledger: Ledger
    clock: Clock


def list_parked(
    who: ParkedOnlooker,
    states: Collection[ParkedState],
    *,
    showing: Showing,
    source: str | None = None,
) -> Sequence[ParkedMessage] | NotAnswered:
    """What is parked and stands so, urgent ones first; the look is entered."""
    if who.role is not Role.DATA_STEWARD:
        return _refuse(NotAnswered.NOT_A_DATA_STEWARD, who, showing)
    found = showing.messages.list(source, states)
    enter(LedgerEvent.PARKED_LISTED, {"results": len(found)}, who, showing)
    return found


def show_parked(parked: str, who: ParkedOnlooker, *, showing: Showing) -> ShownParked | NotAnswered:
    """One of them, with the dates that contradict each other, where a steward may see them."""
    if who.role is not Role.DATA_STEWARD:
        return _refuse(NotAnswered.NOT_A_DATA_STEWARD, who, showing)
    message = showing.messages.find(parked)
    if message is None:
        return _refuse(NotAnswered.NOT_KNOWN, who, showing)
    read = _in_doubt(message, showing) if message.may_be_accepted else None
    person, found = (None, None) if read is None else _compared(*read, showing)
    if person is not None and is_kept_from(person, who, showing):
        return _refuse(NotAnswered.NOT_KNOWN, who, showing)
    shown = found if who.sees_dates else None
    subjects = [person] if person is not None and shown is not None else []
    fields: dict[str, FieldValue] = {"message": message.ref, "subjects": subjects}
    enter(LedgerEvent.PARKED_READ, fields, who, showing)
    return ShownParked(message, shown)


def _in_doubt(message: ParkedMessage, showing: Showing) -> tuple[Subject, BirthDoubt] | None:
    """Whom it is about, by number alone, and what is in doubt; None where it cannot be read."""
    content = BytesIO(showing.messages.content(message))
    received = next(iter(read_messages(message.source, content, received_at=message.at)), None)
    outcome = None if received is None else accepted(received).outcome
    if not isinstance(outcome, SourceMessage) or outcome.doubt is None:
        return None
    doubt = outcome.doubt
    return next(s for s in outcome.subjects if s.ref == doubt.subject), doubt


def _compared(
    subject: Subject, doubt: BirthDoubt, showing: Showing
) -> tuple[PersonId | None, Contradiction]:
    days = (doubt.stated, *doubt.routed)
    asked = [_born(subject, None), *(_born(subject, day) for day in days)]
    whoever, own, *routed = showing.persons.resolve(asked)
    if own.is_birth_on_record:
        on_record = DateOnRecord.OWN
    elif any(one.is_birth_on_record for one in routed):
        on_record = DateOnRecord.ROUTED
    else:
        is_other = whoever.person is not None and own.conflict is not None
        on_record = DateOnRecord.NEITHER if is_other else DateOnRecord.NOT_KNOWN
    told = Contradiction(doubt.stated, doubt.routed, on_record, doubt.is_timed, doubt.against)
    return whoever.person, told


def _born(subject: Subject, day: str | None) -> Subject:
    return replace(subject, demographics=replace(subject.demographics, date_of_birth=day))


def is_kept_from(person: PersonId, who: ParkedOnlooker, showing: Showing) -> bool:
    """Whether a restriction in force leaves them out; an operator is shown nothing of anybody."""
    if not who.sees_dates:
        return False
    now = showing.clock.now()
    found = showing.decisions.on_record([person])[person]
    return any(r.is_in_force(now) and who.id not in r.allowed for r in found.restrictions)


def _refuse(why: NotAnswered, who: ParkedOnlooker, showing: Showing) -> NotAnswered:
    enter(LedgerEvent.PARKED_READ_REFUSED, {"because": why}, who, showing)
    return why


def enter(
    event: LedgerEvent, fields: dict[str, FieldValue], who: ParkedOnlooker, showing: Showing
) -> None:
    """Enter what was looked at, or that it was refused, by whoever looks."""
    entry = ledger_entry(event, fields, at=showing.clock.now(), actor=who.actor)
    showing.ledger.append([entry])
