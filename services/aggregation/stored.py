"""A record as it is stored in the shared profile: what may be known of it before it is opened."""

from dataclasses import dataclass

from schemas.identifiers import PersonId, RecordKey
from schemas.vocabulary import Category, Label, Source


@dataclass(frozen=True, slots=True, repr=False)
class ClearedRecord:
    """A record that went with its scope."""

    key: RecordKey
    person: PersonId


@dataclass(frozen=True, slots=True, repr=False)
class StoredRecord:
    """What `decide` needs to know, and the sealed content that it may permit to open."""

    key: RecordKey
    source: Source
    category: Category
    persons: tuple[PersonId, ...]
    labels: frozenset[Label]
    version: str
    sealed: bytes
