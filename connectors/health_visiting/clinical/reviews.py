"""The five mandated reviews, and other encounters of a child with a health service."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.health_visiting.clinical.assessments import scale_lines, scales_of, told_by
from connectors.health_visiting.clinical.encounters import (
    agency_name_of,
    practitioner_name_of,
    review_of,
    status_of_encounter,
    type_of,
)
from connectors.health_visiting.clinical.findings import (
    finding_lines,
    in_order,
    observations_of,
    procedure_lines,
)
from connectors.health_visiting.clinical.questionnaires import answer_lines, responses_of
from connectors.health_visiting.clinical.safeguarding import set_apart
from connectors.health_visiting.clinical.screening import FEEDING_QUESTIONS, feeding_lines
from connectors.health_visiting.clinical.timeliness import (
    TIMELINESS,
    TIMELINESS_NOT_KNOWN,
    EncounterDates,
    MandatedReview,
    timeliness,
)
from connectors.health_visiting.mapped import Mapped, focus_key, focus_record
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    codings_of,
    day_told,
    is_before,
    period_of,
)
from connectors.health_visiting.nems.statuses import caution_of_result
from connectors.health_visiting.persons.subjects import single_person
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
    records = set_apart(message, encounter, happened)
    mapped = Mapped.of_person(message, encounter, person, records)
    if born is not None:
        return mapped
    return _with_expected_date(mapped, _expected_on(message))


def _occurrence(message: NemsMessage, encounter: Node, born: str | None) -> Occurrence:
    review, period = review_of(encounter), _period(encounter)
    if review is not None and review is not MandatedReview.ANTENATAL:
        _refuse_before_birth(period, born)
    first = type_of(encounter)
    status = status_of_encounter(message, encounter)
    took_place = review if status is FactStatus.HOLDS else None
    return Occurrence(
        kind=OccurrenceKind.CONTACT if review is None else OccurrenceKind.REVIEW,
        title=review.label if review else first.display if first else _SOME_CONTACT,
        period=period,
        coding=first if first and first.code else None,
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
    expecting = _of_expecting(message)
    if review is not None:
        expected = _expected_on(message)
        said = timeliness(review, EncounterDates(period.start, born, expected))
        yield TIMELINESS, said or TIMELINESS_NOT_KNOWN
    is_expecting = born is None or review is MandatedReview.ANTENATAL
    scales, responses = scales_of(message), responses_of(message)
    besides = told_by(scales) | ({id(one) for one in expecting} if is_expecting else set())
    lines = (
        *scale_lines(scales),
        *feeding_lines(responses),
        *finding_lines(message, besides=besides),
        *procedure_lines(message),
        *answer_lines(responses, besides=FEEDING_QUESTIONS),
    )
    yield from in_order(lines, period.start)


def _expected_on(message: NemsMessage) -> str | None:
    sure = (o for o in _of_expecting(message) if caution_of_result(o, message.day) == "")
    return next((day_told(one, "valueDateTime") for one in sure), None)


def _of_expecting(message: NemsMessage) -> list[Node]:
    return [
        observation
        for observation in observations_of(message)
        if _EXPECTED & {coding.code for coding in codings_of(child(observation, "code"))}
        and caution_of_result(observation, message.day) == ""
    ]


def _with_expected_date(mapped: Mapped, expected: str | None) -> Mapped:
    """Of somebody with no birth date it says when they are expected: an unborn child."""
    return replace(mapped, records=tuple(_expecting(r, expected) for r in mapped.records))


def _expecting(record: Record, expected: str | None) -> Record:
    if not isinstance(record.payload, PersonDetails) or expected is None:
        return record
    return replace(record, payload=replace(record.payload, expected_date_of_birth=expected))
