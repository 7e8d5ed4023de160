"""Decisions, restrictions, looks and what waits elsewhere, as FHIR R4 resources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.fhir_consent import ConsentElementError, consents_from_decision
from consent.model import SharingDecision
from schemas.fhir_mapping.elements import person_reference
from schemas.fhir_mapping.systems import SOURCE, Resource, extension
from schemas.identifiers import PersonId
from services.families.instants import instant
from services.families.subject_access.held import (
    HeldDecision,
    HeldRestriction,
    KeptBack,
    LookTaken,
)
from services.families.subject_access.marking import marked

_PURPOSE = "urn:tell-once:purpose"
_LOOK = {"system": "urn:tell-once:event", "code": "profile-read"}
_SUCCESS, _FAILURE = "0", "4"


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps and enforces decisions, as a reference, and the policy that was presented."""

    organization: str
    policy_uri: str


def decision_resources(held: HeldDecision, person: PersonId, keeper: Keeper) -> Sequence[Resource]:
    """A decision as its Consents; one that is withheld as a mark in its place."""
    if held.decision is None:
        reasons = () if held.withheld is None else (held.withheld,)
        return [marked(_basic("sharing-decision", person), reasons)]
    others = [extension("about-others-too", kind="Integer", value=held.others)]
    written = _consents(held.decision, person, keeper)
    return [marked(one, (), more=others if held.others else ()) for one in written]


def restriction_resource(held: HeldRestriction, person: PersonId, at: datetime) -> Resource:
    """A restriction as a Flag: what it protects and since when, and whom it lets in is not told."""
    restriction = held.restriction
    if restriction is None:
        reasons = () if held.withheld is None else (held.withheld,)
        return marked(_basic("restriction", person), reasons)
    lifted = restriction.lifted_at
    end = {} if lifted is None else {"end": instant(lifted)}
    return {
        "resourceType": "Flag",
        "status": "active" if restriction.is_in_force(at) else "inactive",
        "code": {"text": restriction.scope.label},
        "subject": person_reference(person),
        "period": {"start": instant(restriction.placed_at)} | end,
    }


def look_resource(look: LookTaken, person: PersonId) -> Resource:
    """A look as an AuditEvent: who, for which agency and purpose, what came of it."""
    agency = {"display": look.agency}
    event: Resource = {
        "resourceType": "AuditEvent",
        "type": _LOOK,
        "recorded": instant(look.at),
        "outcome": _SUCCESS if look.permitted else _FAILURE,
        "purposeOfEvent": [{"coding": [{"system": _PURPOSE, "code": look.purpose}]}],
        "agent": [{"who": {"display": look.who}, "requestor": True}],
        "source": {"observer": agency if look.through is None else {"display": look.through}},
        "entity": [{"what": person_reference(person)}],
    }
    if look.withheld is not None:
        return marked(_basic("look", person), (look.withheld,))
    agencies = [{"who": agency, "requestor": False}]
    seen = [extension("category", kind="Code", value=c.value) for c in look.categories]
    return marked(event | {"agent": [*event["agent"], *agencies]}, (), more=seen)


def kept_back_resource(kept: KeptBack, person: PersonId) -> Resource:
    """How many messages wait where."""
    said = [
        extension("source", kind="Uri", value=f"{SOURCE}{kept.source.value}"),
        extension("kept", kind="Code", value=kept.where.value),
        extension("messages", kind="Integer", value=kept.messages),
    ]
    if kept.until is not None:
        said.append(extension("until", kind="Instant", value=instant(kept.until)))
    return _basic("kept-back", person) | {"extension": said}


def _consents(decision: SharingDecision, person: PersonId, keeper: Keeper) -> Sequence[Resource]:
    """What FHIR's Consent has no element for stands in a resource that takes anything."""
    try:
        return consents_from_decision(
            decision, organization=keeper.organization, policy_uri=keeper.policy_uri
        )
    except ConsentElementError:
        said = (
            ("response", decision.response.value),
            ("basis", decision.basis.value),
            *(("category", category.value) for category in sorted(decision.categories)),
            *(("purpose", purpose.value) for purpose in sorted(decision.purposes)),
        )
        extensions = [extension(name, kind="Code", value=code) for name, code in said]
        return [_basic("sharing-decision", person) | {"extension": extensions}]


def _basic(what: str, person: PersonId) -> Resource:
    return {
        "resourceType": "Basic",
        "code": {"text": what},
        "subject": person_reference(person),
    }
