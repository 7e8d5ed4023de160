"""Decisions in force by one person's word: what was recorded before it took two hands."""

from collections.abc import Callable

from consent.agreement import Agency
from consent.model import Response, SharingDecision
from schemas.identifiers import PractitionerId

_PRACTITIONER = "practitioner:"

AgencyOf = Callable[[PractitionerId], Agency | None]
"""Where a practitioner works; None where nobody has that id any more."""


def is_one_persons_word(decision: SharingDecision, agency_of: AgencyOf) -> bool:
    """Whether who recorded it, or their agency, is shown more by it and nobody confirmed it.

    Of what a program or an operator recorded nobody can say whose gain it is.
    """
    if decision.response is not Response.GIVEN or decision.confirmed_at is not None:
        return False
    recorded_by = decision.circumstances.recorded_by or ""
    if not recorded_by.startswith(_PRACTITIONER) or not decision.recipients:
        return True
    own = {recorded_by, f"agency:{agency_of(PractitionerId(recorded_by[len(_PRACTITIONER) :]))}"}
    return any(name in own or name.startswith("role:") for name in decision.recipients)
