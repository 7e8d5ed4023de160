"""Screening of the newborn (hearing, physical examination, blood spot), and how a baby is fed."""

from collections.abc import Iterator

from connectors.health_visiting.clinical.encounters import (
    agency_name_of,
    practitioner_name_of,
    review_of,
    status_of_encounter,
)
from connectors.health_visiting.clinical.findings import (
    Line,
    finding_lines,
    found_in,
    in_order,
    observations_of,
    outcome_of,
    procedure_lines,
)
from connectors.health_visiting.clinical.questionnaires import (
    FilledQuestionnaire,
    answer_lines,
    responses_of,
)
from connectors.health_visiting.clinical.timeliness import (
    MandatedReview,
    age_in_words,
    is_at_six_to_eight_weeks,
)
from connectors.health_visiting.mapped import Mapped, focus_key, focus_record
from connectors.health_visiting.nems.events import EventCode
from connectors.health_visiting.nems.message import (
    NemsMessage,
)
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    codings_of,
    period_of,
)
from connectors.health_visiting.nems.whose import stated
from connectors.health_visiting.persons.subjects import single_person
from schemas.records.payloads import Coding, FactStatus, Occurrence, OccurrenceKind
from schemas.vocabulary import Category, Label

# How a baby is fed, as coded; concerns written freely stay at their source.

_STATUS = "feedingStatus"
FEEDING_QUESTIONS = {
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


def feeding_lines(responses: list[FilledQuestionnaire]) -> Iterator[Line]:
    """The answers about feeding, each under its question."""
    for response in responses:
        for link, label in FEEDING_QUESTIONS.items():
            said = (answer.words for answer in response.answers if answer.link == link)
            if words := "; ".join(one for one in said if one):
                yield Line(label, words, response.when)


def _occurrence(message: NemsMessage, encounter: Node, born: str | None) -> Occurrence:
    period = period_of(encounter, "period", field="Encounter.period")
    status = status_of_encounter(message, encounter)
    at_six_to_eight_weeks = review_of(encounter) is MandatedReview.SIX_TO_EIGHT_WEEKS or (
        is_at_six_to_eight_weeks(born, period.start)
    )
    age = age_in_words(born, period.start)
    responses = responses_of(message)
    lines = list(feeding_lines(responses))
    statuses = [line for line in lines if line.label == FEEDING_QUESTIONS[_STATUS]]
    only = statuses[0] if len(statuses) == 1 else None
    lines = [line for line in lines if line is not only]
    lines += finding_lines(message)
    lines += answer_lines(responses, besides=FEEDING_QUESTIONS)
    return Occurrence(
        kind=OccurrenceKind.ASSESSMENT,
        title="Feeding at 6 to 8 weeks" if at_six_to_eight_weeks else "Feeding",
        period=period,
        coding=_type_of(encounter, message.event),
        outcome=None if only is None else dict(in_order([only], period.start))[only.label],
        not_done=status is FactStatus.NOT_DONE,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=(
            *(() if age is None else (("Age", age),)),
            *in_order(lines, period.start),
        ),
        status=status,
    )


_TITLES = {
    EventCode.NEWBORN_HEARING: "Newborn hearing screening",
    EventCode.NIPE_OUTCOME: "Newborn and infant physical examination",
    EventCode.BLOOD_SPOT_OUTCOME: "Newborn blood spot screening",
}
_PROGRAMME = "Newborn and Infant Physical Examination Screening Programme, "
_SUMMARIES = frozenset({"276771000000107", "310240007"})
# What the type of an encounter calls each; another type says where it was done, not what.
_NAMED = {
    EventCode.FEEDING_STATUS: "feeding",
    EventCode.NEWBORN_HEARING: "hearing",
    EventCode.NIPE_OUTCOME: "physical examination",
    EventCode.BLOOD_SPOT_OUTCOME: "spot",
}


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
    status = status_of_encounter(message, encounter)
    period = period_of(encounter, "period", field="Encounter.period")
    kind = _type_of(encounter, message.event)
    tests = list(procedure_lines(message, without=_PROGRAMME))
    lines = (
        *tests,
        *finding_lines(message),
        *answer_lines(responses_of(message)),
    )
    return Occurrence(
        kind=OccurrenceKind.SCREENING,
        title=_TITLES[message.event] if kind is None else kind.display,
        period=period,
        coding=kind,
        outcome=_summary(message) or "; ".join(_outcomes(tests)) or None,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=tuple(in_order(lines, period.start)),
        status=status,
        not_done=status is FactStatus.NOT_DONE,
    )


def _type_of(encounter: Node, event: EventCode) -> Coding | None:
    """The type of the encounter that names what was done; a GP appointment is no screening."""
    types = (coding_of(concept) for concept in children(encounter, "type"))
    return next((kind for kind in types if kind and _NAMED[event] in kind.display.casefold()), None)


def _outcomes(tests: list[Line]) -> Iterator[str]:
    """What came of each test; under its name where the outcome alone does not say of which."""
    for test in tests:
        of_which = test.found.partition(" ")[0].casefold()
        is_named = len(tests) == 1 or of_which in test.label.casefold()
        yield test.found if is_named else f"{test.label}: {test.found}"


def _summary(message: NemsMessage) -> str | None:
    for observation in observations_of(message):
        if _is_summary(observation):
            return found_in(observation, message.day)
    for procedure in stated(message, "Procedure"):
        if _is_summary(procedure):
            return outcome_of(procedure, message.day)
    return None


def _is_summary(resource: Node) -> bool:
    return any(coding.code in _SUMMARIES for coding in codings_of(child(resource, "code")))
