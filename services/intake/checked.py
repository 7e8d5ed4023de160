"""What of a message could not be read, told to whoever sends it before they do. Pure.

Names of fields, reasons and remedies, never what stands there; nothing is stored or asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.ports import Received, Unreadable
from schemas.vocabulary import LabelledCode
from services.intake.parked.remedies import ParkedRemedy, remedy_for


class FaultCosts(LabelledCode):
    """What is lost by one fault."""

    MESSAGE = "message", "Nothing of it would be taken."
    PART = "part", "Only this would be left out."


@dataclass(frozen=True, slots=True)
class CheckedFault:
    """One place that cannot be read, and what is lost by it."""

    field: str
    reason: str
    costs: FaultCosts

    @property
    def remedy(self) -> ParkedRemedy:
        """What it means, and what to do."""
        return remedy_for(self.field, self.reason)


def faults_of(received: Received) -> Iterator[CheckedFault]:
    """Everything of a message that could not be read."""
    outcome = received.outcome
    if isinstance(outcome, Unreadable):
        costs = FaultCosts.PART if outcome.is_part else FaultCosts.MESSAGE
        yield CheckedFault(outcome.field, outcome.reason, costs)
        return
    for fault in outcome.unused.faults:
        yield CheckedFault(fault.field, fault.reason, FaultCosts.PART)
