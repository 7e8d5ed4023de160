"""What a family wants help with as a FHIR Goal, and a next step as a Task.

Both name whoever wrote them, with their opaque account. R4's own status codes stand beside the
exact status, which is in an extension of ours as that of every other fact.
"""

from schemas.fhir_mapping.elements import (
    ACCOUNT,
    RECORD,
    Resource,
    extension,
    extension_value,
    person_from_reference,
    person_reference,
    status_extensions,
    status_from,
    without_empty,
)
from schemas.identifiers import PersonId
from schemas.records.payloads import FactStatus, HelpWanted, NextStep, WrittenHere

_GOAL_STATUS = {
    FactStatus.PLANNED: "accepted",
    FactStatus.ON_HOLD: "on-hold",
    FactStatus.ENDED: "completed",
    FactStatus.BROKEN_OFF: "cancelled",
    FactStatus.NOT_DONE: "cancelled",
    FactStatus.IN_ERROR: "entered-in-error",
}
_TASK_STATUS = {
    FactStatus.PLANNED: "requested",
    FactStatus.ON_HOLD: "on-hold",
    FactStatus.ENDED: "completed",
    FactStatus.BROKEN_OFF: "failed",
    FactStatus.NOT_DONE: "cancelled",
    FactStatus.IN_ERROR: "entered-in-error",
}
_DAY = len("YYYY-MM-DD")
_HELPER = "helper"
_WRITTEN_AT = "written-at"


def goal_from_help(wanted: HelpWanted, persons: tuple[PersonId, ...]) -> Resource:
    """A Goal: what is wanted, since when it waits or is under way, who helps, who wrote it."""
    said = [extension(_WRITTEN_AT, kind="String", value=wanted.written.at)]
    if wanted.helper:
        said.append(extension(_HELPER, kind="String", value=wanted.helper))
    return without_empty(
        resourceType="Goal",
        lifecycleStatus=_GOAL_STATUS.get(wanted.status, "active"),
        description={"text": wanted.text},
        subject=person_reference(persons[0]),
        startDate=wanted.written.at[:_DAY],
        statusDate=wanted.since,
        expressedBy=_writer(wanted.written),
        extension=said + status_extensions(wanted.status),
    )


def help_from_goal(resource: Resource) -> HelpWanted:
    """Back from goal_from_help."""
    return HelpWanted(
        text=resource["description"]["text"],
        written=_written(resource["expressedBy"], extension_value(resource, _WRITTEN_AT)),
        helper=extension_value(resource, _HELPER),
        status=status_from(resource),
        since=resource.get("statusDate"),
    )


def task_from_step(step: NextStep, persons: tuple[PersonId, ...]) -> Resource:
    """A Task: what is to be done for whom, who does it and by when, and of which plan it is."""
    plan = {"identifier": {"system": RECORD, "value": step.plan}} if step.plan else None
    return without_empty(
        resourceType="Task",
        status=_TASK_STATUS.get(step.status, "in-progress"),
        intent="plan",
        description=step.text,
        basedOn=[plan] if plan else [],
        authoredOn=step.written.at,
        lastModified=step.since,
        requester=_writer(step.written),
        owner={"display": step.who},
        restriction={"period": {"end": step.by}} if step.by else None,
        extension=status_extensions(step.status),
        # `for` is a word of Python's.
        **{"for": person_reference(persons[0])},
    )


def step_from_task(resource: Resource) -> NextStep:
    """Back from task_from_step."""
    plan = next(iter(resource.get("basedOn", [])), None)
    return NextStep(
        text=resource["description"],
        who=resource["owner"]["display"],
        written=_written(resource["requester"], resource["authoredOn"]),
        by=resource.get("restriction", {}).get("period", {}).get("end"),
        plan=None if plan is None else plan["identifier"]["value"],
        status=status_from(resource),
        since=resource.get("lastModified"),
    )


def person_of_task(resource: Resource) -> tuple[PersonId, ...]:
    """Whom a Task is for."""
    return (person_from_reference(resource["for"]),)


def _writer(written: WrittenHere) -> Resource:
    return {"display": written.by, "identifier": {"system": ACCOUNT, "value": written.author}}


def _written(reference: Resource, at: str) -> WrittenHere:
    return WrittenHere(reference["display"], at, reference["identifier"]["value"])
