"""A FHIR R4 Consent as a sharing decision, in the structure of IHE PCF (see terms).

What a decision says and a Consent can hold comes back the same; what the Consent says and a
decision has no place for is refused with the element named, never dropped. What only describes
decides nothing and is not kept: narrative, identifiers, source, organisation, policy, displays.
"""

from dataclasses import dataclass
from datetime import datetime

from consent.fhir_consent.codes import CONSENT_SCOPE, OWN_CATEGORY, Code
from consent.fhir_consent.document import Status
from consent.fhir_consent.elements import Element, codes_in, span_at
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.stated import (
    classified,
    codes_stated,
    decider_of,
    purposes_stated,
    recipients_of,
    require_only,
    sources_of,
)
from consent.fhir_consent.terms import (
    BASIS,
    DENYING,
    RESPONSE,
    USUAL_BASIS,
    USUAL_MODES,
)
from consent.lawfulness import Basis
from consent.model import Decider, Recipient, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source

_DESCRIBING = frozenset(
    {"resourceType", "id", "meta", "language", "text", "identifier", "organization", "policy"}
    | {"sourceReference", "sourceAttachment"}
)
_DECIDING = frozenset(
    {"status", "scope", "category", "patient", "dateTime", "performer", "provision"}
)
_PROVISION = frozenset({"type", "period", "actor", "purpose", "securityLabel", "data", "id"})
_PATIENT = "Patient/"


@dataclass(frozen=True, slots=True, repr=False)
class ConsentTerms:
    """What a Consent says, before it is known who in our records its patient is.

    `patient` is the id of a relative reference, `identifiers` are system and value.
    """

    patient: str | None
    identifiers: tuple[tuple[str, str], ...]
    response: Response
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    basis: Basis
    decided_by: Decider
    decided_at: datetime
    recipients: frozenset[Recipient]
    sources: frozenset[Source]
    until: datetime | None
    status: Status


def terms_from_consent(resource: Element) -> ConsentTerms:
    """What the Consent says. Raises ConsentElementError for what a decision cannot hold."""
    require_only(resource, _DESCRIBING | _DECIDING, "Consent")
    if Code(CONSENT_SCOPE, "patient-privacy") not in codes_in(resource.get("scope")):
        raise ConsentElementError("Consent.scope", "is-not-patient-privacy")
    provision = resource.get("provision") or {}
    require_only(provision, _PROVISION, "Consent.provision")
    patient = resource.get("patient") or {}
    identifier = patient.get("identifier") or {}
    return ConsentTerms(
        patient=_patient_id(patient),
        identifiers=((identifier.get("system", ""), identifier["value"]),)
        if "value" in identifier
        else (),
        response=_response(resource, provision),
        categories=codes_stated(Category, OWN_CATEGORY, provision, "securityLabel"),
        purposes=purposes_stated(provision),
        basis=classified(Basis, BASIS, resource) or USUAL_BASIS,
        decided_by=decider_of(resource),
        decided_at=_decided_at(resource),
        recipients=recipients_of(provision),
        sources=sources_of(provision),
        until=_until(provision),
        status=_status(resource),
    )


def decision_from_consent(resource: Element) -> SharingDecision:
    """Back from consent_from_decision. Raises ConsentElementError naming the element."""
    terms = terms_from_consent(resource)
    if terms.patient is None:
        raise ConsentElementError("Consent.patient.reference", "is-no-person-of-ours")
    if "id" not in resource:
        raise ConsentElementError("Consent.id", "is-missing")
    meta = resource.get("meta") or {}
    version = str(meta.get("versionId", "1"))
    ended = None if terms.status is Status.ACTIVE else _ended_at(meta)
    return SharingDecision(
        id=DecisionId(resource["id"]),
        subjects=frozenset({PersonId(terms.patient)}),
        response=terms.response,
        categories=terms.categories,
        purposes=terms.purposes,
        basis=terms.basis,
        decided_by=terms.decided_by,
        decided_at=terms.decided_at,
        recipients=terms.recipients,
        sources=terms.sources,
        mode=USUAL_MODES[terms.response],
        until=terms.until,
        withdrawn_at=ended if terms.status is Status.INACTIVE else None,
        invalidated_at=ended if terms.status is Status.ENTERED_IN_ERROR else None,
        version=int(version) if version.isdecimal() else 1,
    )


def _patient_id(patient: Element) -> str | None:
    reference = str(patient.get("reference", ""))
    return reference.removeprefix(_PATIENT) if reference.startswith(_PATIENT) else None


def _response(resource: Element, provision: Element) -> Response:
    stated = classified(Response, RESPONSE, resource)
    match provision.get("type"):
        case "permit" if stated in (None, Response.GIVEN):
            return Response.GIVEN
        case "deny" if stated is None or stated in DENYING:
            return stated or Response.REFUSED
        case "permit" | "deny":
            raise ConsentElementError("Consent.category", "contradicts-the-provision")
        case _:
            raise ConsentElementError("Consent.provision.type", "is-none-of: permit, deny")


def _decided_at(resource: Element) -> datetime:
    text = resource.get("dateTime")
    start = span_at({"start": text}, "Consent.dateTime").start if text else None
    if start is None:
        raise ConsentElementError("Consent.dateTime", "is-missing")
    return start


def _until(provision: Element) -> datetime | None:
    """The end: of a day its last moment, of a time that time itself."""
    period = provision.get("period") or {}
    require_only(period, frozenset({"end"}), "Consent.provision.period")
    if not period:
        return None
    span = span_at(period, "Consent.provision.period")
    whole = span_at({"start": period["end"]}, "Consent.provision.period")
    return whole.start if "T" in period["end"] else span.end


def _status(resource: Element) -> Status:
    status = resource.get("status")
    if status not in {Status.ACTIVE, Status.INACTIVE, Status.ENTERED_IN_ERROR}:
        raise ConsentElementError("Consent.status", "is-no-decision-that-was-made")
    return Status(status)


def _ended_at(meta: Element) -> datetime:
    text = meta.get("lastUpdated")
    start = span_at({"start": text}, "Consent.meta.lastUpdated").start if text else None
    if start is None:
        raise ConsentElementError("Consent.meta.lastUpdated", "is-missing")
    return start
