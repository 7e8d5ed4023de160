"""What came of a request to a service in the community, as a FHIR Task that holds what was asked.

The words are those of HL7's closed loop (SDOH Clinical Care 3.0, Task for Referral Management): the
ServiceRequest says what was asked of whom, the Task, which is to fulfil it, how that goes. There is
no `ready` and no `received`, and whatever ended without help says why. R4's codes stand beside our
own status, which is exact. One record is one resource, so the request lies inside its Task.
"""

from schemas.fhir_mapping.elements import (
    CATEGORY,
    CONNECTION,
    REASON,
    SERVICE,
    Resource,
    person_reference,
    without_empty,
)
from schemas.identifiers import PersonId
from schemas.records.payloads import ConnectionReport, ReportedStatus
from schemas.vocabulary import Category

TASK_STATUS = {
    ReportedStatus.ACCEPTED: "accepted",
    ReportedStatus.CONTACTED: "in-progress",
    ReportedStatus.STARTED: "in-progress",
    ReportedStatus.FINISHED: "completed",
    ReportedStatus.DECLINED: "rejected",
    ReportedStatus.LAPSED: "failed",
    ReportedStatus.WITHDRAWN: "cancelled",
}
_REQUEST_STATUS = {
    ReportedStatus.FINISHED: "completed",
    ReportedStatus.DECLINED: "revoked",
    ReportedStatus.LAPSED: "revoked",
    ReportedStatus.WITHDRAWN: "revoked",
}
_TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
_REQUEST = "request"
_CONTACTED_ON = "contacted-on"
_NEXT_STEP = "next-step"
_WHY_WITHOUT_CODE = {
    ReportedStatus.LAPSED: "No answer in time",
    ReportedStatus.WITHDRAWN: "Withdrawn by the family",
    ReportedStatus.DECLINED: "Not said",
}


def task_from_connection(told: ConnectionReport, persons: tuple[PersonId, ...]) -> Resource:
    """A Task that is to fulfil what it holds: a ServiceRequest of one agency to one service."""
    asker, service = {"display": told.asked_by}, _service(told)
    request = {
        "resourceType": "ServiceRequest",
        "id": _REQUEST,
        "status": _REQUEST_STATUS.get(told.status, "active"),
        "intent": "order",
        "category": [{"coding": [{"system": CATEGORY, "code": Category.EARLY_HELP.value}]}],
        "subject": person_reference(persons[0]),
        "authoredOn": told.asked_on,
        "requester": asker,
        "performer": [service],
    }
    return without_empty(
        resourceType="Task",
        contained=[request],
        status=TASK_STATUS[told.status],
        statusReason=_reason(told),
        businessStatus={"coding": [{"system": CONNECTION, "code": told.status.value}]},
        intent="order",
        code={"coding": [{"system": _TASK_CODE, "code": "fulfill"}]},
        focus={"reference": f"#{_REQUEST}"},
        authoredOn=told.asked_on,
        lastModified=told.since,
        requester=asker,
        owner={"display": told.partner} if told.partner else None,
        output=_outputs(told),
        # `for` is a word of Python's.
        **{"for": person_reference(persons[0])},
    )


def connection_from_task(resource: Resource) -> ConnectionReport:
    """Back from task_from_connection."""
    (request,) = resource["contained"]
    (service,) = request["performer"]
    came = {one["type"]["text"]: one for one in resource.get("output", [])}
    return ConnectionReport(
        service=service["display"],
        service_ref=service["identifier"]["value"],
        partner=resource.get("owner", {}).get("display"),
        asked_by=request["requester"]["display"],
        asked_on=request["authoredOn"],
        status=ReportedStatus(resource["businessStatus"]["coding"][0]["code"]),
        since=resource["lastModified"],
        reason_code=_code_of(resource.get("statusReason", {})),
        contacted_on=came.get(_CONTACTED_ON, {}).get("valueDate"),
        next_step=came.get(_NEXT_STEP, {}).get("valueString"),
    )


def _service(told: ConnectionReport) -> Resource:
    return {
        "display": told.service,
        "identifier": {"system": SERVICE, "value": told.service_ref},
    }


def _reason(told: ConnectionReport) -> Resource | None:
    """Why, in code and words; without help there is always a word of it."""
    if told.reason_code is not None:
        coding = {"system": REASON, "code": told.reason_code}
        return {"coding": [coding], "text": told.reason_code.replace("-", " ")}
    why = _WHY_WITHOUT_CODE.get(told.status)
    return None if why is None else {"text": why}


def _code_of(reason: Resource) -> str | None:
    (coding,) = reason.get("coding", [{}])
    code: str | None = coding.get("code")
    return code


def _outputs(told: ConnectionReport) -> list[Resource]:
    """What came of it beside its status: the activities that the service tells of."""
    said = (
        (_CONTACTED_ON, "valueDate", told.contacted_on),
        (_NEXT_STEP, "valueString", told.next_step),
    )
    return [{"type": {"text": name}, kind: value} for name, kind, value in said if value]
