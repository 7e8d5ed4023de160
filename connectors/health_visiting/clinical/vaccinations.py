"""Vaccinations given, and vaccinations offered that were not given.

Sources: NEMS vaccinations-1 (FHIR STU3, Immunization). R4's shape is read too, because suppliers
send it in the same messages: there a status says that it was not done, and why.
"""

from collections.abc import Iterator
from dataclasses import replace

from connectors.health_visiting.clinical.findings import (
    dated_before_birth,
    finding_lines,
    in_order,
)
from connectors.health_visiting.clinical.values import begun
from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
    focus_record,
    is_taken_back,
    key_beside,
    scopes_of,
    without_others,
)
from connectors.health_visiting.nems.message import NemsMessage, extension
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    day_told,
    is_null,
    may_be_practitioner,
    named_words_of,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import status_of
from connectors.health_visiting.nems.whose import beside_focus, theirs
from connectors.health_visiting.persons.people import Person, display_name
from connectors.health_visiting.persons.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import Coding, FactStatus, Occurrence, OccurrenceKind, Period
from schemas.vocabulary import Action, Category, Label

_PROCEDURES = (
    "Extension-CareConnect-VaccinationProcedure-1",
    "Extension-UKCore-VaccinationProcedure",
)
_UNNAMED = "A vaccination without a name here"
_NOT_DONE, _COMPLETED = "not-done", "completed"
_ONLY_IN_R4 = frozenset(
    {"occurrenceDateTime", "occurrenceString", "performer", "protocolApplied", "recorded"}
)
# HL7 v2 table 0443: who gave it, as apart from who ordered it.
_GAVE_IT = "AP"


def vaccination_from_message(message: NemsMessage) -> Mapped:
    """The occurrence that each Immunization states. Source: NEMS vaccinations-1.

    The focus first; each has the key of its own identifier, so that it may be sent again alone.
    """
    focus = message.focus("Immunization", "Encounter")
    key = focus_key(message, focus)
    person = single_person(message, focus, focus_key=key)
    if message.is_of_type(focus, "Encounter"):
        told = tuple(_told_at(message, focus, person, key))
        return Mapped.of_person(message, focus, person, told)
    records = {key: _record(message, focus, person, source_id=key)}
    for number, other in enumerate(beside_focus(message, "Immunization"), 1):
        own = key_beside(message, other, otherwise=f"{key}/{number}")
        source_id = f"{key}/{number}" if own in records else own
        records[source_id] = _record(message, other, person, source_id=source_id)
    return Mapped.of_person(message, focus, person, tuple(records.values()))


def _told_at(message: NemsMessage, encounter: Node, person: Person, key: str) -> Iterator[Record]:
    """Each Immunization that is told of at an Encounter, by whose key they all go.

    Source: Digital Child Health (CareConnect, STU3), vaccinations-1, first release.
    """
    ref, category = person.subject.ref, Category.CHILD_HEALTH
    given = list(theirs(message, "Immunization"))
    if is_taken_back(message, encounter):
        yield Record(key, category, (ref,), None, Action.REMOVE)
    elif not given:
        raise UnreadableMessageError(field="Immunization", reason="missing")
    else:
        for number, one in enumerate(given):
            source_id = f"{key}/{number}" if number else key
            record = _record(message, one, person, source_id=source_id)
            yield replace(record, scopes=scopes_of(key, number))
    yield from without_others(message, encounter, key, category, ref)


def _record(message: NemsMessage, immunization: Node, person: Person, *, source_id: str) -> Record:
    return focus_record(
        message,
        immunization,
        source_id=source_id,
        category=Category.CHILD_HEALTH,
        subjects=(person.subject.ref,),
        build=lambda: _occurrence_from_immunization(message, immunization, person),
        labels=frozenset({Label.LOCATION}),
    )


def _occurrence_from_immunization(
    message: NemsMessage, immunization: Node, person: Person
) -> Occurrence:
    title, coding = _named(immunization)
    status = status_of("Immunization", immunization, message.day)
    not_given = _not_given(immunization) or status is FactStatus.NOT_DONE
    given_on = _given_on(immunization)
    is_focus = message.resolve(child(message.header, "focus")) is immunization
    beside = finding_lines(message) if is_focus else ()
    return Occurrence(
        kind=OccurrenceKind.VACCINATION,
        title=title,
        period=Period(start=given_on),
        coding=coding,
        outcome=_outcome(immunization, status),
        not_done=not_given,
        agency_name=_agency_name(message, immunization),
        practitioner_name=_practitioner_name(message, immunization),
        details=(
            *dated_before_birth(given_on, person.subject.demographics.date_of_birth),
            *_details(immunization, title),
            *in_order(beside, given_on),
        ),
        status=status,
    )


