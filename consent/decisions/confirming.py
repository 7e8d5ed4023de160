"""The second hand: who confirms what waits, and what lapses because nobody did."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from consent.circumstances import CompetenceQuestion, InvalidationReason
from consent.decisions.changing import ending, invalidating, replaced_by, withdrawing
from consent.decisions.effects import Widening, widening_of
from consent.decisions.entries import (
    act_refused_entry,
    confirmed_entry,
    lapsed_entry,
    proposed_entry,
    seconded_entry,
    told_entries,
)
from consent.decisions.judging import Act, widening_by
from consent.decisions.keeping import Asker, Changed, Deciding, Recorded, found, keep
from consent.decisions.seconding import (
    hand_of_second_judge,
    judged_too,
    waits_for_second_judge,
)
from consent.decisions.states import DecisionState, is_unconfirmed_no, state_of, waiting_for
from consent.errors import DecisionInvalidError
from consent.ledger import LedgerEntry
from consent.model import LAPSES_AFTER, Proposal, SecondHand, SharingAct, SharingDecision
from schemas.identifiers import DecisionId

_OPERATOR = "operator:"


@dataclass(frozen=True, slots=True)
class NotConfirmed:
    """Answer: whoever asked is no second hand for it. The attempt is in the ledger."""

    because: str = "is-no-second-hand"


def confirm_decision(
    decision_id: DecisionId,
    *,
    actor: str,
    deciding: Deciding,
    yes: Collection[CompetenceQuestion] = (),
) -> Recorded | NotConfirmed:
    """Be the second hand for what waits about this decision, or ask the family about its no.

    It is judged again by what it changes now. `yes` are the questions that a second professional
    answers with yes of a child below 13. Raises DecisionInvalidError where nothing waits, and for
    such a child where not all are.
    """
    now = deciding.clock.now()
    decision = found(decision_id, deciding)
    proposal = waiting_for(decision, now)
    if proposal is None:
        return _confirm_no(decision, actor=actor, deciding=deciding)
    is_to_judge = waits_for_second_judge(decision, deciding)
    after, changed = _as_asked(decision, proposal, actor=actor, deciding=deciding)
    hand = _hand(decision, proposal, after, changed, actor=actor, deciding=deciding)
    if hand is None:
        because = "is-no-second-judge" if is_to_judge else "is-no-second-hand"
        return _refused(decision, NotConfirmed(because), actor=actor, deciding=deciding)
    entry = confirmed_entry(decision, proposal.act, hand, at=now, actor=actor)
    if proposal.act is not SharingAct.RECORD:
        told = told_entries((d for d, _ in changed), proposal.act, at=now, actor=actor)
        return keep(changed, deciding=deciding, beside=[*told, entry])
    if not is_to_judge:
        return keep([(after, entry), *changed], deciding=deciding)
    judged = judged_too(after, yes, deciding)
    seconded = seconded_entry(judged, at=now, actor=actor)
    return keep([(judged, entry), *changed], deciding=deciding, beside=[seconded])


def would_confirm(decision: SharingDecision, *, actor: str, deciding: Deciding) -> bool:
    """Whether this asker would be the second hand for what waits about it, if they were asked now.

    Whoever gains by it is none: to list it for them would tell them of what they may not know.
    """
    proposal = waiting_for(decision, deciding.clock.now())
    if proposal is None:
        return False
    try:
        after, changed = _as_asked(decision, proposal, actor=actor, deciding=deciding)
    except DecisionInvalidError:
        return False
    hand = _hand(decision, proposal, after, changed, actor=actor, deciding=deciding)
    return hand is not None


def _hand(
    decision: SharingDecision,
    proposal: Proposal,
    after: SharingDecision,
    changed: Sequence[Changed],
    *,
    actor: str,
    deciding: Deciding,
) -> SecondHand | None:
    """As what this asker stands for it beside who asked; None where they are no second hand."""
    widening = widening_by([after, *(each for each, _ in changed)], deciding)
    usual = second_hand(proposal, widening, actor, deciding.asker)
    if not waits_for_second_judge(decision, deciding):
        return usual
    return hand_of_second_judge(decision, proposal, widening, usual, actor=actor, deciding=deciding)


def second_hand(
    proposal: Proposal, widening: Widening, actor: str, asker: Asker
) -> SecondHand | None:
    """As what this asker warrants what another asked for; None where they are no second hand."""
    # The family itself is another hand, also where who asked is with it again.
    if asker.is_both_hands or asker.is_confirmed:
        return SecondHand.FAMILY if asker.is_confirmed else SecondHand.DEMONSTRATION
    if actor == proposal.asked_by or asker.is_also(proposal.asked_by):
        return None
    if proposal.asked_by.startswith(_OPERATOR) and actor.startswith(_OPERATOR):
        return SecondHand.OPERATOR
    if asker.practitioner is not None and not widening.gained:
        return SecondHand.COLLEAGUE
    since = asker.case_load_since
    has_case_load = since is not None and since < proposal.at
    if has_case_load and not widening.is_gain_of(asker.agency, asker.accounts):
        return SecondHand.CASE_LOAD
    return None


def _as_asked(
    decision: SharingDecision, proposal: Proposal, *, actor: str, deciding: Deciding
) -> tuple[SharingDecision, Sequence[Changed]]:
    """The decision as it would stand now, and what has an entry of its own to go with it.

    Raises DecisionInvalidError for what cannot be done any more.
    """
    if proposal.act is SharingAct.RECORD:
        now = deciding.clock.now()
        confirmed = _confirmed(decision, now, actor)
        return confirmed, replaced_by(confirmed, at=now, actor=actor, deciding=deciding)
    act = _act_of(decision.id, proposal, actor=actor, deciding=deciding)
    return act.decision, act.changed


def _confirmed(decision: SharingDecision, at: datetime, actor: str) -> SharingDecision:
    return replace(decision, confirmed_at=at, confirmed_by=actor, version=decision.version + 1)


def _act_of(decision: DecisionId, proposal: Proposal, *, actor: str, deciding: Deciding) -> Act:
    if proposal.act is SharingAct.WITHDRAW:
        return withdrawing(decision, actor=actor, deciding=deciding, told=proposal.taken_back)
    if proposal.act is SharingAct.END:
        return ending(decision, actor=actor, deciding=deciding)
    because = proposal.because or InvalidationReason.RECORDED_WRONGLY
    return invalidating(decision, because, actor=actor, deciding=deciding)


def _confirm_no(
    decision: SharingDecision, *, actor: str, deciding: Deciding
) -> Recorded | NotConfirmed:
    """A no that somebody brought stands; that the family was asked about it is written down."""
    now = deciding.clock.now()
    if not is_unconfirmed_no(decision, now):
        raise DecisionInvalidError("decision", "waits-for-nothing")
    if not deciding.asker.is_of_the_familys_own:
        return _refused(decision, NotConfirmed(), actor=actor, deciding=deciding)
    is_familys = deciding.asker.is_confirmed
    hand = SecondHand.FAMILY if is_familys else SecondHand.CASE_LOAD
    entry = confirmed_entry(decision, SharingAct.RECORD, hand, at=now, actor=actor)
    return keep([(_confirmed(decision, now, actor), entry)], deciding=deciding)


def _refused(
    decision: SharingDecision, refusal: NotConfirmed, *, actor: str, deciding: Deciding
) -> NotConfirmed:
    at = deciding.clock.now()
    entry = act_refused_entry(decision, "confirm", refusal.because, at=at, actor=actor)
    deciding.ledger.append([entry])
    return refusal


# What nobody confirmed in time, and what rested on one person's word before there were two hands.


def lapse(decisions: Iterable[SharingDecision], *, actor: str, deciding: Deciding) -> int:
    """Enter of these what nobody confirmed in time; gives how many that were."""
    now = deciding.clock.now()
    lapsed = [(d, names) for d in decisions if (names := lapsed_of(d, now))]
    changed = [_lapsed(decision, names, now, actor) for decision, names in lapsed]
    beside = [entry for _, entries in changed for entry in entries[1:]]
    if changed:
        firsts = [(decision, entries[0]) for decision, entries in changed]
        keep(firsts, deciding=deciding, beside=beside)
    return len(changed)


def lapsed_of(decision: SharingDecision, at: datetime) -> Mapping[str, Proposal]:
    """What has lapsed by then of which the ledger does not tell it yet, by its field."""
    told = {"change_asked": decision.change_asked}
    if state_of(decision, at) is DecisionState.LAPSED:
        told["proposed"] = decision.proposed
    return {
        name: proposal
        for name, proposal in told.items()
        if proposal is not None and not proposal.is_open(at) and not proposal.lapse_entered
    }


def _lapsed(
    decision: SharingDecision, lapsed: Mapping[str, Proposal], at: datetime, actor: str
) -> tuple[SharingDecision, Sequence[LedgerEntry]]:
    marked: dict[str, Any] = {
        name: replace(proposal, lapse_entered=True) for name, proposal in lapsed.items()
    }
    entries = [lapsed_entry(decision, p, at=at, actor=actor) for p in lapsed.values()]
    return replace(decision, version=decision.version + 1, **marked), entries


def make_wait(decision: SharingDecision, *, actor: str, deciding: Deciding) -> Recorded:
    """Let a decision that one person's word made say nothing until somebody confirms it.

    It stays as it is and nothing is dropped; what it answered until now can still be told.
    """
    now = deciding.clock.now()
    asked_by = decision.circumstances.recorded_by or actor
    proposal = Proposal(SharingAct.RECORD, asked_by, now, now + LAPSES_AFTER)
    waiting = replace(decision, proposed=proposal, version=decision.version + 1)
    gaining = widening_of([], [decision], now=now).gaining
    entry = proposed_entry(waiting, proposal, gaining, actor=actor)
    return replace(keep([(waiting, entry)], deciding=deciding), waiting=waiting, gaining=gaining)
