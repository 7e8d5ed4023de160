"""How a baby is fed, as coded; concerns written freely stay at their source."""

from collections.abc import Iterator

from connectors.health_visiting.elements import child, coding_of, period_of
from connectors.health_visiting.encounters import (
    agency_name_of,
    did_not_happen,
    practitioner_name_of,
    review_of,
)
from connectors.health_visiting.focus import focus_key, focus_record
from connectors.health_visiting.mandated_reviews import Review
from connectors.health_visiting.mapped import Mapped
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node
from connectors.health_visiting.questionnaires import answers_in
from connectors.health_visiting.subjects import single_person
from connectors.health_visiting.timeliness import age_in_words, is_at_six_to_eight_weeks
from schemas.records.payloads import Occurrence, OccurrenceKind
from schemas.vocabulary import Category, Label

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
    at_six_to_eight_weeks = review_of(encounter) is Review.SIX_TO_EIGHT_WEEKS or (
        is_at_six_to_eight_weeks(born, period.start)
    )
    age = age_in_words(born, period.start)
    details = dict(feeding_details(message))
    return Occurrence(
        kind=OccurrenceKind.ASSESSMENT,
        title="Feeding at 6 to 8 weeks" if at_six_to_eight_weeks else "Feeding",
        period=period,
        coding=coding_of(child(encounter, "type")),
        outcome=details.pop(_QUESTIONS[_STATUS], None),
        not_done=did_not_happen(encounter),
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=(*(() if age is None else (("Age", age),)), *details.items()),
    )
