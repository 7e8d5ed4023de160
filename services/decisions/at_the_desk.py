"""Sharing decisions by a practitioner who is with a family: who may record, change and read them.

What makes sense in a decision, and what becomes of it, is for `consent.decisions`; here it is asked
first whether the practitioner has anything to do with whom it is about. A refusal is an answer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from consent.circumstances import InvalidationReason
from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.keeping import Deciding, Recorded
from consent.decisions.objecting import ObjectTo, object_to
from consent.decisions.recording import record_decision
from consent.decisions.states import DecisionState, state_of
from consent.model import RecordDecision, SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.records.message import Subject
from services.decisions.postgres import PostgresDecisions
from services.people.persons.postgres import PostgresPersonIndex
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_limits import PostgresLimits, limit_reached
from services.people.relationships.postgres import PostgresRelationships
from services.platform.errors import ReceiptNotReadyError
from services.profile.families import is_findable, refusal_to_open
from services.profile.model import ProfileRefused
from services.profile.postgres_looks import PostgresLooks
from services.profile.viewing import NOBODY, Opening, reading_order, view_family

_MOST_FAMILIES = 200


class IssueReceipt(Protocol):
    """Issues the receipt of a decision; services.decisions.receipts is above this module."""

    def __call__(self, decision: DecisionId, /, *, actor: str) -> bytes:
        """The receipt as a file. Raises ReceiptNotReadyError until the ledger proves it."""


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
    """Why a decision is closed to the practitioner; one that there is not is nobody's."""
    found = desk.decisions.find(decision)
    persons = {NOBODY} if found is None else found.subjects
    return refusal_about(persons, who, desk=desk, one_is_enough=one_is_enough)


def record(
    command: RecordDecision, who: SignedInPractitioner, *, desk: Desk
) -> Recorded | ProfileRefused:
    """Record what was decided about people who are known. Raises DecisionInvalidError."""
    # (1) Whom it is about, by what was typed: nobody is made, and nothing learnt of them.
    subjects = tuple(_known(subject, who, desk) for subject in command.subjects)
    # (2) May they? An unknown person is asked about as a stranger is.
    replaced = None if command.supersedes is None else desk.decisions.find(command.supersedes)
    concerned = {*subjects, *(replaced.subjects if replaced else ())}
    # (3) Only then does anything tell what makes no sense, which may follow from records.
    return refusal_about(concerned, who, desk=desk) or record_decision(
        replace(command, subjects=subjects), deciding=desk.deciding
    )


def withdraw(
    decision: DecisionId, who: SignedInPractitioner, *, desk: Desk
) -> Recorded | ProfileRefused:
    """Take back what a family decided: a relationship with one of them is enough."""
    return refusal_of(decision, who, desk=desk, one_is_enough=True) or withdraw_decision(
        decision, actor=who.actor, deciding=desk.deciding
    )


def end(
    decision: DecisionId, who: SignedInPractitioner, *, desk: Desk
) -> Recorded | ProfileRefused:
    """End what a practitioner decided or a duty demanded."""
    return refusal_of(decision, who, desk=desk) or end_decision(
        decision, actor=who.actor, deciding=desk.deciding
    )


def invalidate(
    decision: DecisionId, reason: InvalidationReason, who: SignedInPractitioner, *, desk: Desk
) -> Recorded | ProfileRefused:
    """Mark as never counted what was recorded in error."""
    return refusal_of(decision, who, desk=desk) or invalidate_decision(
        decision, reason, actor=who.actor, deciding=desk.deciding
    )


def record_objection(
    command: ObjectTo, person: PersonId, who: SignedInPractitioner, *, desk: Desk
) -> Recorded | ProfileRefused:
    """Record that somebody of the family objects, for whoever works with the person on the page."""
    found = desk.decisions.find(command.decision)
    named = command if found is None else _as_named(command, found, desk.clusters)
    return refusal_about({NOBODY if found is None else person}, who, desk=desk) or object_to(
        named, deciding=desk.deciding
    )


def decisions_about(
    person: PersonId, who: SignedInPractitioner, *, desk: Desk
) -> Sequence[SharingDecision] | ProfileRefused:
    """The decisions about the person of which the practitioner may know, newest first."""
    refused = refusal_about([person], who, desk=desk)
    if refused is not None:
        return refused
    viewing, _ = view_family(reading_order(who, person, who.purpose), opening=desk.opening)
    found = [d for d in desk.decisions.recorded_about([person])[person] if viewing.may_know_of(d)]
    return sorted(found, key=lambda decision: decision.decided_at, reverse=True)


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
) -> Sequence[tuple[PersonId, SharingDecision]]:
    """What is due for review in the practitioner's own families, longest due first."""
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
    return sorted(due, key=lambda one: (one[1].review_at or one[1].decided_at, one[0]))


TRIES_AN_HOUR = 5
"""As often one practitioner may type one number: a date of birth is not found by trying."""


def _known(subject: PersonId | Subject, who: SignedInPractitioner, desk: Desk) -> PersonId:
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
    return desk.persons.resolve([subject])[0].person or NOBODY


def _as_named(command: ObjectTo, found: SharingDecision, clusters: PostgresClusters) -> ObjectTo:
    """The objection about the person as the decision names them, who may be joined by now."""
    if command.about is None:
        return command
    members = clusters.members([command.about])[command.about]
    named = (member for member in members if member in found.subjects)
    return replace(command, about=next(named, command.about))
