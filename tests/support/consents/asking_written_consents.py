"""What `decide` is asked, asked of the Consents that the decisions were written as."""

from collections.abc import Iterable
from typing import Any

from consent.fhir import (
    Data,
    Question,
    consent_from_json,
    consents_from_decision,
    decide_by_consents,
)
from consent.fhir.decision_written import LEGITIMATE_RELATIONSHIP
from consent.fhir.elements import identifier_name
from consent.fhir.vocabulary import (
    OWN_AGENCY,
    OWN_CATEGORY,
    OWN_GROUP,
    OWN_PURPOSE,
    OWN_ROLE,
    Code,
    existence_of,
)
from consent.model import Mode, SharingDecision
from consent.question import AccessRequest, Practitioner
from schemas.identifiers import PersonId
from tests.support.consents.asking_consents import READ

_OURS = ("extension", "meta", "identifier")


def are_permitted_by(decisions: Iterable[SharingDecision], request: AccessRequest) -> bool:
    """Tell whether a reader who passes over everything of ours is let through about everybody."""
    consents = [
        consent_from_json({name: part for name, part in consent.items() if name not in _OURS})
        for decision in decisions
        for consent in consents_from_decision(
            decision, organization="Organization/council", policy_uri="urn:policy"
        )
    ]
    return bool(request.subjects) and all(
        decide_by_consents(_question(request, subject), consents).is_permitted
        for subject in request.subjects
    )


def _question(request: AccessRequest, subject: PersonId) -> Question:
    who = request.recipient
    assert isinstance(who, Practitioner)
    assert request.purpose is not None
    categories = frozenset({Code(OWN_CATEGORY, request.category)})
    is_existence = request.mode is Mode.EXISTENCE
    return Question(
        at=request.at,
        patients=frozenset({f"Patient/{subject}"}),
        actors=frozenset(_actors(who, request)),
        purposes=frozenset({Code(OWN_PURPOSE, request.purpose)}),
        actions=READ,
        mode=request.mode,
        data=Data(
            labels=frozenset(),
            categories=categories,
            existence=existence_of(categories) if is_existence else frozenset(),
            authors=frozenset({identifier_name(OWN_AGENCY, request.source)}),
        ),
    )


def _actors(who: Practitioner, request: AccessRequest) -> Iterable[Any]:
    yield f"Practitioner/{who.id}"
    yield identifier_name(OWN_ROLE, who.role)
    yield identifier_name(OWN_AGENCY, who.agency)
    if any(r.is_in_force(request.at) for r in who.relationships):
        yield identifier_name(OWN_GROUP, LEGITIMATE_RELATIONSHIP)
