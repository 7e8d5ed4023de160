"""What somebody needs in order to be understood and to get about, and whose needs these are.

Source: Digital Child Health (CareConnect, STU3), individual-requirements-1, where
`individualNeedsPersonIndicator` says whether they are the child's or those of who looks after them.
"""

from collections.abc import Iterator
from dataclasses import replace

from connectors.health_visiting.clinical.questionnaires import answers_in, items_of
from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
    focus_record,
    scopes_of,
    without_others,
)
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import Node, child, children, value
from connectors.health_visiting.nems.whose import is_of, named_in, person_of, stated
from connectors.health_visiting.persons.people import (
    Person,
    display_name,
    patient_facts,
    person_from_facts,
)
from connectors.health_visiting.persons.relatives import kind_of
from connectors.health_visiting.persons.subjects import single_person
from schemas.records.message import Record
from schemas.records.payloads import CommunicationNeeds
from schemas.vocabulary import Category, Label

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
    """The communication needs that questionnaires on individual requirements state.

    The child's, and in records of their own those of somebody around the child. Those of another
    patient of the message, whose number is verified, are that person's own.
    """
    encounter = message.focus("Encounter", "QuestionnaireResponse")
    key = focus_key(message, encounter)
    person = single_person(message, encounter, focus_key=key)
    ref = person.subject.ref
    records = [
        _record(message, encounter, key, number, ref=ref, whose=whose)
        for number, whose in enumerate(_everybody(message))
    ]
    records += without_others(message, encounter, key, Category.COMMUNICATION_NEEDS, ref)
    mapped = Mapped.of_person(message, encounter, person, tuple(records))
    others = list(_other_patients(message, encounter, key))
    return replace(
        mapped,
        subjects=(*mapped.subjects, *(other.subject for other, _ in others)),
        records=(*mapped.records, *(record for _, record in others)),
    )


def _other_patients(message: NemsMessage, focus: Node, key: str) -> Iterator[tuple[Person, Record]]:
    for number, other in enumerate(message.of_type("Patient")):
        told = [one for one in stated(message, "QuestionnaireResponse", of=other) if named_in(one)]
        if other is person_of(message, focus) or not told:
            continue
        facts = patient_facts(other, message.day)
        if facts.number is None or not facts.number.is_verified:
            continue
        person = person_from_facts(
            message, facts, ref=f"other-{number}", number=facts.number, birth=None, otherwise=key
        )
        own_key = f"{key}/of/{facts.number.value}"
        yield person, _own_record(message, focus, own_key, person.subject.ref, told)


def _own_record(
    message: NemsMessage, focus: Node, source_id: str, ref: str, told: list[Node]
) -> Record:
    return focus_record(
        message,
        focus,
        source_id=source_id,
        category=Category.COMMUNICATION_NEEDS,
        subjects=(ref,),
        build=lambda: _needs_in(message, told, None),
    )


def _record(
    message: NemsMessage, focus: Node, key: str, number: int, *, ref: str, whose: str | None
) -> Record:
    return focus_record(
        message,
        focus,
        source_id=f"{key}/{number}" if number else key,
        category=Category.COMMUNICATION_NEEDS,
        subjects=(ref,),
        build=lambda: _needs(message, whose),
        labels=frozenset() if whose is None else frozenset({Label.THIRD_PARTY}),
        scopes=scopes_of(key, number),
    )


def _needs(message: NemsMessage, whose: str | None) -> CommunicationNeeds:
    return _needs_in(message, [one for one, of in _responses(message) if of == whose], whose)


def _needs_in(message: NemsMessage, told: list[Node], whose: str | None) -> CommunicationNeeds:
    """Who needs no interpreter is not said: what is not asked for is unknown."""
    answers = answers_in(message, told)
    professional = answers.get(_PROFESSIONAL, "").casefold()
    return CommunicationNeeds(
        interpreter_needed=True if _INTERPRETER in professional else None,
        needs=tuple(answers[link] for link in _NEEDS if link in answers),
        whose=whose,
    )


# Whose needs they are.

_INDICATOR = "individualNeedsPersonIndicator"
_OF_A_PARENT = "Parent or guardian"
_OF_BOTH = "Child, or parent or guardian"
_OF_NOBODY_KNOWN = "Not known whose"
_PARENT_WORDS = ("parent", "guardian", "mother", "father", "carer")
_CHILD_WORDS = ("child", "individual has", "patient", "baby")
_CODES = {"1": "Individual has needs", "2": "Parent/guardian"}


def _everybody(message: NemsMessage) -> list[str | None]:
    """Whose needs are stated, the child's first; the child's if there are none."""
    found = dict.fromkeys(whose for _, whose in _responses(message))
    return sorted(found, key=lambda whose: whose or "") or [None]


def _responses(message: NemsMessage) -> Iterator[tuple[Node, str | None]]:
    """Each response, and whose it is; None of the child's, those of other patients left out."""
    patient = person_of(message, message.resolve(child(message.header, "focus")))
    for related in message.of_type("RelatedPerson"):
        if is_of(message, related, patient):
            for response in stated(message, "QuestionnaireResponse", of=related):
                if named_in(response) is not None:
                    yield response, _relative(related, message.day)
    for response in stated(message, "QuestionnaireResponse"):
        yield response, _indicated(response)


def _relative(related: Node, day: str) -> str:
    kind = kind_of(related).replace("-", " ").capitalize()
    name = display_name(related, day)
    return kind if name is None else f"{kind}, {name}"


def _indicated(response: Node) -> str | None:
    """Whose needs the response says that they are; where it does not say, whom it is about."""
    items = [item for item in items_of(response) if value(item, "linkId") == _INDICATOR]
    said = [_in_words(answer) for item in items for answer in children(item, "answer")]
    is_parents = any(word in words for words in said for word in _PARENT_WORDS)
    is_childs = any(word in words for words in said for word in _CHILD_WORDS)
    if is_parents and is_childs:
        return _OF_BOTH
    if is_parents:
        return _OF_A_PARENT
    return None if is_childs or not items else _OF_NOBODY_KNOWN


def _in_words(answer: Node) -> str:
    coding = child(answer, "valueCoding")
    words = value(coding, "display") or value(answer, "valueString")
    return (words or _CODES.get(value(coding, "code") or "", "")).casefold()
