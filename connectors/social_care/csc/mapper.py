"""A child's payload of the children's social care API to source message. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.parsing.deaths import death_on
from connectors.parsing.demographics import is_placeholder_name, postcode_as_compared
from connectors.parsing.remembering import Remembering
from connectors.parsing.strict_json import Json
from connectors.ports import AboutWhom
from connectors.social_care.codes import ClosureReason, Disability, words_for
from connectors.social_care.csc.episodes import PROTECTED, episode_records
from connectors.social_care.csc.fields import (
    Place,
    block_of,
    blocks_of,
    child_place,
    day,
    is_empty,
    is_purged,
    key_part,
    required_text,
    text,
    texts,
)
from connectors.social_care.deaths import taken_back
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, upn_identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import (
    Demographics,
    Record,
    SourceMessage,
    Subject,
    Version,
    with_more,
)
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    Occurrence,
    OccurrenceKind,
    PersonDetails,
)
from schemas.records.unused import (
    NOTHING_UNUSED,
    MoreAtSource,
    MoreKind,
    Unused,
    as_fields,
)
from schemas.vocabulary import Category, IdentifierScheme, IdentifierStatus, Source

# Who a child is, where, and what disabilities are recorded: the block child_details.

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
    own, upn = own_number(la_code, number), _upn(details)
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
    yield from _death_records(place, details)
    postcode = postcode_as_compared(text(details, "postcode", within=_DETAILS))
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


def _death_records(place: Place, details: Json) -> Iterator[Record]:
    """A death apart from the name, which a payload may leave out; an empty day takes it back."""
    died = text(details, "date_of_death", within=_DETAILS)
    if died is not None:
        said = death_on(died, day(details, "date_of_birth", within=_DETAILS))
        yield place.inside("death").record(Category.IDENTITY_AND_CONTACT, said)
    elif is_empty(details, "date_of_death"):
        yield taken_back(place, "death")


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


_REF = "child"
_EPISODES = "social_care_episodes"


def source_message_from_child(
    child: Json,
    *,
    la_code: str,
    message_id: str,
    version: Version,
    hides_whereabouts: bool = False,
) -> SourceMessage:
    """What one authority says about one child; raises UnreadableMessageError.

    `hides_whereabouts` where what could not be read may say that the child is adopted.

    Payloads may be partial: a block, an item or a field that is not there says nothing. Left with
    the authority, because no professional elsewhere needs them: strengths and difficulties scores,
    ethnicity, asylum, the former UPN, the number in the authority's own system.
    """
    child = Remembering(child)
    number = required_text(child, "la_child_id")
    place = child_place(la_code, key_part(number), ref=_REF)
    known_by, records = _said(child, place, la_code, is_hidden=hides_whereabouts)
    if len({(record.action, record.source_id) for record in records}) < len(records):
        raise UnreadableMessageError(field=_EPISODES, reason="duplicate-id")
    subject = subject_of(known_by, la_code, number, ref=_REF)
    unused = _unused(child, records)
    return SourceMessage(
        source=Source.SOCIAL_CARE,
        message_id=message_id,
        version=version,
        subjects=(subject,),
        records=with_more(records, unused.more, Category.SOCIAL_CARE),
        sender=la_code,
        kind=MessageKind.CARE_RECORD,
        names=names_of(la_code, number),
        unused=unused,
    )


_SCORES = "health_and_wellbeing"


def _unused(child: Remembering, records: tuple[Record, ...]) -> Unused:
    """What nobody asked the payload for; nothing of one that only takes back."""
    if all(record.payload is None for record in records):
        return NOTHING_UNUSED
    unread = as_fields(child.not_asked_for())
    has_scores = any(path.startswith(_SCORES) for path in unread)
    return Unused(fields=unread, more=(MoreAtSource(MoreKind.FINDING),) if has_scores else ())


def about_of_child(child: Json, la_code: str, version: Version) -> AboutWhom:
    """Of a child's payload that cannot be read: by which numbers it names the child, if by any."""
    kind = MessageKind.CARE_RECORD
    try:
        number = required_text(child, "la_child_id")
        own = own_number(la_code, number)
        removes = is_purged(child)
    except UnreadableMessageError:
        return AboutWhom(kind)
    try:
        upn = _upn(block_of(child, "child_details"))
    except UnreadableMessageError:
        upn = None
    numbers = tuple(one for one in (own, upn) if one is not None and one.is_verified)
    return AboutWhom(kind, numbers, names_of(la_code, number), version, removes)


def own_number(la_code: str, number: str) -> Identifier:
    """A child by the number of its authority."""
    return Identifier(
        IdentifierScheme.LA_CHILD_ID, f"{la_code}/{number}", IdentifierStatus.VERIFIED
    )


def names_of(la_code: str, number: str) -> tuple[str, ...]:
    """By which what an authority says of a child is told from what it says of others."""
    return (f"csc/{la_code}/{number}",)


def place_of_child(child: Json, la_code: str) -> Place:
    """Where all lies that is said of a child; raises UnreadableMessageError for nobody."""
    return child_place(la_code, key_part(required_text(child, "la_child_id")), ref=_REF)


def scopes_of_child(child: Json, la_code: str) -> tuple[str, ...]:
    """The scope of all that is said of a child; none when it does not say who it is about."""
    try:
        return place_of_child(child, la_code).scopes
    except UnreadableMessageError:
        return ()


def name_of_part(place: Place) -> str:
    """By which what is said of a part of a child's file is told from what is said of others."""
    return f"csc/{place.key}"


def _said(
    child: Json, place: Place, la_code: str, *, is_hidden: bool
) -> tuple[Json, tuple[Record, ...]]:
    """By which details the child may be known beside the authority's own number, and what is said.

    Whoever is taken back is known by that number alone, and nothing else of the payload counts.
    So is a child who is adopted: no new name or UPN is ever put beside the old one
    (DOMAIN section 4.3).
    """
    if is_purged(child):
        return {}, (place.cleared(Category.IDENTITY_AND_CONTACT),)
    details, episodes = block_of(child, "child_details"), list(blocks_of(child, _EPISODES))
    is_adopted = is_hidden or any(map(_is_adopted, episodes))
    records = tuple(_records(place, details, episodes, la_code, is_adopted=is_adopted))
    return {} if is_adopted else details, records


def _records(
    child: Place, details: Json, episodes: list[Json], la_code: str, *, is_adopted: bool
) -> Iterator[Record]:
    yield from details_records(child, details, is_hidden=is_adopted)
    for episode in episodes:
        yield from episode_records(
            episode, child=child, la_code=la_code, hides_whereabouts=is_adopted
        )


def _is_adopted(episode: Json) -> bool:
    """Whether the child is with the family that adopts them, or adopted already."""
    path = f"{_EPISODES}."
    adoption = block_of(episode, "adoption", within=path)
    placed = day(adoption, "placed_date", within=f"{path}adoption.")
    return placed is not None or text(episode, "closure_reason") == ClosureReason.ADOPTED
