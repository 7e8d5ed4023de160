"""Who is one, whose no holds for whom, and since when: from the joins and partings on record. Pure.

Three things follow from a join, and not from the same states of it:

(1) whoever a *warranted* join connects is one person: opened, listed and shown as one;
(2) whoever any join connects that stands, also by one hand, *is said to be* one: nobody is asked
    about them again, and nothing is shown to anybody for that;
(3) whatever *denies* about either holds for both from the first hand on, and goes with both when
    they are parted, as it was on record then. A row that is not as it was written denies as well.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count

from schemas.identifiers import PersonId

ALWAYS = datetime.max.replace(tzinfo=UTC)
"""Of a no that crosses: whenever it is recorded."""


class JoinStanding(StrEnum):
    """What a state of a join says of the two."""

    CLAIMED = "claimed"
    """One hand says that they are one."""
    WARRANTED = "warranted"
    """They are one: another hand, or a source that knows, says so too."""
    PARTING = "parting"
    """They are one; one hand says that they are two."""
    PARTED = "parted"
    """They are two."""


_ONE = frozenset({JoinStanding.WARRANTED, JoinStanding.PARTING})
_SAID = frozenset({JoinStanding.CLAIMED, *_ONE})


@dataclass(frozen=True, slots=True)
class Edge:
    """One join as it stands; `standing` is None where its row is not as it was written.

    `ended_at` is when the two were parted. `since` says of each since when they are known.
    """

    kept: PersonId
    joined: PersonId
    standing: JoinStanding | None
    made_at: datetime
    ended_at: datetime
    since: tuple[datetime, datetime]

    @property
    def pair(self) -> tuple[PersonId, PersonId]:
        """Whom it joins."""
        return self.kept, self.joined


class Clusters:
    """Who is one by these joins. Of whom they say nothing, each is one alone."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self._edges = list(edges)
        self._since: dict[PersonId, datetime] = {}
        self._at: dict[PersonId, list[Edge]] = {}
        for edge in self._edges:
            self._since.update(zip(edge.pair, edge.since, strict=True))
            for person in edge.pair:
                self._at.setdefault(person, []).append(edge)

    def one_with(self, person: PersonId) -> tuple[PersonId, ...]:
        """All who are one with the person, by (1); whom pages have known longest first."""
        return self._connected(person, lambda edge: edge.standing in _ONE)

    def said_to_be(self, person: PersonId) -> tuple[PersonId, ...]:
        """All who are said to be one with the person, by (2), in the same order."""
        return self._connected(person, lambda edge: edge.standing in _SAID)

    def denying(self, person: PersonId) -> dict[PersonId, datetime]:
        """Others than who is one with the person, whose no holds for them, by (3).

        Each with the moment until which it must have been on record: they were parted then. A no
        that crossed once stays with whom it crossed to, also for whoever is one with those later.
        """
        members = self.one_with(person)
        if not any(member in self._at for member in members):
            return {}
        until: dict[PersonId, datetime] = {}
        order = count()
        # The widest way first: whatever can be reached until later can be reached until earlier.
        waiting = [(ALWAYS - ALWAYS, next(order), member, ALWAYS) for member in members]
        while waiting:
            _, _, here, bound = heappop(waiting)
            if here in until:
                continue
            until[here] = bound
            for edge in self._at.get(here, ()):
                other = edge.joined if edge.kept == here else edge.kept
                if other not in until and edge.made_at <= bound:
                    to = min(bound, edge.ended_at)
                    heappush(waiting, (ALWAYS - to, next(order), other, to))
        return {other: bound for other, bound in until.items() if other not in members}

    def holding_for(self, person: PersonId) -> Mapping[PersonId, datetime]:
        """Everybody whose no holds for the person, who is one with them or not, and until when."""
        return self.denying(person) | dict.fromkeys(self.one_with(person), ALWAYS)

    def _connected(self, person: PersonId, by: Callable[[Edge], bool]) -> tuple[PersonId, ...]:
        if person not in self._at:  # of nearly everybody nobody has said anything
            return (person,)
        found, waiting = {person}, [person]
        while waiting:
            here = waiting.pop()
            for edge in self._at.get(here, ()):
                new = set(edge.pair) - found if by(edge) else set()
                found |= new
                waiting.extend(new)
        if len(found) == 1:
            return (person,)
        eldest = min(found, key=lambda each: (self._since[each], each))
        return (eldest, *sorted(found - {eldest}))
