"""Saying yes or no on one's own page: to what somebody proposed, and to what nobody asked.

Whoever says it has just typed a code, so it is confirmed by the family itself and holds at once.
What waits for somebody else, is about somebody whom they do not reach, or rests on the word of the
proposer's own agency alone, is answered as what there is not, and is on no list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.circumstances import Channel, Circumstances
from consent.decisions.ages import NamedAgency
from consent.decisions.confirming import confirm_decision
from consent.decisions.deciders import WhyProposed, check_decider
from consent.decisions.keeping import Asker, Deciding, Recorded
from consent.decisions.recording import record_decision
from consent.decisions.seconding import waits_for_second_judge
from consent.decisions.states import DecisionState, state_of
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis
from consent.ledger.events import LedgerEvent
from consent.model import (
    Proposal,
    RecordDecision,
    Response,
    SharingAct,
    SharingDecision,
    order_to_record,
)
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose, Source
from services.people.family_access.model import FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached
from services.people.family_access.speaking import may_say, name_of, speaks_as

MAY_BE_SAID = tuple(c for c in Category if c not in {Category.SOCIAL_CARE, Category.SAFEGUARDING})
"""What a worker asks a family too; what concerns safety is shared as the law says."""
_FOR = frozenset({Purpose.EARLY_HELP, Purpose.DIRECT_CARE})
_PRACTITIONER, _FAMILY = "practitioner:", "family:"
_CONFIRM, _REFUSE, _SAY, _NOT_THEIRS = "confirm", "refuse", "say", "is-not-theirs"


@dataclass(frozen=True, slots=True)
class AskedOf:
    """A yes that somebody wrote down for whoever looks, and that waits for them alone."""

    decision: SharingDecision
    proposal: Proposal
    about: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class NewWord:
    """What somebody says of their own accord: `until` is for a yes."""

    about: PersonId
    response: Response
    categories: frozenset[Category]
    services: frozenset[Source]
    until: datetime | None = None


def asked_of(
    reached: Sequence[Reached], *, door: FamilyDoor, deciding: Deciding
) -> Sequence[AskedOf]:
    """What waits for their answer, the soonest to lapse first."""
    found = {d.id: d for one in reached for d in one.on_record.decisions}
    asked = (_asked(decision, reached, door, deciding) for decision in found.values())
    return sorted(
        (one for one in asked if one is not None),
        key=lambda one: (one.proposal.until, one.decision.id),
    )


def confirm_asked(
    decision: DecisionId,
    session: FamilySession,
    reached: Sequence[Reached],
    *,
    door: FamilyDoor,
    deciding: Deciding,
) -> Recorded | None:
    """Say yes to it: in force at once. None, which is entered, where it does not wait for them."""
    if _find(decision, reached, door, deciding) is None:
        _refuse(_CONFIRM, _NOT_THEIRS, session, door)
        return None
    try:
        done = confirm_decision(decision, actor=session.actor, deciding=_confirmed(deciding))
    except DecisionInvalidError as error:
        _refuse(_CONFIRM, error.reason, session, door)
        return None
    return done if isinstance(done, Recorded) else None


def refuse_asked(
    decision: DecisionId,
    session: FamilySession,
    reached: Sequence[Reached],
    *,
    door: FamilyDoor,
    deciding: Deciding,
) -> Recorded | None:
    """Say no to it: a refusal of just that, in force at once, in the place of what was proposed."""
    asked = _find(decision, reached, door, deciding)
    stored = None if asked is None else deciding.decisions.find(decision)
    if asked is None or stored is None:
        _refuse(_REFUSE, _NOT_THEIRS, session, door)
        return None
    order = RecordDecision(
        subjects=tuple(sorted(stored.subjects)),
        response=Response.REFUSED,
        categories=stored.categories,
        purposes=stored.purposes,
        basis=Basis.CONSENT,
        decided_by=stored.decided_by,
        actor=session.actor,
        recipients=stored.recipients,
        sources=stored.sources,
        circumstances=_as_judged(stored),
        # What one act made of it besides is in force for others, and was not asked about.
        supersedes=stored.id if stored.tied_to is None else None,
    )
    return _record(order, _REFUSE, session, door, deciding)


def say(
    word: NewWord,
    session: FamilySession,
    reached: Sequence[Reached],
    *,
    door: FamilyDoor,
    deciding: Deciding,
) -> Recorded | None:
    """Say it. None, which is entered, where it is not theirs to say."""
    one = next((each for each in reached if each.person == word.about), None)
    by = None if one is None else speaks_as(one, reached, door=door)
    if one is None or by is None or not may_say(word.response, by):
        _refuse(_SAY, _NOT_THEIRS, session, door)
        return None
    is_yes = word.response is Response.GIVEN
    order = RecordDecision(
        subjects=(one.person,),
        response=word.response,
        categories=word.categories.intersection(MAY_BE_SAID),
        purposes=_FOR if is_yes else frozenset(Purpose),
        basis=Basis.CONSENT,
        decided_by=by,
        actor=session.actor,
        recipients=frozenset(f"agency:{service}" for service in word.services),
        circumstances=Circumstances(channel=Channel.ONLINE),
        until=word.until if is_yes else None,
        decider_name=None if one.is_oneself else name_of(one, reached, door=door),
    )
    return _record(order, _SAY, session, door, deciding)


# What waits for them.


def _find(
    decision: DecisionId, reached: Sequence[Reached], door: FamilyDoor, deciding: Deciding
) -> AskedOf | None:
    asked = asked_of(reached, door=door, deciding=deciding)
    return next((one for one in asked if one.decision.id == decision), None)


def _asked(
    decision: SharingDecision, reached: Sequence[Reached], door: FamilyDoor, deciding: Deciding
) -> AskedOf | None:
    """(1) A yes of theirs waits, of parts that a family is asked about, and for no second judge.

    (2) Everybody whom it is about is on their page, and for each of these it is theirs to say.
    (3) They have not said no to it since. (4) Who they are to the child is not told by the
    proposer's agency alone.
    """
    proposal = decision.proposed
    if proposal is None or not _is_waiting_yes(decision, proposal, door.at):  # (1)
        return None
    if waits_for_second_judge(decision, deciding):
        return None
    ones = door.clusters.all_of([one.person for one in reached if one.is_oneself])  # (2)
    own = [one for one in reached if one.person in decision.subjects]
    known = set(door.clusters.all_of([one.person for one in own]))
    is_theirs = all(one.is_own(decision, ones) for one in own)
    if not own or not is_theirs or not decision.subjects <= known:
        return None
    if any(_is_no_to(each, decision) for one in own for each in one.on_record.decisions):  # (3)
        return None
    if not _is_vouched_for(decision, proposal, door, deciding):  # (4)
        return None
    return AskedOf(decision, proposal, tuple(one.person for one in own))


def _is_waiting_yes(decision: SharingDecision, proposal: Proposal, at: datetime) -> bool:
    is_waiting = state_of(decision, at) is DecisionState.PROPOSED
    is_yes = decision.response is Response.GIVEN and decision.basis is Basis.CONSENT
    # What they said themselves and waits is for somebody else to look at.
    is_of_a_worker = not proposal.asked_by.startswith(_FAMILY)
    is_asked = is_of_a_worker and Category.SAFEGUARDING not in decision.categories
    return is_waiting and is_yes and is_asked and proposal.act is SharingAct.RECORD


def _is_no_to(said: SharingDecision, proposed: SharingDecision) -> bool:
    is_of_them = said.decided_by == proposed.decided_by and said.response is Response.REFUSED
    is_of_it = said.categories == proposed.categories and said.recipients == proposed.recipients
    return is_of_them and is_of_it and said.decided_at >= proposed.decided_at


def _is_vouched_for(
    decision: SharingDecision, proposal: Proposal, door: FamilyDoor, deciding: Deciding
) -> bool:
    is_worker = proposal.asked_by.startswith(_PRACTITIONER)
    agency = _agency_of(proposal.asked_by, door) if is_worker else None
    if is_worker and agency is None:
        return False
    order = order_to_record(
        decision, subjects=tuple(sorted(decision.subjects)), actor=proposal.asked_by
    )
    check = check_decider(
        order,
        deciding.deciders.of(decision.subjects),
        recorder_agency=agency,
        now=door.at,
    )
    return check.reason in {None, *_OF_AGE}


_OF_AGE = frozenset(why.value for why in WhyProposed) - {WhyProposed.RESPONSIBILITY_NOT_NAMED.value}
"""Why it was only proposed, and the family's own word is enough."""


