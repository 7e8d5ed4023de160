"""The core: sharing decisions, `decide`, and the ledger that proves what happened."""

from consent.deciding import POLICY_VERSION, decide
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
    "Decision",
    "Effect",
    "OnRecord",
    "Practitioner",
    "Reason",
    "SharedProfile",
    "decide",
]
