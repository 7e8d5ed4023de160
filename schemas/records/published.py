"""A record as it travels on the bus and is stored: resolved to persons, under an opaque key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.identifiers import PersonId, RecordKey
from schemas.kept_to import NOT_KEPT, KeptTo
from schemas.records.payloads import Payload
from schemas.vocabulary import Action, Category, Label, Source

ALL_RECORDS = RecordKey("all")
"""The key of a removal that takes back whatever a source has said about a person."""


@dataclass(frozen=True, slots=True, repr=False)
class PublishedRecord:
    """One fact about known persons; the first is whose record it is. A removal has no payload.

    `version` is the source's own sequence as text that sorts (Version.sort_key). `scopes`,
    `keeps` and `part_of` are those of the source's Record as opaque keys; a clearing's own key is
    that of its scope. `kept_to` is whom the family keeps it to; empty means that it keeps nothing.

    `entry` is the bundle entry that it was read from; a record that was made, or changed, has none.
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
    kept_to: frozenset[KeptTo] = NOT_KEPT
    entry: Mapping[str, Any] | None = field(default=None, init=False, compare=False, repr=False)
