"""Everything held about somebody as one FHIR R4 Bundle: a collection, each part by itself.

What was taken out is marked where it would stand: `REDACTED` in `meta.security` (HL7 v3
ObservationValue, "with information removed"), and an extension with the reason. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from consent.fhir import ConsentElementError, consents_from_decision
from consent.model import SharingDecision
from schemas.fhir_mapping import bundle_from_records
from schemas.fhir_mapping.elements import (
    CATEGORY,
    PERSON,
    SOURCE,
    Resource,
    extension,
    person_reference,
)
from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme
from services.interfaces.families.bundle import instant
from services.interfaces.subject_access.held import (
    HeldBeside,
    HeldDecision,
    HeldFacts,
    HeldForDeciding,
    HeldIdentifier,
    HeldOwnLabel,
    HeldRecord,
    HeldRestriction,
    KeptWhere,
    LookTaken,
    SubjectAccess,
    WaitingMessages,
)
from services.interfaces.subject_access.telling import lines_of_facts, lines_of_label, marked

# Decisions, restrictions, looks and what waits elsewhere.

_PURPOSE = "urn:tell-once:purpose"
_LOOK = {"system": "urn:tell-once:event", "code": "profile-read"}
_SUCCESS, _FAILURE = "0", "4"


@dataclass(frozen=True, slots=True)
class DecisionKeeper:
    """Who keeps and enforces decisions, as a reference, and the policy that was presented."""

    organization: str
    policy_uri: str


def decision_resources(
    held: HeldDecision, person: PersonId, keeper: DecisionKeeper
) -> Sequence[Resource]:
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


def kept_back_resource(kept: WaitingMessages, person: PersonId) -> Resource:
    """How many messages wait where."""
    said = [
        extension("source", kind="Uri", value=f"{SOURCE}{kept.source.value}"),
        extension("kept", kind="Code", value=kept.where.value),
        extension("messages", kind="Integer", value=kept.messages),
    ]
    if kept.until is not None:
        said.append(extension("until", kind="Instant", value=instant(kept.until)))
    return _basic("kept-back", person) | {"extension": said}


def _consents(
    decision: SharingDecision, person: PersonId, keeper: DecisionKeeper
) -> Sequence[Resource]:
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


_REPORT = "urn:tell-once:report"
_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_OTHER_NUMBERS = "urn:tell-once:identifier:"


def bundle_from_report(made: SubjectAccess, keeper: DecisionKeeper) -> Resource:
    """The Bundle as a JSON object; `keeper` is who keeps what was decided."""
    numbers = UUID(made.report)
    resources = [*_resources(made, keeper)]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": _REPORT, "value": made.report},
        "type": "collection",
        "timestamp": instant(made.made_at),
        "entry": [_entry(n, r, made.person, numbers) for n, r in enumerate(resources)],
    }


def _resources(made: SubjectAccess, keeper: DecisionKeeper) -> Iterator[Resource]:
    yield _patient(made)
    yield from (_record(held, made.person) for held in made.records)
    yield from (_waiting(held, made.person) for held in made.waiting)
    yield from (_facts(one, made.person) for one in made.facts)
    yield from (_own_label(one, made.person) for one in made.own_labels)
    yield from (_deciding(one, made.person) for one in made.deciding)
    yield from (_beside(one, made.person) for one in made.beside)
    for decided in made.decisions:
        yield from decision_resources(decided, made.person, keeper)
    yield from (restriction_resource(held, made.person, made.made_at) for held in made.restrictions)
    yield from (look_resource(look, made.person) for look in made.looks)
    yield from (kept_back_resource(kept, made.person) for kept in made.kept_back)


def _patient(made: SubjectAccess) -> Resource:
    """The person with every number; names and all else stand in the records of each source."""
    own = [{"system": PERSON, "value": person} for person in made.known_by]
    numbers = [_number(one) for one in made.identifiers]
    return {"resourceType": "Patient", "id": made.person, "identifier": [*own, *numbers]}


def _number(one: HeldIdentifier) -> Resource:
    scheme = one.identifier.scheme
    is_national = scheme is IdentifierScheme.NHS_NUMBER
    number: Resource = {"system": _NHS_NUMBER if is_national else f"{_OTHER_NUMBERS}{scheme.value}"}
    said = [
        extension("source", kind="Uri", value=f"{SOURCE}{one.source.value}"),
        extension("status", kind="Code", value=one.identifier.status.value),
    ]
    if one.withheld is None:
        number["value"] = one.identifier.value
    else:
        said.append(extension("withheld", kind="Code", value=one.withheld.value))
    period = {"start": instant(one.since)} | ({"end": instant(one.until)} if one.until else {})
    return number | {"period": period, "extension": said}


def _record(held: HeldRecord, person: PersonId) -> Resource:
    basis = [extension("basis", kind="Code", value=basis.value) for basis in held.basis]
    if held.record is None:
        return marked(_nothing(held, person), held.withheld, more=basis)
    written = bundle_from_records([held.record])["entry"][0]["resource"]
    if written["resourceType"] == "RelatedPerson" and "child" in held.parts_withheld:
        written |= {"patient": {"display": "withheld"}}
        basis.append(extension("related-person", kind="Reference", value=person_reference(person)))
    parts = [extension("part-withheld", kind="String", value=part) for part in held.parts_withheld]
    return marked(written, (), more=[*basis, *parts])


def _waiting(held: HeldRecord, person: PersonId) -> Resource:
    """A record that was never published, told by the agency that has it."""
    written = _record(held, person)
    kept = extension("kept", kind="Code", value=KeptWhere.KEPT_BACK_STORE.value)
    return written | {"extension": [*written.get("extension", []), kept]}


def _facts(one: HeldFacts, person: PersonId) -> Resource:
    """What is kept to tell people apart: derived from records, and held besides."""
    lines = () if one.facts is None else lines_of_facts(one.facts)
    return _kept(one, person, "kept-to-tell-apart", lines)


def _deciding(one: HeldForDeciding, person: PersonId) -> Resource:
    """What is kept to tell who may decide for the person."""
    return _kept(one, person, "kept-for-deciding", one.lines or ())


def _kept(
    one: HeldFacts | HeldForDeciding,
    person: PersonId,
    what: str,
    lines: Sequence[tuple[str, str]],
) -> Resource:
    said = []
    if one.source is not None:
        said.append(extension("source", kind="Uri", value=f"{SOURCE}{one.source.value}"))
    for label, words in lines:
        name = label.lower().replace(" ", "-")
        said.append(extension(name, kind="String", value=words))
    basic: Resource = {
        "resourceType": "Basic",
        "code": {"text": what},
        "subject": person_reference(person),
        "created": one.seen_at.date().isoformat(),
    }
    return marked(basic, () if one.withheld is None else (one.withheld,), more=said)


def _own_label(one: HeldOwnLabel, person: PersonId) -> Resource:
    """How an agency knows its own case: nothing of it is shared with anybody else."""
    said = [extension("agency", kind="String", value=one.agency)]
    for label, words in lines_of_label(one):
        name = label.lower().replace(" ", "-")
        said.append(extension(name, kind="String", value=words))
    basic: Resource = {
        "resourceType": "Basic",
        "code": {"text": "own-label"},
        "subject": person_reference(person),
        "created": one.heard_on.isoformat(),
    }
    return marked(basic, () if one.withheld is None else (one.withheld,), more=said)


def _beside(one: HeldBeside, person: PersonId) -> Resource:
    """What is held beside records: how somebody is reached, visits, who may ask."""
    said = [extension("source", kind="Uri", value=f"{SOURCE}{one.source.value}")]
    said += [extension(_name_of(label), kind="String", value=words) for label, words in one.lines]
    said += [extension("part-withheld", kind="String", value=part) for part in one.parts_withheld]
    basic = _basic(one.what.value, person) | {"created": one.at.date().isoformat()}
    return marked(basic, one.withheld, more=said)


def _name_of(label: str) -> str:
    return label.lower().replace(" ", "-")


def _nothing(held: HeldRecord, person: PersonId) -> Resource:
    """In place of a record: that there is one, from whom and what sort, and no more."""
    return {
        "resourceType": "Basic",
        "code": {"text": "withheld"},
        "subject": person_reference(person),
        "meta": {
            "source": f"{SOURCE}{held.source.value}",
            "tag": [{"system": CATEGORY, "code": held.category.value}],
        },
    }


def _entry(number: int, resource: Resource, person: PersonId, numbers: UUID) -> Resource:
    is_the_person = resource.get("id") == person
    name = UUID(person) if is_the_person else uuid5(numbers, str(number))
    own = person if is_the_person else str(name)
    linked: Resource = _linked(resource, person)
    return {"fullUrl": name.urn, "resource": linked | {"id": own}}


def _linked(value: Any, person: PersonId) -> Any:
    """References to the person by the name of their entry; there is nobody else to refer to."""
    if isinstance(value, list):
        return [_linked(item, person) for item in value]
    if not isinstance(value, dict):
        return value
    linked = {name: _linked(part, person) for name, part in value.items()}
    if linked.get("reference") == f"Patient/{person}":
        linked["reference"] = UUID(person).urn
    return linked
