"""Who works with a child: teams with their telephone, and legal statuses with whom to ring.

Sources: NEMS professional-contacts-1; Digital Child Health (CareConnect, STU3),
legal-information-1, where a status is an Observation and the local authority an Organization with
the telephone of its emergency duty team.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
    focus_record,
    is_taken_back,
    is_withdrawn,
)
from connectors.health_visiting.nems.message import MessageEventType, NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    codings_of,
    date_time,
    descend,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.people import display_name, telephone_of
from connectors.health_visiting.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import Involvement, Period, Plan
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
    team = message.resolve(child(episode, "team"))
    managing = child(episode, "managingOrganization")
    organisation = message.resolve(managing)
    participants = list(_practitioners(message, team, episode))
    names = [name for _, practitioner in participants if (name := display_name(practitioner))]
    role, practitioner = participants[0] if participants else (None, None)
    return Involvement(
        service=words_of(child(episode, "type")) or "Health service",
        agency_code=message.organisation_code(managing),
        agency_name=value(organisation, "name") or value(managing, "display"),
        team=value(team, "name"),
        practitioner_name=", ".join(names) or None,
        practitioner_ref=value(descend(practitioner, "identifier"), "value"),
        role=role,
        telephone=_telephone(message, practitioner, team, organisation),
        period=period_of(episode, "period", field="EpisodeOfCare.period"),
    )


def _practitioners(
    message: NemsMessage, team: Node | None, episode: Node
) -> Iterator[tuple[str | None, Node]]:
    for participant in children(team, "participant") if team is not None else ():
        practitioner = message.resolve(child(participant, "member"))
        if practitioner is not None:
            yield words_of(child(participant, "role")), practitioner
    manager = message.resolve(child(episode, "careManager"))
    if manager is not None:
        yield _role_of(message, manager), manager


def _role_of(message: NemsMessage, practitioner: Node) -> str | None:
    """What a PractitionerRole in the bundle says that the practitioner is."""
    for role in message.of_type("PractitionerRole"):
        if message.resolve(child(role, "practitioner")) is practitioner:
            return words_of(child(role, "code"))
    return None


def _telephone(message: NemsMessage, *nearest_first: Node | None) -> str | None:
    services = message.of_type("HealthcareService")
    numbers = (telephone_of(resource) for resource in (*nearest_first, *services))
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
        if taken_back or is_withdrawn(observation):
            yield Record(source_id, status.category, (ref,), None, Action.REMOVE)
        else:
            plan = _plan(message, observation, status)
            yield Record(source_id, status.category, (ref,), plan)


def _observations(message: NemsMessage, status: _Status) -> list[Node]:
    return [
        observation
        for observation in message.of_type("Observation")
        if any(coding.code == status.code for coding in codings_of(child(observation, "code")))
    ]


def _plan(message: NemsMessage, observation: Node, status: _Status) -> Plan:
    authority = _authority(message, observation)
    return Plan(
        kind=status.kind,
        title=status.title,
        period=_period(observation),
        agency_name=value(authority, "name"),
        telephone=telephone_of(authority),
        out_of_hours_telephone=_emergency_telephone(authority or {}),
    )


def _period(observation: Node) -> Period:
    period = period_of(observation, "effectivePeriod", field="Observation.effectivePeriod")
    if period != Period():
        return period
    field = "Observation.effectiveDateTime"
    return Period(start=date_time(observation, "effectiveDateTime", field=field))


def _authority(message: NemsMessage, observation: Node) -> Node | None:
    """The organisation that the observation names, else the only one that did not send it."""
    named = (message.resolve(performer) for performer in children(observation, "performer"))
    authority = next((one for one in named if message.is_of_type(one, "Organization")), None)
    if authority is not None:
        return authority
    sender = message.resolve(child(message.header, "responsible"))
    others = [one for one in message.of_type("Organization") if one is not sender]
    return others[0] if len(others) == 1 else None


def _emergency_telephone(authority: Node) -> str | None:
    for contact in children(authority, "contact"):
        purpose = value(child(contact, "purpose"), "text") or ""
        if _EMERGENCY in purpose.casefold():
            return telephone_of(contact)
    return None
