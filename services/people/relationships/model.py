"""A relationship as it is kept: whose it is, who else stands for it, what the ledger says of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import LabelledCode


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
    person is protected and they are on no allow-list. Whom the family has named has none, and is
    told what a stranger is.
    """

    relationships: tuple[LegitimateRelationship, ...] = ()
    is_restricted: bool = False


NOTHING = MayOpen()
CLOSED = MayOpen(is_restricted=True)
"""To whom the family has named: no relationship counts, and no emergency opens."""
PASSING = frozenset(
    {
        RelationshipGround.EMERGENCY,
        RelationshipGround.FAMILY_CONFIRMED,
        RelationshipGround.FAMILY_UNCONFIRMED,
        RelationshipGround.FAMILY_PRESENT,
    }
)
"""Emergency and presence: they are opened before our own screen, and are for it alone."""


def without_passing(may_open: MayOpen) -> MayOpen:
    """What lets somebody ask on another system's screen: what lasts."""
    lasting = tuple(r for r in may_open.relationships if r.ground not in PASSING)
    return MayOpen(lasting, is_restricted=may_open.is_restricted)


def entry_of_making(made: HeldRelationship, *, at: datetime) -> LedgerEntry:
    """The entry of a new relationship, by who asked for it."""
    fields: dict[str, FieldValue] = {
        "relationship": made.id,
        "person": made.person,
        "practitioner": [] if made.practitioner is None else [made.practitioner],
        "ground": made.ground,
        "warrant": made.warrant.kind,
        "until": [] if made.until is None else [_time_text(made.until)],
    }
    return ledger_entry(LedgerEvent.RELATIONSHIP_MADE, fields, at=at, actor=made.asked_by)


def entry_of_ending(
    ended: HeldRelationship, because: str, *, at: datetime, actor: str
) -> LedgerEntry:
    """The entry of a relationship that ends."""
    fields: dict[str, FieldValue] = {
        "relationship": ended.id,
        "person": ended.person,
        "because": because,
    }
    return ledger_entry(LedgerEvent.RELATIONSHIP_ENDED, fields, at=at, actor=actor)


def _time_text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# What has to be answered before it becomes a relationship, and who stands in for whom.


class RequestStatus(StrEnum):
    """What has become of a request or an offer."""

    ASKED = "asked"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TAKEN_UP = "taken-up"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to answer."""
        return self in {RequestStatus.ASKED, RequestStatus.OFFERED}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to work with somebody, or the offer of it, as it stands.

    `practitioner` is who would work with them. Nobody stands in `person` where nobody is known by
    what was typed: such a request has nobody to answer it.
    """

    id: str
    person: PersonId | None
    practitioner: PractitionerId
    agency: str
    status: RequestStatus
    until: datetime
    said_by: str
    state: int = 1


@dataclass(frozen=True, slots=True)
class Cover:
    """Who stands in for whom, by a rota that somebody else wrote, or learns under whose eyes."""

    id: str
    agency: str
    covered: PractitionerId
    covering: PractitionerId
    since: datetime
    until: datetime
    written_by: str
    is_student: bool = False
    state: int = 1


# Why an emergency is opened, and what those who work with the person are told of it.


class EmergencyReason(LabelledCode):
    """What has happened."""

    CHILD_MISSING = "child-missing", "A child is missing"
    CHILD_HARMED = "child-harmed", "A child may be badly hurt or abused"
    ADULT_HARMED = "adult-harmed", "An adult may be badly hurt"
    SELF_HARM = "self-harm", "Somebody may harm themselves"
    ILLNESS = "illness", "A serious illness, and nobody can answer"


class WhyNotAsked(LabelledCode):
    """Why the family cannot be asked first."""

    NOT_REACHED = "not-reached", "We cannot reach them"
    WOULD_ENDANGER = "would-endanger", "Asking would make the danger worse"
    CANNOT_ANSWER = "cannot-answer", "They cannot answer"


@dataclass(frozen=True, slots=True)
class EmergencyTold:
    """An emergency, as somebody is told of it who works with the person. `id` is of what opened."""

    id: str
    person: PersonId
    opened_by: PractitionerId
    opened_at: datetime
    reason: EmergencyReason
