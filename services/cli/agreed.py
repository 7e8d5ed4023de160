"""A word to whoever runs the service when everything is denied for want of an agreement."""

import sys

from consent.agreement import AgreementState, agreement_state
from services.adapters.unit_of_work import unit_of_work
from services.bootstrap import Application, DatabaseRole


def warn_unless_agreed(application: Application) -> None:
    """Say on standard error that no agreement is in force, and what to do; else say nothing."""
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        state = agreement_state(work.decisions.agreements, work.now)
    if state is not AgreementState.IN_FORCE:
        sys.stderr.write(f"tell-once: {state.label} See tell-once agreement adopt --help\n")
        sys.stderr.flush()
