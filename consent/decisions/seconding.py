"""The second professional, without whom no child below 13 is judged able to decide (Gillick).

The first proposes what the child says yes to; the second is the second hand for it, and says in
the same act that they have judged it too. Both work with the child.
"""

from collections.abc import Collection
from dataclasses import replace

from consent.circumstances import CompetenceJudgement, CompetenceQuestion
from consent.decisions.deciders import needs_second_judge
from consent.decisions.effects import Widening
from consent.decisions.keeping import Deciding
from consent.decisions.states import waiting_for
from consent.errors import DecisionInvalidError
from consent.model import Proposal, SecondHand, SharingAct, SharingDecision
from schemas.identifiers import PractitionerId


def waits_for_second_judge(decision: SharingDecision, deciding: Deciding) -> bool:
    """Whether what waits about it is that somebody else judges the child too."""
    now = deciding.clock.now()
    proposal = waiting_for(decision, now)
    if proposal is None or proposal.act is not SharingAct.RECORD:
        return False
    kind, told = decision.decided_by.kind, decision.circumstances
    return needs_second_judge(kind, told, deciding.deciders.of(decision.subjects), now)


def hand_of_second_judge(
    decision: SharingDecision,
    proposal: Proposal,
    widening: Widening,
    usual: SecondHand | None,
    *,
    actor: str,
    deciding: Deciding,
) -> SecondHand | None:
    """As what this asker stands for it beside the first; None where they cannot judge it too.

    `usual` is as what they would, if nobody had to be judged. Where two services judge, each
    stands for what the other gains.
    """
    asker, first = deciding.asker, decision.circumstances.competence
    if asker.practitioner is None or asker.case_load_since is None or first is None:
        return None
    if first.judged_by in asker.accounts or actor == proposal.asked_by:
        return None
    if asker.is_also(proposal.asked_by):
        return None
    agency_of_first = deciding.agency_of(PractitionerId(first.judged_by))
    is_elsewhere = agency_of_first is not None and asker.agency is not agency_of_first
    is_older = asker.case_load_since < proposal.at
    if is_elsewhere and is_older and not widening.taken_back:
        return SecondHand.CASE_LOAD
    return usual


def judged_too(
    decision: SharingDecision, yes: Collection[CompetenceQuestion], deciding: Deciding
) -> SharingDecision:
    """The decision with this asker's judgement. Raises DecisionInvalidError for less than yes."""
    judge = deciding.asker.practitioner or ""
    judgement = CompetenceJudgement.of(yes, judged_by=judge, judged_at=deciding.clock.now())
    if not judgement.is_competent:
        raise DecisionInvalidError("competence", "was-judged-not-to-be")
    return replace(decision, circumstances=replace(decision.circumstances, seconded=judgement))
