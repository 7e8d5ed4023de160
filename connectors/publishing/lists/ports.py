"""Whom senders without lasting references of their own have on their lists: what is kept of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.identifiers import PersonId


@dataclass(frozen=True, slots=True, repr=False)
class OnList:
    """How a sender has a person on its list, by whatever it told them last.

    `own` is what its records of them are named by for good, `own_before` by what else some were.
    `version` is that of what it said last, `said` and `alike` are keyed hashes of what it told
    them by then. `left`: the version of the list on which they were no longer; `is_in_part`: it
    has told of them without all the columns of its list.
    """

    own: str
    version: str
    said: str
    alike: str
    own_before: str | None = None
    left: str | None = None
    is_in_part: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class SeenOnList:
    """That a version of a sender's list has a pupil, in these parts of it, whoever that is."""

    sender: str
    person: PersonId | None
    own: str
    version: str
    said: str
    alike: str
    stands_in: frozenset[str] = frozenset()
    left: str | None = None
    is_in_part: bool = False
    has_left: bool = False


class PupilLists(Protocol):
    """Who is on the lists of senders that have no lasting reference of their own.

    Senders are told apart by whose words they are, the parts of their lists by keyed hashes. Older
    versions change nothing.
    """

    def find(
        self, asked: Collection[tuple[str, PersonId]]
    ) -> Mapping[tuple[str, PersonId], OnList]:
        """How each sender has each person, or who is one with them, on its list."""

    def wholes(self, senders: Collection[str]) -> Mapping[tuple[str, str], str]:
        """The version of the last whole list of each sender, by the part that it was whole for."""

    def keep(self, seen: Sequence[SeenOnList]) -> None:
        """Keep who is there; who was nobody known and is somebody now, is that from now on."""
