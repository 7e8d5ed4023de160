"""Judging a hit: who may, what may follow what, and the second reviewer that a breach takes.

Nobody judges their own look, that of their team, or one at a family at which they have looked
themselves; whichever of their accounts it was. Whoever says something says why.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PractitionerId
from schemas.vocabulary import LabelledCode, Role
from services.audit.outcomes import ReviewRefusal
from services.audit.unusual.hits import (
    FOLLOWS,
    Hit,
    HitRow,
    HitStanding,
    HitState,
    RuleFigures,
    entry_of_state,
    row_of,
    rows_of,
)
from services.audit.unusual.postgres_hits import HitFilter, PostgresHits
from services.people.governance.orders import NotTheirs, Order, Orders, answer_by_two, ask_by_two
from services.people.practitioners.postgres_memberships import PostgresMemberships
from services.platform.keys.sealing import open_at_rest, seal_at_rest
from services.platform.keys.vault import SecretName
from services.work import UnitOfWork

KIND: Final = "unusual-breach"
LONGEST_WORDS: Final = 2000
MOST_LISTED: Final = 500
REVIEWS: Final = frozenset({Role.INFORMATION_GOVERNANCE})
_PRACTITIONER: Final = "practitioner:"


class HitRefusal(LabelledCode):
    """Why nothing was said of a hit: what refuses every review, and what refuses this one."""

    NOT_THERE = "is-not-there", "There is no such hit."
    NOT_ALLOWED = ReviewRefusal.NOT_ALLOWED.value, ReviewRefusal.NOT_ALLOWED.label
    OWN = ReviewRefusal.OWN.value, ReviewRefusal.OWN.label
    OWN_TEAM = ReviewRefusal.OWN_TEAM.value, ReviewRefusal.OWN_TEAM.label
    HAS_LOOKED = "has-looked-too", "They have looked at the family themselves."
    NO_REASON = "gives-no-reason", "Say why."
    TOO_LONG = "is-too-long", f"Say it in {LONGEST_WORDS} letters."
    NOT_NOW = "does-not-follow", "That does not follow where the hit stands."
    WRONG_REASON = ReviewRefusal.WRONG_REASON.value, ReviewRefusal.WRONG_REASON.label
    SAME_HAND = ReviewRefusal.SAME_HAND.value, ReviewRefusal.SAME_HAND.label
    CHANGED = ReviewRefusal.CHANGED.value, ReviewRefusal.CHANGED.label


@dataclass(frozen=True, slots=True)
class ReviewHands:
    """What hits are judged with; every port joins one transaction."""

    hits: PostgresHits
    orders: Orders
    ledger: Ledger
    memberships: PostgresMemberships
    one_human: Callable[[PractitionerId], Collection[PractitionerId]]
    key: bytes
    at: datetime
    is_demonstration: bool = False


def review_hands(work: UnitOfWork, *, by_one_hand: bool = False) -> ReviewHands:
    """What hits are judged with. `by_one_hand`: also among invented families two are asked."""
    return ReviewHands(
        PostgresHits(work.connection),
        work.orders,
        work.ledger,
        work.memberships,
        work.sign_in_accounts.one_human,
        work.outside.vault.secret(SecretName.UNUSUAL_ACCESS),
        work.now,
        work.is_demonstration and not by_one_hand,
    )


def why_not_theirs(hit: Hit, by: str, hands: ReviewHands) -> HitRefusal | None:
    """Why this actor may not review this hit. The system account is a hand like any other."""
    if not by.startswith(_PRACTITIONER):
        return None
    me = PractitionerId(by.removeprefix(_PRACTITIONER))
    membership = hands.memberships.newest(me)
    is_here = membership is not None and membership.is_here(hands.at)
    if membership is None or not is_here or membership.role not in REVIEWS:
        return HitRefusal.NOT_ALLOWED
    mine = {me, *hands.one_human(me)}
    if hit.practitioner is not None:
        worker = PractitionerId(hit.practitioner)
        theirs = {worker, *hands.one_human(worker)}
        if mine & theirs:
            return HitRefusal.OWN
        if hands.hits.share_a_team(mine, theirs):
            return HitRefusal.OWN_TEAM
    if hit.person is not None and hands.hits.has_looked(mine, hit.person):
        return HitRefusal.HAS_LOOKED
    return None


def say(
    hit_id: str, standing: HitStanding, words: str, *, by: str, hands: ReviewHands
) -> Hit | HitRefusal:
    """Say where a hit stands, and why. Of a breach one only says so; see `confirm_breach`.

    A refused try is entered. Among invented families one reviewer is both.
    """
    hit = hands.hits.find(hit_id)
    if hit is None or hit.explained_by is not None:
        return refuse_hit(None, HitRefusal.NOT_THERE, by, hands)
    why_not = why_not_theirs(hit, by, hands) or _why_not_said(hit, standing, words)
    if why_not is not None:
        return refuse_hit(hit, why_not, by, hands)
    if standing is not HitStanding.BREACH:
        return _next(hit, standing, words, by, hands)
    found = ask_by_two(
        KIND,
        {"hit": hit.id},
        by=by,
        hands=hands,
        carry_out=lambda order: _as_a_breach(order, words, hands),
    )
    if isinstance(found, Hit):
        return found
    return _next(hit, HitStanding.SECOND_WANTED, words, by, hands, order=found.id)


def confirm_breach(
    order_id: str, words: str, *, by: str, confirms: bool, hands: ReviewHands
) -> Hit | NotTheirs | HitRefusal:
    """The second reviewer agrees that it is a breach, or does not: then it is looked at again.

    Another human being than who said so first, and nobody who may not review it.
    """
    before: dict[str, Hit] = {}

    def why_not(order: Order) -> HitRefusal | NotTheirs | None:
        hit = hands.hits.find(order.document["hit"])
        if hit is None or hit.standing is not HitStanding.SECOND_WANTED:
            return NotTheirs.NOT_THERE
        if hit.states[-1].order != order.id:
            return NotTheirs.NOT_THERE
        before["hit"] = hit
        found = why_not_theirs(hit, by, hands) or _why_no_words(words)
        return None if found is None else refuse_hit(hit, found, by, hands)

    done: Hit | Order | NotTheirs | HitRefusal = answer_by_two(
        (KIND,),
        order_id,
        by=by,
        confirms=confirms,
        hands=hands,
        why_not=why_not,
        carry_out=lambda order: _as_a_breach(order, words, hands),
    )
    if isinstance(done, Order):
        return _next(before["hit"], HitStanding.LOOKING, words, by, hands)
    return done


def _as_a_breach(order: Order, words: str, hands: ReviewHands) -> Hit:
    hit = hands.hits.find(order.document["hit"])
    if hit is None:
        raise LookupError("an order of a breach names a hit")
    by = order.answered_by or order.asked_by
    if order.answered_by is not None and not hands.is_demonstration:
        return _next(hit, HitStanding.BREACH, words, by, hands, order=order.id)
    said = _next(hit, HitStanding.SECOND_WANTED, words, order.asked_by, hands, order=order.id)
    return _next(said, HitStanding.BREACH, words, by, hands, order=order.id)


def _why_not_said(hit: Hit, standing: HitStanding, words: str) -> HitRefusal | None:
    if standing not in FOLLOWS[hit.standing]:
        return HitRefusal.NOT_NOW
    return _why_no_words(words)


def _why_no_words(words: str) -> HitRefusal | None:
    if not words.strip():
        return HitRefusal.NO_REASON
    return HitRefusal.TOO_LONG if len(words) > LONGEST_WORDS else None


def _next(
    hit: Hit,
    standing: HitStanding,
    words: str,
    by: str,
    hands: ReviewHands,
    *,
    order: str | None = None,
) -> Hit:
    state = HitState(hit.states[-1].number + 1, standing, by, hands.at, order)
    sealed = seal_at_rest(hands.key, words.strip().encode(), bound_to=_bound_to(hit.id, state))
    hands.hits.state(hit, state, words=sealed)
    hands.ledger.append([entry_of_state(hit, state)])
    return _found(hit.id, hands)


def _found(hit_id: str, hands: ReviewHands) -> Hit:
    found = hands.hits.find(hit_id)
    if found is None:
        raise LookupError("a hit that was just written is there")
    return found


def _bound_to(hit: str, state: HitState) -> str:
    return f"unusual:{hit}:{state.number}"


def refuse_hit(hit: Hit | None, why: HitRefusal, by: str, hands: ReviewHands) -> HitRefusal:
    """Enter that nothing was said of it, and why."""
    fields: dict[str, FieldValue] = {"hit": [] if hit is None else [hit.id], "because": why}
    event = LedgerEvent.UNUSUAL_ACCESS_ACT_REFUSED
    hands.ledger.append([ledger_entry(event, fields, at=hands.at, actor=by)])
    return why


# Looking at the list is entered like any other look.


def list_hits(
    asked: HitFilter, *, by: str, hands: ReviewHands, most: int = MOST_LISTED
) -> tuple[HitRow, ...]:
    """Hits that nothing explains, the soonest due first; that they were listed is entered."""
    found = hands.hits.listed(asked, most=min(most, MOST_LISTED))
    fields = {"results": len(found)}
    event = LedgerEvent.UNUSUAL_ACCESS_LISTED
    hands.ledger.append([ledger_entry(event, {**fields}, at=hands.at, actor=by)])
    return tuple(rows_of(found))


@dataclass(frozen=True, slots=True)
class HitShown:
    """One hit with all that was said of it, why, and whether whoever looks may say more."""

    row: HitRow
    states: tuple[HitState, ...]
    words: tuple[str, ...]
    why_not: HitRefusal | None


def show_hit(hit_id: str, *, by: str, hands: ReviewHands) -> HitShown | HitRefusal:
    """One hit; the look is entered. Why others found what they found is for those who may review.

    Of the words those of a state without any are empty.
    """
    hit = hands.hits.find(hit_id)
    if hit is None:
        return refuse_hit(None, HitRefusal.NOT_THERE, by, hands)
    event = LedgerEvent.UNUSUAL_ACCESS_SHOWN
    hands.ledger.append([ledger_entry(event, {"hit": hit.id}, at=hands.at, actor=by)])
    said, why_not = said_of(hit, by=by, hands=hands)
    words = tuple(said.get(state.number, "") for state in hit.states)
    return HitShown(row_of(hit), hit.states, words, why_not)


def said_of(
    hit: Hit, *, by: str, hands: ReviewHands
) -> tuple[Mapping[int, str], HitRefusal | None]:
    """Why others found what they found, by the number of the state; and why it is not for `by`.

    Whoever may not review it is told nothing of it. The caller enters the look.
    """
    why_not = why_not_theirs(hit, by, hands)
    sealed = {} if why_not is not None else hands.hits.words(hit.id)
    said = {
        state.number: open_at_rest(
            hands.key, sealed[state.number], bound_to=_bound_to(hit.id, state)
        ).decode()
        for state in hit.states
        if state.number in sealed
    }
    return said, why_not


def rule_figures(since: date, until: date, *, hands: ReviewHands) -> tuple[RuleFigures, ...]:
    """How well each rule does: counts alone, of nobody."""
    return tuple(hands.hits.figures(since, until))
