"""What each source has to say about a family, in one word each: never a blank."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from types import MappingProxyType

from connectors.ports import Urgency
from connectors.registry import UNBORN, row_of
from schemas.records.unused import MoreKind
from schemas.unchanging import unchanging
from schemas.vocabulary import Source
from services.intake.unread import ParkedAbout, UnreadHere, counted
from services.people.practitioners.people import Heard, LastHeard
from services.profile.merging.claims import as_of
from services.profile.merging.deaths import with_unreadable_death
from services.profile.merging.timeline import OpenedFamily
from services.profile.model import PersonView, SourceState, SourceStatus
from services.profile.viewing import Viewing

# What is told from what is shown, so that statuses can be told anew of an answer that was kept.


@unchanging(frozen=True, slots=True, repr=False)
class ShownOfSources:
    """What of all that is shown the statuses of sources go by.

    As of when the latest of each source is that is shown, when the child was born or is expected,
    and of what kinds each source knows more.
    """

    last_updated: Mapping[Source, str]
    born: str | None
    expected: str | None
    more: Mapping[Source, Sequence[MoreKind]]


_NOTHING_UPDATED: Mapping[Source, str] = MappingProxyType({})
_NOTHING_MORE: Mapping[Source, Sequence[MoreKind]] = MappingProxyType({})


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
    unread: Collection[ParkedAbout] = (),
    more: Mapping[Source, Sequence[MoreKind]] = _NOTHING_MORE,
) -> tuple[SourceStatus, ...]:
    """One status for every source, in the order of the vocabulary.

    `left_out` are those that the data-sharing agreement leaves out for this reader and purpose,
    `definitive` those of which nothing could be hidden from this reader, and nothing has come that
    is not among the records. `last_updated` is the latest that is shown of each; `expected` the
    day on which who is not born yet is expected. `unread` is what this reader may be told of that
    could not be read, `more` what each knows besides, as this reader may know.
    """
    age = _age(born, today, expected)
    not_read = _not_read(unread)
    return tuple(
        SourceStatus(
            source,
            SourceState.LEFT_OUT
            if source in left_out
            else _state(
                source,
                has_records,
                not_shared,
                not_read,
                age,
                last_heard.get(source),
                definitive,
            ),
            heard.at if (heard := last_heard.get(source)) else None,
            row_of(source).coverage.words,
            heard.failing_since if heard else None,
            last_updated.get(source),
            row_of(source).coverage.no_data_means,
            not_read.get(source),
            tuple(more.get(source, ())),
        )
        for source in Source
    )


def _state(  # noqa: PLR0917 one status, each with its reason
    source: Source,
    has_records: Collection[Source],
    not_shared: Collection[Source],
    not_read: Collection[Source],
    age: int | None,
    heard: Heard | None,
    definitive: Collection[Source],
) -> SourceState:
    """The first that holds. Nothing held and nothing shown look alike, or it would tell."""
    row = row_of(source)
    covers_age = age is None or row.coverage.from_age <= age <= row.coverage.to_age
    is_heard = (heard is not None and heard.at is not None) or row.is_written_here
    states = (
        (source in has_records, SourceState.HAS_RECORDS),
        (source in not_shared, SourceState.NOT_SHARED),
        (source in not_read, SourceState.UNREAD),
        (not covers_age, SourceState.NOT_COVERED),
        (heard is not None and heard.failing_since is not None, SourceState.NOT_ANSWERING),
        (not is_heard, SourceState.NOT_HEARD),
        (source in definitive, SourceState.NONE_FOUND),
    )
    return next((state for holds, state in states if holds), SourceState.NOTHING_TO_SHOW)


def with_unread_death(
    people: tuple[PersonView, ...], sources: Iterable[SourceStatus]
) -> tuple[PersonView, ...]:
    """The same, where a source has reported a death of the child that nobody could read."""
    unread = (one.unread for one in sources if one.unread is not None)
    if not any(Urgency.DEATH in one.urgent for one in unread):
        return people
    child, *others = people
    return (replace(child, death=with_unreadable_death(child.death)), *others)


def _not_read(unread: Collection[ParkedAbout]) -> Mapping[Source, UnreadHere]:
    found = ((source, counted([p for p in unread if p.source is source])) for source in Source)
    return {source: here for source, here in found if here is not None}


def _age(born: str | None, today: date, expected: str | None) -> int | None:
    if born is None:
        return UNBORN if expected is not None and expected >= today.isoformat() else None
    try:
        birth = date.fromisoformat(born[:10])
    except ValueError:
        return None
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def shown_of_sources(viewing: Viewing, shown: OpenedFamily, child: PersonView) -> ShownOfSources:
    """What of it statuses are told from; the child as it is shown."""
    return ShownOfSources(
        _last_said(shown),
        child.date_of_birth,
        child.expected_date_of_birth,
        more_at_sources(viewing, shown),
    )


def _last_said(shown: OpenedFamily) -> dict[Source, str]:
    latest: dict[Source, str] = {}
    for record in shown.records:
        latest[record.source] = max(latest.get(record.source, ""), record.version)
    for content in shown.unread:
        versions = (item.version for item in content.items)
        latest[content.source] = max(latest.get(content.source, ""), *versions)
    return {source: as_of(version) for source, version in latest.items()}


def more_at_sources(viewing: Viewing, shown: OpenedFamily) -> Mapping[Source, Sequence[MoreKind]]:
    """Of what kinds each source knows more of the child, by what it told with what is shown."""
    child = viewing.command.person
    read = ((record.source, record.persons[0], record.more) for record in shown.records)
    unread = ((c.source, c.persons[0], item.more) for c in shown.unread for item in c.items)
    told = {
        (source, one.kind)
        for source, person, more in chain(read, unread)
        if more and person == child
        for one in more
        if viewing.may_know_of_more(source, one.kind)
    }
    return {
        source: [kind for kind in MoreKind if (source, kind) in told] for source, _ in sorted(told)
    }
