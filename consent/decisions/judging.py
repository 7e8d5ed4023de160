"""An act about sharing is judged by what it changes, and done, done in part, or only proposed.

Nobody opens anything by their own word (DESIGN.md section 16): what only narrows is done at once,
whoever asks; what widens needs a second hand, and waits for one where it has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from consent.agreement import Agency
from consent.circumstances import InvalidationReason
from consent.deciding.decide import together
from consent.decisions.effects import Widening, effect_of, widening_of
from consent.decisions.entries import confirmed_entry, entry_for, proposed_entry, told_entries
from consent.decisions.keeping import Asker, Changed, Deciding, Recorded, found, keep
from consent.errors import DecisionInvalidError
from consent.ledger import LedgerEntry, new_entry_id
from consent.model import (
    LAPSES_AFTER,
    Proposal,
    Recipient,
    Response,
    SecondHand,
    SharingAct,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId

MOST_UNCONFIRMED_A_DAY = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants done: the decisions as they would stand then, each with its entry.

    The first is the one that it is about. `is_doubtful` where something held speaks against who
    decided: then what narrows stands, and nobody's case-load is enough for what widens.
    """

    kind: SharingAct
    changed: Sequence[Changed]
    actor: str
    because: InvalidationReason | None = None
    is_doubtful: bool = False

    @property
    def decision(self) -> SharingDecision:
        """The decision that it is about, as it would stand."""
        return self.changed[0][0]

    @property
    def decisions(self) -> Sequence[SharingDecision]:
        """All that would change, as they would stand."""
        return [decision for decision, _ in self.changed]


def carry_out(act: Act, *, deciding: Deciding) -> Recorded:
    """Do it, or what of it needs no second hand, and propose the rest."""
    widening = widening_by(act.decisions, deciding)
    # (1) What only narrows, from anybody: at once. A fourth a day needs a colleague.
    if not widening.gained:
        do = _propose if _is_one_too_many(act, deciding) else _narrow
        return do(act, widening, deciding)
    # (2) What widens: at once where somebody else than who asks stands for it, or nobody who
    # asks gains. A no is never taken back on a case-load alone.
    hand = _hand_at_once(act, widening, deciding.asker)
    if hand is not None:
        return _widen(act, hand, deciding)
    # (3) What others gain is in force; what the asker's own agency gains waits.
    others = _for_others(act, widening, deciding)
    if others is not None:
        return _widen_in_part(act, widening, others, deciding)
    # (4) Else it is proposed, and says nothing until somebody confirms it.
    return _propose(act, widening, deciding)


def widening_by(changed: Sequence[SharingDecision], deciding: Deciding) -> Widening:
    """Who would gain if these decisions stood like that."""
    before, after = _before_and_after(changed, deciding)
    return widening_of(before, after, now=deciding.clock.now())


def _before_and_after(
    changed: Sequence[SharingDecision], deciding: Deciding
) -> tuple[Sequence[SharingDecision], Sequence[SharingDecision]]:
    """Everything on record about those concerned, as it stands and as it would."""
    concerned = frozenset[PersonId]().union(*(d.subjects for d in changed))
    known = together(deciding.decisions.on_record(concerned).values()).decisions
    # A no that holds for others than it names is told once for those whom it names, and once more.
    before = {(d.id, d.subjects): d for d in known}
    after = dict(before)
    for decision in changed:
        told = [each for each in known if each.id == decision.id]
        after |= {(d.id, d.subjects): _as_on_record(decision, d) for d in told or [decision]}
    return [*before.values()], [*after.values()]


def _as_on_record(changed: SharingDecision, known: SharingDecision) -> SharingDecision:
    """About everybody who is one with whom it names, as what is on record is told."""
    return replace(changed, subjects=known.subjects, decided_by=known.decided_by)


def _is_one_too_many(act: Act, deciding: Deciding) -> bool:
    if deciding.asker.is_of_the_familys_own:
        return False
    since = deciding.clock.now() - _DAY
    known = deciding.decisions.unconfirmed_by(act.actor, since=since)
    return known >= MOST_UNCONFIRMED_A_DAY


def _narrow(act: Act, widening: Widening, deciding: Deciding) -> Recorded:
    """At once; unconfirmed until somebody who works with the family has asked it."""
    del widening  # nobody gains
    confirmed = deciding.asker.is_of_the_familys_own
    changed = _confirmed(act, deciding) if confirmed else act.changed
    return keep(changed, deciding=deciding, beside=_told(act, deciding))


def _told(act: Act, deciding: Deciding) -> list[LedgerEntry]:
    return told_entries(act.decisions, act.kind, at=deciding.clock.now(), actor=act.actor)


def _hand_at_once(act: Act, widening: Widening, asker: Asker) -> SecondHand | None:
    if asker.is_both_hands:
        return SecondHand.DEMONSTRATION
    if act.is_doubtful:
        return None
    if asker.is_confirmed:
        return SecondHand.FAMILY
    gains = widening.is_gain_of(asker.agency, asker.accounts)
    if asker.case_load_since is not None and not gains and not widening.taken_back:
        return SecondHand.CASE_LOAD
    return None


