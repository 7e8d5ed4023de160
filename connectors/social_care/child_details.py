"""Who a child is, where, and what disabilities are recorded: the block child_details."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.demographics import is_placeholder_name, postcode_as_compared
from connectors.social_care.codes import Disability, words_for
from connectors.social_care.fields import day, is_purged, required_text, text, texts
from connectors.social_care.items import PROTECTED
from connectors.social_care.places import Place
from connectors.social_care.strict_json import Json
from schemas.identifiers import Identifier, upn_identifier
from schemas.records.message import Record
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    Occurrence,
    OccurrenceKind,
    PersonDetails,
)
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Category, IdentifierScheme, IdentifierStatus

_DETAILS = "child_details."
_IDENTITY = ("first_name", "surname", "date_of_birth", "expected_date_of_birth")
_SEX = {"M": "male", "F": "female", "U": "unknown", "MALE": "male", "FEMALE": "female"}
_BEARS_ON_COMMUNICATION = (
    Disability.COMMUNICATION,
    Disability.LEARNING,
    Disability.HEARING,
    Disability.VISION,
    Disability.AUTISM,
)


def subject_of(details: Json, la_code: str, number: str, *, ref: str) -> Subject:
    """The child by the authority's number within it, its UPN, name, birth date and postcode.

    The former UPN is never evidence: an adopted child's old one must not lead to the new one.
    """
    own = Identifier(IdentifierScheme.LA_CHILD_ID, f"{la_code}/{number}", IdentifierStatus.VERIFIED)
    upn = _upn(details)
    family, given = text(details, "surname", within=_DETAILS), _given_names(details)
    return Subject(
        ref=ref,
        identifiers=(own,) if upn is None else (own, upn),
        demographics=Demographics(
            family_name=family,
            given_names=given,
            date_of_birth=day(details, "date_of_birth", within=_DETAILS),
            postcode=postcode_as_compared(text(details, "postcode", within=_DETAILS)),
            placeholder_name=is_placeholder_name(family=family, given=given),
        ),
    )


def details_records(child: Place, details: Json, *, is_hidden: bool) -> Iterator[Record]:
    """Who the child is and where, or that it is taken back; nothing of a child who is hidden.

    The postcode may be that of a placement, and a payload of what changed does not tell: so it is
    protected always, and no birth family's view shows it.
    """
    place = child.inside("details")
    if is_purged(details, within=_DETAILS):
        yield place.cleared(Category.IDENTITY_AND_CONTACT)
        return
    if is_hidden:
        return
    if any(details.get(name) for name in _IDENTITY):
        yield place.record(Category.IDENTITY_AND_CONTACT, _person_details(details))
    postcode = text(details, "postcode", within=_DETAILS)
    if postcode is not None:
        where = ContactDetails(addresses=(Address((), postcode),))
        yield place.inside("contact").record(Category.IDENTITY_AND_CONTACT, where, labels=PROTECTED)
    yield from _disability_records(place.inside("disability"), details)


def _upn(details: Json) -> Identifier | None:
    """A UPN beside a reason why there is none is one that nobody can rely on."""
    if text(details, "unique_pupil_number", within=_DETAILS) is None:
        return None
    upn = upn_identifier(required_text(details, "unique_pupil_number", within=_DETAILS))
    if text(details, "unique_pupil_number_unknown_reason", within=_DETAILS) is None:
        return upn
    return replace(upn, status=IdentifierStatus.UNVERIFIED)


def _given_names(details: Json) -> tuple[str, ...]:
    first = text(details, "first_name", within=_DETAILS)
    return () if first is None else (first,)


def _person_details(details: Json) -> PersonDetails:
    family, given = text(details, "surname", within=_DETAILS), _given_names(details)
    return PersonDetails(
        family_name=family,
        given_names=given,
        date_of_birth=day(details, "date_of_birth", within=_DETAILS),
        sex=_SEX.get((text(details, "sex", within=_DETAILS) or "").upper()),
        expected_date_of_birth=day(details, "expected_date_of_birth", within=_DETAILS),
        placeholder_name=is_placeholder_name(family=family, given=given),
    )


def _disability_records(place: Place, details: Json) -> Iterator[Record]:
    codes = texts(details, "disabilities", within=_DETAILS)
    if codes is None:
        return
    yield from disability_records(place, codes)


def disability_records(place: Place, codes: tuple[str, ...]) -> Iterator[Record]:
    """Which are recorded, and those that bear on how to talk with the child; none takes back."""
    found = tuple(dict.fromkeys(c.upper() for c in codes if c.upper() != Disability.NONE))
    if not found:
        yield place.cleared(Category.SOCIAL_CARE)
        return
    recorded = Occurrence(
        OccurrenceKind.SUPPORT,
        "Disability recorded by children's social care",
        outcome="; ".join(words_for(code, Disability) for code in found),
    )
    yield place.record(Category.SOCIAL_CARE, recorded)
    needs = tuple(words_for(c, Disability) for c in found if c in _BEARS_ON_COMMUNICATION)
    if needs:
        yield place.inside("communication").record(
            Category.COMMUNICATION_NEEDS, CommunicationNeeds(needs=needs)
        )
