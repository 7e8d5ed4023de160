"""Claims: what sources say, side by side, each value with everybody who says so.

Pure, order-free and idempotent: a claim is told by what it says, not by when it came.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.records.payloads import Address, Telecom
from schemas.vocabulary import Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Provenance:
    """Where a fact comes from: which source, and as of when (ISO 8601) it said so."""

    source: Source
    as_of: str


@dataclass(frozen=True, slots=True, repr=False)
class Statement(Generic[T]):
    """One source saying one thing once."""

    value: T
    provenance: Provenance
    is_verified: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Claim(Generic[T]):
    """One value and who says so.

    `provenance` is the statement for which it stands where it does: the most recent verified one,
    or the most recent. `also` are the other sources that say the same.
    """

    value: T
    provenance: Provenance
    also: tuple[Provenance, ...] = ()
    is_verified: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class NameClaim:
    """What sources call the person; given names in their order.

    `known_as` stands for a given name; `known_as_family` for the family name where that differs.
    A placeholder ("Baby") is no name yet.
    """

    family_name: str | None
    given_names: tuple[str, ...]
    known_as: str | None
    provenance: Provenance
    known_as_family: str | None = None
    former_names: tuple[str, ...] = ()
    also: tuple[Provenance, ...] = ()
    is_verified: bool = False
    is_placeholder: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class AddressClaim:
    """Where sources say that the person lives, or lived: those that disagree stand side by side."""

    address: Address
    provenance: Provenance
    also: tuple[Provenance, ...] = ()
    is_current: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class TelecomClaim:
    """How sources say that the person can be reached."""

    telecom: Telecom
    provenance: Provenance
    also: tuple[Provenance, ...] = ()


def claims_of(
    statements: Iterable[Statement[T]], *, alike: Callable[[T], Hashable] | None = None
) -> tuple[Claim[T], ...]:
    """What is said, each thing once: the most recent verified first, then the most recent.

    `statements` come latest first. `alike` gives what two ways of writing the same thing share;
    the wording of the first of them stands. A source that says it several times is named once.
    """
    groups: dict[Hashable, list[Statement[T]]] = {}
    for statement in sorted(statements, key=lambda s: not s.is_verified):
        same = statement.value if alike is None else alike(statement.value)
        groups.setdefault(same, []).append(statement)
    return tuple(_claim(group) for group in groups.values())


def _claim(group: list[Statement[T]]) -> Claim[T]:
    first = group[0]
    by_source: dict[Source, Provenance] = {}
    for statement in group:
        by_source.setdefault(statement.provenance.source, statement.provenance)
    also = tuple(p for source, p in by_source.items() if source is not first.provenance.source)
    return Claim(first.value, first.provenance, also, first.is_verified)
