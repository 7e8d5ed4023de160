"""Uses of the name of whoever is signed in, by partners; and tokens of the demonstration.

Each call is one transaction.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import uuid4

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from services.people.practitioners.people import Session, SignedInPractitioner
from services.people.signing_in.demonstration import DemonstrationIssuer, SignedIn
from services.people.staffing.names_used import NamesUsed, NameUse, disown, uses_of
from services.people.staffing.postgres_names_used import PostgresNamesUsed
from services.platform.keys.vault import SecretName
from services.work import Outside, UnitOfWork, unit_of_work

MOST_TOLD = 25


class UsesServices(Protocol):
    """What partners did in somebody's name; a part of services.portal.ports.PortalServices."""

    def mine(self, who: SignedInPractitioner, before: str | None) -> Sequence[NameUse]:
        """Uses of their name, newest first: MOST_TOLD, and one more where there are older ones."""

    def disown(self, who: SignedInPractitioner, use: str) -> bool:
        """Let governance know that it was not them; false where it is no use of their name."""

    def token_for(self, session: Session, client: str) -> str | None:
        """Sign a token about who is signed in, for this client; None but in a demonstration."""


class UsesOnDatabase:
    """UsesServices on PostgreSQL."""

    def __init__(self, outside: Outside, *, demonstration: bool) -> None:
        self._outside = outside
        self._demonstration = demonstration

    def mine(self, who: SignedInPractitioner, before: str | None) -> Sequence[NameUse]:
        """Uses of their name, newest first."""
        with self._work() as work:
            return uses_of(who, before=before, most=MOST_TOLD + 1, names=_names(work))

    def disown(self, who: SignedInPractitioner, use: str) -> bool:
        """Let governance know that it was not them."""
        with self._work() as work:
            return disown(who, use, names=_names(work))

    def token_for(self, session: Session, client: str) -> str | None:
        """Sign a token about who is signed in, where the environment and the database say so."""
        with self._work() as work:
            if not (self._demonstration and work.is_demonstration):
                return None
            who = session.practitioner
            issuer = DemonstrationIssuer(work.outside.vault.secret(SecretName.DEMONSTRATION))
            signed_in = SignedIn(who.id, who.role, who.agency_code, session.authenticated_at)
            event = LedgerEvent.PRACTITIONER_TOKEN_SIGNED
            entry = ledger_entry(event, {"client": client}, at=work.now, actor=who.actor)
            work.ledger.append([entry])
            return issuer.sign(signed_in, client=client, token_id=uuid4().hex, at=work.now)

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)


def _names(work: UnitOfWork) -> NamesUsed:
    return NamesUsed(PostgresNamesUsed(work.connection), work.queue, work.ledger, work.now)
