"""What presences work with, and as whom they enter what they do."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Decisions, Ledger
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category
from services.people.governance.queue import Queue
from services.people.persons.postgres import PostgresPersonIndex
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.presence.model import WithWhom
from services.people.presence.postgres import PostgresPresence
from services.people.presence.postgres_contacts import PostgresContacts
from services.people.relationships.postgres import PostgresRelationships
from services.platform.keys.hashing import KeyedHasher
from services.platform.messages.ports import MessageChannel
from services.platform.messages.postgres_outbox import PostgresMessagesOut

Refuse = Callable[[PersonId, WithWhom, frozenset[Category], str], DecisionId | None]
"""Record at once what somebody says no to: about whom, who says it, what, and the actor.

None where that is no decision that can be recorded.
"""


@dataclass(frozen=True, slots=True)
class Presences:
    """What presences work with: every port joins one transaction, at one moment.

    `channels` is by what messages can be sent, `children_of` whom the profile knows as somebody's
    children; the two keys are secrets of the installation.
    """

    rows: PostgresPresence
    contacts: PostgresContacts
    messages: PostgresMessagesOut
    relationships: PostgresRelationships
    directory: PostgresDirectory
    persons: PostgresPersonIndex
    decisions: Decisions
    queue: Queue
    ledger: Ledger
    hasher: KeyedHasher
    children_of: Callable[[PersonId], Collection[PersonId]]
    refuse: Refuse
    channels: Collection[MessageChannel]
    at: datetime
    code_key: bytes = field(repr=False)
    sheet_key: bytes = field(repr=False)

    def enter(self, event: LedgerEvent, fields: dict[str, FieldValue], *, by: str) -> None:
        """Write one entry, in this transaction and at its moment."""
        self.ledger.append([ledger_entry(event, fields, at=self.at, actor=by)])
