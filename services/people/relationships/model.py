"""A relationship as it is kept: whose it is, on which ground, and who else stands for it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId, PractitionerId


class WarrantKind(StrEnum):
    """Who or what beside the one who asks stands for a relationship (DESIGN.md section 16)."""

    FEED = "feed"
    """A feed that two officers registered names the worker or the agency."""
    CORROBORATED = "corroborated"
    """A file that one person can write, and something that is not of that agency agrees."""
    CODE = "code"
    OFFICER = "officer"
    COLLEAGUE = "colleague"
    FAMILY = "family"
    CASE_LOAD_HOLDER = "case-load-holder"
    ROTA = "rota"
    NOBODY = "nobody"
    """Announced before it opens, or opens nothing that is held."""
    MIGRATION = "migration"
    DEMONSTRATION = "demonstration"
    """Invented families only: one command counts as both hands."""


@dataclass(frozen=True, slots=True)
class Warrant:
    """What stands for a relationship; `reference` is an actor or an opaque id, never content."""

    kind: WarrantKind
    reference: str


@dataclass(frozen=True, slots=True)
class HeldRelationship:
    """One relationship as it stands. Without a practitioner the agency's leads hold it.

    `id` stays the same through all its states; `asked_by` is the actor of the ledger entry.
    """

    id: str
    person: PersonId
    agency: str
    practitioner: PractitionerId | None
    ground: RelationshipGround
    since: datetime
    until: datetime | None
    warrant: Warrant
    asked_by: str


@dataclass(frozen=True, slots=True)
class MayOpen:
    """What lets one practitioner ask about one person now, if anything does.

    `relationships` are those in force that are theirs; `is_restricted` tells that the whole
    person is protected and they are on no allow-list.
    """

    relationships: tuple[LegitimateRelationship, ...] = ()
    is_restricted: bool = False


NOTHING = MayOpen()
