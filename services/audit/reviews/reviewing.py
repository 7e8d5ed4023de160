"""Reviewing: a step on, or what was found; closed in the queue, and the worker's leads are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId, reference_of
from services.audit.asked import Auditor
from services.audit.index.entries import GROUPS, Group
from services.audit.index.postgres_entries import AuditedEntries, Wanted
from services.audit.looks import access_from
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
from services.audit.reviews.postgres import PostgresReviews, WaitingItem
from services.audit.reviews.waiting import worker_in
from services.people.governance.queue import close_item
from services.people.presence.contacts import contact_from_number
from services.platform.messages.ports import Message
from services.work import UnitOfWork

_PRACTITIONER = "practitioner:"
_TOLD_UNTIL = timedelta(days=3)
_SHOWN_SINCE = timedelta(days=1)
_MOST_LOOKS = 1_000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review as it stands after what was said. `told` are the leads who were told.

    `affected` is whose records a breach showed: whoever carries it on begins with them.
    """

    item: str
    standing: ReviewStanding
    told: tuple[PractitionerId, ...] = ()
    affected: tuple[PersonId, ...] = ()


def move(item_id: str, step: Step, *, by: Auditor, work: UnitOfWork) -> Reviewed | ReviewRefusal:
    """Say that it is looked at, or that the worker or their manager was asked."""
    item, refused = _open_item(item_id, by, work)
    if item is None:
        return _refuse(item_id, refused, by, work)
    hand, about = _hands(item, by, work)
    standing = may_review(hand, about, are_one=work.orders.are_one) or moved(
        PostgresReviews(work.connection).standing([item_id])[item_id], step
    )
    if isinstance(standing, ReviewRefusal):
        return _refuse(item_id, standing, by, work)
    _write(item, standing, by=by, work=work)
    return Reviewed(item_id, standing)


def review(
    item_id: str, outcome: Outcome, because: FoundBecause, *, by: Auditor, work: UnitOfWork
) -> Reviewed | ReviewRefusal:
    """Say what was found. A refusal is entered; a breach waits for a second reviewer.

    Once it is closed the item leaves the queue, and the leads of the worker's agency are told.
    """
    item, refused = _open_item(item_id, by, work)
    if item is None:
        return _refuse(item_id, refused, by, work)
    hand, about = _hands(item, by, work)
    before = PostgresReviews(work.connection).standing([item_id])[item_id]
    standing = found(before, outcome, because, by=hand, about=about, are_one=work.orders.are_one)
    if isinstance(standing, ReviewRefusal):
        return _refuse(item_id, standing, by, work)
    _write(item, standing, by=by, work=work)
    if standing.step is not Step.CLOSED:
        return Reviewed(item_id, standing)
    close_item(item_id, outcome, by=by.actor, queue=work.queue, ledger=work.ledger, at=work.now)
    told = tell_leads(item_id, outcome, about, by=by, work=work)
    affected = _affected(item, work) if outcome is Outcome.BREACH else ()
    return Reviewed(item_id, standing, told, affected)


def _open_item(
    item_id: str, by: Auditor, work: UnitOfWork
) -> tuple[WaitingItem | None, ReviewRefusal]:
    """The item, locked until commit; or why there is nothing to say of it."""
    if not by.may_ask:
        return None, ReviewRefusal.NOT_ALLOWED
    standing = work.queue.find(item_id)
    if standing is None or standing.outcome is not None:
        return None, ReviewRefusal.NOT_OPEN
    return PostgresReviews(work.connection).item(item_id), ReviewRefusal.NOT_OPEN


def _hands(
    item: WaitingItem, by: Auditor, work: UnitOfWork
) -> tuple[ReviewHand, ReviewHand | None]:
    worker = worker_in(item)
    about = None if worker is None else ReviewHand(worker, _agency_of(worker, work))
    # Whoever raised it by a command is nobody's worker, and reviews their own act no more than one.
    if about is None and item.raised_by.startswith("operator:"):
        about = ReviewHand(item.raised_by)
    return ReviewHand(by.actor, by.agency), about


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


def tell_leads(
    review_id: str, outcome: Outcome, about: ReviewHand | None, *, by: Auditor, work: UnitOfWork
) -> tuple[PractitionerId, ...]:
    """Tell the leads of the worker's agency that a review ended: a message without any name.

    Never the worker themselves. Gives who was told; that a message went out is in its own entry.
    """
    if about is None or about.agency is None:
        return ()
    leads = [
        one.practitioner
        for one in work.memberships.leads_of(about.agency)
        if not work.orders.are_one(f"{_PRACTITIONER}{one.practitioner}", about.actor)
    ]
    text = (
        f"A review of an access in your service has ended: {outcome.label}. "
        f"Reference {reference_of(review_id)}. Information governance can tell you more."
    )
    for lead in leads:
        _send(lead, text, work)
    fields: dict[str, FieldValue] = {"review": review_id, "practitioners": leads}
    entry = ledger_entry(LedgerEvent.REVIEW_TOLD, fields, at=work.now, actor=by.actor)
    work.ledger.append([entry])
    return tuple(leads)


def _send(lead: PractitionerId, text: str, work: UnitOfWork) -> None:
    telephone = work.directory.telephone_of(lead)
    contact = None if telephone is None else contact_from_number(telephone)
    channel = None if contact is None else contact.kind.channel
    if contact is None or channel is None or channel not in work.outside.channels:
        return
    work.messages_out().queue(
        str(new_entry_id(work.now)),
        Message(channel, contact.value, text),
        now=work.now,
        expires_at=work.now + _TOLD_UNTIL,
    )


def _affected(item: WaitingItem, work: UnitOfWork) -> tuple[PersonId, ...]:
    """Whose records the worker was shown about these people since then."""
    worker = worker_in(item)
    if worker is None or not item.persons:
        return item.persons
    page = AuditedEntries(work.connection).newest(
        Wanted(
            GROUPS[Group.LOOKS],
            frozenset(item.persons),
            frozenset({worker}),
            item.raised_at - _SHOWN_SINCE,
        ),
        most=_MOST_LOOKS,
    )
    shown = {p for f in page.found for p in access_from(f.place.seq, f.entry).persons}
    return _persons({*shown, *item.persons})


def _persons(found: set[str]) -> tuple[PersonId, ...]:
    ordered: Sequence[str] = sorted(found)
    return tuple(map(PersonId, ordered))
