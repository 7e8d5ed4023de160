"""Personal Demographics Service events: new address, new practice, death, record changed."""

from collections.abc import Iterator

from connectors.health_visiting.mapped import Mapped, focus_key, is_taken_back
from connectors.health_visiting.nems.message import NemsMessage, extension
from connectors.health_visiting.nems.nodes import Node, child, descend, period_of, value
from connectors.health_visiting.people import PatientFacts, Person, telephone_of
from connectors.health_visiting.subjects import refuse_several, single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import (
    GENERAL_PRACTICE,
    Involvement,
    Payload,
    Period,
    PersonDetails,
)
from schemas.vocabulary import Action, Category, Label

_PRIMARY_CARE = "1"
_DEATH_REMOVED = "U"
_DEATH_STATED = frozenset({"1", "2"})
_LOCATION = frozenset({Label.LOCATION})


def change_of_address_from_message(message: NemsMessage) -> Mapped:
    """The addresses that PDS now holds, old ones with their dates: a claim, not an overwriting.

    Source: NEMS pds-change-of-address-1, whose "flip-flop" is known (DOMAIN section 2.1.1).
    """
    focus, person = _focus_and_person(message)
    if not is_taken_back(message, focus):
        return Mapped.of_person(message, focus, person, ())
    contact = f"{person.key}/contact"
    removal = _record(contact, Category.IDENTITY_AND_CONTACT, person, None, labels=_LOCATION)
    return Mapped.of_person(message, focus, person, (removal,))


def change_of_gp_from_message(message: NemsMessage) -> Mapped:
    """The practice that a person is registered with, and the one before with its end.

    Source: NEMS pds-change-of-gp-1.
    """
    focus, person = _focus_and_person(message)
    practices = dict(_practices(message, person))
    removing = is_taken_back(message, focus)
    category = Category.PRACTITIONERS
    records = tuple(
        _record(source_id, category, person, None if removing else practice, labels=_LOCATION)
        for source_id, practice in practices.items()
    )
    return Mapped.of_person(message, focus, person, records)


def death_from_message(message: NemsMessage) -> Mapped:
    """A death, formal or informal; a notification taken back removes it again.

    Its record is apart from the person's other details, so that no later message about something
    else can blank it. Source: NEMS pds-death-notification-1.
    """
    focus, person = _focus_and_person(message)
    source_id = f"{person.key}/death"
    died = None if is_taken_back(message, focus) else _died(person.facts)
    death = _record(
        source_id,
        Category.IDENTITY_AND_CONTACT,
        person,
        None if died is None else PersonDetails(died=died),
    )
    return Mapped.of_person(message, focus, person, (death,))


def record_change_from_message(message: NemsMessage) -> Mapped:
    """Only a notice that PDS holds something new; what it is has to be asked for there.

    Source: NEMS pds-record-change-1.
    """
    _, person = _focus_and_person(message)
    return Mapped((person.subject,), doubt=person.doubt)


def _focus_and_person(message: NemsMessage) -> tuple[Node, Person]:
    focus = message.focus("Communication", "Patient")
    person = single_person(message, focus, focus_key=focus_key(message, focus))
    refuse_several(person)
    return focus, person


def _record(
    source_id: str,
    category: Category,
    person: Person,
    payload: Payload | None,
    *,
    labels: frozenset[Label] = frozenset(),
) -> Record:
    action = Action.REMOVE if payload is None else Action.UPSERT
    return Record(source_id, category, (person.subject.ref,), payload, action, labels)


def _practices(message: NemsMessage, person: Person) -> Iterator[tuple[str, Involvement]]:
    """Practices by source id: one a person and practice, so that leaving it updates its record."""
    for episode in message.of_type("EpisodeOfCare"):
        if value(descend(episode, "type", "coding"), "code") == _PRIMARY_CARE:
            period = period_of(episode, "period", field="EpisodeOfCare.period")
            yield from _practice(message, person, child(episode, "managingOrganization"), period)
    if person.facts is not None:
        current = child(person.facts.element, "generalPractitioner")
        yield from _practice(message, person, current, Period())


def _practice(
    message: NemsMessage, person: Person, reference: Node | None, period: Period
) -> Iterator[tuple[str, Involvement]]:
    code = message.organisation_code(reference)
    if code is None:
        return
    organisation = message.resolve(reference)
    involvement = Involvement(
        service=GENERAL_PRACTICE,
        agency_code=code,
        agency_name=value(organisation, "name") or value(reference, "display"),
        telephone=telephone_of(organisation),
        period=period,
    )
    yield f"{person.key}/general-practice/{code}", involvement


def _died(facts: PatientFacts | None) -> str | None:
    """The date of death, or None when the notification says that an earlier one was wrong."""
    if facts is None:
        return None
    status, died = _death_status(facts.element), facts.died
    if status is not None and status not in _DEATH_STATED | {_DEATH_REMOVED}:
        raise UnreadableMessageError(field="Patient.deathNotificationStatus", reason="unknown")
    if (status == _DEATH_REMOVED) == (died is not None):
        reason = "missing" if died is None else "contradicts:Patient.deathNotificationStatus"
        raise UnreadableMessageError(field="Patient.deceasedDateTime", reason=reason)
    return died


def _death_status(patient: Node) -> str | None:
    stated = extension(patient, "Extension-CareConnect-DeathNotificationStatus-1")
    if stated is None:
        return None
    coding = descend(extension(stated, "deathNotificationStatus"), "valueCodeableConcept", "coding")
    return value(coding, "code")
