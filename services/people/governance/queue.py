"""What governance has to look at: raised with a day by which, closed with an outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from consent.ledger import FieldValue, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode


class ItemKind(LabelledCode):
    """Why somebody has to look."""

    EMERGENCY = "emergency", "Emergency access"
    UNCONFIRMED_PRESENCE = "unconfirmed-presence", "With a family that did not confirm it"
    ONE_PERSONS_WORD = "one-persons-word", "A decision that one person's word made"
    UNCONFIRMED_NARROWING = "unconfirmed-narrowing", "A refusal that nobody has asked about yet"
    CAPACITY_DOUBT = "capacity-doubt", "Doubt whether somebody could decide"
    DUTY_OVER_REFUSAL = "duty-over-refusal", "A duty over a refusal"
    SELF_MADE_RELATIONSHIP = "self-made-relationship", "A relationship of somebody's own making"
    BOUND_AT_MIGRATION = "bound-at-migration", "Taken over from before, not warranted"
    MERELY_NAMED = "merely-named", "An agency that a message only names"
    MANY_SEARCHES = "many-searches", "Many searches in an hour"
    UNDELIVERED = "undelivered", "A message that could not be delivered"
    RESTRICTION_PROVISIONAL = "restriction-provisional", "A restriction that waits for two hands"
    RESTRICTION_UNANSWERED = "restriction-unanswered", "A restriction that nobody has answered"
    EXCLUSION = "exclusion", "A worker to be taken off a family: tell the lead, give no reason"
    PARKED_URGENT = (
        "parked-urgent",
        "A death, a restriction or something taken back that could not be read",
    )
    NAME_USED = "name-used", "A partner used somebody's name, and they say that it was not them"
    MANY_CODES = "many-codes", "More codes asked for than are sent in an hour"
    FAMILY_QUESTION = "family-question", "A family asks something"
    HELD_BACK = "held-back-looks", "Looks that a family is not told of yet"
    HELD_TOO_LONG = "held-back-too-long", "Looks that nobody has reviewed in the longest time"
    COPY_ASKED = "copy-asked", "Somebody asks on their own page for a copy of what is held"


_DAYS: dict[ItemKind, int] = {
    ItemKind.EMERGENCY: 2,
    ItemKind.UNDELIVERED: 1,
    ItemKind.RESTRICTION_PROVISIONAL: 3,
    ItemKind.RESTRICTION_UNANSWERED: 1,
    ItemKind.EXCLUSION: 1,
    ItemKind.PARKED_URGENT: 1,
    ItemKind.NAME_USED: 1,
    ItemKind.HELD_TOO_LONG: 1,
    # Ten working days.
    ItemKind.FAMILY_QUESTION: 14,
    # A month, less what sending and asking back takes (UK GDPR Article 12(3)).
    ItemKind.COPY_ASKED: 28,
}
_USUAL_DAYS = 10
_END_OF_WORK = time(17)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. `about` names what it is by an actor or an opaque id, never content."""

    id: str
    kind: ItemKind
    person: PersonId | None
    about: str
    raised_by: str
    due_at: datetime
    outcome: str | None = None
    closed_by: str | None = None
    state: int = 1


class Queue(Protocol):
    """Where items are kept: history that only grows, in the caller's transaction."""

    def find(self, item: str) -> Item | None:
        """One item as it stands, locked until commit."""

    def add(self, item: Item, *, at: datetime) -> None:
        """Write an item, or its next state; a first state that is there already changes nothing."""

    def waiting(self, *, most: int) -> Sequence[Item]:
        """What is open, the soonest due first."""


def raise_item(
    kind: ItemKind,
    about: str,
    *,
    by: str,
    queue: Queue,
    ledger: Ledger,
    at: datetime,
    person: PersonId | None = None,
) -> Item:
    """Let governance know. The same thing again, of the same day, is the same item."""
    item_id = str(entry_id_for("governance-item", kind, about, by, at.date().isoformat()))
    day = at.date() + timedelta(days=_DAYS.get(kind, _USUAL_DAYS))
    due = datetime.combine(day, _END_OF_WORK, tzinfo=UTC)
    item = Item(item_id, kind, person, about, by, due)
    queue.add(item, at=at)
    fields: dict[str, FieldValue] = {"item": item.id, "kind": kind, "due": due}
    ledger.append(
        [
            ledger_entry(
                LedgerEvent.GOVERNANCE_ITEM_RAISED,
                fields,
                at=at,
                actor=by,
                entry_id=entry_id_for("governance-item-raised", item.id),
            )
        ]
    )
    return item


def close_item(
    item_id: str, outcome: str, *, by: str, queue: Queue, ledger: Ledger, at: datetime
) -> Item | None:
    """Say what was found. None, which is entered, where it is not open or is one's own doing."""
    item = queue.find(item_id)
    if item is None or item.outcome is not None or by in {item.raised_by, item.about}:
        refused: dict[str, FieldValue] = {"item": [] if item is None else [item.id]}
        entry = ledger_entry(LedgerEvent.GOVERNANCE_CLOSE_REFUSED, refused, at=at, actor=by)
        ledger.append([entry])
        return None
    closed = Item(
        item.id,
        item.kind,
        item.person,
        item.about,
        item.raised_by,
        item.due_at,
        outcome,
        by,
        item.state + 1,
    )
    queue.add(closed, at=at)
    told: dict[str, FieldValue] = {"item": item.id, "kind": item.kind, "outcome": outcome}
    ledger.append([ledger_entry(LedgerEvent.GOVERNANCE_ITEM_CLOSED, told, at=at, actor=by)])
    return closed
