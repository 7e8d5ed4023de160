"""What the source sent in the fields that a fault names, shown to a data steward who says why.

The one place where anything of a parked message is shown but dates that contradict: the fields
named alone, and never by a look at the message. One person's, as a pair side by side is
(deploy/decisions/2026-12-01-values-as-sent.md). Not shown is what somebody's restriction keeps from
this steward, wherever in the message they are named, nor what tells a place.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import zstandard

from connectors.as_sent import (
    NotReadAsSentError,
    SentValue,
    names_a_field,
    tells_a_place,
    values_as_sent,
)
from connectors.ports import Urgency
from connectors.registry import read_messages
from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import field_path
from schemas.identifiers import Identifier, PersonId, nhs_number_identifier
from schemas.records.message import Demographics, SourceMessage, Subject
from schemas.vocabulary import IdentifierStatus, LabelledCode, Role
from services.intake.parked.model import ParkedMessage
from services.intake.parked.showing import ParkedOnlooker, Showing, enter, is_kept_from
from services.platform.errors import KeyUnusableError


class WhyAsSent(LabelledCode):
    """Why a steward wants to see what was sent: codes, so that nothing of it is told beside it."""

    TELL_SOURCE = "tell-source", "I am ringing the source about it, and have to say what is wrong"
    WHOSE_IT_IS = "whose-it-is", "I am finding out whether it is about whom its number names"
    OUR_READER = "our-reader", "I am finding out whether the message or our reader is wrong"


class NothingAsSent(LabelledCode):
    """Why nothing that was sent is shown."""

    NOT_A_DATA_STEWARD = "not-a-data-steward", "Only a data steward may see what was sent"
    NOT_KNOWN = "not-known", "There is no such message, or none that you may see"
    PROTECTED = "protected", "Somebody in it is protected: nothing that was sent is shown to you"
    PLACE = (
        "place",
        "The field tells where somebody is, or how to reach them: that is not shown here",
    )
    NO_FIELD = "no-field", "The fault is of the message as a whole, and of no field of it"
    CANNOT_BE_OPENED = "cannot-be-opened", "The message cannot be opened, or its fields not told"
    NOTHING_SENT = "nothing-sent", "The source sent nothing in that field"


# Whoever is not to know of the message is not told why.
UNKNOWN = frozenset({NothingAsSent.NOT_A_DATA_STEWARD, NothingAsSent.NOT_KNOWN})


@dataclass(frozen=True, slots=True, repr=False)
class ShownAsSent:
    """The fields that the fault names, as the source sent them."""

    values: tuple[SentValue, ...]


_NUMBER: Final = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")
_WITHDRAWN: Final = "redacted"


def show_as_sent(
    parked: str, because: WhyAsSent, who: ParkedOnlooker, *, showing: Showing
) -> ShownAsSent | NothingAsSent:
    """Show what was sent where the fault is; entered before it is shown, as is every refusal.

    (1) Whoever asks is a data steward who has signed in, and the message is there.
    (2) Nobody whom it names is kept from this steward, before anything else of it is told.
    (3) The fault is of a field, which tells no place.
    (4) The message can be opened and its fields told from each other.
    (5) Something stands in the field.
    """
    if who.role is not Role.DATA_STEWARD or not who.sees_dates:  # (1)
        return _refused(NothingAsSent.NOT_A_DATA_STEWARD, None, who, showing)
    message = showing.messages.find(parked)
    if message is None:
        return _refused(NothingAsSent.NOT_KNOWN, None, who, showing)
    content = _opened(message, showing)
    subjects = [] if content is None else _known(message, content, showing)
    if _is_protected(message, subjects, who, showing):  # (2)
        is_hidden = message.may_be_accepted  # its page is not there for them either
        why = NothingAsSent.NOT_KNOWN if is_hidden else NothingAsSent.PROTECTED
        return _refused(why, message, who, showing)
    fields = [field for field in _named(message) if names_a_field(field)]
    found = _values(content, fields)
    if isinstance(found, NothingAsSent):
        return _refused(found, message, who, showing)
    entered: dict[str, FieldValue] = {
        "message": message.ref,
        "fields": [field_path(field) for field in fields],
        "because": because,
        "subjects": subjects,
    }
    enter(LedgerEvent.PARKED_VALUES_SHOWN, entered, who, showing)
    return ShownAsSent(found)


def _named(message: ParkedMessage) -> Iterator[str]:
    """The field at fault, and the one that it contradicts, if it does."""
    yield message.field
    code, _, other = message.reason.partition(":")
    if code == "contradicts" and other:
        yield other


def _opened(message: ParkedMessage, showing: Showing) -> bytes | None:
    try:
        return showing.messages.content(message)
    except (KeyUnusableError, zstandard.ZstdError):
        return None


def _values(content: bytes | None, fields: Sequence[str]) -> tuple[SentValue, ...] | NothingAsSent:
    if not fields:  # (3)
        return NothingAsSent.NO_FIELD
    if all(tells_a_place(field) for field in fields):
        return NothingAsSent.PLACE
    if content is None:  # (4)
        return NothingAsSent.CANNOT_BE_OPENED
    try:
        found = tuple(value for field in fields for value in values_as_sent(content, field))
    except NotReadAsSentError:
        return NothingAsSent.CANNOT_BE_OPENED
    return found or NothingAsSent.NOTHING_SENT  # (5)


def _known(message: ParkedMessage, content: bytes, showing: Showing) -> list[PersonId]:
    """Who in it is known here: by what its reader finds, and by any NHS number anywhere in it.

    Each number is asked about by itself: two that contradict each other name two people.
    """
    numbers = {*_numbers_read(message, content), *_numbers_in(content)}
    asked = [Subject("as-sent", (number,), Demographics()) for number in numbers]
    found = {one.person for one in showing.persons.resolve(asked)}
    return sorted(person for person in found if person is not None)


def _numbers_read(message: ParkedMessage, content: bytes) -> Iterator[Identifier]:
    for received in read_messages(message.source, BytesIO(content), received_at=message.at):
        outcome = received.outcome
        if isinstance(outcome, SourceMessage):
            for subject in outcome.subjects:
                yield from subject.identifiers
        elif outcome.about is not None:
            yield from outcome.about.identifiers


def _numbers_in(content: bytes) -> Iterator[Identifier]:
    for written in _NUMBER.findall(_in_ascii(content)):
        number = nhs_number_identifier(written)
        if number.status is IdentifierStatus.VERIFIED:
            yield number


def _in_ascii(content: bytes) -> str:
    """What of it is written with one byte a character, in UTF-16 too."""
    return content.replace(b"\0", b"").decode("ascii", errors="replace")


def _is_protected(
    message: ParkedMessage, subjects: Sequence[PersonId], who: ParkedOnlooker, showing: Showing
) -> bool:
    """Whether it says so itself, or anybody whom it names is kept from whoever asks."""
    if message.urgency is Urgency.RESTRICTION or message.reason == _WITHDRAWN:
        return True
    return any(is_kept_from(person, who, showing) for person in subjects)


def _refused(
    why: NothingAsSent, message: ParkedMessage | None, who: ParkedOnlooker, showing: Showing
) -> NothingAsSent:
    refs = [] if message is None else [message.ref]
    fields: dict[str, FieldValue] = {"message": refs, "because": why}
    enter(LedgerEvent.PARKED_VALUES_REFUSED, fields, who, showing)
    return why
