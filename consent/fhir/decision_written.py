"""A sharing decision as FHIR R4 Consents, in the structure that `terms.py` describes.

One Consent for each person it is about, because a Consent is about one. A permission that was
withdrawn has one more for each: FHIR's `inactive` says only that the permission is over, but with
us who withdraws says no from then on, against a permission of somebody else too. So the other one
is an active denial from that moment, and who honours both is let through no further than by us.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from consent.circumstances import Circumstances
from consent.fhir.document import Status
from consent.fhir.elements import ConsentElementError
from consent.fhir.particulars import extensions_from
from consent.fhir.terms import (
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
    coding_of,
    time_as_text,
)
from consent.fhir.vocabulary import (
    ACT_CODE,
    CONFIDENTIALITY,
    CONSENT_SCOPE,
    EXISTENCE_OF,
    OWN_AGENCY,
    OWN_CATEGORY,
    OWN_DUTY_PURPOSE,
    OWN_EXISTENCE,
    OWN_GROUP,
    OWN_PURPOSE,
    OWN_ROLE,
    OWN_SERVICE,
    PARTICIPATION_TYPE,
)
from consent.lawfulness import DUTIES
from consent.model import Mode, Proposal, Recipient, Response, SharingDecision
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, LabelledCode, Purpose

# The one provision. Nothing in it lets a reader further than `decide` would, also one who knows
# none of our codes: a code of ours that it does not know agrees with nothing.

Resource = dict[str, Any]

LEGITIMATE_RELATIONSHIP = "legitimate-relationship"
DUTY_FOR = "duty-for-"
_EVERYONE = "Everyone with a legitimate relationship with the family"
_LEAST = timedelta(microseconds=1)


def provision_of(decision: SharingDecision) -> Resource:
    """The provision. Raises ConsentElementError for a recipient that nobody can be."""
    is_given = decision.response is Response.GIVEN
    return _without_none(
        type="permit" if is_given else "deny",
        period=_period(_begins(decision), decision.until),
        actor=_actors(decision) or None,
        securityLabel=[_labelled(decision, category) for category in sorted(decision.categories)],
        purpose=[_purpose(decision, purpose) for purpose in sorted(decision.purposes)],
        data=[_authored_by(source) for source in sorted(decision.sources)] or None,
    )


def concept(system: str, code: str) -> Resource:
    """A CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}


def identified(kind: str, system: str, value: str, **more: str) -> Resource:
    """A Reference to somebody or something by an identifier."""
    return {"type": kind, "identifier": {"system": system, "value": value}, **more}


def _begins(decision: SharingDecision) -> datetime:
    """From when it says what it says: when it was written down, or confirmed, if it waited."""
    confirmed_at = decision.confirmed_at
    has_waited = decision.proposed is not None and decision.response is Response.GIVEN
    if not has_waited or confirmed_at is None:
        return decision.known_at
    return max(decision.known_at, confirmed_at)


def _period(start: datetime, until: datetime | None) -> Resource:
    """From when until when. What ends then is over then, and FHIR counts the end in.

    What was over before it began has no start, because FHIR has no such period (per-1).
    """
    if until is None:
        return {"start": time_as_text(start)}
    end = {"end": (until - _LEAST).isoformat(timespec="microseconds")}
    return end if until <= start else {"start": time_as_text(start), **end}


def _labelled(decision: SharingDecision, category: Category) -> Resource:
    """The label of the data; to permit that it be known of is no permission of the data itself."""
    if decision.response is Response.GIVEN and decision.mode is Mode.EXISTENCE:
        return _coding(OWN_EXISTENCE, EXISTENCE_OF + category, f"That there is: {category.label}")
    return _coding(OWN_CATEGORY, category.value, category.label)


def _purpose(decision: SharingDecision, purpose: Purpose) -> Resource:
    """The purpose; under a duty nothing is let through but for safeguarding (DESIGN.md 4.4)."""
    is_duty = decision.response is Response.GIVEN and decision.basis in DUTIES
    if is_duty and purpose is not Purpose.SAFEGUARDING:
        return _coding(OWN_DUTY_PURPOSE, DUTY_FOR + purpose.value, f"By duty: {purpose.label}")
    return _coding(OWN_PURPOSE, purpose.value, purpose.label)


