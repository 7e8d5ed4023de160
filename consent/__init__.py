"""The core: sharing decisions, `decide`, and the ledger that proves what happened."""

from consent.compiled import POLICY_VERSION, CompiledRecord
from consent.deciding import decide
from consent.decision import (
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
