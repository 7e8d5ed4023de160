"""The pure merge of all but the family: services, plans, what helps to be understood.

Order-free and idempotent: whatever order records come in and however often, the same sections
come out. Sources that disagree stand side by side, the latest statement first. Who the family is
and who lives with whom is merged in `people.py`, `family.py` and `households.py`.
"""

from collections.abc import Collection, Iterable, Iterator

from schemas.identifiers import PersonId
from schemas.records.payloads import (
    CASE_CLOSED,
    DUAL_SCHOOL,
    SCHOOL,
    CommunicationNeeds,
    ConnectionReport,
    FactStatus,
    Involvement,
    Occurrence,
    Plan,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.people.practitioners.people import Directory
from services.profile.merging.claims import (
    GOES_ON,
    InOrder,
    is_current,
    latest_first,
    provenance_of,
    status_on,
)
from services.profile.merging.connections import work_of
from services.profile.merging.timeline import timeline
from services.profile.model import (
    NOBODY_TO_RING,
    CommunicationView,
    PlanView,
    PractitionerView,
)

_DAY = len("YYYY-MM-DD")

__all__ = ["communication", "communication_of_others", "plans", "practitioners", "timeline"]


def practitioners(
    records: Iterable[PublishedRecord], directory: Directory, today: str
) -> tuple[PractitionerView, ...]:
    """Everyone who works, worked or is to work with the family, current first, the latest first.

    Of what is over, was called off or is yet to come there is no number: nobody is to be rung.
    """
    views = [
        _practitioner(record, payload, directory, today)
        for record, payload in latest_first(records).of(Involvement)
    ]
    views += _community(latest_first(records), today)
    views.sort(key=lambda view: view.since or "", reverse=True)
    views.sort(key=lambda view: not view.is_current)
    return tuple(views)


def plans(records: Iterable[PublishedRecord], today: str) -> tuple[PlanView, ...]:
    """Plans, those in force first; with them those whose case was closed without an end of theirs.

    Such a plan is not told to be in force, and stays where it is looked for.
    """
    ordered = latest_first(records)
    closed = _closures(ordered, today)
    views = [_plan(record, payload, closed, today) for record, payload in ordered.of(Plan)]
    views.sort(key=lambda view: view.plan.period.start or "", reverse=True)
    views.sort(key=lambda view: not view.is_current)
    return tuple(views)


def _plan(
    record: PublishedRecord, plan: Plan, closed: Collection[tuple[PersonId, str]], today: str
) -> PlanView:
    status = status_on(today, plan.period, plan.status)
    case_closed = None
    if record.source is Source.SOCIAL_CARE and plan.period.end is None and status in GOES_ON:
        since = (plan.period.start or "")[:_DAY]
        days = [day for person, day in closed if person == record.persons[0] and day >= since]
        case_closed = min(days, default=None)
    return PlanView(
        person=record.persons[0],
        category=record.category,
        plan=plan,
        is_current=status in GOES_ON,
        provenance=provenance_of(record),
        status=status if case_closed is None else FactStatus.UNKNOWN,
        key=record.key,
        case_closed=case_closed,
    )


def _closures(records: InOrder, today: str) -> Collection[tuple[PersonId, str]]:
    """Whose case an authority closed, and when."""
    return [
        (record.persons[0], happened.period.start[:_DAY])
        for record, happened in records.of(Occurrence)
        if record.source is Source.SOCIAL_CARE
        and happened.title == CASE_CLOSED
        and happened.period.start is not None
        and happened.period.start[:_DAY] <= today
    ]


def communication(records: Iterable[PublishedRecord]) -> tuple[CommunicationView, ...]:
    """What helps each person to be understood, as each source says it."""
    return tuple(view for view in _communication(records) if view.needs.whose is None)


def communication_of_others(records: Iterable[PublishedRecord]) -> tuple[CommunicationView, ...]:
    """What somebody around a person needs whom the source names no better: never the person's."""
    return tuple(view for view in _communication(records) if view.needs.whose is not None)


def _communication(records: Iterable[PublishedRecord]) -> Iterator[CommunicationView]:
    for record, needs in latest_first(records).of(CommunicationNeeds):
        yield CommunicationView(record.persons[0], needs, provenance_of(record))


def _community(records: InOrder, today: str) -> Iterator[PractitionerView]:
    """Services in the community that work, worked or are to work with them; no number is told."""
    for record, told in records.of(ConnectionReport):
        work = work_of(told)
        if work is None:
            continue
        period, status = work
        yield PractitionerView(
            person=record.persons[0],
            service=told.service,
            agency_name=told.partner,
            team=None,
            practitioner_name=None,
            role=None,
            telephone=None,
            since=period.start,
            until=period.end,
            is_current=is_current(period, today, status),
            provenance=provenance_of(record),
            status=status_on(today, period, status),
        )


_AT_SCHOOL = frozenset({SCHOOL, DUAL_SCHOOL})
_NO_SCHOOL = (None, None)


def _practitioner(
    record: PublishedRecord, payload: Involvement, directory: Directory, today: str
) -> PractitionerView:
    name, role, telephone = directory.workers.get(
        payload.practitioner_ref or "", (None, None, None)
    )
    code = payload.agency_code or ""
    is_school = payload.service in _AT_SCHOOL
    school, school_telephone = directory.schools.get(code, _NO_SCHOOL) if is_school else _NO_SCHOOL
    agency_telephone = directory.telephones.get(code) or school_telephone
    status = status_on(today, payload.period, payload.status)
    return PractitionerView(
        person=record.persons[0],
        service=payload.service,
        agency_name=payload.agency_name or school,
        team=payload.team,
        practitioner_name=payload.practitioner_name or name,
        role=payload.role or role,
        telephone=None
        if status in NOBODY_TO_RING
        else payload.telephone or telephone or agency_telephone,
        since=payload.period.start,
        until=payload.period.end,
        is_current=is_current(payload.period, today, payload.status),
        provenance=provenance_of(record),
        status=status,
        hours=None if status in NOBODY_TO_RING else directory.hours.get(code),
    )
