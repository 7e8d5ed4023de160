"""Vaccinations given, and vaccinations offered that were not given."""

from collections.abc import Iterator

from connectors.health_visiting.mapped import Mapped, focus_key, focus_record
from connectors.health_visiting.nems.message import NemsMessage, extension
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    coding_of,
    date_time,
    descend,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import status_of
from connectors.health_visiting.people import display_name
from connectors.health_visiting.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.payloads import FactStatus, Occurrence, OccurrenceKind, Period
from schemas.vocabulary import Category, Label

_NULL_FLAVOR = "NullFlavor"


def vaccination_from_message(message: NemsMessage) -> Mapped:
    """The occurrence that an Immunization states. Source: NEMS vaccinations-1."""
    immunization = message.focus("Immunization")
    key = focus_key(message, immunization)
    person = single_person(message, immunization, focus_key=key)
    vaccination = focus_record(
        message,
        immunization,
        source_id=key,
        category=Category.CHILD_HEALTH,
        subjects=(person.subject.ref,),
        build=lambda: _occurrence_from_immunization(message, immunization),
        labels=frozenset({Label.LOCATION}),
    )
    return Mapped.of_person(message, immunization, person, (vaccination,))


def _occurrence_from_immunization(message: NemsMessage, immunization: Node) -> Occurrence:
    procedure = coding_of(
        descend(
            extension(immunization, "Extension-CareConnect-VaccinationProcedure-1"),
            "valueCodeableConcept",
        )
    ) or coding_of(child(immunization, "vaccineCode"))
    if procedure is None:
        raise UnreadableMessageError(field="Immunization.vaccineCode", reason="missing")
    status = status_of("Immunization", immunization, message.day)
    not_given = status is FactStatus.NOT_DONE or _not_given(immunization)
    given_on = date_time(immunization, "date", field="Immunization.date")
    return Occurrence(
        kind=OccurrenceKind.VACCINATION,
        title=procedure.display,
        period=Period(start=given_on),
        coding=procedure,
        outcome=_outcome(immunization, status),
        not_done=not_given,
        agency_name=_agency_name(message, immunization),
        practitioner_name=_practitioner_name(message, immunization),
        details=tuple(_details(immunization)),
        status=status,
    )


def _not_given(immunization: Node) -> bool:
    stated = value(immunization, "notGiven")
    if stated not in {"true", "false"}:
        reason = "missing" if stated is None else "not-a-boolean"
        raise UnreadableMessageError(field="Immunization.notGiven", reason=reason)
    return stated == "true"


def _outcome(immunization: Node, status: FactStatus) -> str | None:
    if status is not FactStatus.NOT_DONE:
        return "Given" if status is FactStatus.HOLDS else None
    reason = words_of(descend(immunization, "explanation", "reasonNotGiven"))
    return f"Not given: {reason}" if reason else "Not given"


def _details(immunization: Node) -> Iterator[tuple[str, str]]:
    vaccine = coding_of(child(immunization, "vaccineCode"))
    if vaccine is not None and not vaccine.system.endswith(_NULL_FLAVOR):
        yield "Vaccine", vaccine.display
    batch = value(immunization, "lotNumber")
    if batch is not None:
        yield "Batch number", batch
    place = words_of(child(immunization, "site"))
    if place is not None:
        yield "Site", place


def _agency_name(message: NemsMessage, immunization: Node) -> str | None:
    encounter = message.resolve(child(immunization, "encounter"))
    provider = None if encounter is None else child(encounter, "serviceProvider")
    if provider is None:
        provider = child(message.header, "responsible")
    return value(message.resolve(provider), "name") or value(provider, "display")


def _practitioner_name(message: NemsMessage, immunization: Node) -> str | None:
    actor = descend(immunization, "practitioner", "actor")
    return display_name(message.resolve(actor), message.day) or value(actor, "display")
