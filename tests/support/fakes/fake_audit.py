"""AuditServices without a ledger: what is asked is kept, and cannot be answered now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from services.audit.postgres_answers import Auditing
from services.people.practitioners.people import SignedInPractitioner
from services.platform.errors import ServiceUnavailableError

Answer = TypeVar("Answer")


@dataclass(slots=True)
class FakeAudit:
    """Pages of the workbench are tested on a real ledger: here no question has an answer."""

    asked: list[tuple[SignedInPractitioner, object]] = field(default_factory=list)

    def ask(self, who: SignedInPractitioner, question: Callable[[Auditing], Answer]) -> Answer:
        self.asked.append((who, question))
        raise ServiceUnavailableError("ledger")
