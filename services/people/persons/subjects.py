"""Identifiers as people and programs write them, into subjects that can be resolved.

What can never match anybody is refused with what it has to look like: otherwise a decision about it
would stand, and be about nobody.
"""

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from consent.errors import DecisionInvalidError
from consent.ledger.fields import OPAQUE_ID
from schemas.identifiers import Identifier, PersonId, nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, IdentifierStatus

_PERSON = "person"
SCHEMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        _PERSON: ("person:0123456789abcdef0123456789abcdef", "the id that this service gave"),
        IdentifierScheme.NHS_NUMBER.value: ("nhs-number:9990000018", "ten digits"),
        IdentifierScheme.UPN.value: ("upn:A999200115031", "a letter and twelve digits"),
        IdentifierScheme.LA_CHILD_ID.value: (
            "la-child-id:999/SSC1",
            "the authority's three digits, and its own id",
        ),
    }
)
"""How somebody can be named: an example of each scheme, and what it has to look like."""
_AUTHORITY_AND_ID = re.compile(r"[0-9]{3}/[^\s/][^/]*")


class SubjectInvalidError(DecisionInvalidError):
    """Nobody can be meant by what was typed; says what it has to look like, not what it was."""

    def __init__(self, reason: str, scheme: str | None = None) -> None:
        super().__init__("subject", reason)
        wanted = SCHEMES if scheme is None else {scheme: SCHEMES[scheme]}
        said = "; ".join(f"{example} ({words})" for example, words in wanted.values())
        self.args = (f"subject: {reason}. Write it like {said}",)


def schemes_in_words() -> str:
    """A line a scheme, for the help of commands."""
    width = max(len(example) for example, _ in SCHEMES.values())
    return "\n".join(f"  {example.ljust(width)}  {words}" for example, words in SCHEMES.values())


def identifier_of(scheme: IdentifierScheme, value: str) -> Identifier:
    """The identifier; one that fails its check is unverified and links to nobody."""
    if scheme is IdentifierScheme.NHS_NUMBER:
        return nhs_number_identifier(value)
    if scheme is IdentifierScheme.UPN:
        return upn_identifier(value)
    return Identifier(scheme, value.strip(), IdentifierStatus.VERIFIED)


def subject_from_text(text: str, date_of_birth: str | None = None) -> PersonId | Subject:
    """`SCHEME:VALUE` as a person's opaque id or a subject. Raises DecisionInvalidError.

    Refused is what can never be anybody: a scheme that nobody is known by, a number that fails its
    check or is a temporary one, an id without the authority that gave it.
    """
    scheme, colon, value = text.partition(":")
    if not colon or not value.strip():
        raise SubjectInvalidError("is-not-scheme-and-value")
    if scheme not in SCHEMES:
        raise SubjectInvalidError("has-an-unknown-scheme")
    if scheme == _PERSON:
        return _person_id(value)
    if date_of_birth is not None and not _is_day(date_of_birth):
        raise DecisionInvalidError("date-of-birth", "is-not-a-date")
    known = IdentifierScheme(scheme)
    if known is IdentifierScheme.LA_CHILD_ID and not _AUTHORITY_AND_ID.fullmatch(value.strip()):
        raise SubjectInvalidError("names-no-authority", scheme)
    identifier = identifier_of(known, value)
    if not identifier.is_verified:
        raise SubjectInvalidError("fails-its-check", scheme)
    return Subject("subject", (identifier,), Demographics(date_of_birth=date_of_birth))


def _person_id(value: str) -> PersonId:
    if re.fullmatch(OPAQUE_ID, value) is None:
        raise SubjectInvalidError("is-no-opaque-id", _PERSON)
    return PersonId(value)


def _is_day(text: str) -> bool:
    """Whether it is written as sources write it; otherwise it would contradict all of them."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
