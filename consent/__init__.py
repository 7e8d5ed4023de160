"""The core: sharing decisions, `decide`, and the ledger that proves what happened.

In: a question (`question.AccessRequest`) and what is on record about the persons it is about.
Out: yes or no with its reasons (`question.Decision`), the same again for any moment gone by.
Rule: `deciding.decide.decide` is the only place that says yes; nothing recorded means no.
The words it is asked and answered in: `model.py`, `agreement.py`, `lawfulness.py`,
`circumstances.py`. Nothing here imports a framework, so an auditor can run it anywhere.
"""

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
