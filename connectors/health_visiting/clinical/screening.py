"""Screening of the newborn (hearing, physical examination, blood spot), and how a baby is fed."""

from collections.abc import Iterator

from connectors.health_visiting.clinical.assessments import answers_in
from connectors.health_visiting.clinical.encounters import (
    MandatedReview,
    age_in_words,
    agency_name_of,
    is_at_six_to_eight_weeks,
    practitioner_name_of,
    review_of,
    status_of_encounter,
)
from connectors.health_visiting.mapped import Mapped, focus_key, focus_record
from connectors.health_visiting.nems.message import EventCode, NemsMessage
from connectors.health_visiting.nems.nodes import Node, child, coding_of, period_of, words_of
from connectors.health_visiting.nems.statuses import caution_of_result
from connectors.health_visiting.nems.whose import stated
from connectors.health_visiting.subjects import single_person
from schemas.records.payloads import FactStatus, Occurrence, OccurrenceKind
from schemas.vocabulary import Category, Label

# How a baby is fed, as coded; concerns written freely stay at their source.

_STATUS = "feedingStatus"
_QUESTIONS = {
    _STATUS: "Feeding status",
    "feedingMethod": "Feeding method",
    "firstMilkFeed": "First milk feed",
    "firstMilkFeedDateTime": "First milk feed on",
    "introductionOfSolids": "Solid food since",
    "approximateDateBreastfeedingStopped": "Breastfeeding stopped, about",
}


def feeding_from_message(message: NemsMessage) -> Mapped:
    """The occurrence that a feeding questionnaire states.

    Source: Digital Child Health (CareConnect, STU3), feeding-status-1.
    """
    encounter = message.focus("Encounter")
    key = focus_key(message, encounter)
    person = single_person(message, encounter, focus_key=key)
    born = person.subject.demographics.date_of_birth
    feeding = focus_record(
        message,
        encounter,
        source_id=key,
        category=Category.CHILD_HEALTH,
        subjects=(person.subject.ref,),
        build=lambda: _occurrence(message, encounter, born),
        labels=frozenset({Label.LOCATION}),
    )
    return Mapped.of_person(message, encounter, person, (feeding,))


def feeding_details(message: NemsMessage) -> Iterator[tuple[str, str]]:
    """The answers about feeding, each under its question."""
    answers = answers_in(message)
    return ((label, answers[link]) for link, label in _QUESTIONS.items() if link in answers)


def _occurrence(message: NemsMessage, encounter: Node, born: str | None) -> Occurrence:
    period = period_of(encounter, "period", field="Encounter.period")
    at_six_to_eight_weeks = review_of(encounter) is MandatedReview.SIX_TO_EIGHT_WEEKS or (
        is_at_six_to_eight_weeks(born, period.start)
    )
    age = age_in_words(born, period.start)
    details = dict(feeding_details(message))
    status = status_of_encounter(message, encounter)
    return Occurrence(
        kind=OccurrenceKind.ASSESSMENT,
        title="Feeding at 6 to 8 weeks" if at_six_to_eight_weeks else "Feeding",
        period=period,
        coding=coding_of(child(encounter, "type")),
        outcome=details.pop(_QUESTIONS[_STATUS], None),
        not_done=status is FactStatus.NOT_DONE,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=(*(() if age is None else (("Age", age),)), *details.items()),
        status=status,
    )


_TITLES = {
    EventCode.NEWBORN_HEARING: "Newborn hearing screening",
    EventCode.NIPE_OUTCOME: "Newborn and infant physical examination",
    EventCode.BLOOD_SPOT_OUTCOME: "Newborn blood spot screening",
}
_PROGRAMME = "Newborn and Infant Physical Examination Screening Programme, "
_HEARING_SUMMARY = "276771000000107"


def screening_from_message(message: NemsMessage) -> Mapped:
    """The occurrence that an Encounter and its tests state.

    Source: NEMS newborn-hearing-1, nipe-outcome-1, blood-spot-test-outcome-1.
    """
    encounter = message.focus("Encounter")
    key = focus_key(message, encounter)
    person = single_person(message, encounter, focus_key=key)
    screening = focus_record(
        message,
        encounter,
        source_id=key,
        category=Category.CHILD_HEALTH,
        subjects=(person.subject.ref,),
        build=lambda: _occurrence_from_encounter(message, encounter),
        labels=frozenset({Label.LOCATION}),
    )
    return Mapped.of_person(message, encounter, person, (screening,))


def _occurrence_from_encounter(message: NemsMessage, encounter: Node) -> Occurrence:
    tests = [*_results(message, "Procedure", "outcome")]
    findings = [*_results(message, "Observation", "valueCodeableConcept")]
    status = status_of_encounter(message, encounter)
    return Occurrence(
        kind=OccurrenceKind.SCREENING,
        title=words_of(child(encounter, "type")) or _TITLES[message.event],
        period=period_of(encounter, "period", field="Encounter.period"),
        coding=coding_of(child(encounter, "type")),
        outcome=_summary(message) or "; ".join(outcome for _, outcome in tests) or None,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=tuple(tests + findings),
        status=status,
        not_done=status is FactStatus.NOT_DONE,
    )


def _results(message: NemsMessage, kind: str, name: str) -> Iterator[tuple[str, str]]:
    for resource in stated(message, kind):
        what, result = words_of(child(resource, "code")), words_of(child(resource, name))
        caution = caution_of_result(resource, message.day, kind=kind)
        if what and result:
            yield _in_plain_words(what), f"{_in_plain_words(result)}{caution}"


def _summary(message: NemsMessage) -> str | None:
    for observation in stated(message, "Observation"):
        coding = coding_of(child(observation, "code"))
        if coding is not None and coding.code == _HEARING_SUMMARY:
            said = words_of(child(observation, "valueCodeableConcept"))
            return said and f"{said}{caution_of_result(observation, message.day)}"
    return None


def _in_plain_words(display: str) -> str:
    words = display.removeprefix(_PROGRAMME)
    return words[:1].upper() + words[1:]
