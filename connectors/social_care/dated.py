"""What begins and ends: told in two records, because a source that sends what changed tells one.

A sender that diffs (data-to-insight's does) tells the end of a plan with its id and its end date
alone. So the beginning is the record, its end a part of it, and a field that is not there says
nothing; one that is there and empty says that there is no end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connectors.social_care.fields import is_empty, period
from connectors.social_care.places import Place
from connectors.social_care.strict_json import Json
from schemas.records.message import Record
from schemas.records.payloads import Payload, Period
from schemas.vocabulary import Category

_END = "end"
_KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Dates:
    """From when until when, as far as it was said; `is_open`: said to have no end."""

    start: str | None
    end: str | None
    is_open: bool = False


def dates_of(block: Json, start: str, end: str, *, within: str) -> Dates:
    """The dates in two fields. Raises UnreadableMessageError where they contradict each other."""
    said = period(block, start, end, within=within)
    return Dates(said.start, said.end, is_open=is_empty(block, end))


def dated_records(
    place: Place, category: Category, dates: Dates, payload_of: Callable[[Period], Payload]
) -> Iterator[Record]:
    """The beginning, the end, or only that there is such a thing."""
    if dates.start is not None:
        yield place.record(category, payload_of(Period(dates.start)))
    if dates.end is not None:
        yield place.part(_END, category, payload_of(Period(None, dates.end)))
    elif dates.is_open:
        yield place.without(_END, category)
    if dates.start is None and dates.end is None:
        yield place.part(_KNOWN, category, payload_of(Period()))
