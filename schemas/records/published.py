"""A record as it travels on the bus and is stored: resolved to persons, under an opaque key."""

from dataclasses import dataclass

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Payload
from schemas.vocabulary import Action, Category, Label, Source

ALL_RECORDS = RecordKey("all")
"""The key of a removal that takes back whatever a source has said about a person."""


@dataclass(frozen=True, slots=True, repr=False)
class PublishedRecord:
    """One fact about known persons; the first is whose record it is. A removal has no payload.

    `version` is the source's own sequence as text that sorts (Version.sort_key). `scopes`,
    `keeps` and `part_of` are those of the source's Record as opaque keys; a clearing's own key is
    that of its scope.
    """

    key: RecordKey
    source: Source
    category: Category
    persons: tuple[PersonId, ...]
    version: str
    payload: Payload | None
    action: Action = Action.UPSERT
    labels: frozenset[Label] = frozenset()
    scopes: tuple[RecordKey, ...] = ()
    keeps: tuple[RecordKey, ...] = ()
    part_of: RecordKey | None = None
