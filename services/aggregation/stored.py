"""A record as it is stored in the shared profile: what may be known of it before it is opened."""

from dataclasses import dataclass

from schemas.identifiers import PersonId, RecordKey
from schemas.kept_to import NOT_KEPT, KeptTo
from schemas.vocabulary import Category, Label, Source


@dataclass(frozen=True, slots=True, repr=False)
class ClearedRecord:
    """A record that went with its scope."""

    key: RecordKey
    person: PersonId


@dataclass(frozen=True, slots=True, repr=False)
class StoredRecord:
    """What `decide` needs to know, and the sealed content that it may permit to open.

    `persons` are those whom it is about, by the ids known outside; `stored_under` is the one for
    whom it came, whose key seals it. The two differ where persons turned out to be one. `places`
    are keyed hashes of every place that it names, in each of the forms in which it may be told.
    """

    key: RecordKey
    source: Source
    category: Category
    persons: tuple[PersonId, ...]
    labels: frozenset[Label]
    version: str
    sealed: bytes
    stored_under: PersonId
    kept_to: frozenset[KeptTo] = NOT_KEPT
    places: frozenset[bytes] = frozenset()
