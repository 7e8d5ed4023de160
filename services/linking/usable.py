"""Which of a person's facts may be compared with whose: what decisions leave of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.publishing_ports import DecisionStore
from consent import AccessRequest, SharedProfile
from consent.answers import Answers, together
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Source
from services.linking.claims import Claim
from services.linking.ports import Clusters


@dataclass(frozen=True, slots=True)
class Usable:
    """What one cluster's decisions say about sharing identities.

    `is_held` means that nothing is on record: such facts are here only to be compared with
    somebody whose decisions permit their source.
    """

    permitted: frozenset[Source]
    is_held: bool

    def of(self, claims: Sequence[Claim], beside: "Usable") -> Sequence[Claim]:
        """Those that may be compared with claims about the other."""
        sources = beside.permitted if self.is_held else self.permitted
        return [claim for claim in claims if claim.source in sources]


def usable(
    persons: Collection[PersonId], clusters: Clusters, decisions: DecisionStore, at: datetime
) -> dict[PersonId, Usable]:
    """For each person what may be used of them, whoever else they are one with."""
    everyone = {m for members in clusters.members(persons).values() for m in members}
    on_record = decisions.on_record(everyone)
    found = {}
    for person, members in clusters.members(persons).items():
        recorded = together(on_record[member] for member in members)
        answers = Answers({member: on_record[member] for member in members})
        found[person] = Usable(
            permitted=frozenset(s for s in Source if _is_permitted(members, s, answers, at)),
            is_held=not recorded.decisions and not recorded.restrictions,
        )
    return found


def _is_permitted(
    members: Sequence[PersonId], source: Source, answers: Answers, at: datetime
) -> bool:
    asked = (
        AccessRequest((member,), Category.IDENTITY_AND_CONTACT, source, SharedProfile(), at)
        for member in members
    )
    return all(answers.to(request).is_permitted for request in asked)
