"""Whom a source marks as protected: hidden at once by one restriction a source and person.

It is provisional, as one that a worker places: whoever works with the person at that moment is on
its list, and information governance is told. It lasts as its source says, but for what two hands
have made of it since. Source: DESIGN.md section 16, restriction ("a source's flag").
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from connectors.publishing.ports import Hasher
from consent.decisions.keeping import Deciding
from consent.decisions.restrictions import lift_restriction, place_restriction
from consent.model import Restriction, RestrictionScope
from consent.ports import ProtectedPlaces
from consent.question import OPENS_WHAT_IS_PERMITTED
from schemas.identifiers import PersonId
from schemas.records.payloads import Address
from schemas.vocabulary import Source
from services.decisions.protection.restricting import Restricting
from services.people.governance.queue import ItemKind, raise_item

BY = "job:marks-of-sources"
_ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class _PlacesReadLater:
    """What takes messages in may not read the profile: who keeps that is told, and does it then."""

    places: ProtectedPlaces

    def protect(self, told: Collection[tuple[PersonId, Address]]) -> None:
        self.places.protect(told)

    def protect_stored(self, person: PersonId) -> None:
        del person


@dataclass(frozen=True, slots=True)
class MarksAsRestrictions:
    """The marks of one source, in one transaction."""

    restricting: Restricting
    hasher: Hasher
    source: Source

    @property
    def _deciding(self) -> Deciding:
        ports = self.restricting.deciding
        return replace(ports, places=_PlacesReadLater(ports.places))

    def protect(self, persons: Collection[PersonId]) -> None:
        """As connectors.publishing.ports.MarksOfSources says."""
        for person in sorted(persons):
            marked = self._marked(person)
            if not self._is_protected(person) and (marked is None or self._is_released(marked)):
                self._place(person)

    def release(self, persons: Collection[PersonId]) -> None:
        """As connectors.publishing.ports.MarksOfSources says."""
        for person in sorted(persons):
            marked = self._marked(person)
            at = self.restricting.at
            if marked is not None and marked.is_in_force(at) and marked.is_provisional:
                lift_restriction(marked.id, actor=BY, deciding=self._deciding)

    def _place(self, person: PersonId) -> None:
        restricting = self.restricting
        placed = place_restriction(
            person,
            RestrictionScope.PERSON,
            restricting.concerned.workers(person, grounds=OPENS_WHAT_IS_PERMITTED),
            actor=BY,
            deciding=self._deciding,
            is_provisional=True,
            known_as=self._id(person),
        )
        raise_item(
            ItemKind.RESTRICTION_PROVISIONAL,
            placed.id,
            by=BY,
            queue=restricting.queue,
            ledger=restricting.ledger,
            at=restricting.at,
            person=person,
        )

    def _is_protected(self, person: PersonId) -> bool:
        """Whether the whole person is hidden already: then a list for them is set, or waits."""
        at = self.restricting.at
        found = self.restricting.deciding.decisions.on_record([person])[person].restrictions
        return any(r.scope is RestrictionScope.PERSON and r.is_in_force(at) for r in found)

    def _marked(self, person: PersonId) -> Restriction | None:
        return self.restricting.deciding.decisions.find_restriction(self._id(person))

    def _is_released(self, marked: Restriction) -> bool:
        """Whether its source took it back itself: what two hands have ended does not come again."""
        return self.restricting.protection.made_by(marked.id) == BY

    def _id(self, person: PersonId) -> str:
        return self.hasher.opaque("mark-of-source", self.source, person)[:_ID_DIGITS]
