"""Involvements, occurrences, plans and story entries as FHIR resources."""

from schemas.fhir_mapping.elements import (
    AGENCY,
    OCCURRENCE,
    PLAN,
    WORKER,
    Resource,
    coding_element,
    coding_from_element,
    extension,
    extension_value,
    period_element,
    period_from_element,
    person_from_reference,
    person_reference,
    status_extensions,
    status_from,
    without_empty,
)
from schemas.identifiers import PersonId
from schemas.records.payloads import (
    FactStatus,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Plan,
    StoryConfirmation,
    StoryEntry,
)

_COMMUNICATION = "Communication/"


def care_team_from_involvement(involvement: Involvement, persons: tuple[PersonId, ...]) -> Resource:
    """A CareTeam of one service; the practitioner and agency by display and identifier."""
    practitioner: Resource = without_empty(
        display=involvement.practitioner_name,
        identifier=_identifier(WORKER, involvement.practitioner_ref),
    )
    agency: Resource = without_empty(
        display=involvement.agency_name, identifier=_identifier(AGENCY, involvement.agency_code)
    )
    participant: Resource = without_empty(
        role=[{"text": involvement.role}] if involvement.role else [], member=practitioner
    )
    return without_empty(
        resourceType="CareTeam",
        name=involvement.team,
        category=[{"text": involvement.service}],
        subject=person_reference(persons[0]),
        period=period_element(involvement.period),
        participant=[participant] if participant else [],
        managingOrganization=[agency] if agency else [],
        telecom=(
            [{"system": "phone", "value": involvement.telephone}] if involvement.telephone else []
        ),
        extension=status_extensions(involvement.status),
    )


def involvement_from_care_team(resource: Resource) -> Involvement:
    """Back from care_team_from_involvement."""
    participant: Resource = next(iter(resource.get("participant", [])), {})
    member = participant.get("member", {})
    agency: Resource = next(iter(resource.get("managingOrganization", [])), {})
    return Involvement(
        service=resource["category"][0]["text"],
        agency_code=agency.get("identifier", {}).get("value"),
        agency_name=agency.get("display"),
        team=resource.get("name"),
        practitioner_name=member.get("display"),
        practitioner_ref=member.get("identifier", {}).get("value"),
        role=next((r["text"] for r in participant.get("role", [])), None),
        telephone=next((t["value"] for t in resource.get("telecom", [])), None),
        period=period_from_element(resource.get("period")),
        status=status_from(resource),
    )


_OBSERVATION_STATUS = {
    FactStatus.HOLDS: "final",
    FactStatus.ENDED: "final",
    FactStatus.PLANNED: "registered",
    FactStatus.ON_HOLD: "registered",
    FactStatus.UNDER_WAY: "preliminary",
    FactStatus.NOT_FINAL: "preliminary",
    FactStatus.BROKEN_OFF: "preliminary",
    FactStatus.NOT_DONE: "cancelled",
    FactStatus.IN_ERROR: "entered-in-error",
    FactStatus.UNKNOWN: "unknown",
}
_PLAN_STATUS = {
    FactStatus.PLANNED: "draft",
    FactStatus.ON_HOLD: "on-hold",
    FactStatus.ENDED: "completed",
    FactStatus.BROKEN_OFF: "revoked",
    FactStatus.NOT_DONE: "revoked",
    FactStatus.IN_ERROR: "entered-in-error",
    FactStatus.UNKNOWN: "unknown",
}
"""As R4's own required codes say it best; what they cannot say stands in an extension of ours."""


def observation_from_occurrence(occurrence: Occurrence, persons: tuple[PersonId, ...]) -> Resource:
    """An Observation: what happened, when, with what outcome; details as components."""
    said = [
        extension(name, kind="String", value=value)
        for name, value in (
            ("agency", occurrence.agency_name),
            ("practitioner", occurrence.practitioner_name),
        )
        if value
    ]
    said += status_extensions(occurrence.status)
    status = FactStatus.NOT_DONE if occurrence.not_done else occurrence.status
    coding = [coding_element(occurrence.coding)] if occurrence.coding else []
    return without_empty(
        resourceType="Observation",
        status=_OBSERVATION_STATUS[status],
        category=[{"coding": [{"system": OCCURRENCE, "code": occurrence.kind.value}]}],
        code=without_empty(coding=coding, text=occurrence.title),
        subject=person_reference(persons[0]),
        effectivePeriod=period_element(occurrence.period),
        valueString=occurrence.outcome,
        component=[
            without_empty(code={"text": label}, valueString=value)
            for label, value in occurrence.details
        ],
        extension=said,
    )