def _named(immunization: Node) -> tuple[str, Coding | None]:
    """What was given, in words: as a procedure, or else by the vaccine."""
    stated = (extension(immunization, name) for name in _PROCEDURES)
    concepts = [
        concept
        for concept in (
            *(child(one, "valueCodeableConcept") for one in stated if one is not None),
            child(immunization, "vaccineCode"),
        )
        if concept is not None and words_of(concept) is not None
    ]
    if not concepts:
        raise UnreadableMessageError(field="Immunization.vaccineCode", reason="missing")
    best = concepts[0] if len(concepts) == 1 else min(concepts, key=_says_little)
    coding = coding_of(best)
    if coding is not None and is_null(coding) and value(best, "text") is None:
        return _UNNAMED, None
    return words_of(best, unnamed=_UNNAMED) or _UNNAMED, coding


def _says_little(concept: Node) -> tuple[bool, bool]:
    coding = coding_of(concept)
    return coding is not None and is_null(coding), named_words_of(concept) is None


def _not_given(immunization: Node) -> bool:
    """Whether it was offered and not given, which STU3 says in a flag and R4 in the status."""
    stated, status = value(immunization, "notGiven"), value(immunization, "status")
    if "notGiven" not in immunization:
        if status == _NOT_DONE:
            return True
        if status == _COMPLETED and _ONLY_IN_R4 & immunization.keys():
            return False
    if stated not in {"true", "false"}:
        reason = "missing" if stated is None else "not-a-boolean"
        raise UnreadableMessageError(field="Immunization.notGiven", reason=reason)
    return stated == "true"


def _given_on(immunization: Node) -> str | None:
    in_stu3, in_r4 = (day_told(immunization, name) for name in ("date", "occurrenceDateTime"))
    if in_stu3 and in_r4 and in_stu3 != in_r4:
        raise UnreadableMessageError(
            field="Immunization.occurrenceDateTime", reason="contradicts:Immunization.date"
        )
    return in_stu3 or in_r4


def _outcome(immunization: Node, status: FactStatus) -> str | None:
    if status is not FactStatus.NOT_DONE:
        return "Given" if status is FactStatus.HOLDS else None
    stated = [
        *children(child(immunization, "explanation") or {}, "reasonNotGiven"),
        *children(immunization, "statusReason"),
    ]
    reasons = [words_of(one, unnamed="for a reason without a name here") for one in stated]
    return f"Not given: {'; '.join(filter(None, reasons))}" if stated else "Not given"


def _details(immunization: Node, title: str) -> Iterator[tuple[str, str]]:
    vaccine = child(immunization, "vaccineCode")
    words = words_of(vaccine, unnamed="A vaccine without a name here") if vaccine else None
    if words is not None and words != title:
        coding = coding_of(vaccine)
        if coding is None or not is_null(coding):
            yield "Vaccine", words
    protocol = child(immunization, "protocolApplied")
    dose = (
        value(child(immunization, "vaccinationProtocol"), "doseSequence")
        or value(protocol, "doseNumberPositiveInt")
        or value(protocol, "doseNumberString")
    )
    batch = value(immunization, "lotNumber")
    site = child(immunization, "site")
    unnamed = None if coding_of(site) is None else "A place without a name here"
    place = words_of(site, unnamed=unnamed)
    said = (("Dose", dose), ("Batch number", batch), ("Site", place))
    yield from ((label, words) for label, words in said if words is not None)
    yield from _doubts(immunization)


_NO_COUNT = "nocount"


def _doubts(immunization: Node) -> Iterator[tuple[str, str]]:
    """What keeps a dose from being one that counts, or from being known at first hand.

    Sources: FHIR STU3, Immunization.vaccinationProtocol.doseStatus, primarySource; R4, isSubpotent.
    """
    if value(immunization, "isSubpotent") == "true":
        yield "Doubt", "Less than a full dose, by its source"
    for protocol in children(immunization, "vaccinationProtocol"):
        coding = coding_of(child(protocol, "doseStatus"))
        if coding is not None and coding.code == _NO_COUNT:
            yield "Doubt", "Does not count as a dose, by its source"
    if value(immunization, "primarySource") == "false":
        origin = begun(words_of(child(immunization, "reportOrigin")))
        yield "Told by", origin or "Somebody else than who gave it"


def _agency_name(message: NemsMessage, immunization: Node) -> str | None:
    encounter = message.resolve(child(immunization, "encounter"))
    provider = None if encounter is None else child(encounter, "serviceProvider")
    if provider is None:
        provider = child(message.header, "responsible")
    return value(message.resolve(provider), "name") or value(provider, "display")


def _practitioner_name(message: NemsMessage, immunization: Node) -> str | None:
    """Who gave it: whoever is said to have, before the others who had to do with it."""
    took_part = [*children(immunization, "practitioner"), *children(immunization, "performer")]
    took_part.sort(key=lambda one: not _is_said_to_have_given(one))
    for one in took_part:
        actor = child(one, "actor")
        person = message.resolve(actor)
        is_one = person is None and may_be_practitioner(actor)
        is_one = is_one or message.is_of_type(person, "Practitioner")
        if is_one and (name := display_name(person, message.day) or value(actor, "display")):
            return name
    return None


def _is_said_to_have_given(one: Node) -> bool:
    roles = (child(one, "role"), child(one, "function"))
    return any((coding := coding_of(role)) and coding.code == _GAVE_IT for role in roles)
