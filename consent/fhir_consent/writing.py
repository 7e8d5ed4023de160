"""A sharing decision as a FHIR R4 Consent, in the structure of IHE PCF (see terms)."""

from collections.abc import Callable
from typing import Any

from consent.fhir_consent.codes import (
    CONSENT_SCOPE,
    OWN_AGENCY,
    OWN_CATEGORY,
    OWN_PURPOSE,
    OWN_ROLE,
    PARTICIPATION_TYPE,
)
from consent.fhir_consent.document import Status
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.terms import (
    BASIS,
    DECIDER,
    DECIDER_TYPES,
    DECISION,
    LOINC,
    LOINC_CONSENT,
    RESPONSE,
    USUAL_MODES,
)
from consent.model import Recipient, Response, SharingDecision

Resource = dict[str, Any]


def consent_from_decision(
    decision: SharingDecision, *, organization: str, policy_uri: str
) -> Resource:
    """The decision as a Consent that decision_from_consent reads back.

    `organization` is the reference of who keeps and enforces it, `policy_uri` the policy that was
    presented. Raises ConsentElementError naming the element that cannot hold what was decided:
    several subjects, nothing asked, another mode than the usual, both withdrawn and invalidated.
    """
    _require_expressible(decision)
    status, since = _status(decision)
    return {
        "resourceType": "Consent",
        "id": decision.id,
        "meta": _without_none(versionId=str(decision.version), lastUpdated=since),
        "status": status.value,
        "scope": _concept(CONSENT_SCOPE, "patient-privacy"),
        "category": [
            _concept(LOINC, LOINC_CONSENT),
            _concept(RESPONSE, decision.response.value),
            _concept(BASIS, decision.basis.value),
        ],
        "patient": {"reference": f"Patient/{min(decision.subjects)}"},
        "dateTime": decision.decided_at.isoformat(),
        "performer": [_performer(decision)],
        "organization": [{"reference": organization}],
        "sourceReference": _identified("DocumentReference", DECISION, decision.id),
        "policy": [{"uri": policy_uri}],
        "provision": _provision(decision),
    }


def _require_expressible(decision: SharingDecision) -> None:
    if len(decision.subjects) != 1:
        raise ConsentElementError("Consent.patient", "holds-one-subject-and-no-more")
    if decision.response not in USUAL_MODES:
        raise ConsentElementError("Consent.provision.type", "cannot-say-not-asked")
    if decision.mode is not USUAL_MODES[decision.response]:
        raise ConsentElementError("Consent.provision.action", "cannot-tell-existence-from-content")
    if decision.withdrawn_at is not None and decision.invalidated_at is not None:
        raise ConsentElementError("Consent.status", "cannot-be-both-withdrawn-and-invalid")
    if not decision.categories:
        raise ConsentElementError("Consent.provision.securityLabel", "would-be-everything")
    if not decision.purposes:
        raise ConsentElementError("Consent.provision.purpose", "would-be-everything")


def _status(decision: SharingDecision) -> tuple[Status, str | None]:
    if decision.invalidated_at is not None:
        return Status.ENTERED_IN_ERROR, decision.invalidated_at.isoformat()
    if decision.withdrawn_at is not None:
        return Status.INACTIVE, decision.withdrawn_at.isoformat()
    return Status.ACTIVE, None


def _performer(decision: SharingDecision) -> Resource:
    decider = decision.decided_by
    return _identified(DECIDER_TYPES[decider.kind], DECIDER + decider.kind, decider.reference)


def _provision(decision: SharingDecision) -> Resource:
    is_given = decision.response is Response.GIVEN
    return _without_none(
        type="permit" if is_given else "deny",
        period={"end": decision.until.isoformat()} if decision.until else None,
        actor=[_actor(recipient) for recipient in sorted(decision.recipients)] or None,
        securityLabel=_codings(OWN_CATEGORY, decision.categories),
        purpose=_codings(OWN_PURPOSE, decision.purposes),
        data=[_authored_by(source) for source in sorted(decision.sources)] or None,
    )


def _actor(recipient: Recipient) -> Resource:
    kind, _, name = recipient.partition(":")
    write = _RECIPIENTS.get(kind)
    if write is None or not name:
        raise ConsentElementError("Consent.provision.actor", "is-no-agency-role-or-practitioner")
    return {"role": _concept(PARTICIPATION_TYPE, "IRCP"), "reference": write(name)}


def _authored_by(source: str) -> Resource:
    agency = _identified("Organization", OWN_AGENCY, source)
    return {"meaning": "authoredby", "reference": agency}


def _identified(kind: str, system: str, value: str) -> Resource:
    return {"type": kind, "identifier": {"system": system, "value": value}}


_RECIPIENTS: dict[str, Callable[[str], Resource]] = {
    "practitioner": lambda name: {"reference": f"Practitioner/{name}"},
    "agency": lambda name: _identified("Organization", OWN_AGENCY, name),
    "role": lambda name: _identified("PractitionerRole", OWN_ROLE, name),
}


def _codings(system: str, codes: frozenset[Any]) -> list[Resource]:
    return [{"system": system, "code": code.value} for code in sorted(codes)]


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _without_none(**elements: Any) -> Resource:
    return {name: value for name, value in elements.items() if value is not None}
