"""Sharing decisions as cards of a list."""

from collections.abc import Iterable
from dataclasses import replace

from consent.lawfulness import DUTIES
from consent.model import Response
from consent.remedies import Remedy
from services.portal.addresses import FamilyAddresses
from services.portal.decision_ports import DecisionSummary
from services.portal.presenters.cards import Card, Fact, Row
from services.portal.presenters.dates import moment_in_words
from services.portal.presenters.decision_words import (
    PARENTS_ARE_NOT_TOLD,
    PARENTS_TAG,
    THE_LAW_REQUIRES,
    decider_in_words,
    recipients_in_words,
    state_tag,
    withdrawn_in_words,
)
from services.portal.presenters.references import record_reference


def decision_cards(
    decisions: Iterable[DecisionSummary], addresses: FamilyAddresses
) -> tuple[Card, ...]:
    """Make a card for each decision, with what a family may do about it, and its own page."""
    return tuple(_listed(decision, addresses) for decision in decisions)


def decision_card(decision: DecisionSummary) -> Card:
    """Make the card of a decision, without anything to do about it."""
    tags = [state_tag(decision.state)]
    if decision.circumstances.parents_are_not_told:
        tags.append(PARENTS_TAG)
    return Card(heading=heading_of(decision), rows=_rows(decision), tags=tuple(tags))


def heading_of(decision: DecisionSummary) -> str:
    """Name the decision by its reference and what was decided."""
    reference = record_reference(decision.decision_id)
    return f"Decision {reference}: {decision.response.label}"


def is_a_duty(decision: DecisionSummary) -> bool:
    """Tell whether it shares on a ground that no family can end."""
    return decision.response is Response.GIVEN and decision.basis in DUTIES


def row(label: str, *texts: str) -> Row:
    """Make a row of plain facts."""
    return Row(label, tuple(Fact(text) for text in texts))


def _listed(decision: DecisionSummary, addresses: FamilyAddresses) -> Card:
    card = decision_card(decision)
    duty = (row("Who can end it", THE_LAW_REQUIRES),) if is_a_duty(decision) else ()
    return replace(card, rows=(*card.rows, *duty), actions=_actions(decision, addresses))


def _actions(decision: DecisionSummary, addresses: FamilyAddresses) -> tuple[Fact, ...]:
    offered = {
        Remedy.WITHDRAW: Fact("Withdraw", href=addresses.withdraw(decision.decision_id)),
        Remedy.OBJECT: Fact("Object", href=addresses.object_to(decision.decision_id)),
    }
    own_page = Fact("See all of it", href=addresses.decision(decision.decision_id))
    return (*(fact for r, fact in offered.items() if r in decision.remedies), own_page)


def _rows(decision: DecisionSummary) -> tuple[Row, ...]:
    rows = [
        row("Decided by", decider_in_words(decision)),
        row("When", moment_in_words(decision.decided_at)),
        row("Information", *(c.label for c in decision.categories)),
        row("Used for", *(p.label for p in decision.purposes)),
        row("Which services", *recipients_in_words(decision.recipients)),
        row("Whose records", *([s.label for s in decision.sources] or ["Every source"])),
        row("Legal basis", decision.basis.label),
        row("Until", moment_in_words(decision.until) if decision.until else "No end date"),
    ]
    if decision.because:
        rows.append(row("Why", decision.because.label))
    if decision.withdrawn_at:
        rows.append(row(withdrawn_in_words(decision), moment_in_words(decision.withdrawn_at)))
    if decision.circumstances.parents_are_not_told:
        rows.append(row("Parents", PARENTS_ARE_NOT_TOLD))
    return tuple(rows)
