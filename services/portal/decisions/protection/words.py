"""Why nothing was done about a restriction or an exclusion, for who may know of it."""

from collections.abc import Mapping
from enum import StrEnum

from consent.decisions.restrictions import NoChange
from services.decisions.protection.excluding import ExclusionRefused
from services.decisions.protection.restricting import RestrictionRefused
from services.people.governance.orders import NotTheirs

_TOO_FEW = (
    "Fewer than three people of two agencies may see this person. "
    "Ask information governance for a list"
)
_SOMEBODY_ELSE = "Somebody else has to confirm what you asked for"
_CHANGED = "It has changed since it was asked for. Ask again"
# Any other reason is that there is nothing for them to know of: the page that all are told it on.
WHY_NOT_PROTECTED: Mapping[StrEnum, str] = {
    NoChange.TOO_FEW: _TOO_FEW,
    NoChange.ONE_AGENCY: _TOO_FEW,
    NoChange.NOT_ASKED_SAFELY: (
        "Ask the protected person first, where nobody can listen or press them"
    ),
    NoChange.NOTHING: "It lasts already",
    RestrictionRefused.NOT_ANOTHER: _SOMEBODY_ELSE,
    NotTheirs.ASKED_IT: _SOMEBODY_ELSE,
    RestrictionRefused.WRONG_HANDS: (
        "It takes information governance and somebody of another agency"
    ),
    RestrictionRefused.GAINS: "Whoever is let in by it, or whose colleague is, cannot confirm it",
    RestrictionRefused.HAS_CHANGED: _CHANGED,
    NotTheirs.ANSWERED: _CHANGED,
    NotTheirs.LAPSED: _CHANGED,
}
WHY_NOT_EXCLUDED: Mapping[StrEnum, str] = {
    ExclusionRefused.NOT_ANOTHER: "Somebody else has to confirm it",
    ExclusionRefused.SAME_AGENCY: "Somebody of another agency has to confirm it",
    ExclusionRefused.GAINS: ("Somebody who is not of the worker’s agency has to confirm it"),
    ExclusionRefused.HAS_CHANGED: "It has changed since it was asked for. Ask again",
}
