"""In what order records speak, and what of them is current. The same for every section."""

from collections.abc import Iterable

from schemas.records.payloads import Period
from schemas.records.published import PublishedRecord
from services.aggregation.claims import Provenance


def latest_first(records: Iterable[PublishedRecord]) -> list[PublishedRecord]:
    """One order for all sections; the same record twice is there once, in its latest version."""
    unique: dict[tuple[str, str, str], PublishedRecord] = {}
    for record in sorted(records, key=_age, reverse=True):
        unique.setdefault((record.source, record.key, record.persons[0]), record)
    return list(unique.values())


def provenance_of(record: PublishedRecord) -> Provenance:
    """Which source said it, and as of when."""
    return Provenance(record.source, record.version.split("/")[0])


def is_current(period: Period, today: str) -> bool:
    """Whether the period is open or ends today or later, compared as far as both are precise."""
    end = period.end
    return end is None or end[:10] >= today[: len(end)]


def _age(record: PublishedRecord) -> tuple[str, ...]:
    return (record.version, record.source, record.key, *record.persons)
