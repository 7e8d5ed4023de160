"""A child's payload of the children's social care API to source message. Pure."""

from collections.abc import Iterator

from connectors.demographics import is_placeholder_name, postcode_as_compared
from connectors.social_care.episodes import episode_records
from connectors.social_care.fields import (
    block_of,
    blocks_of,
    day,
    is_purged,
    key_part,
    required_text,
    text,
)
from connectors.social_care.strict_json import Json
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, upn_identifier
from schemas.records.message import Record, SourceMessage, Version
from schemas.records.payloads import Address, ContactDetails, PersonDetails
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import (
    Action,
    Category,
    IdentifierScheme,
    IdentifierStatus,
    Label,
    Source,
)

_REF = "child"
_DETAILS = "child_details."
_IDENTITY = ("first_name", "surname", "date_of_birth", "expected_date_of_birth")
_SEX = {"M": "male", "F": "female", "U": "unknown", "MALE": "male", "FEMALE": "female"}
_LOCATION = frozenset({Label.LOCATION})
_PROTECTED = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})


def source_message_from_child(
    child: Json, *, la_code: str, message_id: str, version: Version
) -> SourceMessage:
    """What one authority says about one child; raises UnreadableMessageError.

    Payloads may be partial: a block that is not there says nothing.
    """
    number = required_text(child, "la_child_id")
    details = block_of(child, "child_details")
    removes_subject = is_purged(child)
    records = () if removes_subject else tuple(_records(child, details, la_code, number))
    if len({record.source_id for record in records}) < len(records):
        raise UnreadableMessageError(field="social_care_episodes", reason="duplicate-id")
    return SourceMessage(
        source=Source.SOCIAL_CARE,
        message_id=message_id,
        version=version,
        subjects=(_subject(details, la_code, number),),
        records=records,
        removes_subject=removes_subject,
    )


def _subject(details: Json, la_code: str, number: str) -> Subject:
    own = Identifier(IdentifierScheme.LA_CHILD_ID, f"{la_code}/{number}", IdentifierStatus.VERIFIED)
    upn = _upn(details)
    family = text(details, "surname", within=_DETAILS)
    given = _given_names(details)
    return Subject(
        ref=_REF,
        identifiers=(own,) if upn is None else (own, upn),
        demographics=Demographics(
            family_name=family,
            given_names=given,
            date_of_birth=day(details, "date_of_birth", within=_DETAILS),
            postcode=postcode_as_compared(text(details, "postcode", within=_DETAILS)),
            placeholder_name=is_placeholder_name(family=family, given=given),
        ),
    )


def _upn(details: Json) -> Identifier | None:
    if text(details, "unique_pupil_number", within=_DETAILS) is None:
        return None
    return upn_identifier(required_text(details, "unique_pupil_number", within=_DETAILS))


def _given_names(details: Json) -> tuple[str, ...]:
    first = text(details, "first_name", within=_DETAILS)
    return () if first is None else (first,)


def _records(child: Json, details: Json, la_code: str, number: str) -> Iterator[Record]:
    key = f"{la_code}/{key_part(number)}"
    episodes = list(blocks_of(child, "social_care_episodes"))
    if details:
        yield from _records_of_details(details, key, placed=any(map(_is_placed, episodes)))
    for episode in episodes:
        yield from episode_records(episode, key=key, la_code=la_code, ref=_REF)


def _records_of_details(details: Json, key: str, *, placed: bool) -> Iterator[Record]:
    """Who the child is and where; where a child is placed the address is the placement's too."""
    identity, labels = Category.IDENTITY_AND_CONTACT, _PROTECTED if placed else _LOCATION
    person, contact = f"{key}/details", f"{key}/contact"
    if is_purged(details, within=_DETAILS):
        yield Record(person, identity, (_REF,), None, Action.REMOVE)
        yield Record(contact, identity, (_REF,), None, Action.REMOVE, labels)
        return
    if any(details.get(name) for name in _IDENTITY):
        yield Record(person, identity, (_REF,), _person_details(details))
    postcode = text(details, "postcode", within=_DETAILS)
    if postcode is not None:
        where = ContactDetails(addresses=(Address((), postcode),))
        yield Record(contact, identity, (_REF,), where, labels=labels)


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


def _is_placed(episode: Json) -> bool:
    path = "social_care_episodes."
    placements = blocks_of(episode, "child_looked_after_placements", within=path)
    return any(not placement.get("end_date") for placement in placements)
