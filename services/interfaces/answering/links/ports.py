"""What answering works with in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from services.interfaces.answering.links.postgres import PostgresAnswering
from services.interfaces.answering.links.postgres_mail import (
    PostgresAnsweringMail,
    PostgresPartnerTerms,
)
from services.people.community.postgres import PostgresCommunity
from services.people.governance.queue import Queue
from services.people.practitioners.postgres_limits import PostgresLimits
from services.platform.keys.hashing import KeyedHasher
from services.platform.messages.postgres_outbox import PostgresMessagesOut


@dataclass(frozen=True, slots=True)
class AnsweringPlace:
    """Whose requests they are, as mail and pages say it, and where they are answered.

    `help_line` is who helps with the pages; `worry_line` is rung about a child's safety.
    """

    hub: str
    url: str
    help_line: str = ""
    worry_line: str = ""


class ConnectionsToSee(Protocol):
    """Which requests a partner may see now; asked anew each time."""

    def may_see(self, connection: str, partner: str) -> bool:
        """Whether a decision in force lets this partner see this request."""

    def reference_of(self, connection: str) -> str:
        """The number by which people speak of it, which tells nothing."""


@dataclass(frozen=True, slots=True)
class AnsweringDesk:
    """Everything that coming in and writing to somebody takes."""

    rows: PostgresAnswering
    mail: PostgresAnsweringMail
    terms: PostgresPartnerTerms
    community: PostgresCommunity
    connections: ConnectionsToSee
    messages: PostgresMessagesOut
    limits: PostgresLimits
    queue: Queue
    ledger: Ledger
    hasher: KeyedHasher
    place: AnsweringPlace
    code_key: bytes
    at: datetime

    def opaque(self, partner: str) -> str:
        """How the ledger names a partner, as it does in the directory."""
        return self.hasher.opaque("directory-partner", partner)

    def enter(self, event: LedgerEvent, fields: dict[str, FieldValue], *, by: str) -> None:
        """Enter what happened."""
        self.ledger.append([ledger_entry(event, fields, at=self.at, actor=by)])
