"""What a practitioner may know of decisions: about whom they open, what is due, and receipts.

Whether they may is asked where decisions are changed, in `services.decisions.at_the_desk`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from consent.decisions.confirming import lapse, would_confirm
from consent.decisions.states import DecisionState, state_of, waiting_for
from consent.model import SharingDecision
from schemas.identifiers import DecisionId, PersonId
from services.decisions.at_the_desk import Desk, deciding_for, refusal_about, refusal_of
from services.people.practitioners.people import SignedInPractitioner
from services.platform.errors import ReceiptNotReadyError
from services.profile.families import death_shared, is_findable
from services.profile.families.sharing import Cell, sharing_matrix
from services.profile.model import DeathStanding, DeathView, ProfileRefused
from services.profile.opening import view_family
from services.profile.viewing import Viewing, reading_order

_MOST_FAMILIES = 200
_LAPSING = "job:decision-lapse"


class IssueReceipt(Protocol):
    """Issues the receipt of a decision; services.decisions.receipts is above this module."""

    def __call__(self, decision: DecisionId, /, *, actor: str) -> bytes:
        """The receipt as a file. Raises ReceiptNotReadyError until the ledger proves it."""


def decisions_about(
    person: PersonId, who: SignedInPractitioner, *, desk: Desk
) -> Sequence[SharingDecision] | ProfileRefused:
    """The decisions about the person of which the practitioner may know, newest first.

    Also of what waits for a second hand that may be theirs. An emergency tells of none.
    """
    told = _viewed(person, who, desk=desk)
    return told if isinstance(told, ProfileRefused) else told[1]


@dataclass(frozen=True, slots=True)
class SharingTold:
    """What was decided, newest first, and what it comes to now for each category and service."""

    decisions: Sequence[SharingDecision]
    cells: Sequence[Cell]


def sharing_about(
    person: PersonId, who: SignedInPractitioner, *, desk: Desk
) -> SharingTold | ProfileRefused:
    """The same decisions, with the matrix of what is shared as this practitioner may know it."""
    told = _viewed(person, who, desk=desk)
    if isinstance(told, ProfileRefused):
        return told
    viewing, decisions = told
    return SharingTold(decisions, sharing_matrix(viewing))


def _viewed(
    person: PersonId, who: SignedInPractitioner, *, desk: Desk
) -> tuple[Viewing, Sequence[SharingDecision]] | ProfileRefused:
    """The person as the practitioner views them, and the decisions of which they may know."""
    refused = refusal_about([person], who, desk=desk)
    if refused is not None:
        return refused
    viewing, _ = view_family(reading_order(who, person, who.purpose), opening=desk.opening)
    viewing = viewing.without_emergency()
    known = desk.decisions.recorded_about([person])[person]
    if lapse(known, actor=_LAPSING, deciding=desk.deciding):
        known = desk.decisions.recorded_about([person])[person]
    found = [d for d in known if viewing.may_know_of(d) or _may_be_theirs(d, who, desk=desk)]
    return viewing, sorted(found, key=lambda decision: decision.decided_at, reverse=True)


def _may_be_theirs(decision: SharingDecision, who: SignedInPractitioner, *, desk: Desk) -> bool:
    """Whether it waits for a second hand that theirs may be: not for who asked, or gains by it."""
    if waiting_for(decision, desk.opening.at) is None:
        return False
    deciding = deciding_for(who, decision.subjects, desk=desk)
    return would_confirm(decision, actor=who.actor, deciding=deciding)


def give_receipt(
    decision: DecisionId, who: SignedInPractitioner, *, desk: Desk, issue: IssueReceipt
) -> bytes | ProfileRefused | None:
    """The signed receipt of a decision, as a file; that it was issued is recorded.

    For whoever works with one of them. None while the ledger does not prove the decision yet,
    which takes seconds.
    """
    refused = refusal_of(decision, who, desk=desk, one_is_enough=True)
    if refused is not None:
        return refused
    try:
        return issue(decision, actor=who.actor)
    except ReceiptNotReadyError:
        return None


def due_for_review(
    who: SignedInPractitioner, *, desk: Desk
) -> Sequence[tuple[PersonId, SharingDecision, DeathView | None]]:
    """What is due for review in the practitioner's own families, longest due first.

    Of whom the practitioner knows that they have died nobody asks again; where a death is only
    reported, that comes with it.
    """
    at = desk.opening.at
    mine = {person for person, _ in desk.relationships.of(who.id, most=_MOST_FAMILIES)}
    known = desk.decisions.recorded_about(mine)
    due = [
        (person, decision)
        for person in sorted(mine)
        if is_findable(person, who, opening=desk.opening)
        for decision in known[person]
        if state_of(decision, at) is DecisionState.DUE_FOR_REVIEW
    ]
    deaths = {p: death_shared(who, p, opening=desk.opening) for p in {one[0] for one in due}}
    told = [(p, d, deaths[p]) for p, d in due if not _has_died(deaths[p])]
    return sorted(told, key=lambda one: (one[1].ask_again_at, one[0]))


def _has_died(death: DeathView | None) -> bool:
    return death is not None and death.standing is DeathStanding.DIED
