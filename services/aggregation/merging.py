"""The pure merge: permitted records in, one profile's sections out.

Order-free and idempotent: whatever order records come in and however often, the same sections
come out. Sources that disagree stand side by side, the latest statement first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
    StoryEntry,
)
from schemas.records.published import PublishedRecord
from services.aggregation.profile import (
    AddressClaim,
    CommunicationView,
    NameClaim,
    PersonView,
    PlanView,
    PractitionerView,
    Provenance,
    RelativeView,
    StoryView,
    TelecomClaim,
    TimelineEntry,
)


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known of workers and agencies beside the records: names and telephone numbers."""

    workers: Mapping[str, tuple[str, str, str | None]]
    telephones: Mapping[str, str]


def people(
    records: Sequence[PublishedRecord],
    child: PersonId,
    protected: Collection[PersonId],
) -> tuple[PersonView, ...]:
    """The child first, then everyone else of whom anything is permitted, youngest first."""
    relations = _relations_to(child, records)
    known = {r.persons[0] for r in records} | {child}
    views = [
        _person(person, relations.get(person), records, protected=person in protected)
        for person in sorted(known)
    ]
    others = [view for view in views if view.id != child]
    others.sort(key=lambda view: view.date_of_birth or "", reverse=True)
    return (*(view for view in views if view.id == child), *others)


def relatives(records: Iterable[PublishedRecord], child: PersonId) -> tuple[RelativeView, ...]:
    """Whom any source names as related to the child, in the sources' own contact order."""
    found = [
        (payload.contact_order or 0, record, payload)
        for record in _latest_first(records)
        if isinstance(payload := record.payload, Relationship) and record.persons[0] == child
    ]
    found.sort(key=lambda item: (item[1].source, item[0], item[1].key))
    return tuple(
        RelativeView(
            kind=payload.kind,
            name=payload.name,
            telecoms=payload.telecoms,
            has_responsibility=payload.has_responsibility,
            same_household=payload.same_household,
            languages=payload.languages,
            person=record.persons[1] if len(record.persons) > 1 else None,
            provenance=_provenance(record),
        )
        for _, record, payload in found
    )


def practitioners(
    records: Iterable[PublishedRecord], directory: Directory, today: str
) -> tuple[PractitionerView, ...]:
    """Everyone who works or worked with the family, current first, the latest first."""
    views = [
        _practitioner(record, payload, directory, today)
        for record in _latest_first(records)
        if isinstance(payload := record.payload, Involvement)
    ]
    views.sort(key=lambda view: view.since or "", reverse=True)
    views.sort(key=lambda view: not view.is_current)
    return tuple(views)


def timeline(records: Iterable[PublishedRecord]) -> tuple[TimelineEntry, ...]:
    """What happened, newest first; what has no date comes last."""
    entries = [
        TimelineEntry(
            date=payload.period.start,
            person=record.persons[0],
            category=record.category,
            occurrence=payload,
            provenance=_provenance(record),
        )
        for record in _latest_first(records)
        if isinstance(payload := record.payload, Occurrence)
    ]
    return tuple(sorted(entries, key=lambda entry: entry.date or "", reverse=True))


def plans(records: Iterable[PublishedRecord], today: str) -> tuple[PlanView, ...]:
    """Plans, those in force first."""
    views = [
        PlanView(
            person=record.persons[0],
            category=record.category,
            plan=payload,
            is_current=_is_current(payload.period.end, today),
            provenance=_provenance(record),
        )
        for record in _latest_first(records)
        if isinstance(payload := record.payload, Plan)
    ]
    views.sort(key=lambda view: view.plan.period.start or "", reverse=True)
    views.sort(key=lambda view: not view.is_current)
    return tuple(views)


def communication(records: Iterable[PublishedRecord]) -> tuple[CommunicationView, ...]:
    """What helps each person to be understood, as each source says it."""
    return tuple(
        CommunicationView(record.persons[0], payload, _provenance(record))
        for record in _latest_first(records)
        if isinstance(payload := record.payload, CommunicationNeeds)
    )


