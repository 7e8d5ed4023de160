"""What each decider last said about one cell: this category, source, recipient, purpose, mode."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consent.decision import Reason
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Mode, Recipient, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source

_DENYING_RESPONSES = {
    Response.REFUSED: Reason.REFUSED,
    Response.OBJECTED: Reason.OBJECTED,
    Response.DETRIMENTAL: Reason.DETRIMENTAL,
}
_PERMITTING_BASES = {
    Basis.CONSENT: Reason.CONSENT,
    Basis.PUBLIC_TASK: Reason.PUBLIC_TASK,
}
"""A duty is not among them: it permits by rule 4, for safeguarding, or not at all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One point that decisions cover or do not: about whom, what, for whom, to what end.

    `names` are the ways in which a decision may name the recipient; empty for nobody in
    particular, whom only decisions about everyone cover.
    """

    subject: PersonId
    category: Category
    source: Source
    names: frozenset[Recipient]
    purpose: Purpose
    mode: Mode
    at: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """What one decision says about a cell, and since when."""

    decider: Decider
    since: datetime
    permits: bool
    reason: Reason
    decision: DecisionId


def words_about(cell: Cell, decisions: Iterable[SharingDecision]) -> tuple[Word, ...]:
    """The latest word of each decider about the cell; at the same moment a no beats a yes.

    Where a young person judged competent has decided, parents' words do not count
    (DESIGN.md section 4, rule 6).
    """
    latest: dict[Decider, Word] = {}
    for decision in decisions:
        word = _word_of(decision, cell)
        if word is not None:
            known = latest.get(word.decider)
            if known is None or _overrides(word, known):
                latest[word.decider] = word
    words = tuple(latest.values())
    if any(word.decider.kind is DeciderKind.YOUNG_PERSON for word in words):
        words = tuple(w for w in words if w.decider.kind is not DeciderKind.PARENT)
    return words


def covers_scope(decision: SharingDecision, cell: Cell) -> bool:
    """Whether the decision is about this cell, whatever it says and whenever it holds."""
    return (
        cell.subject in decision.subjects
        and cell.category in decision.categories
        and cell.purpose in decision.purposes
        and (not decision.sources or cell.source in decision.sources)
        and (not decision.recipients or not decision.recipients.isdisjoint(cell.names))
    )


def counts_at(decision: SharingDecision, at: datetime) -> bool:
    """Whether the decision had been made by then and is not invalid."""
    return decision.decided_at <= at and decision.invalidated_at is None


def is_withdrawn(decision: SharingDecision, at: datetime) -> bool:
    """Whether it had been withdrawn by then."""
    return decision.withdrawn_at is not None and decision.withdrawn_at <= at


def is_superseded(decision: SharingDecision, at: datetime) -> bool:
    """Whether another decision of the same decider stood in its place by then."""
    return decision.superseded_at is not None and decision.superseded_at <= at


def has_expired(decision: SharingDecision, at: datetime) -> bool:
    """Whether its time had run out by then."""
    return decision.until is not None and decision.until <= at


def permits_now(decision: SharingDecision, cell: Cell) -> bool:
    """Whether the decision is a permission in force for this cell, whatever others say."""
    return (
        decision.response is Response.GIVEN
        and counts_at(decision, cell.at)
        and covers_scope(decision, cell)
        and not is_withdrawn(decision, cell.at)
        and not is_superseded(decision, cell.at)
        and not has_expired(decision, cell.at)
        and _covers_mode(decision, cell.mode)
    )


def _word_of(decision: SharingDecision, cell: Cell) -> Word | None:
    if not counts_at(decision, cell.at) or not covers_scope(decision, cell):
        return None
    if is_superseded(decision, cell.at):
        return None
    if is_withdrawn(decision, cell.at):
        return _withdrawal_of(decision)
    if has_expired(decision, cell.at) or not _covers_mode(decision, cell.mode):
        return None
    permits = decision.response is Response.GIVEN
    reason = (
        _PERMITTING_BASES.get(decision.basis)
        if permits
        else _DENYING_RESPONSES.get(decision.response)
    )
    if reason is None:
        return None
    return Word(
        decision.decided_by,
        decision.decided_at,
        permits=permits,
        reason=reason,
        decision=decision.id,
    )


def _withdrawal_of(decision: SharingDecision) -> Word | None:
    """A withdrawn permission says no from then on; a withdrawn refusal says nothing more."""
    if decision.response is not Response.GIVEN or decision.withdrawn_at is None:
        return None
    return Word(
        decision.decided_by,
        decision.withdrawn_at,
        permits=False,
        reason=Reason.WITHDRAWN,
        decision=decision.id,
    )


def _covers_mode(decision: SharingDecision, mode: Mode) -> bool:
    """To permit content is to permit existence; to refuse existence is to refuse content."""
    if decision.mode is mode:
        return True
    is_content_permit = decision.response is Response.GIVEN and decision.mode is Mode.CONTENT
    is_existence_refusal = (
        decision.response in _DENYING_RESPONSES and decision.mode is Mode.EXISTENCE
    )
    return is_content_permit or is_existence_refusal


def _overrides(word: Word, known: Word) -> bool:
    if word.since != known.since:
        return word.since > known.since
    if word.permits != known.permits:
        return not word.permits
    return word.decision < known.decision
