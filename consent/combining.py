"""When several consents speak about the same thing: which of them holds.

`deny-overrides` is ours: a no stands against every yes, whenever either was said (DESIGN.md
section 4). The other two exist so that cases published by others can be run as written. The names
are those of XACML 3.0 appendix C; most-recent is what consent services that keep one consent
current at a time do.

Under all of them nothing means no, the order in which verdicts are given does not matter, and at
the same moment a no stands against a yes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from consent.decision import Effect
from schemas.vocabulary import LabelledCode


class CombiningAlgorithm(LabelledCode):
    """How verdicts that disagree become one."""

    DENY_OVERRIDES = "deny-overrides", "Any refusal holds"
    MOST_RECENT = "most-recent", "What was said last holds"
    PERMIT_OVERRIDES = "permit-overrides", "Any permission holds"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one consent says about one thing, and when it was said."""

    effect: Effect
    at: datetime


def denial_stands(
    algorithm: CombiningAlgorithm, *, denied_at: datetime, permitted_at: datetime
) -> bool:
    """Whether a no of that time stands against a yes of this time."""
    match algorithm:
        case CombiningAlgorithm.DENY_OVERRIDES:
            return True
        case CombiningAlgorithm.MOST_RECENT:
            return denied_at >= permitted_at
        case CombiningAlgorithm.PERMIT_OVERRIDES:
            return False
        case _:
            assert_never(algorithm)


def combine(algorithm: CombiningAlgorithm, verdicts: Iterable[Verdict]) -> Effect:
    """The one effect of all verdicts: a yes against which no no stands, else no."""
    known = tuple(verdicts)
    denials = [verdict.at for verdict in known if verdict.effect is Effect.DENY]
    permits = [verdict.at for verdict in known if verdict.effect is Effect.PERMIT]
    is_permitted = any(
        not any(denial_stands(algorithm, denied_at=no, permitted_at=yes) for no in denials)
        for yes in permits
    )
    return Effect.PERMIT if is_permitted else Effect.DENY
