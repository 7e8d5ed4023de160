"""A record as it travels and is stored: of known persons, under an opaque key, kept to whom."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Address, ContactDetails, Payload, Relationship
from schemas.records.unused import MoreAtSource
from schemas.unchanging import unchanging
from schemas.vocabulary import Action, Category, Label, Source

# Whose home a record tells of: the addresses that it names, and who lives there.

_P = TypeVar("_P")


def addresses_in(payload: Payload | None) -> tuple[Address, ...]:
    """Every address that a record with this payload names, past ones too."""
    if isinstance(payload, ContactDetails | Relationship):
        return payload.addresses
    return ()


def homes_told(payload: Payload | None, persons: Sequence[_P]) -> Iterator[tuple[_P, Address]]:
    """Who, of the persons whom the record is about, lives or has lived where.

    The addresses of a relationship are those of the other, who may be nobody known.
    """
    whose = persons[1:] if isinstance(payload, Relationship) else persons[:1]
    for person in whose[:1]:
        for address in addresses_in(payload):
            yield person, address


# What a family keeps to some of those who may otherwise see it.
#
# A mark names whom a record is kept to: `agency:<kind>`, `role:<role>` or `practitioner:<id>`, as
# sharing decisions name recipients, or `category:<code>`: only whoever may see that category of the
# same persons as well. Marks only take away; without any, sharing decisions alone say who may see.

KeptTo = str
"""One mark. It is a code or an opaque id, so it may stand beside a record in the clear."""

NOT_KEPT = frozenset[KeptTo]()
_CATEGORY = "category:"
_CATEGORIES = {f"{_CATEGORY}{category}": category for category in Category}


def kept_to_category(category: Category) -> KeptTo:
    """The mark that keeps a record to those who may see this category too."""
    return f"{_CATEGORY}{category}"


def categories_in(marks: Iterable[KeptTo]) -> tuple[Category, ...]:
    """The categories that these marks name, each of which has to be permitted."""
    return tuple(sorted(_CATEGORIES[mark] for mark in marks if mark in _CATEGORIES))


def recipients_in(marks: Iterable[KeptTo]) -> frozenset[str]:
    """The recipients that these marks name, of whom one has to be the viewer.

    A mark that nobody knows is among them, so that it keeps the record from everybody.
    """
    return frozenset(mark for mark in marks if mark not in _CATEGORIES)


def is_within(narrower: frozenset[KeptTo], wider: frozenset[KeptTo]) -> bool:
    """Whether nobody could see what is kept to the first who could not by the second."""
    if not frozenset(categories_in(wider)).issubset(categories_in(narrower)):
        return False
    allowed, left = recipients_in(wider), recipients_in(narrower)
    return not allowed or (bool(left) and left <= allowed)


ALL_RECORDS = RecordKey("all")
"""The key of a removal that takes back whatever a source has said about a person."""


@unchanging(frozen=True, slots=True, repr=False)
class PublishedRecord:
    """One fact about known persons; the first is whose record it is. A removal has no payload.

    `version` is the source's own sequence as text that sorts (Version.sort_key). `scopes`,
    `keeps` and `part_of` are those of the source's Record as opaque keys; a clearing's own key is
    that of its scope. `kept_to` is whom the family keeps it to; empty means that it keeps nothing.
    `more` is what else its source has told with it.
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
    more: tuple[MoreAtSource, ...] = ()
