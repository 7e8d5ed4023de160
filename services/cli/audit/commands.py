"""`tell-once audit …`: every verb of the auditor's workbench, each added by the module it is in.

A module of more verbs (what is unusual, exports) gives functions like these.
Each takes the verbs of `audit` and the options that all commands have.
"""

import argparse
from typing import Any

from services.cli.audit.asking import Verbs
from services.cli.audit.decisions import add_decision, add_decisions, add_timings
from services.cli.audit.explaining import add_could_see, add_explain, add_index
from services.cli.audit.looks import add_access, add_looks, add_refusals
from services.cli.audit.reviews import add_family_question, add_review, add_reviews

_VERBS = (
    add_looks,
    add_access,
    add_could_see,
    add_refusals,
    add_reviews,
    add_review,
    add_family_question,
    add_decisions,
    add_decision,
    add_timings,
    add_explain,
    add_index,
)
"""In the order in which help lists them.

A module that has more verbs adds its own here.
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `audit`."""
    audit = commands.add_parser("audit", help="who looked, why it was allowed, what to review")
    verbs: Verbs = audit.add_subparsers(dest="verb", required=True, metavar="VERB")
    for add in _VERBS:
        add(verbs, common)
