"""As whom somebody acts about decisions: by the relationships that hold now, not by their word."""

from collections.abc import Collection
from datetime import datetime

from consent.decisions.keeping import AgencyOf, Asker
from consent.model import RelationshipGround, Response, SharingDecision
from consent.question import LETS_ASK, OPENS_WHAT_IS_PERMITTED
from schemas.identifiers import PersonId, PractitionerId
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.model import MayOpen, WarrantKind
from services.people.relationships.postgres import PostgresRelationships

_BY_ANOTHER_HAND = frozenset(
    {WarrantKind.CODE, WarrantKind.OFFICER, WarrantKind.FAMILY, WarrantKind.DEMONSTRATION}
)
"""Who confirms that a family is there; a colleague of the same agency would gain by it too."""


_LET_KNOW_OF_DECISIONS = LETS_ASK - {RelationshipGround.OWN, RelationshipGround.EMERGENCY}
"""One's own opens nothing of others, not that it exists; an emergency opens four parts, no list."""


class Askers:
    """What the relationships of one transaction let practitioners do about decisions."""

    def __init__(self, relationships: PostgresRelationships, clusters: PostgresClusters) -> None:
        self._relationships = relationships
        self._clusters = clusters

    def may_ask(self, who: SignedInPractitioner, persons: Collection[PersonId]) -> bool:
        """Whether they may ask about each of these persons; nobody hears of the question."""
        return self._have(LETS_ASK, who, persons)

    def may_know_of_decisions(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> bool:
        """Whether they may be told that a decision about one of these persons is there, or not."""
        return any(self._have(_LET_KNOW_OF_DECISIONS, who, [person]) for person in persons)

    def _have(
        self,
        grounds: Collection[RelationshipGround],
        who: SignedInPractitioner,
        persons: Collection[PersonId],
    ) -> bool:
        """Whether they stand in one of these ways to each of the persons."""
        found = self._relationships.may_open(who.id, persons)
        own = self._clusters.canonical(persons)
        return bool(persons) and all(
            not one.is_restricted
            and any(
                r.ground in grounds and r.subject in {person, own[person]}
                for r in one.relationships
            )
            for person, one in found.items()
        )

    def asker(self, who: SignedInPractitioner, persons: Collection[PersonId]) -> Asker:
        """As whom they act where it is about all of these persons."""
        found = self._relationships.may_open(who.id, persons)
        since = [_case_load_since(one) for one in found.values()]
        begun = [one for one in since if one is not None]
        return Asker(
            practitioner=who.id,
            agency=who.agency_kind,
            agency_code=who.agency_code,
            case_load_since=max(begun) if begun and len(begun) == len(since) else None,
            is_confirmed=self._is_confirmed(who, persons),
            also=who.also,
        )

    def _is_confirmed(self, who: SignedInPractitioner, persons: Collection[PersonId]) -> bool:
        """Whether each of them is with the practitioner now, or who answers for them is."""
        there = {
            r.person
            for r in self._relationships.passing(who.id)
            if r.ground is RelationshipGround.FAMILY_CONFIRMED
            and r.warrant.kind in _BY_ANOTHER_HAND
            and r.agency == who.agency_code
        }
        known = self._clusters.members(persons)
        return bool(persons) and all(not there.isdisjoint(members) for members in known.values())


def _case_load_since(opened: MayOpen) -> datetime | None:
    """Since when they have worked with the person; None while they do not, or may not know."""
    since = [r.since for r in opened.relationships if r.ground in OPENS_WHAT_IS_PERMITTED]
    return None if opened.is_restricted else min(since, default=None)


# Decisions in force by one person's word: what was recorded before it took two hands.

_PRACTITIONER = "practitioner:"


def is_one_persons_word(decision: SharingDecision, agency_of: AgencyOf) -> bool:
    """Whether who recorded it, or their agency, is shown more by it and nobody confirmed it.

    Of what a program or an operator recorded nobody can say whose gain it is.
    """
    if decision.response is not Response.GIVEN or decision.confirmed_at is not None:
        return False
    recorded_by = decision.circumstances.recorded_by or ""
    if not recorded_by.startswith(_PRACTITIONER) or not decision.recipients:
        return True
    own = {recorded_by, f"agency:{agency_of(PractitionerId(recorded_by[len(_PRACTITIONER) :]))}"}
    return any(name in own or name.startswith("role:") for name in decision.recipients)