def occurrence_from_observation(resource: Resource) -> Occurrence:
    """Back from observation_from_occurrence."""
    coding = next(iter(resource["code"].get("coding", [])), None)
    return Occurrence(
        kind=OccurrenceKind(resource["category"][0]["coding"][0]["code"]),
        title=resource["code"]["text"],
        period=period_from_element(resource.get("effectivePeriod")),
        coding=coding_from_element(coding) if coding else None,
        outcome=resource.get("valueString"),
        not_done=resource["status"] == "cancelled",
        agency_name=extension_value(resource, "agency"),
        practitioner_name=extension_value(resource, "practitioner"),
        details=tuple(
            (c["code"]["text"], c.get("valueString", "")) for c in resource.get("component", [])
        ),
        status=status_from(resource),
    )


def care_plan_from_plan(plan: Plan, persons: tuple[PersonId, ...]) -> Resource:
    """A CarePlan: which kind of plan, from when until when."""
    return without_empty(
        resourceType="CarePlan",
        status=_PLAN_STATUS.get(plan.status, "completed" if plan.period.end else "active"),
        intent="plan",
        title=plan.title,
        category=[{"coding": [{"system": PLAN, "code": plan.kind}]}],
        subject=person_reference(persons[0]),
        period=period_element(plan.period),
        author={"display": plan.agency_name} if plan.agency_name else None,
        extension=[
            extension(name, kind="String", value=number)
            for name, number in (
                ("telephone", plan.telephone),
                ("out-of-hours-telephone", plan.out_of_hours_telephone),
            )
            if number
        ]
        + status_extensions(plan.status),
    )


def plan_from_care_plan(resource: Resource) -> Plan:
    """Back from care_plan_from_plan."""
    return Plan(
        kind=resource["category"][0]["coding"][0]["code"],
        title=resource.get("title", ""),
        period=period_from_element(resource.get("period")),
        agency_name=resource.get("author", {}).get("display"),
        telephone=extension_value(resource, "telephone"),
        out_of_hours_telephone=extension_value(resource, "out-of-hours-telephone"),
        status=status_from(resource),
    )


def communication_from_story(entry: StoryEntry, persons: tuple[PersonId, ...]) -> Resource:
    """A Communication: the family's words, who told them and who wrote them down."""
    said = [
        extension(name, kind="String", value=value)
        for name, value in (
            ("told-by", entry.told_by),
            ("corrects", entry.corrects),
            ("with-whom", entry.with_whom),
        )
        if value
    ]
    return without_empty(
        resourceType="Communication",
        status="completed",
        subject=person_reference(persons[0]),
        sent=entry.written_at,
        sender={"display": entry.written_by},
        payload=[{"contentString": entry.text}],
        extension=said,
    )


def story_from_communication(resource: Resource) -> StoryEntry:
    """Back from communication_from_story."""
    return StoryEntry(
        text=resource["payload"][0]["contentString"],
        told_by=extension_value(resource, "told-by"),
        written_by=resource["sender"]["display"],
        written_at=resource["sent"],
        corrects=extension_value(resource, "corrects"),
        with_whom=extension_value(resource, "with-whom"),
    )


def communication_from_confirmation(
    confirmation: StoryConfirmation, persons: tuple[PersonId, ...]
) -> Resource:
    """A Communication about others: the family says that they still hold."""
    return without_empty(
        resourceType="Communication",
        status="completed",
        subject=person_reference(persons[0]),
        about=[{"reference": f"{_COMMUNICATION}{key}"} for key in confirmation.confirms],
        sent=confirmation.written_at,
        sender={"display": confirmation.written_by},
        extension=[extension("told-by", kind="String", value=confirmation.told_by)],
    )


def confirmation_from_communication(resource: Resource) -> StoryConfirmation:
    """Back from communication_from_confirmation."""
    return StoryConfirmation(
        confirms=tuple(r["reference"].removeprefix(_COMMUNICATION) for r in resource["about"]),
        told_by=extension_value(resource, "told-by"),
        written_by=resource["sender"]["display"],
        written_at=resource["sent"],
    )


def person_of_subject(resource: Resource) -> tuple[PersonId, ...]:
    """Whom a resource with a `subject` is about."""
    return (person_from_reference(resource["subject"]),)


def _identifier(system: str, value: str | None) -> Resource | None:
    return {"system": system, "value": value} if value else None
