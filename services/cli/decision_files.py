"""A FHIR R4 Consent from a file as the order to record what it says."""

import re
from pathlib import Path

from consent.fhir_consent import ConsentElementError, ConsentTerms, terms_from_consent
from consent.fhir_consent.document import Status
from consent.handlers import RecordDecision
from consent.ledger_fields import OPAQUE_ID
from schemas.identifiers import PersonId
from schemas.records.subject import Subject
from schemas.vocabulary import IdentifierScheme
from services.access.consent_files import json_in, validated_consent
from services.adapters.subjects import subject_from_text

_SYSTEMS = {
    "https://fhir.nhs.uk/Id/nhs-number": IdentifierScheme.NHS_NUMBER,
    "urn:tell-once:identifier:upn": IdentifierScheme.UPN,
}


def order_from_file(path: Path, *, actor: str, date_of_birth: str | None = None) -> RecordDecision:
    """The order that the one Consent in this file gives.

    Its patient is one of our persons by id, or somebody with an NHS number or UPN. Raises
    ConsentElementError naming the element that a sharing decision cannot hold.
    """
    resource = json_in(path)
    if not isinstance(resource, dict) or resource.get("resourceType") != "Consent":
        raise ConsentElementError(path.name, "is-not-one-consent")
    terms = terms_from_consent(validated_consent(resource, "Consent"))
    if terms.status is not Status.ACTIVE:
        raise ConsentElementError("Consent.status", "is-not-active")
    _require_our_practitioners(terms)
    return RecordDecision(
        subjects=(_subject(terms, date_of_birth),),
        response=terms.response,
        categories=terms.categories,
        purposes=terms.purposes,
        basis=terms.basis,
        decided_by=terms.decided_by,
        actor=actor,
        recipients=terms.recipients,
        sources=terms.sources,
        until=terms.until,
    )


def _require_our_practitioners(terms: ConsentTerms) -> None:
    for recipient in terms.recipients:
        kind, _, name = recipient.partition(":")
        if kind == "practitioner" and not re.fullmatch(OPAQUE_ID, name):
            raise ConsentElementError("Consent.provision.actor", "is-no-practitioner-of-ours")


def _subject(terms: ConsentTerms, date_of_birth: str | None) -> PersonId | Subject:
    for system, value in terms.identifiers:
        if system in _SYSTEMS:
            return subject_from_text(f"{_SYSTEMS[system].value}:{value}", date_of_birth)
    if terms.patient is None:
        raise ConsentElementError("Consent.patient", "is-nobody-who-can-be-found")
    return PersonId(terms.patient)
