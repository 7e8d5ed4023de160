"""The core: sharing decisions, `decide`, and the ledger that proves what happened."""

from consent.deciding.decide import decide
from consent.deciding.record import POLICY_VERSION, CompiledRecord
from consent.question import (
    AccessRequest,
    Decision,
    Effect,
    OnRecord,
    Practitioner,
    Reason,
    SharedProfile,
)

__all__ = [
    "POLICY_VERSION",
    "AccessRequest",
    "CompiledRecord",
    "Decision",
    "Effect",
    "OnRecord",
    "Practitioner",
    "Reason",
    "SharedProfile",
    "decide",
]
