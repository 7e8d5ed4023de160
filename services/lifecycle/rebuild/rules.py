"""Building the shared profile anew: what was stored and what is still on the bus, decided again.

Pure. The rules are those of services.profile.storing; here is only what a second time needs beside
them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from consent.deciding.decide import Answers
from consent.question import OnRecord
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action
from services.profile.protection.places import protect_homes
from services.profile.storing import (
    Aggregation,
    ScopeId,
    is_clearing,
    open_or_park,
    request_to_hold,
    scope_id_of,
    store_opened,
)

Purged = Mapping[PersonId, datetime]
"""When something of a person was last purged, or refused when it was to be stored."""

_BEFORE_EVERYTHING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class ReplayedRecord:
    """A record as an event brought it, and when."""

    record: PublishedRecord
    at: datetime


def replay(
    events: Sequence[Event], *, purged: Purged, aggregation: Aggregation
) -> Sequence[ReplayedRecord]:
    """Store again what these events carry; gives what may have gone since, which is not stored.

    That is whatever was said of somebody before something of theirs was purged.
    """
    aggregation.load_keys({PersonId(event.subject) for event in events})
    said: dict[str, list[ReplayedRecord]] = {}
    for event in events:
        at = _time_of(event)
        said[event.id] = [ReplayedRecord(record, at) for record in open_or_park(event, aggregation)]
    beyond_doubt = {
        event_id: [one.record for one in brought if not _is_doubtful(one, purged)]
        for event_id, brought in said.items()
    }
    store_opened(beyond_doubt, aggregation=aggregation)
    return [one for brought in said.values() for one in brought if _is_doubtful(one, purged)]


def replay_doubtful(
    doubtful: Sequence[ReplayedRecord], *, because: str, aggregation: Aggregation
) -> None:
    """Of these, all that there are, store what never had to go; `because` is an opaque id.

    What had to go stays away until its source says it again, though it might be held now, and
    takes with it what it had taken the place of: so it was with the live profile.
    """
    on_record = aggregation.decisions.on_record({p for one in doubtful for p in one.record.persons})
    answers = Answers(on_record)
    now = aggregation.clock.now()
    protect_homes([[one.record for one in doubtful]], on_record, aggregation.places, at=now)
    ends = [(one, _end_of(one, now, on_record, answers)) for one in doubtful]
    stood: dict[ScopeId, list[tuple[str, datetime]]] = {}
    for one, end in ends:
        if end is not None and end > one.at:
            stood.setdefault(scope_id_of(one.record), []).append((one.record.version, end))

    def was_replaced(one: ReplayedRecord) -> bool:
        return any(
            version > one.record.version and one.at < until
            for version, until in stood.get(scope_id_of(one.record), ())
        )

    kept = [one.record for one, end in ends if end is None and not was_replaced(one)]
    store_opened({because: kept}, aggregation=aggregation)


def _is_doubtful(one: ReplayedRecord, purged: Purged) -> bool:
    """Whether something of its persons was purged after it was said; it may have been this."""
    return not is_clearing(one.record) and any(
        purged.get(person, _BEFORE_EVERYTHING) >= one.at for person in one.record.persons
    )


def _end_of(
    one: ReplayedRecord, now: datetime, on_record: Mapping[PersonId, OnRecord], answers: Answers
) -> datetime | None:
    """When it first was not to be held, at a time at which it was looked at; None for never."""
    if one.record.action is not Action.UPSERT:
        return None
    changes = {at for person in one.record.persons for at in _changes(on_record[person])}
    looked_at = [one.at, *sorted(at for at in changes if one.at < at <= now)]
    refused = (
        at for at in looked_at if not answers.to(request_to_hold(one.record, at)).is_permitted
    )
    return next(refused, None)


def _changes(known: OnRecord) -> Iterable[datetime]:
    for d in known.decisions:
        times = (d.known_at, d.withdrawn_at, d.superseded_at, d.invalidated_at)
        yield from (at for at in times if at is not None)
    for restriction in known.restrictions:
        yield restriction.placed_at
    for adopted in known.agreements:
        yield adopted.adopted_at


def _time_of(event: Event) -> datetime:
    """When it was published; one that does not say so properly counts as the oldest."""
    try:
        told = datetime.fromisoformat(event.time)
    except ValueError:
        return _BEFORE_EVERYTHING
    return told if told.tzinfo is not None else _BEFORE_EVERYTHING
