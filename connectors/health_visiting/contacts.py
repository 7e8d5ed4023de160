"""Professional contacts: which team and practitioner works with the child, and their telephone."""

from collections.abc import Iterator

from connectors.health_visiting.elements import child, children, descend, period_of, value, words_of
from connectors.health_visiting.focus import focus_key, focus_record
from connectors.health_visiting.mapped import Mapped
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node
from connectors.health_visiting.patients import display_name, telephone_of
from connectors.health_visiting.subjects import single_person
from schemas.records.payloads import Involvement
from schemas.vocabulary import Category, Label


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
