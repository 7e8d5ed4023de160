"""Pupil of a Common Transfer File to source message. Pure.

Versions 17 to 25 of the format are read by the same code: what a version does not have is not
there. Meals, ethnicity, disabilities, medical flags and assessments are not read: nobody who
works with a family has asked to see them (DOMAIN section 1.4).
"""

from collections.abc import Iterator

from connectors.safe_xml import Element
from connectors.schools.attendance import attendance_records
from connectors.schools.attended import school_records
from connectors.schools.contacts import Whose, contact_records
from connectors.schools.fields import Fields
from connectors.schools.header import CtfHeader
from connectors.schools.identity import Identity, identity_of, is_in_care
from connectors.schools.languages import languages_of
from connectors.schools.places import addresses_in, telecoms_in
from connectors.schools.support import support_records
from schemas.records.message import Record, SourceMessage, clearing
from schemas.records.payloads import CommunicationNeeds, ContactDetails, Plan
from schemas.records.subject import Subject
from schemas.vocabulary import Category, Label, Source

_REF = "pupil"
_LOCATION = frozenset({Label.LOCATION})
_PROTECTED = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})


def source_message_from_pupil(
    element: Element, header: CtfHeader, *, message_id: str
) -> SourceMessage:
    """What the school's file says about one pupil; raises UnreadableMessageError."""
    pupil = Fields(element, "Pupil")
    home, in_care = addresses_in(pupil), is_in_care(pupil)
    identity = identity_of(pupil, home=home, in_care=in_care)
    key = f"{header.school_code}/{identity.own_key}"
    # Where a looked-after child lives is a placement, which a birth family must not learn.
    located = _PROTECTED if in_care else _LOCATION
    whose = Whose(key, _REF, home, located, scopes=(f"{key}/now",))
    found = (
        *_clearings(pupil, header, whose),
        *_identity_records(pupil, header, identity, whose),
        *contact_records(pupil, whose),
        *_communication_records(pupil, whose),
        *school_records(pupil, header, key=key, ref=_REF),
        *attendance_records(pupil, header, key=key, ref=_REF),
        *support_records(pupil, key=key, ref=_REF, scopes=whose.scopes),
        *_care_records(whose, in_care=in_care),
    )
    return SourceMessage(
        source=Source.SCHOOLS,
        message_id=message_id,
        version=header.version,
        subjects=(Subject(_REF, identity.identifiers, identity.demographics),),
        records=tuple({record.source_id: record for record in found}.values()),
    )


def _clearings(pupil: Fields, header: CtfHeader, whose: Whose) -> Iterator[Record]:
    """What a full file does not repeat holds no longer; a part only says that care has ended.

    Attendance, schools and support that were are not taken back by silence.
    """
    if not header.is_partial:
        yield clearing(whose.scopes[0], Category.EDUCATION, (_REF,))
    elif pupil.inside("LookedAfter").flag("InCare") is False:
        yield clearing(_care_scope(whose), Category.EDUCATION, (_REF,), scopes=whose.scopes)


def _identity_records(
    pupil: Fields, header: CtfHeader, identity: Identity, whose: Whose
) -> Iterator[Record]:
    """Who and where. A part that leaves out the basic details does not speak of known names."""
    whole = not header.is_partial or pupil.has("BasicDetails")
    name = "details" if whole else "details-in-part"
    category, subjects = Category.IDENTITY_AND_CONTACT, (_REF,)
    yield Record(f"{whose.key}/{name}", category, subjects, identity.details)
    telecoms = telecoms_in(pupil)
    if whose.home or telecoms:
        yield Record(
            f"{whose.key}/contact-details",
            category,
            subjects,
            ContactDetails(whose.home, telecoms),
            labels=whose.located,
            scopes=whose.scopes,
        )


def _communication_records(pupil: Fields, whose: Whose) -> Iterator[Record]:
    languages = languages_of(pupil)
    if languages:
        yield Record(
            f"{whose.key}/communication",
            Category.COMMUNICATION_NEEDS,
            (_REF,),
            CommunicationNeeds(languages=languages),
            scopes=whose.scopes,
        )


def _care_records(whose: Whose, *, in_care: bool) -> Iterator[Record]:
    if in_care:
        yield Record(
            f"{whose.key}/looked-after",
            Category.SOCIAL_CARE,
            (_REF,),
            Plan("looked-after", "Looked after by a local authority, as the school records it"),
            scopes=(*whose.scopes, _care_scope(whose)),
        )


def _care_scope(whose: Whose) -> str:
    return f"{whose.key}/now/care"
