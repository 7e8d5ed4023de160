"""Decisions, persons and an outbox in memory that keep the contracts of consent.ports."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from types import MappingProxyType

from consent import OnRecord
from consent.errors import DecisionInvalidError
from consent.model import Response, Restriction, SharingDecision
from schemas.envelope import Event
from schemas.identifiers import DecisionId, Identifier, PersonId
from schemas.records.message import Subject
from schemas.records.payloads import Address
from schemas.vocabulary import IdentifierScheme
from tests.support.builders import ALL_AGREED


class FakeDecisions:
    """What is on record about sharing, under an agreement that covers everything."""

    def __init__(self) -> None:
        self.agreements = (ALL_AGREED,)
        self._decisions: dict[DecisionId, SharingDecision] = {}
        self._restrictions: dict[str, tuple[Restriction, ...]] = {}

    def find(self, decision: DecisionId) -> SharingDecision | None:
        return self._decisions.get(decision)

    def save(self, decision: SharingDecision, *, at: datetime, actor: str) -> None:
        del at, actor
        self._decisions[decision.id] = decision

    def unconfirmed_by(self, actor: str, *, since: datetime) -> int:
        return sum(
            d.circumstances.recorded_by == actor
            and d.decided_at > since
            and d.response is not Response.GIVEN
            and d.confirmed_at is None
            for d in self._decisions.values()
        )

    def place(
        self, restriction: Restriction, *, actor: str, warranted_by: str | None = None
    ) -> None:
        del actor, warranted_by
        before = self._restrictions.get(restriction.id, ())
        kept = [one for one in before if one.placed_at != restriction.placed_at]
        ended = [
            one if one.lifted_at is not None else replace(one, lifted_at=restriction.placed_at)
            for one in kept
        ]
        self._restrictions[restriction.id] = (*ended, restriction)

    def find_restriction(self, restriction: str) -> Restriction | None:
        states = self._restrictions.get(restriction)
        return states[-1] if states else None

    def on_record(
        self,
        persons: Collection[PersonId],
        *,
        said_to_be: Mapping[PersonId, Collection[PersonId]] = MappingProxyType({}),
    ) -> Mapping[PersonId, OnRecord]:
        assert not said_to_be, "nobody is joined here"
        return {
            person: OnRecord(
                tuple(d for d in self._decisions.values() if person in d.subjects),
                tuple(r for of in self._restrictions.values() for r in of if r.subject == person),
                self.agreements,
            )
            for person in persons
        }

    def protecting(self, places: Collection[bytes]) -> Mapping[bytes, Sequence[Restriction]]:
        """Nothing is said of places here."""
        del places
        return {}


class FakePlaces:
    """Of whom it was asked to keep where they live."""

    def __init__(self) -> None:
        self.protected: list[PersonId] = []

    def protect_stored(self, person: PersonId) -> None:
        self.protected.append(person)

    def protect(self, told: Collection[tuple[PersonId, Address]]) -> None:
        self.protected += [person for person, _ in told]


class FakePersons:
    """Who is who, by numbers alone, each with a date of birth."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[IdentifierScheme, str], PersonId] = {}
        self._births: dict[PersonId, str] = {}
        self._persons: set[PersonId] = set()
        self._next = count(1)

    def exists(self, person: PersonId) -> bool:
        return person in self._persons

    def resolve_or_create(self, subject: Subject, *, at: datetime) -> PersonId:
        del at
        numbers = [_number(i) for i in subject.identifiers if i.is_verified]
        if not numbers:
            raise DecisionInvalidError("subject", "has-no-valid-identifier")
        found = {self._numbers[number] for number in numbers if number in self._numbers}
        if len(found) > 1:
            raise DecisionInvalidError("subject", "contradicts:other-identifier")
        person = found.pop() if found else PersonId(f"{next(self._next):032x}")
        born = subject.demographics.date_of_birth
        if born and self._births.setdefault(person, born) != born:
            raise DecisionInvalidError("subject", "contradicts:date-of-birth")
        self._persons.add(person)
        self._numbers.update(dict.fromkeys(numbers, person))
        return person


class FakeOutbox:
    """What is announced, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, events: Sequence[Event]) -> None:
        self.events += events


def _number(identifier: Identifier) -> tuple[IdentifierScheme, str]:
    return identifier.scheme, identifier.value
