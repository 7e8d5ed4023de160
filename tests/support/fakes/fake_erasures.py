"""Erasures in memory: who there is, and in which order what was done to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from schemas.identifiers import PersonId
from services.lifecycle.erasure.erasing import Deleted, Erasure, ErasureRefusal


@dataclass(slots=True)
class FakeErasures:
    """Clusters of persons; `done` is what was asked, in order."""

    clusters: list[tuple[PersonId, ...]]
    forbidding: list[ErasureRefusal] = field(default_factory=list)
    others: frozenset[PersonId] = frozenset()
    done: list[str] = field(default_factory=list)
    kept: dict[str, Erasure] = field(default_factory=dict)

    def lock(self, person: PersonId) -> Sequence[PersonId]:
        erased = {p for erasure in self.kept.values() for p in erasure.persons}
        found = next((c for c in self.clusters if person in c), ())
        return [p for p in found if p not in erased]

    def find(self, person: PersonId) -> Erasure | None:
        return next((e for e in self.kept.values() if person in e.persons), None)

    def obstacles(self, persons: Collection[PersonId]) -> Sequence[ErasureRefusal]:
        del persons
        return self.forbidding

    def leave_tombstone(self, erasure: Erasure) -> None:
        self.done.append(f"tombstone {len(erasure.persons)}")

    def delete(self, persons: Collection[PersonId], *, by: str) -> Deleted:
        del by
        self.done.append(f"delete {len(persons)}")
        return Deleted(3, 1, 2, self.others)

    def begin(self, erasure: Erasure) -> Erasure:
        self.done.append("begin")
        self.kept[erasure.id] = replace(erasure, handles=(b"handle",) * len(erasure.persons))
        return self.kept[erasure.id]

    def unfinished(self) -> Sequence[Erasure]:
        return [erasure for erasure in self.kept.values() if not erasure.is_finished]

    def finish(self, erasure: Erasure, *, at: datetime) -> None:
        del at
        self.done.append("finish")
        self.kept[erasure.id] = replace(erasure, is_finished=True)
