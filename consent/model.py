"""What is on record about sharing: decisions, restrictions, relationships; the order to record."""

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

from consent.circumstances import (
    Channel,
    Circumstances,
    InvalidationReason,
    NotAskedReason,
    RefusalReason,
)
from consent.lawfulness import Article9, Basis, Gateway
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.message import Subject
from schemas.vocabulary import Category, Label, LabelledCode, Purpose, Source

_TELLS_WHERE = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})

Recipient = str
"""Whom a decision names: `agency:<kind>`, `role:<role>`, `practitioner:<id>`, `service:<id>`.

A service is an entry of the directory, and no agency: nothing but its own name names it.
"""


class Response(LabelledCode):
    """What was decided."""

    GIVEN = "given", "Agreed to share"
    REFUSED = "refused", "Refused"
    NOT_ASKED = "not-asked", "Not asked"
    DETRIMENTAL = "detrimental", "Not shared, because more detrimental to the child"
    OBJECTED = "objected", "Objected"


class DeciderKind(LabelledCode):
    """In what capacity somebody decided."""

    PARENT = "parent", "Person with parental responsibility"
    YOUNG_PERSON = "young-person", "Young person judged competent to decide"
    ADULT_SELF = "adult-self", "Adult, for themselves"
    PRACTITIONER = "practitioner", "Practitioner, on a statutory basis"
    # Who says no or takes a yes back, and agrees for nobody: that is taken from anybody.
    PERSON = "person", "The person it is about"
    COURT = "court", "A court"
    OTHER = "other", "Somebody else"
    NOT_SAID = "not-said", "Not said"


SAYS_NO_ONLY = frozenset(
    {DeciderKind.PERSON, DeciderKind.COURT, DeciderKind.OTHER, DeciderKind.NOT_SAID}
)


class Mode(LabelledCode):
    """What is asked: may it be known that a record exists, or may it be read."""

    EXISTENCE = "existence", "May be known to exist"
    CONTENT = "content", "May be read"


class RestrictionScope(LabelledCode):
    """What a restriction protects: the whole person, or only what tells where they are."""

    PERSON = "person", "The whole record"
    LOCATION = "location", "Everything that tells where they are"


class RelationshipGround(LabelledCode):
    """Why a practitioner has a legitimate relationship with a person (DESIGN.md section 16)."""

    CASE_LOAD = "case-load", "On the case-load"
    OWN = "own", "On the agency's own books"
    REFERRAL = "referral", "Referred"
    COVER = "cover", "Covering for a colleague"
    FAMILY_CONFIRMED = "family-confirmed", "With the family, who confirmed it"
    FAMILY_UNCONFIRMED = "family-unconfirmed", "With the family, not confirmed"
    EMERGENCY = "emergency", "Emergency access"
    # Made by one person's word before; they open nothing, and entries that name them stay readable.
    ACCEPTED_REQUEST = "accepted-request", "Accepted request"
    FAMILY_PRESENT = "family-present", "With the family"
    NAMED_BY_FAMILY = "named-by-family", "Named by the family"


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decided. `reference` tells deciders about the same persons apart; it names nobody."""

    kind: DeciderKind
    reference: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Who took a decision back, how they said so, and why if they said.

    It is in force without any of this: nobody owes it (UK GDPR Art. 7(3)).
    """

    by: Decider
    channel: Channel | None = None
    because: RefusalReason | None = None


class SharingAct(LabelledCode):
    """What somebody does about a decision, where it waits for a second hand if it widens."""

    RECORD = "record", "Record it"
    WITHDRAW = "withdraw", "Withdraw it"
    END = "end", "End it"
    INVALIDATE = "invalidate", "Mark it as invalid"


LAPSES_AFTER = timedelta(days=14)
"""How long what one person asked for waits for a second hand."""


class SecondHand(LabelledCode):
    """What warrants an act of one person that widens (DESIGN.md section 16)."""

    FAMILY = "family", "The family, who confirmed it"
    CASE_LOAD = "case-load", "Somebody who works with the family, whose service gains nothing"
    COLLEAGUE = "colleague", "Another person, for what only narrows"
    OPERATOR = "operator", "A second operator"
    DEMONSTRATION = "demonstration", "Invented families only: one command is both hands"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act of one person that waits for a second hand until it lapses; it changes nothing yet.

    `asked_by` is the actor of its ledger entry. `because` is told where the act is to invalidate,
    `taken_back` where it is to withdraw. `lapse_entered` says that the ledger has it that nobody
    confirmed in time.
    """

    act: SharingAct
    asked_by: str
    at: datetime
    until: datetime
    because: InvalidationReason | None = None
    lapse_entered: bool = False
    taken_back: TakenBack | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be confirmed at that time."""
        return at < self.until


