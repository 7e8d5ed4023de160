"""A sharing decision on the command line as FHIR R4 Consents: shown, or recorded from a file."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from consent.fhir import (
    ConsentElementError,
    ConsentsOfDecision,
    ConsentTerms,
    consents_from_decision,
    terms_from_consents,
)
from consent.fhir.document import Status
from consent.ledger.fields import OPAQUE_ID
from consent.model import DeciderKind, RecordDecision, SharingDecision, order_to_record
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from schemas.vocabulary import IdentifierScheme
from services.interfaces.access.consent_files import consents_in
from services.people.persons.subjects import subject_from_text
from services.platform.clock import SystemClock
from services.platform.settings import Settings

_ORGANIZATION = "Organization/council"
_NO_NOTICE = "urn:tell-once:privacy-notice"


def fhir_document(decision: SharingDecision, settings: Settings) -> dict[str, Any]:
    """The Consent that the decision is, or a Bundle where it is several.

    Raises ConsentElementError naming the element that cannot hold what was decided.
    """
    consents = consents_from_decision(
        decision, organization=_ORGANIZATION, policy_uri=settings.privacy_notice or _NO_NOTICE
    )
    if len(consents) == 1:
        return consents[0]
    entries = [{"resource": consent} for consent in consents]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


# A file as the order to record what it says.

_SYSTEMS = {
    "https://fhir.nhs.uk/Id/nhs-number": IdentifierScheme.NHS_NUMBER,
    "urn:tell-once:identifier:upn": IdentifierScheme.UPN,
}


def order_from_file(
    path: Path, *, actor: str, date_of_birth: str | None = None, now: datetime | None = None
) -> RecordDecision:
    """The order that the Consent in this file gives, or several of them about one decision.

    Each patient is one of our persons by id, or somebody with an NHS number or UPN. It was decided
    when the file says, and is recorded now and by whom it is recorded now.
    Raises ConsentElementError naming the element that a sharing decision cannot hold.
    """
    together = terms_from_consents(consents_in(path))
    terms = together.first
    _require_new(together, now or SystemClock().now())
    _require_our_practitioners(terms.decision)
    return order_to_record(
        terms.decision, subjects=_subjects(together.terms, date_of_birth), actor=actor
    )


def _require_new(together: ConsentsOfDecision, now: datetime) -> None:
    """What is recorded begins its life: it has not ended, and begins no later than now."""
    status, said = together.first.status, together.first.decision
    if status not in {Status.ACTIVE, Status.DRAFT} or together.withdrawals:
        raise ConsentElementError("Consent.status", "is-not-active")
    if said.superseded_by is not None or said.invalidated_because is not None:
        raise ConsentElementError("Consent.extension", "says-how-it-ended")
    if said.decided_at > now:
        raise ConsentElementError("Consent.dateTime", "is-in-the-future")
    told, kind = said.circumstances, said.decided_by.kind
    is_presumed = kind is DeciderKind.YOUNG_PERSON and not told.competence
    if told.presumed_competent and not is_presumed:
        raise ConsentElementError("Consent.extension", "presumes-what-was-judged")


def _require_our_practitioners(decision: SharingDecision) -> None:
    for recipient in decision.recipients:
        kind, _, name = recipient.partition(":")
        if kind == "practitioner" and not re.fullmatch(OPAQUE_ID, name):
            raise ConsentElementError("Consent.provision.actor", "is-no-practitioner-of-ours")


def _subjects(
    terms: Sequence[ConsentTerms], date_of_birth: str | None
) -> tuple[PersonId | Subject, ...]:
    if date_of_birth is not None and len(terms) > 1:
        raise ConsentElementError("Consent.patient", "is-several: leave out the date of birth")
    return tuple(_subject(one, date_of_birth) for one in terms)


def _subject(terms: ConsentTerms, date_of_birth: str | None) -> PersonId | Subject:
    for system, value in terms.identifiers:
        if system in _SYSTEMS:
            return subject_from_text(f"{_SYSTEMS[system].value}:{value}", date_of_birth)
    if terms.patient is None:
        raise ConsentElementError("Consent.patient", "is-nobody-who-can-be-found")
    return PersonId(terms.patient)
