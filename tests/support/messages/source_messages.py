"""Messages as mappers make them, built from what a case cares about."""

from dataclasses import replace
from typing import Any

from schemas.records.message import Record, SourceMessage, Subject, Version, clearing
from schemas.records.payloads import Involvement, Occurrence, OccurrenceKind, Payload, Period
from schemas.vocabulary import Action, Category, Source
from tests.support.fakes.in_process import AGENCY, by_number

CHILD_NUMBER = "9990000018"
MOTHER_NUMBER = "9990000026"
FATHER_NUMBER = "9990000034"
A_REVIEW = Occurrence(OccurrenceKind.REVIEW, "A review", Period("2026-01-01"))
A_VISITOR = Involvement("Health visiting", agency_code=AGENCY)


def a_message(
    message_id: str,
    *records: Record,
    at: str = "2026-01-01T00:00:00Z",
    subjects: tuple[Subject, ...] | None = None,
    source: Source = Source.HEALTH_VISITING,
    removes_subject: bool = False,
) -> SourceMessage:
    """Build a message: by default of health visiting, about the child."""
    about = subjects or (the_child(),)
    return SourceMessage(source, message_id, Version(at), about, records, removes_subject)


def a_record(
    source_id: str,
    payload: Payload = A_REVIEW,
    category: Category = Category.CHILD_HEALTH,
    *subjects: str,
    **more: Any,
) -> Record:
    """Build a record: by default a review of the child."""
    return Record(source_id, category, subjects or ("child",), payload, **more)


def a_removal(source_id: str, category: Category = Category.CHILD_HEALTH) -> Record:
    """Build the removal of a record of the child."""
    return Record(source_id, category, ("child",), None, Action.REMOVE)


def a_clearing(scope: str, *scopes: str, **more: Any) -> Record:
    """Build the clearing of a scope of the child, which lies in `scopes`."""
    return clearing(scope, Category.CHILD_HEALTH, ("child",), scopes=scopes, **more)


def the_child() -> Subject:
    """Build the child, by NHS number."""
    return by_number(CHILD_NUMBER)


def the_family() -> tuple[Subject, Subject, Subject]:
    """Build child, mother and father, by NHS number."""
    return (
        the_child(),
        replace(by_number(MOTHER_NUMBER, "1996-02-11"), ref="mother"),
        replace(by_number(FATHER_NUMBER, "1994-08-30"), ref="father"),
    )
