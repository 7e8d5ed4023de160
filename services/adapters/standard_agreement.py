"""The agreement that an embedded data folder begins with; a real database begins with none."""

from pathlib import Path

from consent.agreement_adopting import AdoptAgreement, adopt_agreement
from services.adapters.unit_of_work import Outside, unit_of_work

_FILE = Path(__file__).with_name("standard_agreement.json")
_ACTOR = "job:data-folder"


def standard_agreement() -> bytes:
    """The file as it ships with the program."""
    return _FILE.read_bytes()


def adopt_standard_unless_any(outside: Outside) -> None:
    """Adopt the standard agreement where none was ever adopted; `outside` is the owner's.

    A folder that an earlier version made gets it too. Out of its time it is adopted all the same
    and denies everything, as any other.
    """
    with unit_of_work(outside) as work:
        if work.decisions.agreements:
            return
        order = AdoptAgreement(standard_agreement(), actor=_ACTOR, although_not_valid=True)
        adopting = work.adopting()
        # Of two processes that both found none, the second finds it adopted once it may look.
        if not adopting.agreements.lock_and_list():
            adopt_agreement(order, adopting=adopting)
