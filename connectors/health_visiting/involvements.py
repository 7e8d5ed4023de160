"""Who works with a child: teams with their telephone, and legal statuses with whom to ring.

Sources: NEMS professional-contacts-1; Digital Child Health (CareConnect, STU3),
legal-information-1, where a status is an Observation and the local authority an Organization with
the telephone of its emergency duty team.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
    focus_record,
    is_taken_back,
)
from connectors.health_visiting.nems.message import MessageEventType, NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    codings_of,
    date_time,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import (
    caution_of_result,
    in_force,
    status_by_code,
    status_of,
)
from connectors.health_visiting.nems.whose import is_same, theirs
from connectors.health_visiting.people import display_name, telephone_of
from connectors.health_visiting.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Involvement, Period, Plan
from schemas.vocabulary import Action, Category, Label


def professional_contact_from_message(message: NemsMessage) -> Mapped:
    """The involvement that an EpisodeOfCare states. Source: NEMS professional-contacts-1."""
    episode = message.focus("EpisodeOfCare")
    key = focus_key(message, episode)
    person = single_person(message, episode, focus_key=key)
    involvement = focus_record(
        message,
        episode,
        source_id=key,
        category=Category.PRACTITIONERS,
        subjects=(person.subject.ref,),
        build=lambda: _involvement_from_episode(message, episode),
        labels=frozenset({Label.LOCATION}),
    )
    return Mapped.of_person(message, episode, person, (involvement,))


def _involvement_from_episode(message: NemsMessage, episode: Node) -> Involvement:
    team = next(_teams(message, episode), None)
    managing = child(episode, "managingOrganization")
    organisation = message.resolve(managing)
    participants = list(_practitioners(message, team, episode))
    names = [name for _, one in participants if (name := display_name(one, message.day))]
    role, practitioner = participants[0] if participants else (None, None)
    identifiers = in_force(children(practitioner or {}, "identifier"), message.day)
    return Involvement(
        service=words_of(child(episode, "type")) or "Health service",
        agency_code=message.organisation_code(managing),
        agency_name=value(organisation, "name") or value(managing, "display"),
        team=value(team, "name"),
        practitioner_name=", ".join(dict.fromkeys(names)) or None,
        practitioner_ref=next((value(one, "value") for one in identifiers), None),
        role=role,
        telephone=_telephone(message, practitioner, team, managing),
        period=period_of(episode, "period", field="EpisodeOfCare.period"),
        status=status_by_code("EpisodeOfCare", episode),
    )


def _teams(message: NemsMessage, episode: Node) -> Iterator[Node]:
    """The episode's teams that are not over, not yet to be and not a mistake."""
    for reference in children(episode, "team"):
        team = message.resolve(reference)
        if team is not None and status_of("CareTeam", team, message.day) in _AT_WORK:
            yield team


_AT_WORK = frozenset({FactStatus.HOLDS, FactStatus.ON_HOLD})


def _practitioners(
    message: NemsMessage, team: Node | None, episode: Node
) -> Iterator[tuple[str | None, Node]]:
    for participant in in_force(children(team or {}, "participant"), message.day):
        practitioner = _worker(message, child(participant, "member"))
        if practitioner is not None:
            yield words_of(child(participant, "role")), practitioner
    manager = _worker(message, child(episode, "careManager"))
    if manager is not None:
        role = next(_roles_of(message, manager, child(episode, "managingOrganization")), None)
        yield words_of(child(role or {}, "code")), manager


def _worker(message: NemsMessage, reference: Node | None) -> Node | None:
    """The Practitioner whom a reference names, by a role too (R4), if they are at work.

    A team has relatives and organisations among its members as well, who are no practitioners.
    """
    named = message.resolve(reference)
    if message.is_of_type(named, "PractitionerRole"):
        if not _is_at_work(named, "PractitionerRole", message):
            return None
        named = message.resolve(child(named, "practitioner"))
    if not message.is_of_type(named, "Practitioner"):
        return None
    return named if _is_at_work(named, "Practitioner", message) else None


def _is_at_work(resource: Node | None, kind: str, message: NemsMessage) -> TypeGuard[Node]:
    return resource is not None and status_of(kind, resource, message.day) is FactStatus.HOLDS


def _roles_of(
    message: NemsMessage, practitioner: Node | None, managing: Node | None
) -> Iterator[Node]:
    """What PractitionerRoles in force say that the practitioner is; those elsewhere are not meant.

    A role that names no organisation may be here.
    """
    for role in message.of_type("PractitionerRole"):
        is_theirs = message.resolve(child(role, "practitioner")) is practitioner
        at = child(role, "organization")
        is_here = at is None or managing is None or is_same(message, at, managing)
        is_meant = practitioner is not None and is_theirs and is_here
        if is_meant and _is_at_work(role, "PractitionerRole", message):
            yield role


