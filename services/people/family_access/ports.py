"""What the family's own door works with, and as whom it enters what is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.decisions.ages import Age, NamedAgency, age_from
from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from consent.question import OnRecord
from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.people.deciders.documents import KeptFact, birth_from
from services.people.deciders.postgres import PostgresDeciderFacts
from services.people.family_access.ages import STANDARD, DoorAges, ages_on
from services.people.family_access.letting_see.postgres import PostgresLetSee
from services.people.family_access.letting_see.postgres_taken_off import PostgresTakenOff
from services.people.family_access.postgres import PostgresFamilyAccess
from services.people.family_access.postgres_family import PostgresFamilyTies
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.postgres_limits import PostgresLimits
from services.people.presence.ports import Presences

NOBODY = PersonId("0" * 32)
"""Who is asked about where there is nobody: so that it takes what somebody takes."""


@dataclass(frozen=True, slots=True)
class FamilyDoor:
    """What the door works with: every port joins one transaction, at one moment.

    `here` is what families are confirmed with who are with a worker: a page is given there.
    """

    rows: PostgresFamilyAccess
    ties: PostgresFamilyTies
    here: Presences
    facts: PostgresDeciderFacts
    clusters: PostgresClusters
    limits: PostgresLimits
    let_see: PostgresLetSee
    taken_off: PostgresTakenOff
    ages_told: Sequence[DoorAges] = STANDARD

    @property
    def at(self) -> datetime:
        """The one moment of this transaction."""
        return self.here.at

    @property
    def ages(self) -> DoorAges:
        """The ages that hold today."""
        return ages_on(uk_day(self.at), self.ages_told)

    def enter(self, event: LedgerEvent, fields: dict[str, FieldValue], *, by: str) -> None:
        """Write one entry, in this transaction and at its moment."""
        self.here.enter(event, fields, by=by)

    def kept_of(self, person: PersonId) -> list[KeptFact]:
        """What is kept of somebody and of who is one with them, for rules alone."""
        return list(self.facts.kept(self.clusters.all_of([person])))

    def age_of(self, person: PersonId, *, told_by_other_than: NamedAgency | None = None) -> Age:
        """How old somebody may be; of an agency left out only what a register stands behind."""
        births = [birth_from(fact) for fact in self.kept_of(person)]
        left_out = told_by_other_than
        counted = [
            one
            for one in births
            if one is not None
            and (left_out is None or one.is_registered or not one.agency.may_be(left_out))
        ]
        return age_from(counted, uk_day(self.at))

    def is_protected(self, person: PersonId) -> bool:
        """Whether any restriction protects somebody now, be it only provisional."""
        known = self.here.decisions.on_record([person]).get(person, OnRecord())
        return known.is_protected(self.at)

    def is_of_one(self, contact: bytes, person: PersonId) -> bool:
        """Whether this contact is held now as theirs, and as nobody else's."""
        return self.ties.is_of_one(contact, self.clusters.all_of([person]))
