"""Who works with a child: teams and practitioners, with the telephone that is nearest to them.

Sources: NEMS professional-contacts-1; Digital Child Health (CareConnect, STU3), the same event.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
    is_taken_back,
    key_beside,
    scopes_of,
    without_others,
)
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    codings_of,
    is_before,
    is_date_time,
    may_be_practitioner,
    named_words_of,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import (
    in_force,
    is_in_error,
    status_by_code,
    status_of,
)
from connectors.health_visiting.nems.whose import beside_focus, is_same, theirs
from connectors.health_visiting.persons.people import display_name, telephone_of
from connectors.health_visiting.persons.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Involvement, Period
from schemas.vocabulary import Action, Category, Label

_SERVICE = "Health service"
_ASSOCIATION = "DCH-AssociationType"


def professional_contact_from_message(message: NemsMessage) -> Mapped:
    """An involvement for everybody whom an EpisodeOfCare names, and for each team without one.

    The first has the key of the episode. An update states all there are: others are in a scope
    that it clears. Other episodes beside the focus have keys of their own. Source: NEMS
    professional-contacts-1.
    """
    focus = message.focus("EpisodeOfCare", "Encounter")
    key = focus_key(message, focus)
    person = single_person(message, focus, focus_key=key)
    if message.is_of_type(focus, "Encounter"):
        records = list(_contacts_told_at(message, focus, key, person.subject.ref))
        return Mapped.of_person(message, focus, person, tuple(records))
    episodes = {key: focus}
    for number, other in enumerate(beside_focus(message, "EpisodeOfCare"), 1):
        own_key = key_beside(message, other, otherwise=f"{key}/episode/{number}")
        episodes.setdefault(own_key, other)
    records = [
        record
        for own_key, episode in episodes.items()
        for record in _contact_records(message, episode, own_key, person.subject.ref)
    ]
    return Mapped.of_person(message, focus, person, tuple(records))


def _contacts_told_at(
    message: NemsMessage, encounter: Node, key: str, ref: str
) -> Iterator[Record]:
    """Everybody in every episode that is told of at an Encounter, by whose key they all go.

    Source: Digital Child Health (CareConnect, STU3), professional-contacts-1, first release.
    """
    episodes = list(theirs(message, "EpisodeOfCare"))
    if not episodes and not is_taken_back(message, encounter):
        raise UnreadableMessageError(field="EpisodeOfCare", reason="missing")
    told = [one for one in episodes if not is_in_error(one)]
    found = [involvement for one in told for involvement in _involvements_in(message, one)]
    is_gone = not found or is_taken_back(message, encounter)
    yield from _records_of(message, encounter, key, ref, [None] if is_gone else found)


def _contact_records(message: NemsMessage, episode: Node, key: str, ref: str) -> Iterator[Record]:
    found = [None] if is_taken_back(message, episode) else _involvements_in(message, episode)
    yield from _records_of(message, episode, key, ref, found)


def _records_of(
    message: NemsMessage, focus: Node, key: str, ref: str, found: Iterable[Involvement | None]
) -> Iterator[Record]:
    for number, involvement in enumerate(found):
        yield Record(
            source_id=f"{key}/{number}" if number else key,
            category=Category.PRACTITIONERS,
            subjects=(ref,),
            payload=involvement,
            action=Action.REMOVE if involvement is None else Action.UPSERT,
            labels=frozenset({Label.LOCATION}),
            scopes=scopes_of(key, number),
        )
    yield from without_others(message, focus, key, Category.PRACTITIONERS, ref)


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
            practitioner_ref=_number_of(message, practitioner),
            role=", ".join(seat.roles) or None,
            telephone=_telephone(message, practitioner, seat.team, managing),
            period=period if seat.until is None else _ending(period, seat.until),
            status=status_by_code("EpisodeOfCare", episode),
        )


def _service(episode: Node) -> str:
    """Every type of the episode; a bare code only where nothing has words.

    How somebody is associated (temporary, ended) is no service.
    """
    types = [one for one in children(episode, "type") if not _is_association(one)]
    named = dict.fromkeys(words for one in types if (words := named_words_of(one)))
    if named or not types:
        return ", ".join(named) or _SERVICE
    return words_of(types[0], unnamed="A service without a name here") or _SERVICE


def _is_association(concept: Node) -> bool:
    return any(_ASSOCIATION in coding.system for coding in codings_of(concept))


# Who sits where: in a team, or as the one who manages the care.


@dataclass(frozen=True, slots=True, repr=False)
class _Seat:
    """One practitioner in one team; either may be missing."""

    team: Node | None = None
    team_name: str | None = None
    practitioner: Node | None = None
    name: str | None = None
    roles: tuple[str, ...] = ()
    until: str | None = None


def _seats(message: NemsMessage, episode: Node) -> Iterator[_Seat]:
    """Everybody at work in every team, then who manages the care; a team without any by itself."""
    managing = child(episode, "managingOrganization")
    seated: list[_Seat] = []
    for reference in children(episode, "team"):
        team = message.resolve(reference)
        if team is None or status_of("CareTeam", team, message.day) in _AT_WORK:
            empty = _Seat(team, value(team, "name") or value(reference, "display"))
            is_named = team is not None or empty.team_name is not None
            seated += _in_team(message, empty, managing) or ([empty] if is_named else [])
    for member in children(episode, "careManager"):
        manager = _seat_of(message, member, _Seat(), managing)
        if manager is not None and not any(_is_same(manager, seat) for seat in seated):
            if len(seated) == 1 and seated[0].name is None:
                empty = seated.pop()
                manager = replace(manager, team=empty.team, team_name=empty.team_name)
            seated.append(manager)
    yield from seated or [_Seat()]


def _in_team(message: NemsMessage, team: _Seat, managing: Node | None) -> list[_Seat]:
    found: list[_Seat] = []
    for participant in in_force(children(team.team or {}, "participant"), message.day):
        seat = _seat_of(message, child(participant, "member") or {}, team, managing)
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


def _seat_of(
    message: NemsMessage, member: Node, team: _Seat, managing: Node | None
) -> _Seat | None:
    """The seat of a practitioner at work; None for a relative, a patient or an organisation."""
    found = message.resolve(member)
    if message.is_of_type(found, "PractitionerRole"):
        if not _is_at_work(found, "PractitionerRole", message):
            return None
        member = child(found, "practitioner") or {}
        found = message.resolve(member)
    if found is None:
        name = value(member, "display") if may_be_practitioner(member) else None
        return None if name is None else replace(team, name=name)
    is_one = message.is_of_type(found, "Practitioner")
    if not is_one or not _is_at_work(found, "Practitioner", message):
        return None
    if _has_left(message, found, managing):
        return None
    stated = [code for one in _roles_of(message, found, managing) for code in children(one, "code")]
    roles = tuple(dict.fromkeys(words for code in stated if (words := words_of(code))))
    name = display_name(found, message.day) or value(member, "display")
    return replace(team, practitioner=found, name=name, roles=roles)


def _is_same(one: _Seat, other: _Seat) -> bool:
    if one.practitioner is None and other.practitioner is None:
        return one.name is not None and one.name == other.name
    return one.practitioner is other.practitioner


def _number_of(message: NemsMessage, practitioner: Node | None) -> str | None:
    identifiers = in_force(children(practitioner or {}, "identifier"), message.day)
    return next((value(one, "value") for one in identifiers), None)


def _ending(period: Period, until: str) -> Period:
    """The period of somebody who left, or will leave, before the episode ends."""
    if not is_date_time(until) or (period.end is not None and is_before(period.end, until)):
        return period
    return replace(period, end=until)


_GONE = frozenset({FactStatus.ENDED, FactStatus.IN_ERROR})
_AT_WORK = frozenset({FactStatus.HOLDS, FactStatus.ON_HOLD})


def _is_at_work(resource: Node | None, kind: str, message: NemsMessage) -> TypeGuard[Node]:
    return resource is not None and status_of(kind, resource, message.day) is FactStatus.HOLDS


def _roles_of(
    message: NemsMessage, practitioner: Node | None, managing: Node | None
) -> Iterator[Node]:
    """What PractitionerRoles in force say that the practitioner is."""
    for role in _roles_here(message, practitioner, managing):
        if _is_at_work(role, "PractitionerRole", message):
            yield role


def _roles_here(
    message: NemsMessage, practitioner: Node | None, managing: Node | None
) -> Iterator[Node]:
    """All that are said of them; those elsewhere are not meant.

    A role that names no organisation may be here.
    """
    for role in message.of_type("PractitionerRole"):
        is_theirs = message.resolve(child(role, "practitioner")) is practitioner
        at = child(role, "organization")
        is_here = at is None or managing is None or is_same(message, at, managing)
        if practitioner is not None and is_theirs and is_here:
            yield role


def _has_left(message: NemsMessage, practitioner: Node, managing: Node | None) -> bool:
    """Whether every role in which they work here is over: whoever has left is not to be rung."""
    roles = _roles_here(message, practitioner, managing)
    statuses = [status_of("PractitionerRole", role, message.day) for role in roles]
    return bool(statuses) and set(statuses) <= _GONE


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
