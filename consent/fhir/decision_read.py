"""FHIR R4 Consents as a sharing decision, in the structure that `terms.py` describes.

What a decision says comes back the same; what a Consent says and a decision has no place for is
refused with the element named, never dropped. What only describes decides nothing and is not kept:
narrative, other identifiers, source, organisation, other policies, displays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from consent.circumstances import Circumstances
from consent.fhir.decision_parts import (
    StatedProvision,
    classified,
    decided_at,
    decider_of,
    evidence_of,
    gateways_of,
    keeps_from_parents,
    require_no_extensions,
    require_only,
    stated_provision,
    until,
)
from consent.fhir.decision_written import consents_from_decision, status_in_life
from consent.fhir.document import Status
from consent.fhir.elements import ConsentElementError, Element, codes_in, span_at
from consent.fhir.particulars import of_circumstances, of_decision, particulars_from
from consent.fhir.terms import (
    ARTICLE_9,
    BASIS,
    DECISION,
    DENYING,
    RESPONSE,
    SILENT,
    USUAL_BASIS,
    USUAL_MODES,
    WITHDRAWAL,
)
from consent.fhir.vocabulary import CONSENT_SCOPE, Code
from consent.lawfulness import Article9, Basis
from consent.model import (
    LAPSES_AFTER,
    Mode,
    Proposal,
    Response,
    SharingAct,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId

# One Consent: what it says, before it is known who in our records its patient is.

_DESCRIBING = frozenset(
    {"resourceType", "id", "meta", "language", "text", "identifier", "organization", "policy"}
    | {"sourceReference", "sourceAttachment"}
)
_DECIDING = frozenset(
    {"status", "scope", "category", "patient", "dateTime", "performer", "provision", "extension"}
)
_PATIENT = "Patient/"
_OTHERS = "job:consent-of-others"


@dataclass(frozen=True, slots=True, repr=False)
class ConsentTerms:
    """What a Consent says, before it is known who in our records its patient is.

    `patient` is the id of a relative reference, `identifiers` are system and value. `decision` says
    what was decided, about nobody and without an id yet; `persons` is about how many it is.
    """

    patient: str | None
    identifiers: tuple[tuple[str, str], ...]
    status: Status
    persons: int
    decision: SharingDecision


def terms_from_consent(resource: Element) -> ConsentTerms:
    """What the Consent says. Raises ConsentElementError for what a decision cannot hold."""
    require_only(resource, _DESCRIBING | _DECIDING, "Consent")
    require_no_extensions(resource, _DESCRIBING)
    if Code(CONSENT_SCOPE, "patient-privacy") not in codes_in(resource.get("scope")):
        raise ConsentElementError("Consent.scope", "is-not-patient-privacy")
    provision = stated_provision(resource.get("provision") or {})
    said = particulars_from(resource.get("extension", ()))
    patient, identifiers = _patient(resource.get("patient") or {})
    response = _response(resource, provision)
    decision = SharingDecision(
        id=DecisionId(""),
        subjects=frozenset(),
        response=response,
        categories=provision.categories,
        purposes=provision.purposes,
        basis=classified(Basis, BASIS, resource) or USUAL_BASIS,
        decided_by=decider_of(resource),
        decided_at=decided_at(resource, provision, said),
        recipients=provision.recipients,
        sources=provision.sources,
        mode=_mode(response, provision, said.get("mode")),
        until=until(resource, provision),
        article_9=classified(Article9, ARTICLE_9, resource),
        gateways=gateways_of(resource),
        circumstances=Circumstances(
            evidence=evidence_of(resource),
            parents_are_not_told=keeps_from_parents(resource),
            **of_circumstances(said),
        ),
        **of_decision(said),
    )
    status = _status(resource, decision)
    return ConsentTerms(patient, identifiers, status, said.get("subjects", 1), decision)


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


def _mode(response: Response, provision: StatedProvision, stated: Mode | None) -> Mode:
    if response is not Response.GIVEN and (provision.is_existence or provision.is_duty):
        element = "securityLabel" if provision.is_existence else "purpose"
        raise ConsentElementError(f"Consent.provision.{element}", "is-said-of-permissions-only")
    if response is Response.GIVEN and stated is not None:
        raise ConsentElementError("Consent.extension", "has-a-mode-beside-the-labels")
    if provision.is_existence:
        return Mode.EXISTENCE
    return stated or USUAL_MODES[response]


def _status(resource: Element, decision: SharingDecision) -> Status:
    """The status of a decision that was made; a draft only of one that says nobody was asked.

    A Consent of others may be `proposed` and say no more of it.
    """
    stated, known_at = resource.get("status"), decision.known_at
    proposed = _proposed(stated, decision)
    expected = status_in_life(decision.response, proposed, decision.confirmed_at, known_at)
    if stated not in {expected, Status.INACTIVE, Status.ENTERED_IN_ERROR}:
        raise ConsentElementError("Consent.status", "is-no-decision-that-was-made")
    status = Status(stated)
    has_ended = any((decision.withdrawn_at, decision.superseded_at, decision.invalidated_at))
    if status is expected and has_ended:
        raise ConsentElementError("Consent.status", "contradicts-an-extension")
    if status is Status.INACTIVE and decision.invalidated_at is not None:
        raise ConsentElementError("Consent.status", "contradicts-an-extension")
    return status


def _proposed(status: object, said: SharingDecision) -> Proposal | None:
    """What waits for a second hand; of a Consent of others, from when it was made."""
    if said.proposed is not None or status != Status.PROPOSED:
        return said.proposed
    return Proposal(SharingAct.RECORD, _OTHERS, said.known_at, said.known_at + LAPSES_AFTER)


_DIFFERS = "differs-between-consents-of-one-decision"
_ELEMENTS = {
    "response": "category",
    "categories": "provision.securityLabel",
    "mode": "provision.securityLabel",
    "purposes": "provision.purpose",
    "basis": "category",
    "article_9": "category",
    "gateways": "policy",
    "decided_by": "performer",
    "decided_at": "dateTime",
    "recipients": "provision.actor",
    "sources": "provision.data",
    "until": "provision.period",
}
"""Where each field stands, to name it when two Consents disagree; any other, in extensions."""


@dataclass(frozen=True, slots=True)
class ConsentsOfDecision:
    """The Consents of one decision: one for each subject, and perhaps the denials that follow."""

    terms: tuple[ConsentTerms, ...]
    withdrawals: tuple[ConsentTerms, ...]

    @property
    def first(self) -> ConsentTerms:
        """What all say, but for whom it is about."""
        return self.terms[0]


def terms_from_consents(resources: Sequence[Element]) -> ConsentsOfDecision:
    """What the Consents of one decision say together.

    Raises ConsentElementError when one says something else than the others, or is missing, and for
    what a decision cannot hold.
    """
    terms = [terms_from_consent(r) for r in resources if not _is_withdrawal(r)]
    withdrawals = [terms_from_consent(r) for r in resources if _is_withdrawal(r)]
    if not terms:
        raise ConsentElementError("Consent.identifier", "is-only-of-a-withdrawal")
    for other in terms[1:]:
        _require_same(terms[0], other)
    subjects = {(one.patient, one.identifiers) for one in terms}
    if len(subjects) != len(terms):
        raise ConsentElementError("Consent.patient", "is-the-same-in-two-consents")
    if len(terms) != (terms[0].persons):
        raise ConsentElementError("Consent.patient", "is-not-each-of-its-subjects")
    return ConsentsOfDecision(tuple(terms), tuple(withdrawals))


def decision_from_consents(resources: Sequence[Element]) -> SharingDecision:
    """Back from consents_from_decision. Raises ConsentElementError naming the element."""
    together = terms_from_consents(resources)
    decision = _decision(together, [r for r in resources if not _is_withdrawal(r)])
    _require_expected(decision, together.withdrawals)
    return decision


def _decision(together: ConsentsOfDecision, resources: Sequence[Element]) -> SharingDecision:
    terms = together.first
    meta = resources[0].get("meta") or {}
    return replace(
        terms.decision,
        id=_own_id(resources),
        subjects=_persons(together),
        withdrawn_at=_withdrawn_at(terms, meta),
        invalidated_at=_invalidated_at(terms, meta),
        version=_version(resources),
        proposed=_proposed(terms.status, terms.decision),
    )


def _is_withdrawal(resource: Element) -> bool:
    return any(i.get("system") == WITHDRAWAL for i in resource.get("identifier", ()))


def _own_id(resources: Sequence[Element]) -> DecisionId:
    """The decision's id, which its Consents have in common; of one of others, its own."""
    found = {_named(resource) for resource in resources}
    if len(found) != 1:
        raise ConsentElementError("Consent.identifier", "is-not-of-one-decision")
    (own,) = found
    if not own:
        raise ConsentElementError("Consent.id", "is-missing")
    return DecisionId(own)


