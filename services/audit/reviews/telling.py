"""The leads of a worker's agency are told what a review of theirs found: codes, and no family.

A lead with a mobile telephone gets a message that names nobody. What was told is in the ledger, and
by that their page lists it for a time: whether or not a message could be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId, reference_of
from services.audit.outcomes import Outcome, ReviewHand
from services.audit.reviews.postgres import PostgresReviews
from services.audit.reviews.waiting import worker_in
from services.audit.unusual.hits import OUTCOMES
from services.audit.unusual.postgres_hits import PostgresHits
from services.people.presence.contacts import contact_from_number
from services.platform.messages.ports import Message
from services.work import UnitOfWork

LISTED_FOR = timedelta(days=30)
"""So long a lead's page lists what they were told."""
_PRACTITIONER = "practitioner:"
_TOLD_UNTIL = timedelta(days=3)


def tell_leads(
    review_id: str, outcome: Outcome, about: ReviewHand | None, *, by: str, work: UnitOfWork
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
    work.ledger.append([ledger_entry(LedgerEvent.REVIEW_TOLD, fields, at=work.now, actor=by)])
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


# What a lead's own page lists.


@dataclass(frozen=True, slots=True)
class ReviewTold:
    """What a lead was told: which review, of whose act, with what outcome. No family is in it."""

    review: str
    at: datetime
    outcome: Outcome
    worker: str


def reviews_told_to(lead: PractitionerId, *, work: UnitOfWork) -> Sequence[ReviewTold]:
    """What this lead was told lately, the newest first, as soon as the index has it.

    It reads nothing that is not indexed yet: a first page waits for no relay.
    """
    told = PostgresReviews(work.connection).told_to(lead, since=work.now - LISTED_FOR)
    ended = (_ended(review, at, work) for review, at in told.items())
    return [one for one in ended if one is not None]


def _ended(review: str, at: datetime, work: UnitOfWork) -> ReviewTold | None:
    """What was found, and of whose act: of an item of the queue, or of what a rule found."""
    reviews = PostgresReviews(work.connection)
    outcome = reviews.standing([review])[review].outcome
    item = reviews.item(review)
    if item is not None:
        worker = worker_in(item)
        if outcome is None or worker is None:
            return None
        return ReviewTold(review, at, outcome, worker)
    hit = PostgresHits(work.connection).find(review)
    if hit is None or hit.practitioner is None or hit.standing not in OUTCOMES:
        return None
    return ReviewTold(review, at, Outcome(hit.standing.value), f"{_PRACTITIONER}{hit.practitioner}")
