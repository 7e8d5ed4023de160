"""What marks a decision as one that an auditor should look at. Pure.

A mark says what is on record; it judges nothing, and changes nothing that `decide` answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.lawfulness import DUTIES, Basis
from consent.model import DeciderKind, Response, SharingDecision
from schemas.vocabulary import LabelledCode


class DecisionMark(LabelledCode):
    """Why somebody should look at a decision."""

    NO_NOTICE = "no-notice", "On consent, and no notice version is on record"
    ENDS = "ends", "Near its end"
    DISPUTED = "disputed", "Somebody else with responsibility said otherwise"
    PROPOSED = "proposed", "Proposed, and nobody has confirmed it"
    ONE_PERSONS_WORD = "one-persons-word", "On one person's word"
    DUTY_EXISTS = "duty-exists", "On consent where a duty to share it exists"
    YOUNG_PERSON = "young-person", "Decided by a young person"
    WITHDRAWN = "withdrawn", "Withdrawn"


SOONEST_FIRST = frozenset({DecisionMark.ENDS, DecisionMark.PROPOSED})
"""Marks of something to come: listed from now on. The others are listed from the newest back."""


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A mark of one decision; `at` puts it in order, after `until` it is not listed any more."""

    mark: DecisionMark
    at: datetime
    decision: str
    until: datetime | None = None


def marks_of(decision: SharingDecision, others: Iterable[SharingDecision]) -> Sequence[MarkRow]:
    """The marks of a decision, beside all others about anybody whom it is about."""
    found = []
    if decision.withdrawn_at is not None:
        found.append(MarkRow(DecisionMark.WITHDRAWN, decision.withdrawn_at, decision.id))
    if _stands(decision):
        found += _marks_of_standing(decision)
    if _stands(decision) and _permits(decision):
        beside = [
            o for o in others if o.id != decision.id and _stands(o) and _overlaps(o, decision)
        ]
        found += [
            MarkRow(mark, decision.known_at, decision.id, decision.until)
            for mark, is_so in _of_permit(decision, beside).items()
            if is_so
        ]
    return found


def _marks_of_standing(decision: SharingDecision) -> Iterable[MarkRow]:
    """What is to come of it: that it lapses or ends; and who decided."""
    is_proposed = _only_proposed(decision)
    for waiting in (decision.change_asked, decision.proposed if is_proposed else None):
        if waiting is not None:
            yield MarkRow(DecisionMark.PROPOSED, waiting.until, decision.id, waiting.until)
    if decision.decided_by.kind is DeciderKind.YOUNG_PERSON:
        yield MarkRow(DecisionMark.YOUNG_PERSON, decision.known_at, decision.id, decision.until)
    if decision.until is not None and not is_proposed:
        yield MarkRow(DecisionMark.ENDS, decision.until, decision.id, decision.until)


def _of_permit(
    decision: SharingDecision, beside: Sequence[SharingDecision]
) -> Mapping[DecisionMark, bool]:
    is_consent = decision.basis is Basis.CONSENT
    has_notice = decision.circumstances.notice_version is not None
    duties = [other for other in beside if other.basis in DUTIES and _permits(other)]
    return {
        DecisionMark.NO_NOTICE: is_consent and not has_notice,
        DecisionMark.ONE_PERSONS_WORD: decision.confirmed_at is None,
        DecisionMark.DISPUTED: any(_speaks_against(other, decision) for other in beside),
        DecisionMark.DUTY_EXISTS: is_consent and bool(duties),
    }


def _stands(decision: SharingDecision) -> bool:
    over = (decision.withdrawn_at, decision.superseded_at, decision.invalidated_at)
    return all(at is None for at in over)


def _only_proposed(decision: SharingDecision) -> bool:
    return decision.proposed is not None and decision.confirmed_at is None


def _permits(decision: SharingDecision) -> bool:
    return decision.response is Response.GIVEN and not _only_proposed(decision)


def _overlaps(one: SharingDecision, other: SharingDecision) -> bool:
    return not (
        one.subjects.isdisjoint(other.subjects) or one.categories.isdisjoint(other.categories)
    )


def _speaks_against(other: SharingDecision, decision: SharingDecision) -> bool:
    """Whether it is somebody else's no, for a purpose that is permitted."""
    is_no = other.response in {Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL}
    is_theirs = other.decided_by.reference == decision.decided_by.reference
    return is_no and not is_theirs and not other.purposes.isdisjoint(decision.purposes)
