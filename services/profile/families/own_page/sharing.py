"""Who can see what: one row a service, of what `decide` answers, as its reader may know. Pure.

Of the other parent's no there is the effect alone, "not shared": never who said so, when or why.
What a young person decided for themselves, and what parents are not to be told, reads as if it had
never been decided.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from consent import AccessRequest, Decision, Practitioner, Reason
from consent.deciding.told_alike import AnswersToldAlike
from consent.model import DeciderKind, Response, SharingDecision
from schemas.identifiers import PersonId
from schemas.vocabulary import SERVICES_HERE, Category, Source
from services.people.family_access.acting import ChildReach, WhyReach
from services.people.family_access.reaching import Reached
from services.profile.families.sharing import EVERYDAY, a_worker_of

SHOWN = tuple(one for one in Category if one is not Category.SAFEGUARDING)
"""Of enquiries nobody reads on a family's own page, also not that there is none."""


class RowSays(StrEnum):
    """What a row says."""

    YES = "yes"
    SOME = "some"
    NO = "no"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """What one service can see. `since` and `said_no` are of the reader's own decisions alone."""

    service: Source
    said: RowSays
    can: tuple[Category, ...]
    cannot: tuple[Category, ...]
    since: datetime | None = None
    said_no: datetime | None = None


def tellable(decision: SharingDecision, reached: Reached, ones: Collection[PersonId]) -> bool:
    """Whether the reader may know that this was decided."""
    if reached.is_own(decision, ones):
        return True
    if decision.circumstances.parents_are_not_told:
        return False
    if reached.acting.because is WhyReach.LET_SEE:
        return True
    if decision.decided_by.kind is DeciderKind.YOUNG_PERSON:
        return False
    return reached.acting.reach is ChildReach.WHOLE


def rows_about(reached: Reached, ones: Collection[PersonId], at: datetime) -> Sequence[ServiceRow]:
    """One row for each service, in one order for everybody."""
    told = tuple(d for d in reached.on_record.decisions if tellable(d, reached, ones))
    known = replace(reached.on_record, decisions=told)
    own = [d for d in told if reached.is_own(d, ones)]
    answers = AnswersToldAlike(reached.person, known, tuple(Source), EVERYDAY)
    return [_row(service, answers, reached.person, own, at) for service in SERVICES_HERE]


def _row(
    service: Source,
    answers: AnswersToldAlike,
    person: PersonId,
    own: Sequence[SharingDecision],
    at: datetime,
) -> ServiceRow:
    worker = a_worker_of(service, person, at)
    found = {category: _asked(category, worker, person, answers, at) for category in SHOWN}
    yes = {c: [one for one in each if one.is_permitted] for c, each in found.items()}
    can = tuple(category for category, each in yes.items() if each)
    cannot = tuple(category for category in SHOWN if category not in can)
    permitted = [one for each in yes.values() for one in each]
    refused = [one for c in cannot for one in found[c]]
    if not can:
        said_no = _latest(own, refused, lambda d: d.withdrawn_at or d.decided_at)
        return ServiceRow(service, RowSays.NO, (), SHOWN, said_no=said_no)
    if all(Reason.DUTY in one.reasons for one in permitted):
        return ServiceRow(service, RowSays.LAW, can, cannot)
    given = [d for d in own if d.response is Response.GIVEN]
    since = _latest(given, permitted, lambda d: d.decided_at)
    said = RowSays.SOME if cannot else RowSays.YES
    return ServiceRow(service, said, can, cannot, since=since)


def _asked(
    category: Category,
    worker: Practitioner,
    person: PersonId,
    answers: AnswersToldAlike,
    at: datetime,
) -> Sequence[Decision]:
    """Of any source's records, for any purpose that counts; each answer that differs once."""
    any_source = Source.SCHOOLS
    return answers.to(AccessRequest((person,), category, any_source, recipient=worker, at=at))


def _latest(
    own: Sequence[SharingDecision],
    answers: Sequence[Decision],
    when: Callable[[SharingDecision], datetime],
) -> datetime | None:
    """When the last of one's own was said on which one of these answers rests."""
    rested_on = {d for answer in answers for d in answer.decided_from}
    return max((when(d) for d in own if d.id in rested_on), default=None)