@dataclass(frozen=True, slots=True)
class SharingDecision:
    """Who may see which categories about whom, why, decided by whom, from when until when.

    `decided_at` is when somebody said it, and settles which of two words of one decider is the
    later; `recorded_at` is when it was written down, None where that was the same moment, and
    nothing holds before it. Empty `recipients` means everyone with a legitimate relationship;
    empty `sources` all sources. `withdrawn_at` holds from then on, and so does `superseded_at`,
    from when on another decision of the same decider stands in its place; an invalidated decision
    never counted. `taken_back` says who withdrew it and how, None where that was not recorded.
    `review_at` changes nothing by itself: from then on somebody should ask again.
    `because` says why it was refused or why nobody was asked. `supersedes` is the decision in
    whose place this one stands, `objects_to` the public task that an objection is to; that one
    still stands.

    While it is only `proposed` it says nothing, from when it was proposed until `confirmed_at`; a
    refusal without that stands and is unconfirmed. `change_asked` is what waits to become of it.
    `tied_to` is the other of two that one act made, because a part of it waits.
    """

    id: DecisionId
    subjects: frozenset[PersonId]
    response: Response
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    basis: Basis
    decided_by: Decider
    decided_at: datetime
    recipients: frozenset[Recipient] = frozenset()
    sources: frozenset[Source] = frozenset()
    mode: Mode = Mode.CONTENT
    until: datetime | None = None
    withdrawn_at: datetime | None = None
    invalidated_at: datetime | None = None
    version: int = 1
    invalidated_because: InvalidationReason | None = None
    superseded_at: datetime | None = None
    superseded_by: DecisionId | None = None
    review_at: datetime | None = None
    because: RefusalReason | NotAskedReason | None = None
    article_9: Article9 | None = None
    gateways: frozenset[Gateway] = frozenset()
    circumstances: Circumstances = field(default_factory=Circumstances)
    supersedes: DecisionId | None = None
    objects_to: DecisionId | None = None
    proposed: Proposal | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    change_asked: Proposal | None = None
    tied_to: DecisionId | None = None
    recorded_at: datetime | None = None
    taken_back: TakenBack | None = None

    @property
    def known_at(self) -> datetime:
        """From when on it permits and denies: when it was written down."""
        return self.decided_at if self.recorded_at is None else self.recorded_at

    @property
    def ask_again_at(self) -> datetime:
        """From when on somebody should ask again, if ever: in the order in which it is due."""
        return self.review_at or datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A protected person or whereabouts: nobody but the allow-list, and not findable.

    Held for as long as one allow-list holds: what changes by two hands goes on under the same `id`
    from then. `is_provisional` until two hands have confirmed it: one placed it, and whoever
    worked with the person at that moment is on the list (consent.decisions.restrictions).
    """

    id: str
    subject: PersonId
    scope: RestrictionScope
    allowed: frozenset[PractitionerId]
    placed_at: datetime
    lifted_at: datetime | None = None
    is_provisional: bool = False

    def is_in_force(self, at: datetime) -> bool:
        """Whether it held at that time."""
        return self.placed_at <= at and (self.lifted_at is None or at < self.lifted_at)

    def protects(self, labels: frozenset[Label], at: datetime) -> bool:
        """Whether it held then over a record of its subject that carries these labels."""
        is_covered = self.scope is RestrictionScope.PERSON or not _TELLS_WHERE.isdisjoint(labels)
        return is_covered and self.is_in_force(at)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A worker whom the family has named: they must not see this person, whatever else holds.

    Without a `practitioner` everybody is kept out: what was written is not there to be read any
    more as it was, and may have named anybody. `also` are the other accounts of whom it names.
    """

    id: str
    subject: PersonId
    practitioner: PractitionerId | None
    since: datetime
    until: datetime | None = None
    also: frozenset[PractitionerId] = frozenset()

    def is_in_force(self, at: datetime) -> bool:
        """Whether it held at that time."""
        return self.since <= at and (self.until is None or at < self.until)

    def keeps_out(self, practitioner: PractitionerId | None) -> bool:
        """Whether it is this practitioner whom it names; None is anybody whom nothing names."""
        is_named = self.practitioner == practitioner or practitioner in self.also
        return self.practitioner is None or is_named


@dataclass(frozen=True, slots=True)
class LegitimateRelationship:
    """Why a practitioner may ask about a person at all, and until when."""

    practitioner: PractitionerId
    subject: PersonId
    ground: RelationshipGround
    since: datetime
    until: datetime | None = None

    def is_in_force(self, at: datetime) -> bool:
        """Whether it held at that time."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, repr=False)
class RecordDecision:
    """Order: write down what was decided. Empty recipients: all who have a relationship.

    What the fields may hold together is in consent.decisions.recording. `decided_at` is None where
    it is decided as it is recorded. `circumstances` need not say who recorded: that is `actor`.
    `supersedes` names the decision in whose place this one stands, `objects_to` the one that an
    objection is to. `decider_name` is what a parent is called, as it was typed; no decision holds
    it (consent.decisions.deciders.with_decider_named).
    """

    subjects: tuple[PersonId | Subject, ...]
    response: Response
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    basis: Basis
    decided_by: Decider
    actor: str
    recipients: frozenset[str] = frozenset()
    sources: frozenset[Source] = frozenset()
    mode: Mode | None = None
    until: datetime | None = None
    review_at: datetime | None = None
    because: RefusalReason | NotAskedReason | None = None
    article_9: Article9 | None = None
    gateways: frozenset[Gateway] = frozenset()
    circumstances: Circumstances = field(default_factory=Circumstances)
    supersedes: DecisionId | None = None
    objects_to: DecisionId | None = None
    decider_name: str | None = None
    decided_at: datetime | None = None


SAID_ALIKE = frozenset(each.name for each in fields(RecordDecision)).intersection(
    each.name for each in fields(SharingDecision)
)
"""What an order and the decision that it becomes say by the same name."""


def order_to_record(
    decision: SharingDecision, *, subjects: tuple[PersonId | Subject, ...], actor: str
) -> RecordDecision:
    """The order to record once more, by this actor and about these, what the decision says."""
    said = {name: getattr(decision, name) for name in SAID_ALIKE - {"subjects"}}
    return RecordDecision(subjects=subjects, actor=actor, **said)
