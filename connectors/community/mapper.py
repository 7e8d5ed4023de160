"""How a request to a service stands, as a source message: whoever answered, and by which door.

Pure. Its persons are known here, so nobody has to be looked for: a subject's ref is the person's
own opaque id. What the service wrote is a second record, kept to those who may see the first.
"""

from dataclasses import dataclass
from datetime import date, datetime

from connectors.publishing.written import instant
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Record, SourceMessage, Subject, Version
from schemas.records.payloads import ConnectionReport, ReportedStatus, StoryEntry
from schemas.records.published import KeptTo, kept_to_category
from schemas.vocabulary import Action, Category, Source

KEPT_TO_EARLY_HELP: frozenset[KeptTo] = frozenset({kept_to_category(Category.EARLY_HELP)})
"""Whoever may not see that a service was asked reads nothing that it says either."""


@dataclass(frozen=True, slots=True, repr=False)
class SaidByService:
    """What a service wrote: in which change of the request, and who they are to it."""

    text: str
    counter: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Reported:
    """How a request stands by its own count of changes, and what the service wrote with them.

    `at` is when it was changed, never before an earlier change. `is_in_error`: it was entered in
    error, so that nothing of it is to stand.
    """

    connection: str
    counter: int
    at: datetime
    persons: tuple[PersonId, ...]
    service: str
    service_ref: str
    partner: str | None
    asked_by: str
    asked_on: date
    status: ReportedStatus
    since: date
    reason_code: str | None = None
    contacted_on: date | None = None
    next_step: str | None = None
    words: tuple[SaidByService, ...] = ()
    is_in_error: bool = False


def source_message_from_reported(told: Reported) -> SourceMessage:
    """One record of the request for all who are named in it, and one of each thing written."""
    refs = tuple(str(person) for person in told.persons)
    return SourceMessage(
        source=Source.COMMUNITY,
        message_id=f"{told.connection}/{told.counter}",
        version=Version(instant(told.at), told.counter),
        subjects=tuple(Subject(ref, (), Demographics()) for ref in refs),
        records=(_report(told, refs), *(_words(told, one, refs) for one in told.words)),
    )


def _report(told: Reported, refs: tuple[str, ...]) -> Record:
    if told.is_in_error:
        return Record(told.connection, Category.EARLY_HELP, refs, None, Action.REMOVE)
    report = ConnectionReport(
        service=told.service,
        service_ref=told.service_ref,
        asked_by=told.asked_by,
        asked_on=told.asked_on.isoformat(),
        status=told.status,
        since=told.since.isoformat(),
        partner=told.partner,
        reason_code=told.reason_code,
        contacted_on=None if told.contacted_on is None else told.contacted_on.isoformat(),
        next_step=told.next_step,
    )
    return Record(told.connection, Category.EARLY_HELP, refs, report)


def _words(told: Reported, words: SaidByService, refs: tuple[str, ...]) -> Record:
    key = f"{told.connection}/words/{words.counter}"
    if told.is_in_error:
        return Record(key, Category.STORY, refs, None, Action.REMOVE)
    said = told.partner or told.service
    entry = StoryEntry(
        text=words.text,
        told_by=said,
        written_by=f"{words.by}, {said}",
        written_at=instant(words.at),
    )
    return Record(key, Category.STORY, refs, entry)
