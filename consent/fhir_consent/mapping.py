"""FHIR R4 Consents as a sharing decision, in the structure of IHE PCF (see terms).

What a decision says comes back the same; what a Consent says and a decision has no place for is
refused with the element named, never dropped. What only describes decides nothing and is not kept:
narrative, other identifiers, source, organisation, other policies, displays.
"""

from dataclasses import dataclass
from datetime import datetime

from consent.circumstances import Circumstances
from consent.fhir_consent.codes import CONSENT_SCOPE, Code
from consent.fhir_consent.document import Status
from consent.fhir_consent.elements import Element, codes_in, span_at
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.particulars import Particulars, circumstances_from, particulars_from
from consent.fhir_consent.provision_stated import StatedProvision, stated_provision
from consent.fhir_consent.stated import (
    classified,
    decider_of,
    evidence_of,
    gateways_of,
    keeps_from_parents,
    require_no_extensions,
    require_only,
)
from consent.fhir_consent.terms import (
    ARTICLE_9,
    BASIS,
    DENYING,
    RESPONSE,
    SILENT,
    USUAL_BASIS,
    USUAL_MODES,
)
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import Decider, Mode, Recipient, Response
from schemas.vocabulary import Category, Purpose, Source

_DESCRIBING = frozenset(
    {"resourceType", "id", "meta", "language", "text", "identifier", "organization", "policy"}
    | {"sourceReference", "sourceAttachment"}
)
_DECIDING = frozenset(
    {"status", "scope", "category", "patient", "dateTime", "performer", "provision", "extension"}
)
_PATIENT = "Patient/"


@dataclass(frozen=True, slots=True, repr=False)
class ConsentTerms:
    """What a Consent says, before it is known who in our records its patient is.

    `patient` is the id of a relative reference, `identifiers` are system and value. `particulars`
    are what else it says in extensions of our own, `circumstances` among them.
    """

    patient: str | None
    identifiers: tuple[tuple[str, str], ...]
    status: Status
    response: Response
    mode: Mode
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    basis: Basis
    article_9: Article9 | None
    gateways: frozenset[Gateway]
    decided_by: Decider
    decided_at: datetime
    recipients: frozenset[Recipient]
    sources: frozenset[Source]
    until: datetime | None
    circumstances: Circumstances
    particulars: Particulars


def terms_from_consent(resource: Element) -> ConsentTerms:
    """What the Consent says. Raises ConsentElementError for what a decision cannot hold."""
    require_only(resource, _DESCRIBING | _DECIDING, "Consent")
    require_no_extensions(resource, _DESCRIBING)
    if Code(CONSENT_SCOPE, "patient-privacy") not in codes_in(resource.get("scope")):
        raise ConsentElementError("Consent.scope", "is-not-patient-privacy")
    provision = stated_provision(resource.get("provision") or {})
    particulars = particulars_from(resource.get("extension", ()))
    response = _response(resource, provision)
    patient, identifiers = _patient(resource.get("patient") or {})
    return ConsentTerms(
        patient=patient,
        identifiers=identifiers,
        status=_status(resource, response, particulars),
        response=response,
        mode=_mode(response, provision, particulars),
        categories=provision.categories,
        purposes=provision.purposes,
        basis=classified(Basis, BASIS, resource) or USUAL_BASIS,
        article_9=classified(Article9, ARTICLE_9, resource),
        gateways=gateways_of(resource),
        decided_by=decider_of(resource),
        decided_at=_decided_at(resource, provision),
        recipients=provision.recipients,
        sources=provision.sources,
        until=provision.until,
        circumstances=circumstances_from(
            particulars,
            evidence=evidence_of(resource),
            parents_are_not_told=keeps_from_parents(resource),
        ),
        particulars=particulars,
    )


def _patient(patient: Element) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    reference = str(patient.get("reference", ""))
    own_id = reference.removeprefix(_PATIENT) if reference.startswith(_PATIENT) else None
    identifier = patient.get("identifier") or {}
    if "value" not in identifier:
        return own_id, ()
    return own_id, ((identifier.get("system", ""), identifier["value"]),)


def _response(resource: Element, provision: StatedProvision) -> Response:
    stated = classified(Response, RESPONSE, resource)
    match provision.effect:
        case "permit" if stated in (None, Response.GIVEN):
            return Response.GIVEN
        case "deny" if stated is None or stated in DENYING | SILENT:
            return stated or Response.REFUSED
        case "permit" | "deny":
            raise ConsentElementError("Consent.category", "contradicts-the-provision")
        case _:
            raise ConsentElementError("Consent.provision.type", "is-none-of: permit, deny")


def _mode(response: Response, provision: StatedProvision, particulars: Particulars) -> Mode:
    if response is not Response.GIVEN and (provision.is_existence or provision.is_duty):
        element = "securityLabel" if provision.is_existence else "purpose"
        raise ConsentElementError(f"Consent.provision.{element}", "is-said-of-permissions-only")
    if response is Response.GIVEN and particulars.mode is not None:
        raise ConsentElementError("Consent.extension", "has-a-mode-beside-the-labels")
    if provision.is_existence:
        return Mode.EXISTENCE
    return particulars.mode or USUAL_MODES[response]


def _decided_at(resource: Element, provision: StatedProvision) -> datetime:
    text = resource.get("dateTime")
    start = span_at({"start": text}, "Consent.dateTime").start if text else None
    if start is None:
        raise ConsentElementError("Consent.dateTime", "is-missing")
    if provision.start is not None and provision.start > start:
        raise ConsentElementError("Consent.provision.period.start", "is-after-it-was-decided")
    return start


def _status(resource: Element, response: Response, particulars: Particulars) -> Status:
    """The status of a decision that was made; a draft only of one that says nobody was asked."""
    stated = resource.get("status")
    expected = Status.DRAFT if response in SILENT else Status.ACTIVE
    if stated not in {expected, Status.INACTIVE, Status.ENTERED_IN_ERROR}:
        raise ConsentElementError("Consent.status", "is-no-decision-that-was-made")
    status = Status(stated)
    if status is expected and particulars.has_ended:
        raise ConsentElementError("Consent.status", "contradicts-an-extension")
    if status is Status.INACTIVE and particulars.invalidated_at is not None:
        raise ConsentElementError("Consent.status", "contradicts-an-extension")
    return status
