"""Reviewing: a step on, or what was found; closed in the queue, and the worker's leads are told."""

from dataclasses import dataclass

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from services.audit.asked import Auditor, NotForThem
from services.audit.outcomes import (
    FoundBecause,
    Outcome,
    ReviewHand,
    ReviewRefusal,
    ReviewStanding,
    Step,
    found,
    may_review,
    moved,
)
from services.audit.postgres_answers import Auditing
from services.audit.reviews.affected import shown_beside
from services.audit.reviews.postgres import PostgresReviews, WaitingItem
from services.audit.reviews.telling import tell_leads
from services.audit.reviews.waiting import (
    LATER_WORK,
    ReviewAnswer,
    records_after,
    review_shown,
    worker_in,
)
from services.audit.unusual.postgres_hits import PostgresHits
from services.people.governance.queue import ItemKind, close_item
from services.work import UnitOfWork

_PRACTITIONER = "practitioner:"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review as it stands after what was said. `told` are the leads who were told.

    `affected` is whose records a breach showed: whoever carries it on begins with them.
    """

    item: str
    standing: ReviewStanding
    told: tuple[PractitionerId, ...] = ()
    affected: tuple[PersonId, ...] = ()


def move(
    item_id: str, step: Step, *, by: Auditor, work: UnitOfWork, state: int | None = None
) -> Reviewed | ReviewRefusal:
    """Say that it is looked at, or that the worker or their manager was asked.

    `state` is that of the review as it was shown to who says so: what came meanwhile stands.
    """
    item, refused = _open_item(item_id, by, work)
    if item is None:
        return _refuse(item_id, refused, by, work)
    before = PostgresReviews(work.connection).standing([item_id])[item_id]
    hand, about = hands_of(item, by, work)
    standing = (
        may_review(hand, about, are_one=work.orders.are_one)
        or _changed(before, state)
        or moved(before, step)
    )
    if isinstance(standing, ReviewRefusal):
        return _refuse(item_id, standing, by, work)
    _write(item, standing, by=by, work=work)
    return Reviewed(item_id, standing)


def review(
    item_id: str,
    outcome: Outcome,
    because: FoundBecause,
    *,
    by: Auditor,
    work: UnitOfWork,
    state: int | None = None,
) -> Reviewed | ReviewRefusal:
    """Say what was found. A refusal is entered; a breach waits for a second reviewer.

    `state` is that of the review as it was shown to who says so: what came meanwhile stands. Once
    it is closed the item leaves the queue, and the leads of the worker's agency are told.
    """
    item, refused = _open_item(item_id, by, work)
    if item is None:
        return _refuse(item_id, refused, by, work)
    hand, about = hands_of(item, by, work)
    before = PostgresReviews(work.connection).standing([item_id])[item_id]
    standing = (
        may_review(hand, about, are_one=work.orders.are_one)
        or _changed(before, state)
        or found(before, outcome, because, by=hand, about=about, are_one=work.orders.are_one)
    )
    if isinstance(standing, ReviewRefusal):
        return _refuse(item_id, standing, by, work)
    _write(item, standing, by=by, work=work)
    if standing.step is not Step.CLOSED:
        return Reviewed(item_id, standing)
    close_item(item_id, outcome, by=by.actor, queue=work.queue, ledger=work.ledger, at=work.now)
    told = tell_leads(item_id, outcome, about, by=by.actor, work=work)
    affected = shown_beside(item, work) if outcome is Outcome.BREACH else ()
    return Reviewed(item_id, standing, told, affected)


@dataclass(frozen=True, slots=True)
class ReviewForReviewer:
    """One item with its review, and why whoever looks may say nothing of it; None if they may.

    `records` are how many the worker's kind of agency sent about these people in the days after.
    """

    shown: ReviewAnswer
    why_not: ReviewRefusal | None
    records: int


def review_asked(item_id: str, auditing: Auditing) -> ReviewForReviewer | NotForThem | None:
    """One item as who reviews is shown it; None where there is none of this id."""
    shown = review_shown(item_id, auditing)
    if not isinstance(shown, ReviewAnswer):
        return shown
    work, standing = auditing.work, shown.row.standing
    hand, about = hands_of(shown.row.item, auditing.by, work)
    why_not = may_review(hand, about, are_one=work.orders.are_one)
    is_second = standing.step is Step.SECOND_WANTED and standing.found_by is not None
    if why_not is None and is_second:
        is_same = work.orders.are_one(hand.actor, standing.found_by or "")
        why_not = ReviewRefusal.SAME_HAND if is_same else None
    item = shown.row.item
    after = (item.persons, item.raised_at, LATER_WORK)
    return ReviewForReviewer(shown, why_not, records_after(shown.row.worker, *after, auditing))


def _open_item(
    item_id: str, by: Auditor, work: UnitOfWork
) -> tuple[WaitingItem | None, ReviewRefusal]:
    """The item, locked until commit; or why there is nothing to say of it.

    What a family asks is answered, and not reviewed: `questions.answer_family`.
    """
    if not by.may_ask:
        return None, ReviewRefusal.NOT_ALLOWED
    standing = work.queue.find(item_id)
    is_question = standing is not None and standing.kind is ItemKind.FAMILY_QUESTION
    if standing is None or standing.outcome is not None or is_question:
        return None, ReviewRefusal.NOT_OPEN
    return PostgresReviews(work.connection).item(item_id), ReviewRefusal.NOT_OPEN


def _changed(before: ReviewStanding, state: int | None) -> ReviewRefusal | None:
    return None if state in {None, before.state} else ReviewRefusal.CHANGED


def hands_of(
    item: WaitingItem, by: Auditor, work: UnitOfWork
) -> tuple[ReviewHand, ReviewHand | None]:
    """Who reviews, and whose act it is, with the agency and the teams of each."""
    worker = worker_in(item)
    about = None if worker is None else hand_of(worker, _agency_of(worker, work), work)
    # Whoever raised it by a command is nobody's worker, and reviews their own act no more than one.
    if about is None and item.raised_by.startswith("operator:"):
        about = ReviewHand(item.raised_by)
    return hand_of(by.actor, by.agency, work), about


def hand_of(actor: str, agency: str | None, work: UnitOfWork) -> ReviewHand:
    """Somebody with the teams of all their accounts, by the list of staff."""
    if not actor.startswith(_PRACTITIONER):
        return ReviewHand(actor, agency)
    who = PractitionerId(actor.removeprefix(_PRACTITIONER))
    accounts = {who, *work.sign_in_accounts.one_human(who)}
    return ReviewHand(actor, agency, PostgresHits(work.connection).teams_of(accounts))


def _agency_of(actor: str, work: UnitOfWork) -> str | None:
    membership = work.memberships.newest(PractitionerId(actor.removeprefix(_PRACTITIONER)))
    return None if membership is None else membership.agency


def _write(item: WaitingItem, standing: ReviewStanding, *, by: Auditor, work: UnitOfWork) -> None:
    reviews = PostgresReviews(work.connection)
    reviews.add(item.id, item.kind, standing, said_by=by.actor, at=work.now)
    fields: dict[str, FieldValue] = {"review": item.id, "kind": item.kind, "step": standing.step}
    event = LedgerEvent.REVIEW_MOVED
    if standing.outcome is not None and standing.because is not None:
        event = LedgerEvent.REVIEW_FOUND
        fields |= {"outcome": standing.outcome, "because": standing.because}
    work.ledger.append([ledger_entry(event, fields, at=work.now, actor=by.actor)])


def _refuse(item_id: str, why: ReviewRefusal, by: Auditor, work: UnitOfWork) -> ReviewRefusal:
    known = work.queue.find(item_id) is not None
    fields: dict[str, FieldValue] = {"review": [item_id] if known else [], "because": why}
    entry = ledger_entry(LedgerEvent.REVIEW_REFUSED, fields, at=work.now, actor=by.actor)
    work.ledger.append([entry])
    return why
