"""Whose a message is that contradicts itself about when they were born.

Its verified number and its name say who is meant; a date that agrees with the one by which it was
routed has to say so too: its own time of birth, or the date on record. Then what was found or done
is published, marked, and nothing of who they are. Otherwise it parks, and a steward and a second
one say whether it is about whom its number names (deploy/decisions/
2026-11-30-contradictions-have-a-way-on.md).
"""

from collections.abc import Sequence
from dataclasses import replace

from connectors.ports import Received
from connectors.publishing.ports import Likenesses, PersonIndex, ResolvedSubject
from connectors.publishing.typed import place_of_case
from schemas.records.message import BirthDoubt, Record, SourceMessage, Subject
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, Label

SETTLED = "dates-contradict"
"""What the disposition of a message says that was published although its dates contradict."""
_BORN_OTHERWISE = ("subject", "contradicts:date-of-birth")
_DOUBTFUL = frozenset({Label.DATES_CONTRADICT})


def accepted(received: Received) -> Received:
    """The same, of whom its number names whatever dates it gives: two hands have said so.

    Neither date is learnt, nor details that would take the place of those with one.
    """
    message = received.outcome
    if not isinstance(message, SourceMessage) or not message.subjects:
        return received
    doubt = message.doubt
    if doubt is None:
        message, doubt = _without_birth(message)
    outcome = replace(message, doubt=replace(doubt, is_accepted=True))
    return replace(received, outcome=outcome)


def is_settled(
    message: SourceMessage,
    subjects: Sequence[ResolvedSubject],
    *,
    persons: PersonIndex,
    likenesses: Likenesses,
) -> bool:
    """Whether nobody has to say whose a message is.

    (1) Nothing is in doubt, or it was accepted.
    (2) Nothing leaves it to a steward: another name, a placeholder, a multiple birth.
    (3) A day by which it was routed is that on record, or of its own time of birth; not another.
    (4) Nobody else is on record who could be a twin born on either day.
    """
    doubt = message.doubt
    if doubt is None or doubt.is_accepted:  # (1)
        return True
    if doubt.against:  # (2)
        return False
    place = next(n for n, s in enumerate(message.subjects) if s.ref == doubt.subject)
    subject, person = message.subjects[place], subjects[place].person
    if not _is_born_as_routed(subject, doubt, persons):  # (3)
        return False
    days = [*doubt.routed, *((doubt.stated,) if doubt.stated else ())]
    return not likenesses.may_have_twin(subject, person, days)  # (4)


def without_identity(message: SourceMessage) -> SourceMessage:
    """What was found or done alone: of who they are nothing is taken from a doubtful message."""
    doubt = message.doubt
    if doubt is None or doubt.is_accepted:
        return message
    kept = tuple(record for record in message.records if not _says_who_they_are(record, doubt))
    return replace(message, records=kept)


def _says_who_they_are(record: Record, doubt: BirthDoubt) -> bool:
    is_theirs = record.subjects[0] == doubt.subject
    return is_theirs and record.category is Category.IDENTITY_AND_CONTACT


def _is_born_as_routed(subject: Subject, doubt: BirthDoubt, persons: PersonIndex) -> bool:
    asked = [_born(subject, day) for day in doubt.routed]
    found = persons.resolve(asked)
    if any(one.is_birth_on_record for one in found):
        return True
    return doubt.is_timed and any(one.conflict is None for one in found)


def _born(subject: Subject, day: str | None) -> Subject:
    return replace(subject, demographics=replace(subject.demographics, date_of_birth=day))


def _without_birth(message: SourceMessage) -> tuple[SourceMessage, BirthDoubt]:
    """A message that contradicts what is on record, as one whose date is not believed."""
    place = place_of_case(message)
    subject = message.subjects[place]
    doubt = BirthDoubt(*_BORN_OTHERWISE, subject.ref, stated=subject.demographics.date_of_birth)
    subjects = tuple(_born(s, None) if s is subject else s for s in message.subjects)
    records = tuple(
        replace(record, labels=record.labels | _DOUBTFUL)
        for record in message.records
        if not (record.subjects[0] == subject.ref and isinstance(record.payload, PersonDetails))
    )
    return replace(message, subjects=subjects, records=records), doubt
