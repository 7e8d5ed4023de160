"""Records as a practitioner would say them, for tables of cases."""

from collections.abc import Iterable, Iterator

from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    Payload,
    Period,
    PersonDetails,
    Plan,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Label


def in_words(records: Iterable[PublishedRecord]) -> list[str]:
    """One line a record, in alphabetical order."""
    return sorted(_line(record) for record in records)


def _line(record: PublishedRecord) -> str:
    protected = ["protected"] if Label.PROTECTED_LOCATION in record.labels else []
    parts = [*_parts(record.payload), *protected]
    return f"{record.category}: {', '.join(part for part in parts if part)}"


def _parts(payload: Payload | None) -> Iterator[str | None]:
    match payload:
        case PersonDetails():
            yield " ".join((*payload.given_names, payload.family_name or "")).strip() or "no name"
            yield payload.date_of_birth and f"born {payload.date_of_birth}"
            yield payload.expected_date_of_birth and f"expected {payload.expected_date_of_birth}"
            yield payload.sex
            yield payload.died and f"died {payload.died}"
            yield {True: "has died", False: "has not died", None: None}[payload.has_died]
            yield "contradicted" if payload.death_contradicted else None
            yield "a placeholder name" if payload.placeholder_name else None
        case ContactDetails():
            yield from (f"{a.use} at {a.postcode}" for a in payload.addresses)
        case CommunicationNeeds():
            yield "needs " + " and ".join(payload.needs)
        case Involvement():
            yield payload.service
            yield payload.practitioner_ref and f"worker {payload.practitioner_ref}"
            yield _dates(payload.period)
        case Occurrence():
            yield payload.title
            yield _dates(payload.period)
            yield payload.outcome
            yield from (f"{label} {value}" for label, value in payload.details)
        case Plan():
            yield payload.title
            yield _dates(payload.period)
        case _:
            yield repr(payload)


def _dates(period: Period) -> str | None:
    said = (period.start and f"from {period.start}", period.end and f"until {period.end}")
    return " ".join(text for text in said if text) or None
