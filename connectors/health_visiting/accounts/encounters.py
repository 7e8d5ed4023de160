"""What the other events of Digital Child Health tell of an encounter, event by event.

One encounter may be told of by several events, so each is called by what it tells, never by the
review at which it was told: that would stand on the timeline as often as there were messages. What
has no place in a record stays at its source, counted. Source: Digital Child Health (CareConnect,
STU3), pages of the events.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.health_visiting.accounts.problems import noted_lines
from connectors.health_visiting.accounts.requests import advice_lines, request_lines
from connectors.health_visiting.accounts.stays import ended_in_death, stay_lines
from connectors.health_visiting.clinical.assessments import scale_lines, scales_of, told_by
from connectors.health_visiting.clinical.encounters import (
    agency_name_of,
    practitioner_name_of,
    status_of_encounter,
    type_of,
)
from connectors.health_visiting.clinical.findings import (
    Line,
    dated_before_birth,
    finding_lines,
    in_order,
    procedure_lines,
)
from connectors.health_visiting.clinical.questionnaires import (
    OF_THE_HOUSEHOLD,
    answer_lines,
    kept_at_source,
    organisation_lines,
    responses_of,
)
from connectors.health_visiting.clinical.safeguarding import set_apart
from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
    focus_record,
    is_taken_back,
    scopes_of,
)
from connectors.health_visiting.nems.events import EventCode
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import Node, child, children, period_of
from connectors.health_visiting.nems.whose import stated
from connectors.health_visiting.persons.deaths import CONTRADICTED, DIED_UNDATED
from connectors.health_visiting.persons.people import Person
from connectors.health_visiting.persons.subjects import single_person
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Occurrence, OccurrenceKind
from schemas.records.unused import MoreAtSource, MoreKind
from schemas.vocabulary import Category, Label


@dataclass(frozen=True, slots=True)
class EventAccount:
    """What an event is called on the timeline, what sort of thing it is, and who may see it."""

    title: str
    kind: OccurrenceKind = OccurrenceKind.CONTACT
    category: Category = Category.CHILD_HEALTH


_ASSESSMENT, _SCREENING = OccurrenceKind.ASSESSMENT, OccurrenceKind.SCREENING

ACCOUNTS: Final[Mapping[EventCode, EventAccount]] = MappingProxyType(
    {
        EventCode.ADMISSION: EventAccount("Admission to hospital"),
        EventCode.DISCHARGE: EventAccount("Discharge from hospital"),
        EventCode.EMERGENCY_CARE: EventAccount("Emergency care attendance"),
        EventCode.ALLERGIES: EventAccount("Allergies and adverse reactions, as noted"),
        EventCode.PROBLEM_LIST: EventAccount("Problem list, as noted"),
        EventCode.BIRTH_DETAILS: EventAccount("Birth details"),
        EventCode.BLOOD_SPOT_SAMPLE: EventAccount("Newborn blood spot sample", _SCREENING),
        EventCode.BLOOD_SPOT_CARD: EventAccount("Newborn blood spot card received", _SCREENING),
        EventCode.RISK_FACTORS: EventAccount("Clinical risk factors, as noted"),
        EventCode.EARLY_YEARS_PROGRESS: EventAccount("Early years progress", _ASSESSMENT),
        EventCode.DEVELOPMENTAL_SKILLS: EventAccount("Developmental skills", _ASSESSMENT),
        EventCode.EXAMINATION_FINDINGS: EventAccount("Examination findings"),
        EventCode.FAMILY_HISTORY: EventAccount("Family history, as noted"),
        EventCode.ADVICE_GIVEN: EventAccount("Information and advice"),
        EventCode.OBSERVATIONS: EventAccount("Observations"),
        EventCode.MEDICATION_STATEMENT: EventAccount("Medicines, as noted"),
        EventCode.MEDICATION_GIVEN: EventAccount("Medicines, as administered"),
        EventCode.COMMENT_OF_FAMILY: EventAccount("Comment of a parent, a guardian or the person"),
        EventCode.PLAN: EventAccount("Plan and requested actions"),
        EventCode.PROFESSIONAL_SUMMARY: EventAccount("Professional summary"),
        EventCode.REFERRAL: EventAccount("Referral"),
        EventCode.HOUSEHOLD: EventAccount(
            "Circumstances of the household", category=Category.FAMILY_AND_HOUSEHOLD
        ),
        EventCode.SOCIAL_CONTEXT: EventAccount("Social context"),
        EventCode.EDUCATIONAL_HISTORY: EventAccount(
            "Educational history", category=Category.EDUCATION
        ),
        EventCode.INVESTIGATION_RESULTS: EventAccount("Investigation results"),
    }
)
"""The events that tell of an encounter and have no mapper of their own."""

# One word for two questions: here it is the child whom it is about.
_OF_THE_CHILD = frozenset({"substanceStatus"})


def account_from_message(message: NemsMessage) -> Mapped:
    """The occurrence that an Encounter and what was told at it state."""
    account = ACCOUNTS[message.event]
    encounter = message.focus("Encounter")
    key = focus_key(message, encounter)
    person = single_person(message, encounter, focus_key=key)
    born = person.subject.demographics.date_of_birth
    told = focus_record(
        message,
        encounter,
        source_id=key,
        category=account.category,
        subjects=(person.subject.ref,),
        build=lambda: _occurrence(message, encounter, account, born),
        labels=frozenset({Label.LOCATION}),
    )
    records = (*set_apart(message, encounter, told), *_died_there(message, encounter, person, key))
    mapped = Mapped.of_person(message, encounter, person, records)
    return mapped if is_taken_back(message, encounter) else mapped.with_more(_more(message))


_STAYS = frozenset({EventCode.ADMISSION, EventCode.DISCHARGE, EventCode.EMERGENCY_CARE})


def _died_there(
    message: NemsMessage, encounter: Node, person: Person, key: str
) -> Iterator[Record]:
    """The death by which a stay ended, among what is told at it: put right, it goes with it."""
    is_told = message.event in _STAYS and not is_taken_back(message, encounter)
    if is_told and ended_in_death(encounter):
        stated = None if person.facts is None else person.facts.death
        is_denied = stated is not None and (stated.said is None or not stated.said.says_died)
        yield Record(
            f"{key}/died",
            Category.IDENTITY_AND_CONTACT,
            (person.subject.ref,),
            CONTRADICTED if is_denied else DIED_UNDATED,
            scopes=scopes_of(key, 1),
        )


def demographics_from_message(message: NemsMessage) -> Mapped:
    """Only who the person is. Source: additional-demographics-1."""
    encounter = message.focus("Encounter")
    person = single_person(message, encounter, focus_key=focus_key(message, encounter))
    return Mapped.of_person(message, encounter, person, ())


def _occurrence(
    message: NemsMessage, encounter: Node, account: EventAccount, born: str | None
) -> Occurrence:
    status = status_of_encounter(message, encounter)
    period = period_of(encounter, "period", field="Encounter.period")
    kind = type_of(encounter)
    lines = (line for lines_of in _LINES for line in lines_of(message, encounter))
    return Occurrence(
        kind=account.kind,
        title=account.title,
        period=period,
        not_done=status is FactStatus.NOT_DONE,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=(
            *(() if kind is None else (("At", kind.display),)),
            *dated_before_birth(period.start, born),
            *in_order(lines, period.start),
        ),
        status=status,
    )


def _findings(message: NemsMessage, _: Node) -> Iterator[Line]:
    scales = scales_of(message)
    yield from scale_lines(scales)
    yield from finding_lines(message, besides=told_by(scales))
    yield from procedure_lines(message)


def _problems(message: NemsMessage, _: Node) -> Iterator[Line]:
    yield from noted_lines(message)


def _requests(message: NemsMessage, _: Node) -> Iterator[Line]:
    yield from request_lines(message)
    yield from advice_lines(message)


def _answers(message: NemsMessage, _: Node) -> Iterator[Line]:
    if message.event is EventCode.EDUCATIONAL_HISTORY:
        yield from organisation_lines(message)
    yield from answer_lines(responses_of(message), at_source=_at_source(message))


_LINES: tuple[Callable[[NemsMessage, Node], Iterator[Line]], ...] = (
    stay_lines,
    _findings,
    _problems,
    _requests,
    _answers,
)


def _at_source(message: NemsMessage) -> frozenset[str]:
    is_of_child = message.event is EventCode.SOCIAL_CONTEXT
    return OF_THE_HOUSEHOLD - _OF_THE_CHILD if is_of_child else OF_THE_HOUSEHOLD


def _more(message: NemsMessage) -> tuple[MoreAtSource, ...]:
    answers = kept_at_source(responses_of(message), at_source=_at_source(message))
    documents = sum(
        child(payload, "contentAttachment") is not None
        for told in stated(message, "Communication")
        for payload in children(told, "payload")
    )
    counted = ((MoreKind.FINDING, answers), (MoreKind.DOCUMENT, documents))
    return tuple(MoreAtSource(kind, count) for kind, count in counted if count)
