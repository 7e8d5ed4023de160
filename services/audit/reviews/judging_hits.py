"""What is said of a hit on a page: a step on, or an outcome, with a code and never in words.

The rules are those of `services.audit.unusual.reviewing`. Here are what pages need besides: that
two hands at once do not overwrite each other, reasons that go with an outcome, and the worker's
leads told once a review has ended.
"""

from dataclasses import dataclass

from schemas.identifiers import PractitionerId
from services.audit.asked import Auditor
from services.audit.outcomes import MAY_BE_BECAUSE, FoundBecause, Outcome, Step
from services.audit.reviews.reviewing import hand_of
from services.audit.reviews.telling import tell_leads
from services.audit.unusual.hits import OUTCOMES, Hit, HitStanding
from services.audit.unusual.reviewing import (
    HitRefusal,
    ReviewHands,
    confirm_breach,
    refuse_hit,
    review_hands,
    say,
)
from services.people.governance.orders import NotTheirs
from services.work import UnitOfWork

_PRACTITIONER = "practitioner:"


@dataclass(frozen=True, slots=True)
class HitJudged:
    """A hit as it stands after what was said. `told` are the leads who were told."""

    hit: Hit
    told: tuple[PractitionerId, ...] = ()


def step_hit(
    hit_id: str, step: Step, state: int, *, by: Auditor, work: UnitOfWork
) -> HitJudged | HitRefusal:
    """Say that it is looked at, or that the worker or their manager was asked."""
    hands = review_hands(work, by_one_hand=True)
    hit = _as_shown(hit_id, state, by, hands)
    if isinstance(hit, HitRefusal):
        return hit
    begun = hit if step is Step.LOOKING else _begun(hit, by, hands)
    if isinstance(begun, HitRefusal):
        return begun
    said = say(hit_id, HitStanding(step.value), step.value, by=by.actor, hands=hands)
    return said if isinstance(said, HitRefusal) else HitJudged(said)


def judge_hit(
    hit_id: str,
    outcome: Outcome,
    because: FoundBecause,
    state: int,
    *,
    by: Auditor,
    work: UnitOfWork,
) -> HitJudged | HitRefusal:
    """Say what was found; of a breach the second reviewer says so too, or has it looked at again.

    Whoever finds something of a new hit has looked at it: that is said with it.
    """
    hands = review_hands(work, by_one_hand=True)
    hit = _as_shown(hit_id, state, by, hands)
    if isinstance(hit, HitRefusal):
        return hit
    if because not in MAY_BE_BECAUSE[outcome]:
        return refuse_hit(hit, HitRefusal.WRONG_REASON, by.actor, hands)
    if hit.standing is HitStanding.SECOND_WANTED:
        return _second(hit, outcome, because, by=by, work=work, hands=hands)
    begun = _begun(hit, by, hands)
    if isinstance(begun, HitRefusal):
        return begun
    said = say(hit_id, HitStanding(outcome.value), because.value, by=by.actor, hands=hands)
    return said if isinstance(said, HitRefusal) else _told(said, by, work)


def _as_shown(hit_id: str, state: int, by: Auditor, hands: ReviewHands) -> Hit | HitRefusal:
    """The hit, locked until commit, if it stands as it was shown to who says something of it."""
    if not by.may_ask:
        return refuse_hit(None, HitRefusal.NOT_ALLOWED, by.actor, hands)
    hit = hands.hits.find(hit_id)
    if hit is None or not hit.states:
        return refuse_hit(None, HitRefusal.NOT_THERE, by.actor, hands)
    if hit.states[-1].number != state:
        return refuse_hit(hit, HitRefusal.CHANGED, by.actor, hands)
    return hit


def _begun(hit: Hit, by: Auditor, hands: ReviewHands) -> Hit | HitRefusal:
    if hit.standing is not HitStanding.NEW:
        return hit
    return say(hit.id, HitStanding.LOOKING, Step.LOOKING.value, by=by.actor, hands=hands)


def _second(
    hit: Hit,
    outcome: Outcome,
    because: FoundBecause,
    *,
    by: Auditor,
    work: UnitOfWork,
    hands: ReviewHands,
) -> HitJudged | HitRefusal:
    """The second reviewer's word; who finds something else has it looked at again."""
    answered = confirm_breach(
        hit.states[-1].order or "",
        because.value,
        by=by.actor,
        confirms=outcome is Outcome.BREACH,
        hands=hands,
    )
    match answered:
        case Hit():
            return _told(answered, by, work)
        case NotTheirs.ASKED_IT:
            return HitRefusal.SAME_HAND
        case NotTheirs():
            return HitRefusal.NOT_NOW
        case _:
            return answered


def _told(hit: Hit, by: Auditor, work: UnitOfWork) -> HitJudged:
    """Once it is closed the leads of the worker's agency are told."""
    if hit.standing not in OUTCOMES or hit.practitioner is None:
        return HitJudged(hit)
    worker = PractitionerId(hit.practitioner)
    membership = work.memberships.newest(worker)
    agency = None if membership is None else membership.agency
    about = hand_of(f"{_PRACTITIONER}{worker}", agency, work)
    outcome = Outcome(hit.standing.value)
    return HitJudged(hit, tell_leads(hit.id, outcome, about, by=by.actor, work=work))
