"""How the pages of the workbench ask: each question one transaction, in the auditor's name."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from services.audit.asked import Auditor
from services.audit.postgres_answers import Auditing
from services.people.practitioners.people import SignedInPractitioner
from services.work import Outside, unit_of_work

Answer = TypeVar("Answer")


class AuditServices(Protocol):
    """What auditors ask; a part of services.portal.ports.PortalServices."""

    def ask(self, who: SignedInPractitioner, question: Callable[[Auditing], Answer]) -> Answer:
        """Answer a question; what it enters is in the ledger before this returns.

        Raises what the question raises, and ServiceUnavailableError; then nothing is entered.
        """


class AuditOnDatabase:
    """AuditServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def ask(self, who: SignedInPractitioner, question: Callable[[Auditing], Answer]) -> Answer:
        """Ask it in one transaction, as who is signed in."""
        with unit_of_work(self._outside) as work:
            return question(Auditing(work, Auditor(who.actor, who.role, who.agency_code)))
