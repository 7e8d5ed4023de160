"""When the answers of `decide` may change while what is on record stands still. Pure.

`decide` compares the time of a question with when something on record begins and ends, and with
nothing else; and whatever begins or ends holds, or does not, from that very moment. So between two
such moments every answer is the one that was given at the first of them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from consent.model import LegitimateRelationship, SharingDecision
from consent.question import OnRecord

_BEFORE_ANYTHING = datetime.min.replace(tzinfo=UTC)


def changes_of(on_record: Iterable[OnRecord]) -> Sequence[datetime]:
    """Every moment at which anything on record begins or ends, the earliest first.

    The first of all is before anything was.
    """
    found: set[datetime | None] = set()
    for one in on_record:
        for decision in one.decisions:
            found.update(_of_decision(decision))
        for restriction in one.restrictions:
            found.update((restriction.placed_at, restriction.lifted_at))
        for exclusion in one.exclusions:
            found.update((exclusion.since, exclusion.until))
        for adopted in one.agreements:
            agreement = adopted.agreement
            found.update((adopted.adopted_at, agreement.begins, agreement.ends))
    return sorted({_BEFORE_ANYTHING, *(moment for moment in found if moment is not None)})


def latest_change(
    changes: Sequence[datetime], relationships: Iterable[LegitimateRelationship], at: datetime
) -> datetime:
    """The last of `changes_of`, or of when a relationship begins or ends, that is not after `at`.

    Asked at that moment `decide` answers as it does at `at`, which must be aware.
    """
    of_theirs = (
        moment
        for relationship in relationships
        for moment in (relationship.since, relationship.until)
        if moment is not None and moment <= at
    )
    return max((changes[bisect_right(changes, at) - 1], *of_theirs))


def _of_decision(decision: SharingDecision) -> Iterator[datetime | None]:
    yield from (decision.decided_at, decision.known_at, decision.until)
    yield from (decision.withdrawn_at, decision.invalidated_at, decision.superseded_at)
    yield decision.confirmed_at
    if decision.proposed is not None:
        yield from (decision.proposed.at, decision.proposed.until)
