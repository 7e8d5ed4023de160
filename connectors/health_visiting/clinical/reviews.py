"""The five mandated reviews, and other encounters of a child with a health service."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.health_visiting.clinical.assessments import (
    result_in_words,
    scale_details,
    scales_of,
)
from connectors.health_visiting.clinical.encounters import (
    EncounterDates,
    MandatedReview,
    agency_name_of,
    practitioner_name_of,
    review_of,
    status_of_encounter,
    timeliness,
    types_of,
)
from connectors.health_visiting.clinical.screening import feeding_details
from connectors.health_visiting.mapped import Mapped, focus_key, focus_record
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    codings_of,
    date_time,
    is_before,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import caution_of_result
from connectors.health_visiting.nems.whose import stated
from connectors.health_visiting.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Occurrence, OccurrenceKind, Period, PersonDetails
from schemas.vocabulary import Category, Label

_SOME_CONTACT = "Contact with a health service"
# Estimated date of delivery, in SNOMED CT and in LOINC.
_EXPECTED = frozenset({"161714006", "11778-8"})


def encounter_from_message(message: NemsMessage) -> Mapped:
    """The review that an Encounter was, or the contact if it was none of the five.

    Source: NEMS encounter-1.
    """
    encounter = message.focus("Encounter")
    key = focus_key(message, encounter)
    person = single_person(message, encounter, focus_key=key)
    born = person.subject.demographics.date_of_birth
    happened = focus_record(
        message,
        encounter,
        source_id=key,
        category=Category.CHILD_HEALTH,
        subjects=(person.subject.ref,),
        build=lambda: _occurrence(message, encounter, born),
        labels=frozenset({Label.LOCATION}),
    )
    mapped = Mapped.of_person(message, encounter, person, (happened,))
    return mapped if born is not None else _with_expected_date(mapped, _expected_on(message))


def _occurrence(message: NemsMessage, encounter: Node, born: str | None) -> Occurrence:
    review, period = review_of(encounter), _period(encounter)
    if review is not None and review is not MandatedReview.ANTENATAL:
        _refuse_before_birth(period, born)
    first = next(types_of(encounter), None)
    status = status_of_encounter(message, encounter)
    took_place = review if status is FactStatus.HOLDS else None
    return Occurrence(
        kind=OccurrenceKind.CONTACT if review is None else OccurrenceKind.REVIEW,
        title=review.label if review else first.display if first else _SOME_CONTACT,
        period=period,
        coding=first,
        outcome="Did not take place" if status is FactStatus.NOT_DONE else None,
        not_done=status is FactStatus.NOT_DONE,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=tuple(_details(message, took_place, period, born)),
        status=status,
    )


def _period(encounter: Node) -> Period:
    return period_of(encounter, "period", field="Encounter.period")


def _refuse_before_birth(period: Period, born: str | None) -> None:
    if period.start is not None and born is not None and is_before(period.start, born):
        raise UnreadableMessageError(
            field="Encounter.period.start", reason="contradicts:Patient.birthDate"
        )


def _details(
    message: NemsMessage, review: MandatedReview | None, period: Period, born: str | None
) -> Iterator[tuple[str, str]]:
    if review is not None:
        said = timeliness(review, EncounterDates(period.start, born, _expected_on(message)))
        yield "Timeliness", said or "Not known: a date is missing"
    scales = scales_of(message)
    yield from scale_details(scales)
    yield from feeding_details(message)
    if not scales:
        yield from _findings(message)


def _findings(message: NemsMessage) -> Iterator[tuple[str, str]]:
    for observation in stated(message, "Observation"):
        what, found = words_of(child(observation, "code")), result_in_words(observation)
        unit = value(child(observation, "valueQuantity"), "unit")
        if what and found:
            caution = caution_of_result(observation, message.day)
            yield what, (f"{found.removeprefix('Score ')} {unit}" if unit else found) + f"{caution}"


def _expected_on(message: NemsMessage) -> str | None:
    for observation in stated(message, "Observation"):
        codes = {coding.code for coding in codings_of(child(observation, "code"))}
        is_sure = caution_of_result(observation, message.day) == ""
        if codes & _EXPECTED and is_sure:
            return date_time(
                observation, "valueDateTime", field="Observation[expected date].valueDateTime"
            )
    return None


def _with_expected_date(mapped: Mapped, expected: str | None) -> Mapped:
    """Of somebody with no birth date it says when they are expected: an unborn child."""
    return replace(mapped, records=tuple(_expecting(r, expected) for r in mapped.records))


def _expecting(record: Record, expected: str | None) -> Record:
    if not isinstance(record.payload, PersonDetails) or expected is None:
        return record
    return replace(record, payload=replace(record.payload, expected_date_of_birth=expected))
