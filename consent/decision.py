"""What `decide` is asked and what it answers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from consent.agreement import AdoptedAgreement
from consent.model import (
    LegitimateRelationship,
    Mode,
    Recipient,
    Restriction,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.kept_to import NOT_KEPT, KeptTo
from schemas.vocabulary import Category, Label, LabelledCode, Purpose, Source


class Effect(StrEnum):
    """Yes or no; there is nothing between."""

    PERMIT = "permit"
    DENY = "deny"


class Reason(LabelledCode):
    """Why: a code, and the sentence a professional is shown."""

    NO_DECISION = "no-decision", "No sharing decision is recorded that covers this."
    NO_SUBJECT = "no-subject", "The record names nobody whom a decision is about."
    UNREADABLE_REQUEST = "unreadable-request", "The request names something unknown."
    POLICY_DENIES = "policy-denies", "The data-sharing agreement does not cover this."
    ROLE_OPENS_NO_RECORDS = "role-opens-no-records", "Your role opens no family records."
    RESTRICTED = "restricted", "The record is restricted to named people."
    NO_RELATIONSHIP = "no-relationship", "No legitimate relationship with the family is recorded."
    DUTY = "duty", "Shared under a recorded legal duty; this will be reviewed."
    REFUSED = "refused", "The family refused to share this."
    WITHDRAWN = "withdrawn", "The family withdrew its agreement."
    OBJECTED = "objected", "The family objected to this."
    DETRIMENTAL = "detrimental", "Sharing was judged more detrimental to the child."
    KEPT_TO_OTHERS = "kept-to-others", "The family kept this to other people."
    NOT_ASKED = "not-asked", "The family has not been asked."
    CONSENT = "consent", "The family agreed to share this."
    PUBLIC_TASK = "public-task", "Shared as part of a public task, as recorded."
    EXPIRED = "expired", "The decision to share this has run out."


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Who wants to see a record. `relationships` are those on record with the family.

    `names` are the ways in which a decision may name this recipient.
    """

    id: PractitionerId
    role: str
    agency: str
    relationships: tuple[LegitimateRelationship, ...] = ()
    names: frozenset[Recipient] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the names together."""
        names = (f"practitioner:{self.id}", f"role:{self.role}", f"agency:{self.agency}")
        object.__setattr__(self, "names", frozenset(names))


@dataclass(frozen=True, slots=True)
class SharedProfile:
    """The shared profile itself as recipient: asked before publishing and before storing.

    It may hold what at least one recipient may be shown for at least one purpose; who that
    is, is asked again at every read.
    """


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What is asked: this record, for this recipient, to this end, at this time.

    `purpose` is None only for the shared profile, which asks for any purpose at all. `kept_to` is
    whom the family keeps this one record to, of those who may see its category.
    """

    subjects: tuple[PersonId, ...]
    category: Category
    source: Source
    recipient: Practitioner | SharedProfile
    at: datetime
    purpose: Purpose | None = None
    labels: frozenset[Label] = frozenset()
    mode: Mode = Mode.CONTENT
    kept_to: frozenset[KeptTo] = NOT_KEPT


@dataclass(frozen=True, slots=True)
class OnRecord:
    """The decisions and restrictions that may bear on a request; others do no harm.

    `agreements` are all that were ever adopted: the one in force at the time asked about counts.
    """

    decisions: tuple[SharingDecision, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    agreements: tuple[AdoptedAgreement, ...] = ()

    def is_protected(self, at: datetime) -> bool:
        """Whether any restriction held at that time."""
        return any(restriction.is_in_force(at) for restriction in self.restrictions)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, with why, under which policy, and from which decisions on record."""

    effect: Effect
    mode: Mode
    reasons: tuple[Reason, ...]
    policy_version: str
    decided_from: tuple[DecisionId, ...] = ()
    review: bool = False

    @property
    def is_permitted(self) -> bool:
        """Whether the answer is yes."""
        return self.effect is Effect.PERMIT
