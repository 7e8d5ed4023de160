"""What somebody orders to be written down about sharing."""

from dataclasses import dataclass, field
from datetime import datetime

from consent.circumstances import Circumstances, NotAskedReason, RefusalReason
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import Decider, Mode, Response
from schemas.identifiers import DecisionId, PersonId
from schemas.records.subject import Subject
from schemas.vocabulary import Category, Purpose, Source


@dataclass(frozen=True, slots=True, repr=False)
class RecordDecision:
    """Order: write down what was decided. Empty recipients: all who have a relationship.

    What the fields may hold together is in consent.recording_rules. `circumstances` need not say
    who recorded: that is `actor`. `supersedes` names the decision in whose place this one stands,
    `objects_to` the one that an objection is to.
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
