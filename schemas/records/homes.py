"""Whose home a record tells of: the addresses that it names, and who lives there."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from schemas.records.payloads import Address, ContactDetails, Payload, Relationship

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
