"""Who works with a child: teams with their telephone, and legal statuses with whom to ring.

Sources: NEMS professional-contacts-1; Digital Child Health (CareConnect, STU3),
legal-information-1, where a status is an Observation and the local authority an Organization with
the telephone of its emergency duty team.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
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
    is_before,
    is_date_time,
    may_be_practitioner,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.people import display_name, telephone_of
from connectors.health_visiting.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record, clearing
from schemas.records.payloads import Involvement, Period, Plan
from schemas.vocabulary import Action, Category, Label

_SERVICE = "Health service"


def professional_contact_from_message(message: NemsMessage) -> Mapped:
    """An involvement for everybody whom an EpisodeOfCare names, and for each team without one.

    The first has the key of the episode. An update states all there are: others are in a scope
    that it clears. Source: NEMS professional-contacts-1.
    """
    episode = message.focus("EpisodeOfCare")
    key = focus_key(message, episode)
    person = single_person(message, episode, focus_key=key)
    is_gone = is_taken_back(message, episode)
    found = [None] if is_gone else list(_involvements_in(message, episode))
    scope = (key, f"{key}/others")
    records = [
        Record(
            source_id=f"{key}/{number}" if number else key,
            category=Category.PRACTITIONERS,
            subjects=(person.subject.ref,),
            payload=involvement,
            action=Action.REMOVE if involvement is None else Action.UPSERT,
            labels=frozenset({Label.LOCATION}),
            scopes=scope if number else (),
        )
        for number, involvement in enumerate(found)
    ]
    if is_gone or message.event_type is MessageEventType.UPDATE:
        whose = (person.subject.ref,)
        records.append(clearing(scope[-1], Category.PRACTITIONERS, whose, scopes=scope[:1]))
    return Mapped.of_person(message, episode, person, tuple(records))


def _involvements_in(message: NemsMessage, episode: Node) -> Iterator[Involvement]:
    managing = child(episode, "managingOrganization")
    organisation = message.resolve(managing)
    period = period_of(episode, "period", field="EpisodeOfCare.period")
    for seat in _seats(message, episode):
        practitioner = seat.practitioner
        yield Involvement(
            service=_service(episode),
            agency_code=message.organisation_code(managing),
            agency_name=value(organisation, "name") or value(managing, "display"),
            team=seat.team_name,
            practitioner_name=seat.name,
            practitioner_ref=value(descend(practitioner, "identifier"), "value"),
            role=", ".join(seat.roles) or None,
            telephone=_telephone(message, practitioner, seat.post, seat.team, organisation),
            period=period if seat.until is None else _ending(period, seat.until),
        )


def _service(episode: Node) -> str:
    """Every type of the episode; a bare code only where nothing has words."""
    types = children(episode, "type")
    named = [words_of(one, unnamed="") for one in types]
    found = dict.fromkeys(words for words in named if words and not words.startswith(" ("))
    if not found and types:
        return words_of(types[0], unnamed="A service without a name here") or _SERVICE
    return ", ".join(found) or _SERVICE


# Who sits where: in a team, or as the one who manages the care.


@dataclass(frozen=True, slots=True, repr=False)
class _Seat:
    """One practitioner in one team; either may be missing. `post` is their PractitionerRole."""

    team: Node | None = None
    team_name: str | None = None
    practitioner: Node | None = None
    post: Node | None = None
    name: str | None = None
    roles: tuple[str, ...] = ()
    until: str | None = None


def _seats(message: NemsMessage, episode: Node) -> Iterator[_Seat]:
    """Everybody in every team, then who manages the care; a team with nobody in it by itself."""
    references = children(episode, "team")
    seated: list[_Seat] = []
    for reference in references:
        team = message.resolve(reference)
        empty = _Seat(team, value(team, "name") or value(reference, "display"))
        seated += _in_team(message, empty) or [empty]
    manager = _seat_of(message, child(episode, "careManager") or {}, _Seat())
    if manager is not None and not any(_is_same(manager, seat) for seat in seated):
        if len(seated) == 1 and seated[0].name is None:
            empty = seated.pop()
            manager = replace(manager, team=empty.team, team_name=empty.team_name)
        seated.append(manager)
    yield from seated or [_Seat()]


def _in_team(message: NemsMessage, team: _Seat) -> list[_Seat]:
    found: list[_Seat] = []
    for participant in children(team.team or {}, "participant"):
        seat = _seat_of(message, child(participant, "member") or {}, team)
        if seat is None:
            continue
        stated = (words_of(role) for role in children(participant, "role"))
        roles = tuple(role for role in stated if role) or seat.roles
        until = value(child(participant, "period"), "end")
        before = next((one for one in found if _is_same(one, seat)), None)
        if before is not None:
            found.remove(before)
            roles = tuple(dict.fromkeys((*before.roles, *roles)))
            until = until and before.until
        found.append(replace(seat, roles=roles, until=until))
    return found


def _seat_of(message: NemsMessage, member: Node, team: _Seat) -> _Seat | None:
    """The seat of a practitioner; None for a relative, a patient or an organisation."""
    post = message.resolve(member)
    practitioner = post
    if message.is_of_type(post, "PractitionerRole"):
        member = child(post or {}, "practitioner") or {}
        practitioner = message.resolve(member)
    if practitioner is not None and not message.is_of_type(practitioner, "Practitioner"):
        return None
    if practitioner is None and not may_be_practitioner(member):
        return None
    name = display_name(practitioner) or value(member, "display")
    if practitioner is None and name is None:
        return None
    post = _post_of(message, practitioner)
    role = words_of(child(post or {}, "code"))
    return replace(
        team, practitioner=practitioner, post=post, name=name, roles=(role,) if role else ()
    )


def _is_same(one: _Seat, other: _Seat) -> bool:
    if one.practitioner is None and other.practitioner is None:
        return one.name is not None and one.name == other.name
    return one.practitioner is other.practitioner


def _post_of(message: NemsMessage, practitioner: Node | None) -> Node | None:
    """The PractitionerRole in the bundle that says what the practitioner is."""
    for post in message.of_type("PractitionerRole"):
        if practitioner and message.resolve(child(post, "practitioner")) is practitioner:
            return post
    return None


def _ending(period: Period, until: str) -> Period:
    """The period of somebody who left, or will leave, before the episode ends."""
    if not is_date_time(until) or (period.end is not None and is_before(period.end, until)):
        return period
    return replace(period, end=until)


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
