"""Sharing decisions by a practitioner who is with a family: who may record, change and read them.

What makes sense in a decision, and what becomes of it, is for `consent.decisions`; here it is asked
first whether the practitioner has anything to do with whom it is about. A refusal is an answer.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from consent.circumstances import CompetenceQuestion, InvalidationReason
from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.confirming import NotConfirmed, confirm_decision
from consent.decisions.entries import act_refused_entry
from consent.decisions.keeping import Deciding, Recorded, Taken
from consent.decisions.objecting import ObjectTo, object_to
from consent.decisions.recording import record_decision, require_sense
from consent.errors import DecisionInvalidError
from consent.lawfulness import DUTIES
from consent.model import RecordDecision, Response, SharingAct, SharingDecision, TakenBack
from schemas.identifiers import DecisionId, PersonId
from schemas.records.message import Subject
from services.decisions.askers import Askers
from services.decisions.choosing import (
    UNNAMED,
    Choosing,
    name_chosen,
    with_decider_chosen,
    with_objector_chosen,
)
from services.decisions.postgres import PostgresDecisions
from services.people.deciders.postgres import PostgresDeciderFacts
from services.people.governance.queue import ItemKind, Queue, raise_item
from services.people.persons.postgres import PostgresPersonIndex
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_limits import PostgresLimits, limit_reached
from services.people.relationships.postgres import PostgresRelationships
from services.profile.families import refusal_to_open
from services.profile.model import ProfileRefused
from services.profile.postgres_looks import PostgresLooks
from services.profile.viewing import NOBODY, Opening

_NOBODYS = DecisionId(NOBODY)


@dataclass(frozen=True, slots=True)
class Desk:
    """What decisions are recorded and changed with; every port joins one transaction."""

    opening: Opening
    deciding: Deciding
    persons: PostgresPersonIndex
    clusters: PostgresClusters
    decisions: PostgresDecisions
    relationships: PostgresRelationships
    looks: PostgresLooks
    limits: PostgresLimits
    queue: Queue
    decider_facts: PostgresDeciderFacts

    @property
    def askers(self) -> Askers:
        """As whom practitioners act, by their relationships."""
        return Askers(self.relationships, self.clusters)

    @property
    def choosing(self) -> Choosing:
        """What deciders are chosen with."""
        at, ledger = self.opening.at, self.deciding.ledger
        return Choosing(self.askers, self.decider_facts, self.relationships, ledger, at)


def refusal_about(
    persons: Collection[PersonId],
    who: SignedInPractitioner,
    *,
    desk: Desk,
    one_is_enough: bool = False,
) -> ProfileRefused | None:
    """Why decisions about these persons are closed to the practitioner, if they are; entered."""
    return refusal_to_open(
        who,
        persons,
        opening=desk.opening,
        looks=desk.looks,
        ledger=desk.deciding.ledger,
        one_is_enough=one_is_enough,
    )


def refusal_of(
    decision: DecisionId, who: SignedInPractitioner, *, desk: Desk, one_is_enough: bool = False
) -> ProfileRefused | None:
    """Why a decision is closed to the practitioner; one that there is not is nobody's.

    So is one of which they may not know.
    """
    found = desk.decisions.find(decision)
    is_told = found is not None and (
        found.circumstances.recorded_by == who.actor
        or desk.askers.may_know_of_decisions(who, found.subjects)
    )
    persons = {NOBODY} if found is None or not is_told else found.subjects
    return refusal_about(persons, who, desk=desk, one_is_enough=one_is_enough)


def record(
    command: RecordDecision, who: SignedInPractitioner, *, desk: Desk, is_chosen: bool = False
) -> Recorded | Taken | ProfileRefused:
    """Record what was decided about people who are known. Raises DecisionInvalidError.

    `is_chosen` where the decider is a reference from the list (`choosing.deciders_to_choose`).
    """
    # (1) What makes no sense by itself, before anybody is looked up.
    require_sense(command, desk.deciding.clock.now())
    # (2) Whom it is about, by what was typed: nobody is made, and nothing learnt of them.
    subjects = tuple(known_by(subject, who, desk=desk) for subject in command.subjects)
    named = replace(command, subjects=subjects)
    # (3) A no is taken from anybody; who has nothing to do with them learns nothing by it.
    is_no = command.response in _NOES and command.supersedes is None
    if is_no and not desk.askers.may_ask(who, subjects):
        unnamed = replace(named, decided_by=UNNAMED) if is_chosen else named
        return _taken_down(unnamed, who, desk=desk)
    # (4) May they? An unknown person is asked about as a stranger is.
    replaced = None if command.supersedes is None else desk.decisions.find(command.supersedes)
    concerned = {*subjects, *(replaced.subjects if replaced else ())}
    refused = refusal_about(concerned, who, desk=desk)
    if refused is not None:
        return refused
    # (5) Whom a reference means, asked again of the list that they were shown.
    if is_chosen:
        named = with_decider_chosen(named, _persons_in(named), who, choosing=desk.choosing)
    recorded = record_decision(named, deciding=deciding_for(who, concerned, desk=desk))
    _let_governance_know(recorded.decision, who, desk=desk)
    return recorded


def _let_governance_know(
    decision: SharingDecision, who: SignedInPractitioner, *, desk: Desk
) -> None:
    """Raise what somebody has to look at: a duty, and a no that nobody has asked about yet."""
    is_duty = decision.response is Response.GIVEN and decision.basis in DUTIES
    is_unconfirmed_no = decision.response in _NOES and decision.confirmed_at is None
    if not is_duty and not is_unconfirmed_no:
        return
    raise_item(
        ItemKind.DUTY_OVER_REFUSAL if is_duty else ItemKind.UNCONFIRMED_NARROWING,
        decision.id,
        by=who.actor,
        queue=desk.queue,
        ledger=desk.deciding.ledger,
        at=desk.deciding.clock.now(),
        person=min(decision.subjects),
    )


@dataclass(frozen=True, slots=True, repr=False)
class SaidBack:
    """Who takes a decision back, as it was told: by name, or by a reference from the list."""

    told: TakenBack | None = None
    name: str | None = None
    is_chosen: bool = False


_NOTHING_SAID = SaidBack()


def withdraw(
    decision: DecisionId,
    who: SignedInPractitioner,
    *,
    desk: Desk,
    said: SaidBack = _NOTHING_SAID,
) -> Recorded | Taken | ProfileRefused:
    """Take back what a family decided, whatever was said of who does.

    What the family agreed to anybody may take back for it; what it refused, whoever works with
    everybody whom it is about, and then somebody else confirms it.
    """
    found = desk.decisions.find(decision)
    concerned = {NOBODY} if found is None else found.subjects
    if not desk.askers.may_know_of_decisions(who, concerned):
        is_yes = found is not None and found.response is Response.GIVEN
        act = withdraw_decision if is_yes else _not_there
        unnamed = _unnamed(said) if said.is_chosen else said
        return _taken(
            SharingAct.WITHDRAW,
            found,
            lambda: act(
                decision,
                actor=who.actor,
                deciding=desk.deciding,
                told=unnamed.told,
                name=unnamed.name,
            ),
            who,
            desk=desk,
        )
    widens = found is not None and found.response is not Response.GIVEN
    refused = refusal_about(concerned, who, desk=desk) if widens else None
    if refused is not None:
        return refused
    named = _as_chosen(said, concerned, who, desk=desk)
    return withdraw_decision(
        decision,
        actor=who.actor,
        deciding=deciding_for(who, concerned, desk=desk),
        told=named.told,
        name=named.name,
    )


def _as_chosen(
    said: SaidBack, concerned: Collection[PersonId], who: SignedInPractitioner, *, desk: Desk
) -> SaidBack:
    """Whom a reference means by the list that they were shown; nobody where it is not on it."""
    if said.told is None or not said.is_chosen:
        return said
    try:
        return replace(
            said, name=name_chosen("decided-by", said.told.by, concerned, who, desk.choosing)
        )
    except DecisionInvalidError:
        return _unnamed(said)


def _unnamed(said: SaidBack) -> SaidBack:
    return replace(said, told=None if said.told is None else replace(said.told, by=UNNAMED))


def end(
    decision: DecisionId, who: SignedInPractitioner, *, desk: Desk
) -> Recorded | ProfileRefused:
    """End what a practitioner decided or a duty demanded."""
    return refusal_of(decision, who, desk=desk) or end_decision(
        decision, actor=who.actor, deciding=_deciding_about(decision, who, desk=desk)
    )


def invalidate(
    decision: DecisionId, reason: InvalidationReason, who: SignedInPractitioner, *, desk: Desk
) -> Recorded | ProfileRefused:
    """Mark as never counted what was recorded in error."""
    return refusal_of(decision, who, desk=desk) or invalidate_decision(
        decision, reason, actor=who.actor, deciding=_deciding_about(decision, who, desk=desk)
    )


def confirm(
    decision: DecisionId,
    who: SignedInPractitioner,
    *,
    desk: Desk,
    yes: Collection[CompetenceQuestion] = (),
) -> Recorded | NotConfirmed | ProfileRefused:
    """Be the second hand for what waits about a decision; `yes` as for `confirm_decision`."""
    return refusal_of(decision, who, desk=desk) or confirm_decision(
        decision, yes=yes, actor=who.actor, deciding=_deciding_about(decision, who, desk=desk)
    )


def record_objection(
    command: ObjectTo,
    person: PersonId,
    who: SignedInPractitioner,
    *,
    desk: Desk,
    is_chosen: bool = False,
) -> Recorded | Taken | ProfileRefused:
    """Record that somebody of the family objects, for the person on the page.

    A decision about others than that person is nobody's here. `is_chosen` as for `record`.
    """
    found = desk.decisions.find(command.decision)
    members = desk.clusters.members([person])[person]
    if found is None or found.subjects.isdisjoint(members):
        found, command = None, replace(command, decision=_NOBODYS)
    named = command if found is None else _as_named(command, found, desk.clusters)
    concerned = {NOBODY if found is None else person}
    if not desk.askers.may_know_of_decisions(who, concerned):
        unnamed = replace(named, objector=UNNAMED) if is_chosen else named
        return _taken(
            SharingAct.RECORD,
            found,
            lambda: object_to(unnamed, deciding=desk.deciding),
            who,
            desk=desk,
        )
    if is_chosen and found is not None:
        named = with_objector_chosen(named, found.subjects, who, choosing=desk.choosing)
    return object_to(named, deciding=deciding_for(who, concerned, desk=desk))


# Whoever has nothing to do with whom it is about.

_NOES = frozenset({Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL})


def _taken_down(command: RecordDecision, who: SignedInPractitioner, *, desk: Desk) -> Taken:
    """Record a no about those of them who are known, without a word on who is."""
    known = tuple(s for s in _persons_in(command) if desk.persons.exists(s))
    order = replace(command, subjects=known)

    def record_it() -> None:
        if not known:
            _not_there()
        recorded = record_decision(order, deciding=desk.deciding)
        _let_governance_know(recorded.decision, who, desk=desk)

    return _taken(SharingAct.RECORD, None, record_it, who, desk=desk)


def _taken(
    act: SharingAct,
    decision: SharingDecision | None,
    do: Callable[[], object],
    who: SignedInPractitioner,
    *,
    desk: Desk,
) -> Taken:
    """Do it, or enter why it could not be done: the answer is the same."""
    try:
        do()
    except DecisionInvalidError as error:
        at = desk.deciding.clock.now()
        entry = act_refused_entry(decision, act, error.reason, at=at, actor=who.actor)
        desk.deciding.ledger.append([entry])
    return Taken()


def _persons_in(command: RecordDecision) -> Sequence[PersonId]:
    """Whom it is about, as far as they are somebody by an id."""
    return [PersonId(one) for one in command.subjects if isinstance(one, str)]


def _not_there(*_: object, **__: object) -> Recorded:
    raise DecisionInvalidError("decision", "is-not-there")


def _deciding_about(decision: DecisionId, who: SignedInPractitioner, *, desk: Desk) -> Deciding:
    found = desk.decisions.find(decision)
    return deciding_for(who, frozenset() if found is None else found.subjects, desk=desk)


def deciding_for(
    who: SignedInPractitioner, persons: Collection[PersonId], *, desk: Desk
) -> Deciding:
    """What decisions about these persons are recorded with, for this practitioner."""
    return replace(desk.deciding, asker=desk.askers.asker(who, persons))


TRIES_AN_HOUR = 5
"""As often one practitioner may type one number: a date of birth is not found by trying."""


def known_by(subject: PersonId | Subject, who: SignedInPractitioner, *, desk: Desk) -> PersonId:
    """Who that is; where the number is unknown or the date of birth another, nobody.

    So it is, too, when they have tried too often, whatever they typed this time.
    """
    if not isinstance(subject, Subject):
        return subject
    typed = [f"{i.scheme}:{i.value}" for i in subject.identifiers]
    if not desk.limits.take("typed-number", [who.id, *typed], TRIES_AN_HOUR):
        at, ledger = desk.opening.at, desk.deciding.ledger
        ledger.append([limit_reached("typed-number", TRIES_AN_HOUR, actor=who.actor, at=at)])
        return NOBODY
    return desk.persons.typed(subject) or NOBODY


def _as_named(command: ObjectTo, found: SharingDecision, clusters: PostgresClusters) -> ObjectTo:
    """The objection about the person as the decision names them, who may be joined by now."""
    if command.about is None:
        return command
    members = clusters.members([command.about])[command.about]
    named = (member for member in members if member in found.subjects)
    return replace(command, about=next(named, command.about))