def story(records: Iterable[PublishedRecord]) -> tuple[StoryView, ...]:
    """What the family said, newest first; an entry that a later one corrects says so."""
    entries = [
        (record.key, payload)
        for record in _latest_first(records)
        if isinstance(payload := record.payload, StoryEntry)
    ]
    corrections = {entry.corrects: key for key, entry in entries if entry.corrects}
    views = [StoryView(key, entry, corrections.get(key)) for key, entry in entries]
    return tuple(sorted(views, key=lambda view: view.entry.written_at, reverse=True))


def _person(
    person: PersonId,
    relation: RelationshipKind | None,
    records: Sequence[PublishedRecord],
    *,
    protected: bool,
) -> PersonView:
    own = [r for r in _latest_first(records) if r.persons[0] == person]
    details = [(r, p) for r in own if isinstance(p := r.payload, PersonDetails)]
    contacts = [(r, p) for r in own if isinstance(p := r.payload, ContactDetails)]
    said = [payload for _, payload in details]
    return PersonView(
        id=person,
        relation=relation,
        names=tuple(
            NameClaim(
                p.family_name,
                p.given_names,
                p.known_as,
                _provenance(r),
                p.known_as_family,
                p.former_names,
            )
            for r, p in details
            if p.family_name or p.given_names
        ),
        date_of_birth=_first(p.date_of_birth for p in said),
        sex=_first(p.sex for p in said),
        expected_date_of_birth=_first(p.expected_date_of_birth for p in said),
        died=_first(p.died for p in said),
        placeholder_name=bool(said) and all(p.placeholder_name for p in said),
        addresses=tuple(AddressClaim(a, _provenance(r)) for r, p in contacts for a in p.addresses),
        telecoms=tuple(TelecomClaim(t, _provenance(r)) for r, p in contacts for t in p.telecoms),
        location_protected=protected,
    )


def _practitioner(
    record: PublishedRecord, payload: Involvement, directory: Directory, today: str
) -> PractitionerView:
    name, role, telephone = directory.workers.get(
        payload.practitioner_ref or "", (None, None, None)
    )
    agency_telephone = directory.telephones.get(payload.agency_code or "")
    return PractitionerView(
        person=record.persons[0],
        service=payload.service,
        agency_name=payload.agency_name,
        team=payload.team,
        practitioner_name=payload.practitioner_name or name,
        role=payload.role or role,
        telephone=payload.telephone or telephone or agency_telephone,
        since=payload.period.start,
        until=payload.period.end,
        is_current=_is_current(payload.period.end, today),
        provenance=_provenance(record),
    )


def _relations_to(
    child: PersonId, records: Iterable[PublishedRecord]
) -> Mapping[PersonId, RelationshipKind]:
    """Parents of the child, and the other children of those parents as siblings."""
    links = [
        (record.persons[0], record.persons[1], payload.kind)
        for record in _latest_first(records)
        if isinstance(payload := record.payload, Relationship) and len(record.persons) > 1
    ]
    relations = {other: kind for of, other, kind in links if of == child}
    siblings = {of for of, other, _ in links if other in relations and of != child}
    return {**dict.fromkeys(siblings, RelationshipKind.SIBLING), **relations}


def _latest_first(records: Iterable[PublishedRecord]) -> list[PublishedRecord]:
    """One order for all sections; the same record twice is there once."""
    unique = {(r.source, r.key, r.persons[0]): r for r in sorted(records, key=_age)}
    return sorted(unique.values(), key=_age, reverse=True)


def _age(record: PublishedRecord) -> tuple[str, ...]:
    return (record.version, record.source, record.key, *record.persons)


def _provenance(record: PublishedRecord) -> Provenance:
    return Provenance(record.source, record.version.split("/")[0])


def _is_current(end: str | None, today: str) -> bool:
    return end is None or end[:10] >= today


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
