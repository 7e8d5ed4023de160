"""Aggregation's use cases: store what is permitted, park what is unreadable, purge what must go."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import orjson

from connectors.registry import ROWS
from consent import AccessRequest, Decision, SharedProfile
from consent.deciding.decide import Answers
from consent.ledger import LedgerEntry, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Clock, Decisions, Ledger, ProtectedPlaces
from schemas.envelope import PLAIN, Event, EventType
from schemas.errors import UnreadableEventError
from schemas.fhir_mapping import records_from_bundle
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Involvement
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.topics import PARKED, PROFILES_CHANGED
from schemas.uk_time import uk_day
from schemas.vocabulary import Action, Source
from services.lifecycle.retention.rules import RetentionRules
from services.lifecycle.retention.sweep import entries_of, unless_past
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.profile.ports import (
    CaseLoads,
    Purges,
    StoredRecord,
    StoredRecords,
)
from services.profile.protection.places import protect_homes

# What clearings of one scope come to together, whatever order they come in.
#
# Only the latest clearing of a scope is kept, with the scopes inside that it keeps. Of an older one
# no more has to be known than this: which of those it did not keep, because what lies in them and
# is older than it has gone too. Each of those is then cleared on its own, at the older version.

ScopeId = tuple[PersonId, Source, RecordKey]
"""A scope: whose, of which source, its key."""


def is_clearing(record: PublishedRecord) -> bool:
    """Whether it takes back a scope, or everything, and not just one record."""
    return record.action is Action.CLEAR or record.key == ALL_RECORDS


def scope_id_of(record: PublishedRecord) -> ScopeId:
    """Where a record or a clearing is kept."""
    return record.persons[0], record.source, record.key


def clearings_to_keep(
    kept: Iterable[PublishedRecord], arrived: Sequence[PublishedRecord]
) -> Sequence[PublishedRecord]:
    """The latest clearing of each scope after these arrived; only those that are not kept yet.

    `kept` are all clearings that are kept of the same persons and sources.
    """
    known = {scope_id_of(clearing): clearing for clearing in kept}
    latest = dict(known)
    waiting = list(arrived)
    while waiting:
        waiting += _take(waiting.pop(), latest)
    return [c for place, c in latest.items() if known.get(place) != c]


def _take(
    clearing: PublishedRecord, latest: dict[ScopeId, PublishedRecord]
) -> Sequence[PublishedRecord]:
    """Take in one clearing; gives what of the older of the two has to be cleared apart."""
    other = latest.setdefault(scope_id_of(clearing), clearing)
    if other.version == clearing.version:
        return ()
    older, newer = sorted((other, clearing), key=lambda c: c.version)
    latest[scope_id_of(clearing)] = newer
    return [
        replace(older, key=scope, scopes=(*older.scopes, scope), keeps=())
        for scope in newer.keeps
        if scope not in older.keeps
    ]


# Events that cannot be read: parked as they came, with an entry in the ledger for each.

_PARKING_ACTOR = "job:aggregation"
_SOURCES = {row.topic: row.source for row in ROWS}


def open_or_park(event: Event, aggregation: "Aggregation") -> tuple[PublishedRecord, ...]:
    """One event that cannot be read is parked as it came and never stops the others."""
    try:
        plain = aggregation.unseal(PersonId(event.subject), event.data)
        return records_from_bundle(orjson.loads(plain))
    except KeyDestroyedError:
        return ()  # erased: there is nobody any more whom it would be about
    except (UnreadableEventError, KeyUnusableError, orjson.JSONDecodeError):
        at = aggregation.clock.now()
        aggregation.announce([replace(event, topic=PARKED)])
        aggregation.ledger.append(
            entries_for_parked(event.topic, [event.id], at=at, actor=_PARKING_ACTOR)
        )
        return ()


def entries_for_parked(
    topic: str, places: Sequence[str], *, at: datetime, actor: str
) -> list[LedgerEntry]:
    """That what lay in these places of a topic of records could not be read.

    A place is an id or an offset, never content: nobody knows whose that is. What is on another
    topic came from no source; it is parked without an entry.
    """
    source = _SOURCES.get(topic)
    if source is None:
        return []
    refs = [sha256(f"{topic}/{place}".encode()).hexdigest() for place in places]
    return [
        ledger_entry(
            LedgerEvent.MESSAGE_PARKED,
            {"source": source, "message": ref, "reason": "is-not-readable", "field": "event"},
            at=at,
            actor=actor,
            entry_id=entry_id_for("parked-event", ref),
        )
        for ref in refs
    ]


_ACTOR = "job:aggregation"
_SOURCE = "urn:tell-once:aggregation"


@dataclass(frozen=True, slots=True)
class Aggregation:
    """What aggregation works with; every port, and every function, joins one transaction.

    `take_new` marks events as handled and gives the ids of those that had not been. `unseal` gives
    the plain content of what came under a person's key; it raises KeyDestroyedError or
    KeyUnusableError. `announce` queues events in order.
    """

    records: StoredRecords
    case_loads: CaseLoads
    take_new: Callable[[Sequence[str]], Collection[str]]
    decisions: Decisions
    unseal: Callable[[PersonId, bytes], bytes]
    purges: Purges
    places: ProtectedPlaces
    announce: Callable[[Sequence[Event]], None]
    load_keys: Callable[[Collection[PersonId]], None]
    ledger: Ledger
    clock: Clock
    retention: RetentionRules | None = None


def store_permitted(events: Sequence[Event], *, aggregation: Aggregation) -> int:
    """Store the records of these events that are permitted now; gives how many changed something.

    `decide` is asked for the second time: what was permitted when it was published may have been
    withdrawn since. An event handled before changes nothing. Raises nothing for one bad event:
    what cannot be opened any more, because its person's key was destroyed, is left unread.
    """
    taken = aggregation.take_new([event.id for event in events])
    new = {event.id: event for event in events if event.id in taken}
    aggregation.load_keys({PersonId(event.subject) for event in new.values()})
    opened = {event.id: open_or_park(event, aggregation) for event in new.values()}
    return store_opened(opened, aggregation=aggregation)


def store_opened(
    opened: Mapping[str, Sequence[PublishedRecord]], *, aggregation: Aggregation
) -> int:
    """Decide on records that were opened and store what is permitted; gives how many that changed.

    They stand under the id of what each came in.
    """
    everyone = {p for records in opened.values() for r in records for p in r.persons}
    on_record = aggregation.decisions.on_record(everyone)
    now = aggregation.clock.now()
    protect_homes(opened.values(), on_record, aggregation.places, at=now)
    permitted: list[PublishedRecord] = []
    entries: list[LedgerEntry] = []
    answers = Answers(on_record)
    for event_id, records in opened.items():
        decided = [(r, answers.to(request_to_hold(r, now))) for r in records if not _is_removal(r)]
        refused = [(r, decision) for r, decision in decided if not decision.is_permitted]
        permitted.extend(r for r in records if _is_removal(r))
        permitted.extend(r for r, decision in decided if decision.is_permitted)
        if refused:
            entries.append(_entry_for_refusal(event_id, refused, now))
            _expect_again({p for record, _ in refused for p in record.persons}, aggregation, now)
    if aggregation.retention is not None:
        permitted, past = unless_past(permitted, aggregation.retention, uk_day(now))
        entries.extend(entries_of(past, aggregation.retention, at=now))
    changed = _store(permitted, aggregation)
    announce_changed(sorted(changed), aggregation)
    aggregation.ledger.append(entries)
    return changed.total()


def reconsider_all(changed: Mapping[PersonId, Sequence[str]], *, aggregation: Aggregation) -> int:
    """Reconsider these persons, each because of what its ids name; gives how many records went.

    Mostly nothing has to go, and that is found out about all of them at once. Where something was
    taken back it is entered that nothing had to go, so that it is seen to have been looked for.
    """
    stored = aggregation.records.about(changed.keys(), outdated=True)
    everyone = {p for record in stored for p in record.persons}
    on_record = aggregation.decisions.on_record(everyone | changed.keys())
    answers, now = Answers(on_record), aggregation.clock.now()
    gone = [r for r in stored if not answers.to(request_to_hold(r, now)).is_permitted]
    concerned = {person for record in gone for person in record.persons}
    concerned |= {person for person, known in on_record.items() if known.is_protected(now)}
    total = 0
    for person, causes in sorted(changed.items()):
        gone_back = on_record[person].taken_back(causes, now)
        because = [*causes, *gone_back][-1]
        is_concerned = aggregation.records.known_as(person) in concerned
        went = is_concerned and reconsider(person, because=because, aggregation=aggregation)
        total += went
        _enter_that_none_went(person, gone_back, because if went else None, aggregation)
    return total


def _enter_that_none_went(
    person: PersonId,
    gone_back: Mapping[str, int],
    purged_because: str | None,
    aggregation: Aggregation,
) -> None:
    """Once for each, though the news of it comes twice: then what it purged is gone already."""
    if not gone_back:
        return
    now = aggregation.clock.now()
    ids = {entry_id_for("taken-back", person, d, str(v)): d for d, v in gone_back.items()}
    new = aggregation.take_new([str(entry_id) for entry_id in ids])
    aggregation.ledger.append(
        [
            ledger_entry(
                LedgerEvent.PROFILE_PURGED,
                {"subjects": [person], "decision": decision, "records": 0},
                at=now,
                actor=_ACTOR,
                entry_id=entry_id,
            )
            for entry_id, decision in ids.items()
            if str(entry_id) in new and decision != purged_because
        ]
    )


def reconsider(person: PersonId, *, because: str, aggregation: Aggregation) -> int:
    """Purge what is stored about the person and no longer permitted; gives how many records.

    `because` is the opaque id of what changed. Asked when a decision was recorded, withdrawn or
    invalidated, a restriction placed, or the person joined with another or parted again.
    """
    stored = aggregation.records.about([person], outdated=True)
    everyone = {p for record in stored for p in record.persons}
    on_record = aggregation.decisions.on_record(everyone)
    now = aggregation.clock.now()
    known = on_record.get(aggregation.records.known_as(person))
    if known is not None and known.is_protected(now):
        aggregation.places.protect_stored(person)
    answers = Answers(on_record)
    gone = [r for r in stored if not answers.to(request_to_hold(r, now)).is_permitted]
    if not gone:
        return 0
    aggregation.records.purge(gone)
    aggregation.case_loads.forget([(record.stored_under, record.key) for record in gone])
    _expect_again({person, *(record.stored_under for record in gone)}, aggregation, now)
    announce_changed([aggregation.records.known_as(person)], aggregation)
    aggregation.ledger.append(
        [
            ledger_entry(
                LedgerEvent.PROFILE_PURGED,
                {"subjects": [person], "decision": because, "records": len(gone)},
                at=now,
                actor=_ACTOR,
                entry_id=entry_id_for("purged", person, because, *sorted(r.key for r in gone)),
            )
        ]
    )
    return len(gone)


def request_to_hold(record: PublishedRecord | StoredRecord, at: datetime) -> AccessRequest:
    """Whether the shared profile may hold a record with these marks."""
    return AccessRequest(
        record.persons,
        record.category,
        record.source,
        SharedProfile(),
        at,
        labels=record.labels,
        kept_to=record.kept_to,
    )


def _is_removal(record: PublishedRecord) -> bool:
    """A removal has no content: nothing has to permit it."""
    return record.action is not Action.UPSERT


def _store(permitted: Sequence[PublishedRecord], aggregation: Aggregation) -> Counter[PersonId]:
    """Remove and store; gives how many records of whom that changed."""
    gone = aggregation.records.clear([r for r in permitted if is_clearing(r)])
    aggregation.case_loads.forget([(record.person, record.key) for record in gone])
    changed = Counter(record.person for record in gone)
    stored = aggregation.records.upsert([r for r in permitted if not is_clearing(r)])
    changed.update(record.persons[0] for record in stored)
    working = [record for record in stored if _names_an_agency(record)]
    others = [r for r in stored if not _names_an_agency(r)]
    aggregation.case_loads.forget([(r.persons[0], r.key) for r in others])
    aggregation.case_loads.save(working)
    return +changed


def _names_an_agency(record: PublishedRecord) -> bool:
    return isinstance(record.payload, Involvement) and record.payload.agency_code is not None


def _expect_again(persons: Collection[PersonId], aggregation: Aggregation, at: datetime) -> None:
    """What was published and could not be stored is no duplicate when it comes again."""
    for person in sorted(persons):
        aggregation.purges.save(person, at=at)


def announce_changed(persons: Sequence[PersonId], aggregation: Aggregation) -> None:
    """Say that something changed, not what."""
    time = aggregation.clock.now().isoformat()
    aggregation.announce(
        [
            Event(
                topic=PROFILES_CHANGED,
                key=person,
                id=str(entry_id_for("profile-changed", person, time)),
                type=EventType.PROFILE_CHANGED,
                source=_SOURCE,
                subject=person,
                time=time,
                content_type=PLAIN,
                data=b"{}",
            )
            for person in persons
        ]
    )


def _entry_for_refusal(
    event_id: str, refused: Sequence[tuple[PublishedRecord, Decision]], at: datetime
) -> LedgerEntry:
    return ledger_entry(
        LedgerEvent.STORING_REFUSED,
        {
            "event_id": event_id,
            "subjects": {p for record, _ in refused for p in record.persons},
            "categories": {record.category for record, _ in refused},
            "reasons": {reason for _, decision in refused for reason in decision.reasons},
            "policy_version": refused[0][1].policy_version,
        },
        at=at,
        actor=_ACTOR,
        entry_id=entry_id_for("storing-refused", event_id),
    )
