"""A sharing decision as FHIR R4 Consents, in the structure of IHE PCF (see terms).

One Consent for each person it is about, because a Consent is about one. A permission that was
withdrawn has one more for each: FHIR's `inactive` says only that the permission is over, but with
us who withdraws says no from then on, against a permission of somebody else too. So the other one
is an active denial from that moment, and who honours both is let through no further than by us.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from consent.circumstances import Circumstances
from consent.fhir_consent.codes import ACT_CODE, CONFIDENTIALITY, CONSENT_SCOPE
from consent.fhir_consent.document import Status
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.kinds import coding_of, time_as_text
from consent.fhir_consent.particulars import extensions_from, particulars_of
from consent.fhir_consent.provision_written import Resource, concept, identified, provision_of
from consent.fhir_consent.terms import (
    ARTICLE_9,
    BASIS,
    DECIDER,
    DECIDER_TYPES,
    DECISION,
    EVIDENCE,
    LABEL,
    LEGISLATION,
    LOINC,
    LOINC_CONSENT,
    PARENTS_ARE_NOT_TOLD,
    RESPONSE,
    SILENT,
    STATUTES,
    WITHDRAWAL,
)
from consent.model import Mode, Response, SharingDecision
from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode

_LONGEST_ID = 64


def consents_from_decision(
    decision: SharingDecision, *, organization: str, policy_uri: str
) -> tuple[Resource, ...]:
    """The decision as Consents that decision_from_consents reads back.

    `organization` is the reference of who keeps and enforces it, `policy_uri` the policy that was
    presented. Raises ConsentElementError naming the element that cannot hold what was decided.
    """
    _require_expressible(decision)
    frame = {
        "organization": [{"reference": organization}],
        "policy": [{"uri": policy_uri}, *_statutes(decision)],
    }
    written = list(_written(decision, DECISION, frame))
    withdrawal = withdrawal_of(decision)
    if withdrawal is not None:
        written += _written(withdrawal, WITHDRAWAL, frame)
    return tuple(written)


def withdrawal_of(decision: SharingDecision) -> SharingDecision | None:
    """The refusal that the withdrawal of a permission is, while nothing else stands in its place.

    It is of everything that was permitted, whether to be read or only known of, and for good.
    """
    since, replaced = decision.withdrawn_at, decision.superseded_at
    if decision.response is not Response.GIVEN or since is None:
        return None
    if decision.invalidated_at is not None or (replaced is not None and replaced <= since):
        return None
    return SharingDecision(
        id=decision.id,
        subjects=decision.subjects,
        response=Response.REFUSED,
        categories=decision.categories,
        purposes=decision.purposes,
        basis=decision.basis,
        decided_by=decision.decided_by,
        decided_at=max(since, decision.decided_at),
        recipients=decision.recipients,
        sources=decision.sources,
        mode=Mode.EXISTENCE,
        until=replaced,
        version=decision.version,
        article_9=decision.article_9,
        gateways=decision.gateways,
        circumstances=Circumstances(
            parents_are_not_told=decision.circumstances.parents_are_not_told
        ),
    )


def _require_expressible(decision: SharingDecision) -> None:
    needed = {
        "Consent.patient": ("names-nobody", decision.subjects),
        "Consent.provision.securityLabel": ("would-be-everything", decision.categories),
        "Consent.provision.purpose": ("would-be-everything", decision.purposes),
    }
    for element, (reason, values) in needed.items():
        if not values:
            raise ConsentElementError(element, reason)


def _written(decision: SharingDecision, system: str, frame: Resource) -> Iterator[Resource]:
    for number, subject in enumerate(sorted(decision.subjects), start=1):
        yield _consent(decision, subject, system, _resource_id(decision, system, number)) | frame


def _resource_id(decision: SharingDecision, system: str, number: int) -> str:
    """The decision's own id; with what tells it apart where there are several Consents of it."""
    parts: list[str] = [decision.id]
    parts += ["withdrawal"] if system == WITHDRAWAL else []
    parts += [str(number)] if len(decision.subjects) > 1 else []
    made = ".".join(parts)
    if len(made) > _LONGEST_ID:
        raise ConsentElementError("Consent.id", "is-too-long")
    return made


def _consent(decision: SharingDecision, subject: PersonId, system: str, own_id: str) -> Resource:
    status, since = _status(decision)
    extensions = extensions_from(particulars_of(decision))
    return {
        "resourceType": "Consent",
        "id": own_id,
        "meta": _meta(decision, since),
        **({"extension": extensions} if extensions else {}),
        "identifier": [{"system": system, "value": decision.id}],
        "status": status.value,
        "scope": concept(CONSENT_SCOPE, "patient-privacy"),
        "category": _categories(decision),
        "patient": {"reference": f"Patient/{subject}"},
        "dateTime": time_as_text(decision.decided_at),
        "performer": [_performer(decision)],
        "sourceReference": _source(decision),
        "provision": provision_of(decision),
    }


def _meta(decision: SharingDecision, since: str | None) -> Resource:
    meta: Resource = {"versionId": str(decision.version)}
    if since is not None:
        meta["lastUpdated"] = since
    if decision.circumstances.parents_are_not_told:
        # HL7's codes for it, so that a reader who does not know ours keeps it from parents too
        meta["security"] = [
            {"system": CONFIDENTIALITY, "code": "R"},
            {"system": ACT_CODE, "code": "NOAUTH"},
            {"system": LABEL, "code": PARENTS_ARE_NOT_TOLD},
        ]
    return meta


def _status(decision: SharingDecision) -> tuple[Status, str | None]:
    """Where it is in its life, and since when if not from the beginning.

    Nobody asked: `draft`, which is not to be acted upon. `proposed` would say that somebody was
    asked, `rejected` that they said no (FHIR R4 value set consent-state-codes).
    """
    if decision.invalidated_at is not None:
        return Status.ENTERED_IN_ERROR, time_as_text(decision.invalidated_at)
    ended = [at for at in (decision.withdrawn_at, decision.superseded_at) if at is not None]
    if ended:
        return Status.INACTIVE, time_as_text(min(ended))
    return Status.DRAFT if decision.response in SILENT else Status.ACTIVE, None


def _categories(decision: SharingDecision) -> list[Resource]:
    article_9 = [] if decision.article_9 is None else [_category(ARTICLE_9, decision.article_9)]
    return [
        concept(LOINC, LOINC_CONSENT),
        _category(RESPONSE, decision.response),
        _category(BASIS, decision.basis),
        *article_9,
    ]


def _category(system: str, code: LabelledCode) -> Resource:
    return {"coding": [coding_of(system, code)]}


def _performer(decision: SharingDecision) -> Resource:
    decider = decision.decided_by
    return identified(DECIDER_TYPES[decider.kind], DECIDER + decider.kind, decider.reference)


def _source(decision: SharingDecision) -> Resource:
    """What proves it; the decision itself, as it is in our records, where nothing else does."""
    evidence = decision.circumstances.evidence
    if evidence is None:
        return identified("DocumentReference", DECISION, decision.id)
    return identified("DocumentReference", EVIDENCE, evidence)


def _statutes(decision: SharingDecision) -> Sequence[dict[str, Any]]:
    return [
        {"authority": LEGISLATION, "uri": STATUTES[gateway]}
        for gateway in sorted(decision.gateways)
    ]
