"""A family in two worlds that differ only in what one practitioner may not know of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from consent import AccessRequest, Practitioner
from consent.deciding.decide import Answers
from consent.model import (
    LegitimateRelationship,
    Mode,
    RelationshipGround,
    Restriction,
    SharingDecision,
)
from consent.ports import Decisions
from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Purpose, Role, Source
from services.profile.viewing import ReadProfile
from tests.support.builders import CHILD, DAY, MOTHER_ID, NOW, SIBLING, VISITOR

FATHER_ID, OTHER = PersonId("f0" * 16), PersonId("d0" * 16)
PERSONS = (CHILD, MOTHER_ID, FATHER_ID, SIBLING, OTHER)
ORDER = ReadProfile(CHILD, VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING, Purpose.DIRECT_CARE)


@dataclass(frozen=True, slots=True)
class World:
    """What is stored of a family and on record about it; `more` may be hidden from the viewer."""

    records: Sequence[PublishedRecord]
    more: Sequence[PublishedRecord]
    decisions: Sequence[SharingDecision]
    restrictions: Sequence[Restriction]

    def about(self, who: Mapping[PersonId, PersonId]) -> "World":
        """The same world of other persons."""
        return World(
            [replace(r, persons=tuple(who[p] for p in r.persons)) for r in self.records],
            [replace(r, persons=tuple(who[p] for p in r.persons)) for r in self.more],
            [replace(d, subjects=frozenset(who[p] for p in d.subjects)) for d in self.decisions],
            [replace(r, subject=who[r.subject]) for r in self.restrictions],
        )

    def hidden(
        self,
        decisions: Decisions,
        *,
        child: PersonId = CHILD,
        known: Callable[[PersonId], PersonId] = lambda person: person,
    ) -> Sequence[PublishedRecord]:
        """Those of `more` that the viewer may neither read nor know of.

        `known` gives the id by which a person is known outside.
        """
        everybody = {p for r in self.more for p in r.persons}
        answers = Answers(decisions.on_record({*everybody, *map(known, everybody)}))
        return [
            record
            for record in self.more
            if not any(answers.to(_asked(record, mode, child, known)).is_permitted for mode in Mode)
        ]


def works_with(child: PersonId) -> LegitimateRelationship:
    """The viewer's relationship with the child, the only one there is."""
    return LegitimateRelationship(VISITOR, child, RelationshipGround.CASE_LOAD, NOW - 100 * DAY)


def order_about(child: PersonId) -> ReadProfile:
    """The viewer's order to see this child's family."""
    return replace(ORDER, person=child)


def _asked(
    record: PublishedRecord,
    mode: Mode,
    child: PersonId,
    known: Callable[[PersonId], PersonId],
) -> AccessRequest:
    viewer = Practitioner(VISITOR, ORDER.role, ORDER.agency, (works_with(child),))
    return AccessRequest(
        tuple(dict.fromkeys(known(person) for person in record.persons)),
        record.category,
        record.source,
        viewer,
        NOW + DAY,
        ORDER.purpose,
        labels=record.labels,
        mode=mode,
        kept_to=record.kept_to,
    )