def _telephone(
    message: NemsMessage, practitioner: Node | None, team: Node | None, managing: Node | None
) -> str | None:
    """The nearest number in use: of worker, role, team, organisation, or that one's service.

    A service whose `providedBy` is another organisation, or nobody, is not the family's to ring.
    """
    roles = [*_roles_of(message, practitioner, managing)]
    organisation = message.resolve(managing)
    is_open = _is_at_work(organisation, "Organization", message)
    services = [
        service
        for service in message.of_type("HealthcareService")
        if managing is not None
        and is_same(message, child(service, "providedBy"), managing)
        and _is_at_work(service, "HealthcareService", message)
    ]
    nearest_first = (practitioner, *roles, team, organisation if is_open else None, *services)
    numbers = (telephone_of(resource, message.day) for resource in nearest_first)
    return next((number for number in numbers if number), None)


# Whether a child is looked after or has a protection plan, and which authority to ring.

_EMERGENCY = "emergency duty"


@dataclass(frozen=True, slots=True)
class _Status:
    """A legal status: its SNOMED code, and the plan that it is shown as."""

    code: str
    kind: str
    title: str
    category: Category


_STATUSES = (
    _Status(
        "764841000000100",
        "looked-after",
        "Looked after by the local authority",
        Category.SOCIAL_CARE,
    ),
    _Status("1064311000000109", "child-protection", "Child protection plan", Category.SAFEGUARDING),
)


def legal_information_from_message(message: NemsMessage) -> Mapped:
    """A plan for each legal status that the message states.

    An update states all there is: of a status that it leaves out the plan is removed.
    """
    focus = message.focus("Encounter", "Observation")
    key = focus_key(message, focus)
    person = single_person(message, focus, focus_key=key)
    records = [
        record
        for status in _STATUSES
        for record in _records(message, focus, status, f"{key}/{status.kind}", person.subject.ref)
    ]
    if not any(_observations(message, status) for status in _STATUSES) and not is_taken_back(
        message, focus
    ):
        raise UnreadableMessageError(field="Observation.code", reason="unknown")
    return Mapped.of_person(message, focus, person, tuple(records))


def _records(
    message: NemsMessage, focus: Node, status: _Status, key: str, ref: str
) -> Iterator[Record]:
    stated = _observations(message, status)
    taken_back = is_taken_back(message, focus)
    if not stated and (taken_back or message.event_type is MessageEventType.UPDATE):
        yield Record(key, status.category, (ref,), None, Action.REMOVE)
    for number, observation in enumerate(stated):
        source_id = f"{key}/{number}" if number else key
        if taken_back or not _is_stated(message, observation):
            yield Record(source_id, status.category, (ref,), None, Action.REMOVE)
        else:
            plan = _plan(message, observation, status)
            yield Record(source_id, status.category, (ref,), plan)


def _is_stated(message: NemsMessage, observation: Node) -> bool:
    """Whether it says that the child has the status: not in error, not called off, not absent."""
    is_denied = value(observation, "valueBoolean") == "false"
    return not is_denied and caution_of_result(observation, message.day) is not None


def _observations(message: NemsMessage, status: _Status) -> list[Node]:
    return [
        observation
        for observation in theirs(message, "Observation")
        if any(coding.code == status.code for coding in codings_of(child(observation, "code")))
    ]


def _plan(message: NemsMessage, observation: Node, status: _Status) -> Plan:
    authority = _authority(message, observation)
    return Plan(
        kind=status.kind,
        title=status.title,
        period=_period(observation),
        agency_name=value(authority, "name"),
        telephone=telephone_of(authority, message.day),
        out_of_hours_telephone=_emergency_telephone(authority or {}, message.day),
        status=status_by_code("Observation", observation),
    )


def _period(observation: Node) -> Period:
    period = period_of(observation, "effectivePeriod", field="Observation.effectivePeriod")
    if period != Period():
        return period
    field = "Observation.effectiveDateTime"
    return Period(start=date_time(observation, "effectiveDateTime", field=field))


def _authority(message: NemsMessage, observation: Node) -> Node | None:
    """The organisation that the observation names, else the only one with an emergency duty team.

    That an organisation is in the message besides does not make it the authority.
    """
    named = (message.resolve(performer) for performer in children(observation, "performer"))
    authority = next((one for one in named if message.is_of_type(one, "Organization")), None)
    if authority is not None:
        return authority
    sender = message.resolve(child(message.header, "responsible"))
    others = [
        one
        for one in message.of_type("Organization")
        if one is not sender and _emergency_telephone(one, message.day)
    ]
    return others[0] if len(others) == 1 and not children(observation, "performer") else None


def _emergency_telephone(authority: Node, day: str) -> str | None:
    for contact in children(authority, "contact"):
        purpose = value(child(contact, "purpose"), "text") or ""
        if _EMERGENCY in purpose.casefold():
            return telephone_of(contact, day)
    return None
