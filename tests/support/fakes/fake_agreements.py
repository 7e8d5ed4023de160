"""Adopted agreements in memory that keep the contract of consent.agreements.adopting.Agreements."""

from collections.abc import Iterator, Sequence

from consent.agreements.adopting import Adoption
from schemas.identifiers import PersonId


class FakeAgreements:
    """What was adopted, and about whom anything is decided; `lots_of` is how many come at once."""

    def __init__(self, *persons: PersonId, lots_of: int = 2) -> None:
        self._adoptions: list[Adoption] = []
        self._persons = sorted(persons)
        self._lots_of = lots_of

    def lock_and_list(self) -> Sequence[Adoption]:
        return tuple(self._adoptions)

    def add(self, adoption: Adoption) -> None:
        self._adoptions.append(adoption)

    def persons_decided_about(self) -> Iterator[Sequence[PersonId]]:
        for start in range(0, len(self._persons), self._lots_of):
            yield self._persons[start : start + self._lots_of]
