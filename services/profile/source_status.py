"""What each source has to say about a family, in one word each: never a blank."""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType

from connectors.registry import UNBORN, row_of
from schemas.vocabulary import Source
from services.people.practitioners.people import Heard, LastHeard
from services.profile.model import SourceState, SourceStatus

_NOTHING_UPDATED: Mapping[Source, str] = MappingProxyType({})


def source_statuses(
    has_records: Collection[Source],
    not_shared: Collection[Source],
    left_out: Collection[Source] = (),
    *,
    born: str | None,
    last_heard: LastHeard,
    today: date,
    expected: str | None = None,
    last_updated: Mapping[Source, str] = _NOTHING_UPDATED,
    definitive: Collection[Source] = (),
) -> tuple[SourceStatus, ...]:
    """One status for every source, in the order of the vocabulary.

    `left_out` are those that the data-sharing agreement leaves out for this reader and purpose,
    `definitive` those of which nothing could be hidden from this reader. `last_updated` is the
    latest that is shown of each; `expected` the day on which who is not born yet is expected.
    """
    age = _age(born, today, expected)
    return tuple(
        SourceStatus(
            source,
            SourceState.LEFT_OUT
            if source in left_out
            else _state(source, has_records, not_shared, age, last_heard.get(source), definitive),
            heard.at if (heard := last_heard.get(source)) else None,
            row_of(source).coverage.words,
            heard.failing_since if heard else None,
            last_updated.get(source),
            row_of(source).coverage.no_data_means,
        )
        for source in Source
    )


def _state(  # noqa: PLR0917 one status, each with its reason
    source: Source,
    has_records: Collection[Source],
    not_shared: Collection[Source],
    age: int | None,
    heard: Heard | None,
    definitive: Collection[Source],
) -> SourceState:
    """Nothing held and nothing shown look alike, or the difference would tell what is hidden."""
    if source in has_records:
        return SourceState.HAS_RECORDS
    if source in not_shared:
        return SourceState.NOT_SHARED
    coverage = row_of(source).coverage
    if age is not None and not coverage.from_age <= age <= coverage.to_age:
        return SourceState.NOT_COVERED
    if heard is not None and heard.failing_since is not None:
        return SourceState.NOT_ANSWERING
    if (heard is None or heard.at is None) and row_of(source).read is not None:
        return SourceState.NOT_HEARD
    return SourceState.NONE_FOUND if source in definitive else SourceState.NOTHING_TO_SHOW


def _age(born: str | None, today: date, expected: str | None) -> int | None:
    if born is None:
        return UNBORN if expected is not None and expected >= today.isoformat() else None
    try:
        birth = date.fromisoformat(born[:10])
    except ValueError:
        return None
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