def _named(resource: Element) -> str | None:
    identifiers = resource.get("identifier", ())
    ours = [i.get("value") for i in identifiers if i.get("system") == DECISION]
    return str(ours[0]) if ours else resource.get("id")


def _version(resources: Sequence[Element]) -> int:
    """Which version of the decision it is; of one of others, the first."""
    versions = {str((r.get("meta") or {}).get("versionId", "1")) for r in resources}
    if len(versions) != 1:
        raise ConsentElementError("Consent.meta.versionId", _DIFFERS)
    (version,) = versions
    return int(version) if version.isdecimal() else 1


def _persons(together: ConsentsOfDecision) -> frozenset[PersonId]:
    patients = [terms.patient for terms in together.terms]
    if None in patients:
        raise ConsentElementError("Consent.patient.reference", "is-no-person-of-ours")
    return frozenset(PersonId(patient) for patient in patients if patient is not None)


def _withdrawn_at(terms: ConsentTerms, meta: Element) -> datetime | None:
    """When it was withdrawn. How a Consent of others ended is not said in it.

    Of a permission a withdrawal is the narrowest that it can have been. Of a denial it would be the
    widest, because what was denied would be denied no longer.
    """
    said = terms.decision
    is_told = said.withdrawn_at is not None or said.superseded_at is not None
    if terms.status is not Status.INACTIVE or is_told:
        return said.withdrawn_at
    if said.response is not Response.GIVEN:
        raise ConsentElementError("Consent.status", "does-not-say-how-it-ended")
    return _updated_at(meta)