def _actors(decision: SharingDecision) -> list[Resource]:
    """The recipients. A Consent that permits and names none would be for the whole community."""
    if decision.recipients or decision.response is not Response.GIVEN:
        return [_recipient(_named(recipient)) for recipient in sorted(decision.recipients)]
    return [_recipient(identified("Group", OWN_GROUP, LEGITIMATE_RELATIONSHIP, display=_EVERYONE))]


def _recipient(reference: Resource) -> Resource:
    return {"role": concept(PARTICIPATION_TYPE, "IRCP"), "reference": reference}


def _named(recipient: Recipient) -> Resource:
    kind, _, name = recipient.partition(":")
    write = _NAMED.get(kind)
    if write is None or not name:
        raise ConsentElementError("Consent.provision.actor", "is-no-agency-role-or-practitioner")
    return write(name)


_NAMED: dict[str, Callable[[str], Resource]] = {
    "practitioner": lambda name: {"reference": f"Practitioner/{name}"},
    "agency": lambda name: identified("Organization", OWN_AGENCY, name),
    "role": lambda name: identified("PractitionerRole", OWN_ROLE, name),
    "service": lambda name: identified("HealthcareService", OWN_SERVICE, name),
}


def _authored_by(source: str) -> Resource:
    return {
        "meaning": "authoredby",
        "reference": identified("Organization", OWN_AGENCY, source),
    }


def _coding(system: str, code: str, display: str) -> Resource:
    return {"system": system, "code": code, "display": display}


def _without_none(**elements: Any) -> Resource:
    return {name: value for name, value in elements.items() if value is not None}


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

    It is of everything that was permitted, whether to be read or only known of, and for good. Who
    took it back refuses it, as they said it; where that was not recorded, who had permitted it.
    """
    since, replaced = decision.withdrawn_at, decision.superseded_at
    if decision.response is not Response.GIVEN or since is None:
        return None
    if decision.invalidated_at is not None or (replaced is not None and replaced <= since):
        return None
    told = decision.taken_back
    return SharingDecision(
        id=decision.id,
        subjects=decision.subjects,
        response=Response.REFUSED,
        categories=decision.categories,
        purposes=decision.purposes,
        basis=decision.basis,
        decided_by=decision.decided_by if told is None else told.by,
        decided_at=max(since, decision.known_at),
        recipients=decision.recipients,
        sources=decision.sources,
        mode=Mode.EXISTENCE,
        until=replaced,
        version=decision.version,
        article_9=decision.article_9,
        gateways=decision.gateways,
        because=None if told is None else told.because,
        circumstances=Circumstances(
            channel=None if told is None else told.channel,
            parents_are_not_told=decision.circumstances.parents_are_not_told,
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
    extensions = extensions_from(decision)
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

    Nobody asked: `draft`, which is not to be acted upon. `proposed` says that it waits for a second
    hand, and nobody may follow it; `rejected` would say that it never came to be (FHIR R4 value set
    consent-state-codes).
    """
    if decision.invalidated_at is not None:
        return Status.ENTERED_IN_ERROR, time_as_text(decision.invalidated_at)
    ended = [at for at in (decision.withdrawn_at, decision.superseded_at) if at is not None]
    if ended:
        return Status.INACTIVE, time_as_text(min(ended))
    return status_in_life(
        decision.response, decision.proposed, decision.confirmed_at, decision.known_at
    ), None


def status_in_life(
    response: Response,
    proposed: Proposal | None,
    confirmed_at: datetime | None,
    known_at: datetime,
) -> Status:
    """What it is while nothing has become of it.

    A refusal that counted before it was made to wait is not told as one that waits: who follows
    an `active` denial is let through no further.
    """
    if response in SILENT:
        return Status.DRAFT
    if proposed is None or (confirmed_at is not None and proposed.at <= confirmed_at):
        return Status.ACTIVE
    is_permit = response is Response.GIVEN
    return Status.PROPOSED if is_permit or proposed.at <= known_at else Status.ACTIVE


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
    """Who decided, or took it back: Consent.performer is who agrees or disagrees (FHIR R4)."""
    kind, reference = decision.decided_by.kind, decision.decided_by.reference
    performer = {"identifier": {"system": DECIDER + kind, "value": reference}}
    known = DECIDER_TYPES.get(kind)
    return performer if known is None else {"type": known, **performer}


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
