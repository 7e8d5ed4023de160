"""Who may decide, in memory: every parent is named by a council, and nobody's age is held."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from consent.decisions.ages import NamedAgency
from consent.decisions.deciders import DeciderFacts, HeldResponsibility, SubjectFacts
from consent.model import Decider, DeciderKind
from schemas.identifiers import PersonId
from schemas.vocabulary import Source

_PARENTS = frozenset({"mother", "father", "guardian", "parent"})
NAMED_BY_A_COUNCIL = SubjectFacts(
    responsible=(
        HeldResponsibility("mother", NamedAgency(Source.SOCIAL_CARE, "000"), also=_PARENTS),
    )
)


@dataclass(frozen=True, slots=True)
class FakeDeciders:
    """consent.decisions.deciders.Deciders; of every subject the same is held."""

    held: SubjectFacts = NAMED_BY_A_COUNCIL

    def of(self, subjects: Collection[PersonId]) -> DeciderFacts:
        """As the port says."""
        return DeciderFacts(tuple(self.held for _ in subjects))

    def decider_named(self, name: str, subjects: Collection[PersonId], *, at: datetime) -> Decider:
        """As the port says; a name is its own reference."""
        del subjects, at
        return Decider(DeciderKind.PARENT, name)