def _invalidated_at(terms: ConsentTerms, meta: Element) -> datetime | None:
    if terms.status is not Status.ENTERED_IN_ERROR:
        return None
    return terms.decision.invalidated_at or _updated_at(meta)


def _updated_at(meta: Element) -> datetime:
    text = meta.get("lastUpdated")
    start = span_at({"start": text}, "Consent.meta.lastUpdated").start if text else None
    if start is None:
        raise ConsentElementError("Consent.meta.lastUpdated", "is-missing")
    return start


def _require_expected(decision: SharingDecision, withdrawals: Sequence[ConsentTerms]) -> None:
    """Each denial that came with it is the one that follows from its withdrawal."""
    if not withdrawals:
        return
    written = consents_from_decision(decision, organization="Organization/us", policy_uri="urn:us")
    expected = {t.patient: t for t in map(terms_from_consent, filter(_is_withdrawal, written))}
    if not expected or len(withdrawals) != len(expected):
        raise ConsentElementError("Consent.identifier", "is-of-no-withdrawal-of-this-decision")
    for withdrawal in withdrawals:
        found = expected.get(withdrawal.patient)
        if found is None:
            raise ConsentElementError("Consent.patient", "is-nobody-whom-the-decision-is-about")
        _require_same(found, withdrawal)


def _require_same(one: ConsentTerms, other: ConsentTerms) -> None:
    """Both say the same, whomever they are about."""
    if (one.status, one.persons) != (other.status, other.persons):
        element = "status" if one.status != other.status else "extension"
        raise ConsentElementError(f"Consent.{element}", _DIFFERS)
    for each in fields(SharingDecision):
        if getattr(one.decision, each.name) != getattr(other.decision, each.name):
            element = _ELEMENTS.get(each.name, "extension")
            raise ConsentElementError(f"Consent.{element}", _DIFFERS)
