"""`tell-once audit …`: every verb of the auditor's workbench, each added by the module it is in.

Each function takes the verbs of `audit` and the options that all commands have.
"""

import argparse
from typing import Any

from services.cli.audit.asking import Verbs
from services.cli.audit.checking import add_check_case
from services.cli.audit.decisions import add_decision, add_decisions, add_timings
from services.cli.audit.explaining import add_could_see, add_explain, add_index
from services.cli.audit.exporting import add_export, add_exports
from services.cli.audit.looks import add_access, add_looks, add_refusals
from services.cli.audit.reviews import add_family_question, add_review, add_reviews
from services.cli.audit.standing import add_figures, add_integrity
from services.cli.audit.unusual import add_staff_list, add_unusual

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
    add_integrity,
    add_figures,
    add_explain,
    add_index,
    add_unusual,
    add_staff_list,
    add_export,
    add_exports,
    add_check_case,
)
"""In the order in which help lists them."""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `audit`."""
    audit = commands.add_parser("audit", help="who looked, why it was allowed, what to review")
    verbs: Verbs = audit.add_subparsers(dest="verb", required=True, metavar="VERB")
    for add in _VERBS:
        add(verbs, common)
