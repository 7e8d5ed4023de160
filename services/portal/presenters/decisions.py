"""Sharing decisions in words."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from consent.model import DeciderKind
from schemas.vocabulary import LabelledCode, Role, Source
from services.portal.addresses import FamilyAddresses
from services.portal.decision_form import DecidedBy
from services.portal.ports import DecisionSummary
from services.portal.presenters.cards import Card, Fact, Row, Tag
from services.portal.presenters.dates import moment_in_words
from services.portal.presenters.references import record_reference


class DecisionState(StrEnum):
    """What a decision is now, as DecisionSummary.state has it."""

    IN_FORCE = "in-force"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    INVALID = "invalid"


_TAGS = {
    DecisionState.IN_FORCE: Tag("In force", "green"),
    DecisionState.WITHDRAWN: Tag("Withdrawn", "red"),
    DecisionState.EXPIRED: Tag("Expired", "grey"),
    DecisionState.INVALID: Tag("Marked as invalid", "grey"),
}


def decision_cards(
    decisions: Iterable[DecisionSummary], addresses: FamilyAddresses
) -> tuple[Card, ...]:
    """Make a card for each decision; those in force can be withdrawn."""
    return tuple(
        replace(decision_card(decision), actions=_actions(decision, addresses))
        for decision in decisions
    )


def decision_card(decision: DecisionSummary) -> Card:
    """Make the card of a decision, without anything to do about it."""
    state = DecisionState(decision.state)
    return Card(heading=_heading(decision), rows=_rows(decision), tags=(_TAGS[state],))


def decider_in_words(decision: DecisionSummary) -> str:
    """Say who decided; a reference this portal does not know is left out."""
    if decision.decider_kind is not DeciderKind.PRACTITIONER:
        try:
            return DecidedBy(decision.decider_reference).label
        except ValueError:
            pass
    return decision.decider_kind.label


def recipient_in_words(recipient: str) -> str:
    """Say whom a decision names: an agency, a role or one practitioner."""
    kind, _, code = recipient.partition(":")
    match kind:
        case "agency":
            return _label(Source, code)
        case "role":
            return _label(Role, code)
        case _:
            return "One named practitioner"


def _label(codes: type[LabelledCode], code: str) -> str:
    try:
        return codes(code).label
    except ValueError:
        return code


def _heading(decision: DecisionSummary) -> str:
    reference = record_reference(decision.decision_id)
    return f"Decision {reference}: {decision.response.label}"


def _actions(decision: DecisionSummary, addresses: FamilyAddresses) -> tuple[Fact, ...]:
    if decision.state != DecisionState.IN_FORCE:
        return ()
    return (Fact("Withdraw", href=addresses.withdraw(decision.decision_id)),)


def _rows(decision: DecisionSummary) -> tuple[Row, ...]:
    rows = [
        _row("Decided by", decider_in_words(decision)),
        _row("When", moment_in_words(decision.decided_at)),
        _row("Information", *(c.label for c in decision.categories)),
        _row("Used for", *(p.label for p in decision.purposes)),
        _row("Which services", *_recipients(decision)),
        _row("Whose records", *([s.label for s in decision.sources] or ["Every source"])),
        _row("Legal basis", decision.basis.label),
        _row("Until", moment_in_words(decision.until) if decision.until else "No end date"),
    ]
    if decision.withdrawn_at:
        rows.append(_row("Withdrawn", moment_in_words(decision.withdrawn_at)))
    return tuple(rows)


def _recipients(decision: DecisionSummary) -> list[str]:
    named = [recipient_in_words(recipient) for recipient in decision.recipients]
    return named or ["Every service that works with the family"]


def _row(label: str, *texts: str) -> Row:
    return Row(label, tuple(Fact(text) for text in texts))