def _widen(act: Act, hand: SecondHand, deciding: Deciding) -> Recorded:
    told = _told(act, deciding)
    if hand is SecondHand.CASE_LOAD:
        return keep(act.changed, deciding=deciding, beside=told)
    is_familys = hand is SecondHand.FAMILY
    at = deciding.clock.now()
    warranted = confirmed_entry(act.decision, act.kind, hand, at=at, actor=act.actor)
    beside = [*told, warranted] if is_familys else told
    return keep(_confirmed(act, deciding), deciding=deciding, beside=beside)


def _confirmed(act: Act, deciding: Deciding) -> Sequence[Changed]:
    """The same, where it is newly recorded confirmed by who records it with the family."""
    if act.kind is not SharingAct.RECORD:
        return act.changed
    (decision, entry), *others = act.changed
    now = deciding.clock.now()
    return [(replace(decision, confirmed_at=now, confirmed_by=act.actor), entry), *others]


# What others gain, apart from what the asker's own agency does: two decisions of one act.


def _for_others(act: Act, widening: Widening, deciding: Deciding) -> frozenset[Recipient] | None:
    """Those of the recipients who may be shown it at once; None where it cannot be parted."""
    asker, decision = deciding.asker, act.decision
    is_new_yes = act.kind is SharingAct.RECORD and decision.response is Response.GIVEN
    can_part = is_new_yes and len(act.changed) == 1 and not widening.taken_back
    if not can_part or act.is_doubtful or asker.case_load_since is None:
        return None
    # Who is named by role or by name may be of the asker's own agency.
    named = decision.recipients or frozenset(map(_agency, Agency))
    others = named & (frozenset(map(_agency, Agency)) - {f"agency:{asker.agency}"})
    if not others or others == named:
        return None
    of_others = widening_by([replace(decision, recipients=others)], deciding)
    return None if of_others.is_gain_of(asker.agency, asker.accounts) else others


def _agency(agency: Agency) -> Recipient:
    return f"agency:{agency}"


def _widen_in_part(
    act: Act, widening: Widening, others: frozenset[Recipient], deciding: Deciding
) -> Recorded:
    now, decision = deciding.clock.now(), act.decision
    whole = decision.recipients or frozenset(map(_agency, Agency))
    proposal = Proposal(SharingAct.RECORD, act.actor, now, now + LAPSES_AFTER)
    first = replace(decision, recipients=others, tied_to=DecisionId(str(new_entry_id(now))))
    waiting = replace(
        decision,
        id=first.tied_to or decision.id,
        recipients=whole - others,
        tied_to=decision.id,
        proposed=proposal,
    )
    gaining = frozenset(a for a in widening.gaining if _agency(a) not in others)
    kept = keep(
        [(first, entry_for(first)), (waiting, entry_for(waiting))],
        deciding=deciding,
        beside=[proposed_entry(waiting, proposal, gaining, actor=act.actor)],
    )
    return replace(kept, waiting=waiting, gaining=gaining)


# What waits for a second hand.


def _propose(act: Act, widening: Widening, deciding: Deciding) -> Recorded:
    now = deciding.clock.now()
    told = act.decision.taken_back if act.kind is SharingAct.WITHDRAW else None
    proposal = Proposal(act.kind, act.actor, now, now + LAPSES_AFTER, act.because, taken_back=told)
    gaining = widening.gaining
    if act.kind is not SharingAct.RECORD:
        waiting = _to_become(found(act.decision.id, deciding), proposal)
        entry = proposed_entry(waiting, proposal, gaining, actor=act.actor)
        kept = keep([(waiting, entry)], deciding=deciding)
        return replace(kept, waiting=waiting, gaining=gaining)
    _require_only_widening(act, deciding)
    waiting = replace(act.decision, proposed=proposal)
    kept = keep(
        [(waiting, act.changed[0][1])],
        deciding=deciding,
        beside=[proposed_entry(waiting, proposal, gaining, actor=act.actor)],
    )
    return replace(kept, waiting=waiting, gaining=gaining)


def _to_become(decision: SharingDecision, proposal: Proposal) -> SharingDecision:
    asked = decision.change_asked
    if asked is not None and asked.is_open(proposal.at):
        raise DecisionInvalidError("decision", "waits-already")
    return replace(decision, change_asked=proposal, version=decision.version + 1)


def _require_only_widening(act: Act, deciding: Deciding) -> None:
    """What is to take another's place all waits: so it may not also hold back a narrowing."""
    before, after = _before_and_after(act.decisions, deciding)
    is_replacing = len(act.changed) > 1
    if is_replacing and effect_of(before, after, now=deciding.clock.now()).lost:
        raise DecisionInvalidError("supersedes", "narrows-and-widens")
