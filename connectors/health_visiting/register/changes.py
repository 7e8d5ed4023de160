"""Personal Demographics Service events: new address, new practice, death, record changed."""

from collections.abc import Iterator

from connectors.health_visiting.mapped import Mapped, focus_key, is_taken_back
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import Node, child, descend, period_of, value
from connectors.health_visiting.nems.statuses import status_by_code, status_of
from connectors.health_visiting.nems.whose import theirs
from connectors.health_visiting.persons.deaths import death_notified
from connectors.health_visiting.persons.people import Person, death_record, telephone_of
from connectors.health_visiting.persons.subjects import refuse_several, single_person
from schemas.records.message import Record
from schemas.records.payloads import (
    GENERAL_PRACTICE,
    FactStatus,
    Involvement,
    Payload,
    Period,
)
from schemas.vocabulary import Action, Category, Label

_PRIMARY_CARE = "1"
LOCATION = frozenset({Label.LOCATION})
"""What tells where somebody is, or is seen."""


def change_of_address_from_message(message: NemsMessage) -> Mapped:
    """The addresses that PDS now holds, old ones with their dates: a claim, not an overwriting.

    Source: NEMS pds-change-of-address-1, whose "flip-flop" is known (DOMAIN section 2.1.1).
    """
    focus, person = _focus_and_person(message)
    if not is_taken_back(message, focus):
        return Mapped.of_person(message, focus, person, ())
    contact = f"{person.key}/contact"
    removal = _record(contact, Category.IDENTITY_AND_CONTACT, person, None, labels=LOCATION)
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
        _record(
            source_id,
            category,
            person,
            None if removing else practice,
            labels=LOCATION,
            scopes=(practices_scope(person.key),),
        )
        for source_id, practice in practices.items()
    )
    return Mapped.of_person(message, focus, person, records)


def death_from_message(message: NemsMessage) -> Mapped:
    """A death, formal or informal; a notification taken back removes it again.

    It is told whatever its Patient states or leaves out, and as contradicted where that does not
    hold together. Source: NEMS pds-death-notification-1.
    """
    focus, person = _focus_and_person(message)
    if is_taken_back(message, focus):
        return Mapped.of_person(message, focus, person, tuple(_no_death(person)))
    stated = None if person.facts is None else person.facts.death
    said = death_notified(stated)
    told = (death_record(person, said),) if said is not None else tuple(_no_death(person))
    return Mapped.of_person(message, focus, person, told)


def _no_death(person: Person) -> Iterator[Record]:
    """That nobody has died, whether it was told by an event or by a signal."""
    yield from (death_record(person, None, signalled=signalled) for signalled in (False, True))


def record_change_from_message(message: NemsMessage) -> Mapped:
    """Only a notice that PDS holds something new; what it is has to be asked for there.

    Beside a death, which is told whoever says it and wherever. Source: NEMS pds-record-change-1.
    """
    focus, person = _focus_and_person(message)
    stated = None if person.facts is None else person.facts.death
    if stated is None or is_taken_back(message, focus):
        return Mapped((person.subject,), doubt=person.doubt)
    return Mapped((person.subject,), (death_record(person, stated.said),), person.doubt)


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
    scopes: tuple[str, ...] = (),
) -> Record:
    action = Action.REMOVE if payload is None else Action.UPSERT
    return Record(source_id, category, (person.subject.ref,), payload, action, labels, scopes)


def practice_key(key: str, code: str) -> str:
    """One record a person and practice, so that leaving it updates the record of having joined."""
    return f"{practices_scope(key)}/{code}"


def practices_scope(key: str) -> str:
    """All practices of one person, as the register tells them."""
    return f"{key}/general-practice"


def _practices(message: NemsMessage, person: Person) -> Iterator[tuple[str, Involvement | None]]:
    """Practices by source id: one a person and practice, so that leaving it updates its record.

    None for one that was entered in error.
    """
    patient = None if person.facts is None else person.facts.element
    for episode in theirs(message, "EpisodeOfCare", of=patient):
        if value(descend(episode, "type", "coding"), "code") == _PRIMARY_CARE:
            period = period_of(episode, "period", field="EpisodeOfCare.period")
            status = status_by_code("EpisodeOfCare", episode)
            managing = child(episode, "managingOrganization")
            yield from _practice(message, person, managing, period, status)
    if patient is not None:
        current = child(patient, "generalPractitioner")
        yield from _practice(message, person, current, Period(), FactStatus.HOLDS)


def _practice(
    message: NemsMessage,
    person: Person,
    reference: Node | None,
    period: Period,
    status: FactStatus,
) -> Iterator[tuple[str, Involvement | None]]:
    code = message.organisation_code(reference)
    if code is None:
        return
    organisation = message.resolve(reference)
    is_closed = status_of("Organization", organisation, message.day) is not FactStatus.HOLDS
    involvement = Involvement(
        service=GENERAL_PRACTICE,
        agency_code=code,
        agency_name=value(organisation, "name") or value(reference, "display"),
        telephone=None if is_closed else telephone_of(organisation, message.day),
        period=period,
        status=status,
    )
    is_meant = status is not FactStatus.IN_ERROR
    yield practice_key(person.key, code), involvement if is_meant else None
