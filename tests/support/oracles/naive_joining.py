"""Joining said plainly: the model that the real thing is held against.

Persons are numbers. Who is one is worked out anew from the list of joins every time, what is
permitted from everybody's last word, and what is stored from both. What was refused goes with both
when they are parted, and what was agreed to while they were one waits. Nothing else is remembered.
"""

from dataclasses import dataclass, field

from consent.model import Response


@dataclass(slots=True)
class _Word:
    """What was said and when; what is only proposed says nothing."""

    response: Response
    at: int
    is_proposed: bool = False


@dataclass(slots=True)
class NaiveFamily:
    """Some persons, the eldest with the lowest number."""

    persons: int
    joins: list[tuple[int, int, int]] = field(default_factory=list)
    words: dict[int, list[_Word]] = field(default_factory=dict)
    stored: set[tuple[int, str]] = field(default_factory=set)
    held: dict[int, dict[int, int]] = field(default_factory=dict)
    now: int = 0

    def cluster(self, person: int) -> frozenset[int]:
        """Everybody whom joins lead to."""
        found = {person}
        for _ in range(self.persons):
            for one, other, _ in self.joins:
                found |= {one, other} if found & {one, other} else set()
        return frozenset(found)

    def known_as(self, person: int) -> int:
        """The eldest of those who are one."""
        return min(self.cluster(person))

    def join(self, one: int, other: int) -> None:
        """They are one from now on."""
        self.joins.append((one, other, self.now))

    def undo(self, which: int) -> None:
        """They are two: each keeps what was refused of the other until now."""
        one, _, since = self.joins[which]
        were = self.cluster(one)
        del self.joins[which]
        parted = [(p, q) for p in were for q in were if q not in self.cluster(p)]
        before = {person: dict(self.held.get(person, {})) for person in were}
        for person, other in parted:
            mine = self.held.setdefault(person, {})
            mine[other] = self.now
            for refuser, until in before[other].items():
                mine[refuser] = max(until, mine.get(refuser, until))
        for person in were:
            for word in self.words.get(person, []):
                if word.response is Response.GIVEN and word.at > since:
                    word.is_proposed = True

    def decide(self, person: int, response: Response) -> None:
        """Somebody's last word."""
        self.words.setdefault(person, []).append(_Word(response, self.now))

    def may_be_shared(self, person: int) -> bool:
        """Somebody permits it of any of them, and nobody refuses it of any, or of who was one."""
        cluster = self.cluster(person)
        said = {last.response for p in cluster if (last := self._last(p)) is not None}
        refusers = {(q, t) for p in cluster for q, t in self.held.get(p, {}).items()}
        crossed = any(
            self._refused_since(refuser) <= until
            for refuser, until in refusers
            if refuser not in cluster
        )
        return said == {Response.GIVEN} and not crossed

    def _last(self, person: int) -> _Word | None:
        said = [word for word in self.words.get(person, []) if not word.is_proposed]
        return said[-1] if said else None

    def _refused_since(self, person: int) -> int:
        """When the refusal that is the last word was first said; never where it is not."""
        since = never = self.now + 1
        for word in self.words.get(person, []):
            if not word.is_proposed:
                is_no = word.response is Response.REFUSED
                since = min(since, word.at) if is_no else never
        return since

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
