"""Why nothing is shown, without a hint of whether there is anything."""

from consent.decision import Reason
from services.aggregation.profile import ProfileRefused

NO_RIGHT = "There is no recorded right to show you anything here."

# What may be told to somebody who works with the family. Anything else, even beside these, would
# hint at a record that the reader may not know of: then the answer is always the same.
_MAY_BE_TOLD = frozenset(
    {
        Reason.NO_DECISION,
        Reason.NOT_ASKED,
        Reason.EXPIRED,
        Reason.WITHDRAWN,
        Reason.REFUSED,
        Reason.OBJECTED,
        Reason.POLICY_DENIES,
        Reason.ROLE_OPENS_NO_RECORDS,
    }
)

# Whoever is told one of these is told it on the pages for decisions too.
_CLOSES_ALL = frozenset({Reason.NO_RELATIONSHIP, Reason.RESTRICTED, Reason.ROLE_OPENS_NO_RECORDS})


def decisions_are_open(refused: ProfileRefused) -> bool:
    """Whether who was refused the record may still see and record what its family decides."""
    return bool(refused.reasons) and _CLOSES_ALL.isdisjoint(refused.reasons)


def why_refused(refused: ProfileRefused) -> tuple[str, ...]:
    """Give the sentences of the refusal."""
    if refused.reasons and _MAY_BE_TOLD.issuperset(refused.reasons):
        return tuple(reason.label for reason in refused.reasons)
    return (NO_RIGHT,)
