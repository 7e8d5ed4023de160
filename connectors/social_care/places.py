"""Where in a child's file at an authority each record lies: its id, and the scopes around it."""

from dataclasses import dataclass

from schemas.records.message import Record, clearing
from schemas.records.payloads import Payload
from schemas.vocabulary import Action, Category, Label

_NO_LABELS: frozenset[Label] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A child, an episode, a plan: its `key` is the id of its own record and names its scope.

    `scopes` end with the key. What lies in a place can be taken back with it.
    """

    key: str
    ref: str
    scopes: tuple[str, ...]

    def inside(self, name: str) -> "Place":
        """A place within this one."""
        key = f"{self.key}/{name}"
        return Place(key, self.ref, (*self.scopes, key))

    def record(
        self, category: Category, payload: Payload, *, labels: frozenset[Label] = _NO_LABELS
    ) -> Record:
        """The place's own record."""
        return Record(self.key, category, (self.ref,), payload, labels=labels, scopes=self.scopes)

    def part(self, name: str, category: Category, payload: Payload) -> Record:
        """What completes the place's own record, which need not come with it."""
        return Record(
            f"{self.key}/{name}",
            category,
            (self.ref,),
            payload,
            scopes=self.scopes,
            part_of=self.key,
        )

    def without(self, name: str, category: Category) -> Record:
        """The removal of a part."""
        return Record(
            f"{self.key}/{name}", category, (self.ref,), None, Action.REMOVE, scopes=self.scopes
        )

    def cleared(self, category: Category, *, keeps: tuple[str, ...] = ()) -> Record:
        """Everything in the place is taken back, but for what the message carries or `keeps`."""
        return clearing(self.key, category, (self.ref,), scopes=self.scopes[:-1], keeps=keeps)


def child_place(la_code: str, number: str, *, ref: str) -> Place:
    """Where everything lies that an authority says of one child; ids are written by `key_part`."""
    key = f"{la_code}/{number}"
    return Place(key, ref, (key,))
