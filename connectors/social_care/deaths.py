"""That a child has died, as an authority says it: by a day, or as why something ended. Pure.

Sources: CIN census, PersonDeathDate and ReasonForClosure RC2; children's social care data API,
closure_reason in the same codes, end_reason of a placement in those of SSDA903 (E2). None of them
refuses anything: a day that cannot be is handed on as contradicted.
"""

from collections.abc import Iterator

from connectors.social_care.codes import ClosureReason
from connectors.social_care.csc.fields import Place
from schemas.records.message import Record
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category

_IDENTITY = Category.IDENTITY_AND_CONTACT
_ENDED_BY_DEATH = "E2"
_UNDATED = PersonDetails(has_died=True)


def closed_by_death(closure: Place, reason: str | None) -> Iterator[Record]:
    """The death for which a case was closed; another reason takes it back, none says nothing."""
    yield from _died(closure, reason, ClosureReason.DIED)


def placement_ended_by_death(placement: Place, reason: str | None) -> Iterator[Record]:
    """The death by which a placement ended; another reason takes it back, none says nothing."""
    yield from _died(placement, reason, _ENDED_BY_DEATH)


def _died(place: Place, reason: str | None, death: str) -> Iterator[Record]:
    """It lies in what ended and goes with it."""
    if reason is None:
        return
    if reason.strip().upper() == death:
        yield place.inside("died").record(_IDENTITY, _UNDATED)
    else:
        yield taken_back(place, "died")


def taken_back(place: Place, name: str) -> Record:
    """That there is no such death after all; named as social care, because who they are stays."""
    return place.without(name, Category.SOCIAL_CARE)
