"""A family objects to what a public task lets services share (UK GDPR Art. 21)."""

from dataclasses import dataclass, field

from consent.circumstances import Circumstances
from consent.decisions.changing import require_objectable
from consent.decisions.keeping import Deciding, Recorded, found
from consent.decisions.recording import record_decision
from consent.model import Decider, Recipient, RecordDecision, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId


@dataclass(frozen=True, slots=True)
class ObjectTo:
    """Order: write down that somebody of the family objects to this decision.

    `about` is whom of its subjects the objection is about, None for all of them: a young person
    objects for themselves only. `objector_name` is what a parent is called, as it was typed.
    """

    decision: DecisionId
    objector: Decider
    actor: str
    about: PersonId | None = None
    objector_name: str | None = None
    circumstances: Circumstances = field(default_factory=Circumstances)


def object_to(command: ObjectTo, *, deciding: Deciding) -> Recorded:
    """Record a decision of its own that objects to another, with the same scope and no end.

    The other one still stands, and is refused by the objection for as long as that stands: so a
    practitioner's ground and a family's no are both on record, and the objection can be taken
    back. Raises DecisionInvalidError for a decision that cannot be objected to.
    """
    decision = found(command.decision, deciding)
    about = decision.subjects if command.about is None else frozenset({command.about})
    require_objectable(decision, about, deciding.clock.now())
    order = RecordDecision(
        subjects=tuple(sorted(about)),
        response=Response.OBJECTED,
        categories=decision.categories,
        purposes=decision.purposes,
        basis=decision.basis,
        decided_by=command.objector,
        actor=command.actor,
        recipients=_recipients_of_both(decision, deciding),
        sources=decision.sources,
        circumstances=command.circumstances,
        objects_to=decision.id,
        decider_name=command.objector_name,
    )
    return record_decision(order, deciding=deciding)


def _recipients_of_both(decision: SharingDecision, deciding: Deciding) -> frozenset[Recipient]:
    """Whom it names, and whom the part of it names that may wait: one act made both."""
    other = None if decision.tied_to is None else deciding.decisions.find(decision.tied_to)
    return decision.recipients if other is None else decision.recipients | other.recipients
