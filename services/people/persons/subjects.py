"""Identifiers as people and programs write them, into subjects that can be resolved."""

from datetime import date

from consent.errors import DecisionInvalidError
from schemas.identifiers import Identifier, PersonId, nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, IdentifierStatus

_PERSON = "person"


def identifier_of(scheme: IdentifierScheme, value: str) -> Identifier:
    """The identifier; one that fails its check is unverified and links to nobody."""
    if scheme is IdentifierScheme.NHS_NUMBER:
        return nhs_number_identifier(value)
    if scheme is IdentifierScheme.UPN:
        return upn_identifier(value)
    return Identifier(scheme, value.strip(), IdentifierStatus.VERIFIED)


def subject_from_text(text: str, date_of_birth: str | None = None) -> PersonId | Subject:
    """`SCHEME:VALUE` as a person's opaque id or a subject. Raises DecisionInvalidError."""
    scheme, colon, value = text.partition(":")
    if not colon or not value:
        raise DecisionInvalidError("subject", "is-not-scheme-and-value")
    if scheme == _PERSON:
        return PersonId(value)
    try:
        known = IdentifierScheme(scheme)
    except ValueError:
        raise DecisionInvalidError("subject", "has-an-unknown-scheme") from None
    if date_of_birth is not None and not _is_day(date_of_birth):
        raise DecisionInvalidError("date-of-birth", "is-not-a-date")
    identifier = identifier_of(known, value)
    if not identifier.is_verified:
        raise DecisionInvalidError("subject", "fails-its-check-digit")
    return Subject("subject", (identifier,), Demographics(date_of_birth=date_of_birth))


def _is_day(text: str) -> bool:
    """Whether it is written as sources write it; otherwise it would contradict all of them."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
