"""What scoped removal comes to, said plainly: the model that the stored records are held against.

A record is there when it is the latest of its key and nothing newer cleared a scope in which it
lies without keeping one. Nothing else: no order, no storage, no repetition.
"""

from collections.abc import Iterable

from hypothesis import strategies as st

from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Version
from schemas.records.payloads import Occurrence, OccurrenceKind
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Action, Category, Source
from services.profile.storing import is_clearing

CHAINS = {
    RecordKey(name): tuple(RecordKey(scope) for scope in chain)
    for name, chain in {
        "details": ("child",),
        "worker-1": ("child", "episode", "workers", "one"),
        "worker-1-end": ("child", "episode", "workers", "one"),
        "worker-2": ("child", "episode", "workers", "two"),
        "plan": ("child", "episode", "planning"),
        "unscoped": (),
    }.items()
}
PARENTS = {
    "child": (),
    "episode": ("child",),
    "workers": ("child", "episode"),
    "one": ("child", "episode", "workers"),
    "two": ("child", "episode", "workers"),
    "planning": ("child", "episode"),
}

_SOMEBODY = PersonId("a9" * 16)


def what_is_left(messages: Iterable[Iterable[PublishedRecord]]) -> list[PublishedRecord]:
    """The records that are there after all of these messages."""
    everything = [record for message in messages for record in message]
    clearings = [record for record in everything if is_clearing(record)]
    latest: dict[RecordKey, PublishedRecord] = {}
    for record in everything:
        if not is_clearing(record) and record.version > _version_of(latest.get(record.key)):
            latest[record.key] = record
    return [
        record
        for record in latest.values()
        if record.action is Action.UPSERT and not any(_clears(c, record) for c in clearings)
    ]


def _version_of(record: PublishedRecord | None) -> str:
    return "" if record is None else record.version


def _clears(clearing: PublishedRecord, record: PublishedRecord) -> bool:
    reaches = clearing.key in record.scopes or clearing.key == ALL_RECORDS
    is_kept = bool(set(clearing.keeps) & set(record.scopes))
    return reaches and clearing.version > record.version and not is_kept


def said(key: str, day: int, person: PersonId = _SOMEBODY) -> PublishedRecord:
    """Build a record of that day."""
    return _record(Action.UPSERT, key, (), version=_version(day), person=person)


def cleared(scope: str, day: int, *keeps: str, person: PersonId = _SOMEBODY) -> PublishedRecord:
    """Build the clearing of a scope on that day."""
    return _record(Action.CLEAR, scope, keeps, version=_version(day), person=person)


def histories(person: PersonId) -> st.SearchStrategy[list[list[PublishedRecord]]]:
    """Make what a source says of a person, message by message, each with a later version."""
    return st.lists(st.lists(_parts(), min_size=1, max_size=4), min_size=1, max_size=6).map(
        lambda found: [_message(n, parts, person) for n, parts in enumerate(found)]
    )


Part = tuple[Action, str, tuple[str, ...]]


def _parts() -> st.SearchStrategy[Part]:
    upserts = st.sampled_from(sorted(CHAINS)).map(lambda key: (Action.UPSERT, key, ()))
    removals = st.sampled_from(sorted(CHAINS)).map(lambda key: (Action.REMOVE, key, ()))
    kept = st.lists(st.sampled_from(["one", "two"]), max_size=2, unique=True).map(tuple)
    lists = kept.map(lambda scopes: (Action.CLEAR, "workers", scopes))
    clearings = st.sampled_from(sorted(PARENTS)).map(lambda scope: (Action.CLEAR, scope, ()))
    everything = st.just((Action.REMOVE, ALL_RECORDS, ()))
    return st.one_of(upserts, upserts, removals, lists, clearings, everything)


def _message(number: int, parts: list[Part], person: PersonId) -> list[PublishedRecord]:
    """One statement a key: a message that says two things of one record says neither."""
    once = {(action is Action.CLEAR, key): (action, key, keeps) for action, key, keeps in parts}
    return [_record(*part, version=_version(number + 1), person=person) for part in once.values()]


def _version(day: int) -> str:
    return Version(f"2026-01-{day:02d}T00:00:00Z").sort_key


def _record(
    action: Action, key: str, keeps: tuple[str, ...], *, version: str, person: PersonId
) -> PublishedRecord:
    chain = (*PARENTS[key], key) if action is Action.CLEAR else CHAINS.get(RecordKey(key), ())
    is_said = action is Action.UPSERT
    return PublishedRecord(
        key=RecordKey(key),
        source=Source.SOCIAL_CARE,
        category=Category.SOCIAL_CARE,
        persons=(person,),
        version=version,
        payload=Occurrence(OccurrenceKind.REFERRAL, "A referral") if is_said else None,
        action=action,
        scopes=tuple(RecordKey(scope) for scope in chain),
        keeps=tuple(RecordKey(scope) for scope in keeps),
    )
