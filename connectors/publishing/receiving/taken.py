"""What is known of the messages of one source that were taken, and how another came."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from schemas.identifiers import RecordKey
from schemas.vocabulary import Source


class Came(Enum):
    """What its moment says of a message that has no date of its own."""

    FILE = auto()
    """When its file was written; the same of that moment is the same file, read again."""
    DATED = auto()
    """When it was said, as who sends it says: what was said earlier is older."""
    NOW = auto()
    """Nothing but that it came: whatever was taken before it is older."""
    AGAIN = auto()
    """When it came first: what carries it says that it is the same."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message that was taken before, with its version."""

    ref: str
    version: str


class OrderOfReceipt(Protocol):
    """Which messages were taken of whom, where their source gives them no date."""

    def newest(self, source: Source, about: Collection[RecordKey]) -> Mapping[RecordKey, Earlier]:
        """The last of each that was taken; keeps others from taking any of them until commit."""

    def versions(self, source: Source, refs: Collection[str]) -> Mapping[str, str | None]:
        """Of those of the messages that were taken, the version; None where none was noted."""