def _agency_of(actor: str, door: FamilyDoor) -> NamedAgency | None:
    who = door.here.directory.practitioner(PractitionerId(actor.removeprefix(_PRACTITIONER)))
    return None if who is None else NamedAgency(who.agency_kind, who.agency_code)


def _as_judged(decision: SharingDecision) -> Circumstances:
    """How a young person was judged able stays: it is the same matter."""
    told = decision.circumstances
    return Circumstances(
        channel=Channel.ONLINE,
        competence=told.competence,
        presumed_competent=told.presumed_competent,
        parents_are_not_told=told.parents_are_not_told,
        seconded=told.seconded,
    )


# Recording it.


def _record(
    order: RecordDecision, act: str, session: FamilySession, door: FamilyDoor, deciding: Deciding
) -> Recorded | None:
    try:
        return record_decision(order, deciding=_confirmed(deciding))
    except DecisionInvalidError as error:
        _refuse(act, error.reason, session, door)
        return None


def _confirmed(deciding: Deciding) -> Deciding:
    return replace(deciding, asker=Asker(is_confirmed=True))


def _refuse(act: str, because: str, session: FamilySession, door: FamilyDoor) -> None:
    fields = {"act": act, "because": because}
    door.enter(LedgerEvent.FAMILY_ACT_REFUSED, dict(fields), by=session.actor)
