"""What clearings of one scope come to together, whatever order they come in. Pure.

Only the latest clearing of a scope is kept, with the scopes inside that it keeps. Of an older one
no more has to be known than this: which of those it did not keep, because what lies in them and
is older than it has gone too. Each of those is then cleared on its own, at the older version.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Action, Source

Place = tuple[PersonId, Source, RecordKey]
"""A scope: whose, of which source, its key."""


def is_clearing(record: PublishedRecord) -> bool:
    """Whether it takes back a scope, or everything, and not just one record."""
    return record.action is Action.CLEAR or record.key == ALL_RECORDS


def place_of(record: PublishedRecord) -> Place:
    """Where a record or a clearing is kept."""
    return record.persons[0], record.source, record.key


def clearings_to_keep(
    kept: Iterable[PublishedRecord], arrived: Sequence[PublishedRecord]
) -> Sequence[PublishedRecord]:
    """The latest clearing of each scope after these arrived; only those that are not kept yet.

    `kept` are all clearings that are kept of the same persons and sources.
    """
    known = {place_of(clearing): clearing for clearing in kept}
    latest = dict(known)
    waiting = list(arrived)
    while waiting:
        waiting += _take(waiting.pop(), latest)
    return [c for place, c in latest.items() if known.get(place) != c]


def _take(
    clearing: PublishedRecord, latest: dict[Place, PublishedRecord]
) -> Sequence[PublishedRecord]:
    """Take in one clearing; gives what of the older of the two has to be cleared apart."""
    other = latest.setdefault(place_of(clearing), clearing)
    if other.version == clearing.version:
        return ()
    older, newer = sorted((other, clearing), key=lambda c: c.version)
    latest[place_of(clearing)] = newer
    return [
        replace(older, key=scope, scopes=(*older.scopes, scope), keeps=())
        for scope in newer.keeps
        if scope not in older.keeps
    ]
