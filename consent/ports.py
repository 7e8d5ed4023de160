"""What the core needs from outside, and what it may rely on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, Protocol

from consent.agreement import AdoptedAgreement
from consent.ledger import LedgerEntry
from consent.model import Restriction, SharingDecision
from consent.question import OnRecord
from schemas.envelope import Event
from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import Address

_NOBODY: Final[Mapping[PersonId, Collection[PersonId]]] = MappingProxyType({})


class Clock(Protocol):
    """Tells the time.

    MUST give aware UTC times that never go back within one process by more than the operating
    system's own correction. Never fails.
    """

    def now(self) -> datetime:
        """Tell the time now, aware, UTC."""


class Ledger(Protocol):
    """The append-only log of what happened (DESIGN.md section 8).

    One ledger belongs to one transaction of the caller and MUST write in it: the entries are
    durable when the caller commits, and were never there when the caller rolls back. Whatever
    an entry records MUST NOT be shown or sent before that commit.

    Ordering: entries of one transaction keep the order they were appended in. An entry that was
    appended after another one was committed comes after it in the ledger.

    An id is written once. Appending the same fact again under the same id (same event, actor and
    fields, at whatever time) changes nothing and the first entry stands, so that a redelivered
    message may be handled twice. A different fact under a known id raises LedgerConflictError.

    Failure: LedgerUnavailableError when the entries cannot be written. After either error the
    caller MUST roll back and show nothing.
    """

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Write the entries in the caller's transaction, all of them or none."""


class Outbox(Protocol):
    """What is announced once the caller's transaction commits, and never if it is rolled back.

    Ordering: events MUST be sent in the order in which they were added. One may be sent twice:
    whoever reads it knows it by its id.
    """

    def add(self, events: Sequence[Event]) -> None:
        """Queue the events in order."""


class Decisions(Protocol):
    """Decisions, restrictions and agreements as they stand in the caller's transaction.

    What is written in a transaction MUST be read back in it. A decision's next version takes the
    place of the one before, which stays; nothing else is ever written over.
    """

    @property
    def agreements(self) -> Sequence[AdoptedAgreement]:
        """Every data-sharing agreement that was ever adopted, also where nobody is known."""

    def on_record(
        self,
        persons: Collection[PersonId],
        *,
        said_to_be: Mapping[PersonId, Collection[PersonId]] = _NOBODY,
    ) -> Mapping[PersonId, OnRecord]:
        """For each person everything that may bear on a request about them.

        Whoever is one with others by a join has what is on record about any of them. Somebody of
        whom nothing is known MUST be given too, with nothing on record. `said_to_be` are others of
        whom somebody says that they are one with a person: what denies about those holds as well.
        """

    def protecting(self, places: Collection[bytes]) -> Mapping[bytes, Sequence[Restriction]]:
        """Of these places those where somebody is who was ever restricted, each with why.

        The restrictions name their subjects by the ids known outside.
        """

    def find(self, decision: DecisionId) -> SharingDecision | None:
        """One decision, locked until commit."""

    def save(self, decision: SharingDecision, *, at: datetime, actor: str) -> None:
        """Write a decision or its next version, by whoever made it so."""

    def unconfirmed_by(self, actor: str, *, since: datetime) -> int:
        """How many refusals this actor has recorded since then that nobody has confirmed."""

    def place(
        self, restriction: Restriction, *, actor: str, warranted_by: str | None = None
    ) -> None:
        """Write a restriction, or how one of that id stands from now; what was before stays.

        `actor` made it so, and who stood for it beside them.
        """

    def find_restriction(self, restriction: str) -> Restriction | None:
        """One restriction as it stands, locked until commit. None where it cannot be trusted."""


class ProtectedPlaces(Protocol):
    """Where persons are whom a restriction protects: kept as keyed hashes, and for long."""

    def protect(self, told: Collection[tuple[PersonId, Address]]) -> None:
        """Keep where these persons live now; again changes nothing."""

    def protect_stored(self, person: PersonId) -> None:
        """Keep where this person lives, as far as what is stored tells it; ask before a purge.

        Never fails for what cannot be opened: a restriction has to be placed.
        """
