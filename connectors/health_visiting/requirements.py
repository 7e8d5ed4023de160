"""What a person needs in order to be understood and to get about.

Source: Digital Child Health (CareConnect, STU3), individual-requirements-1.
"""

from connectors.health_visiting.focus import focus_key, focus_record
from connectors.health_visiting.mapped import Mapped
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.questionnaires import answers_in
from connectors.health_visiting.subjects import single_person
from schemas.records.payloads import CommunicationNeeds
from schemas.vocabulary import Category

_PROFESSIONAL = "communicationProfessional"
# Whether a record is kept from other practices (gPOptOutIndicator) is no need of the person's.
_NEEDS = (
    "communicationSupport",
    _PROFESSIONAL,
    "specificContactMethod",
    "specificInformationFormat",
    "mobilityNeeds",
    "cognitive",
)
_INTERPRETER = "interpreter"


def requirements_from_message(message: NemsMessage) -> Mapped:
    """The communication needs that a questionnaire on individual requirements states."""
    encounter = message.focus("Encounter", "QuestionnaireResponse")
    key = focus_key(message, encounter)
    person = single_person(message, encounter, focus_key=key)
    needs = focus_record(
        message,
        encounter,
        source_id=key,
        category=Category.COMMUNICATION_NEEDS,
        subjects=(person.subject.ref,),
        build=lambda: _needs(message),
    )
    return Mapped.of_person(message, encounter, person, (needs,))


def _needs(message: NemsMessage) -> CommunicationNeeds:
    """Who needs no interpreter is not said: what is not asked for is unknown."""
    answers = answers_in(message)
    professional = answers.get(_PROFESSIONAL, "").casefold()
    return CommunicationNeeds(
        interpreter_needed=True if _INTERPRETER in professional else None,
        needs=tuple(answers[link] for link in _NEEDS if link in answers),
    )
