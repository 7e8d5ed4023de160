"""Joining said plainly: the model that the real thing is held against.

Persons are numbers. Who is one is worked out anew from the list of joins every time, what is
permitted from everybody's last word, and what is stored from both. Nothing is remembered but that.
"""

from dataclasses import dataclass, field

from consent.model import Response


@dataclass(slots=True)
class NaiveFamily:
    """Some persons, the eldest with the lowest number."""

    persons: int
    joins: list[tuple[int, int]] = field(default_factory=list)
    words: dict[int, Response] = field(default_factory=dict)
    stored: set[tuple[int, str]] = field(default_factory=set)

    def cluster(self, person: int) -> frozenset[int]:
        """Everybody whom joins lead to."""
        found = {person}
        for _ in range(self.persons):
            found |= {p for join in self.joins for p in join if not found.isdisjoint(join)}
        return frozenset(found)

    def known_as(self, person: int) -> int:
        """The eldest of those who are one."""
        return min(self.cluster(person))

    def may_be_shared(self, person: int) -> bool:
        """Somebody permits it of any of them, and nobody refuses it of any."""
        said = {self.words[p] for p in self.cluster(person) if p in self.words}
        return said == {Response.GIVEN}

    def say(self, person: int, key: str) -> None:
        """A source tells something of somebody."""
        self.stored.add((person, key))
        self.look_again()

    def look_again(self) -> None:
        """What may no longer be shared goes."""
        self.stored = {(p, key) for p, key in self.stored if self.may_be_shared(p)}

    def shown_of(self, person: int) -> set[tuple[int, str]]:
        """Everything that is stored of any who are one with them."""
        return {(p, key) for p, key in self.stored if p in self.cluster(person)}
