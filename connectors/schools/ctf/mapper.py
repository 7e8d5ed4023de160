"""Pupil of a Common Transfer File to source message. Pure.

Versions 17 to 25 of the format are read by the same code: what a version does not have is not
there. Meals, ethnicity, disabilities, medical flags and assessments are not read: nobody who
works with a family has asked to see them (DOMAIN section 1.4).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from connectors.parsing.deaths import death_on, says_died
from connectors.parsing.safe_xml import Element
from connectors.ports import AboutWhom
from connectors.schools.ctf.attendance import (
    attendance_records,
    has_left_school,
    school_records,
)
from connectors.schools.ctf.contacts import Whose, contact_records
from connectors.schools.ctf.fields import CtfHeader, Fields, addresses_in, telecoms_in, text_of
from connectors.schools.ctf.identity import Identity, identity_of, is_in_care, languages_of
from connectors.schools.list_parts import parts_of
from schemas.identifiers import Identifier, upn_identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import (
    WHOLE_LIST,
    Listed,
    Record,
    SourceMessage,
    Subject,
    clearing,
    with_more,
)
from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    FactStatus,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
    Plan,
)
from schemas.records.unused import MoreAtSource, MoreKind, Unused, as_fields
from schemas.vocabulary import Category, Label, Source

# Special educational needs: what support there was from when until when, and for what.

_NEEDS = {
    "SPLD": "Specific learning difficulty",
    "MLD": "Moderate learning difficulty",
    "SLD": "Severe learning difficulty",
    "PMLD": "Profound and multiple learning difficulty",
    "SEMH": "Social, emotional and mental health",
    "SLCN": "Speech, language and communication needs",
    "HI": "Hearing impairment",
    "VI": "Vision impairment",
    "MSI": "Multi-sensory impairment",
    "PD": "Physical disability",
    "ASD": "Autistic spectrum disorder",
    "DS": "Down syndrome",
    "OTH": "Another difficulty or disability",
    "NSA": "Not assessed by a specialist yet",
}
_NO_PROVISION = "N"
_HOLDS, _UNKNOWN = FactStatus.HOLDS, FactStatus.UNKNOWN
_NOT_IN_THE_LIST = "code not in the list"
# A and P were replaced by K, S by E, under the Children and Families Act 2014.
_SUPPORT = {
    "K": "Special educational needs support",
    "A": "School Action (special educational needs, before 2015)",
    "P": "School Action Plus (special educational needs, before 2015)",
}
_PLANS = {
    "E": ("ehc", "Education, health and care plan"),
    "S": ("sen-statement", "Statement of special educational needs"),
}


def support_records(
    pupil: Fields, *, key: str, ref: str, day: str, scopes: tuple[str, ...]
) -> Iterator[Record]:
    """Each stage of support, ended by the next, and the needs.

    Source: CTF, SENhistory and SENneeds. N, no provision, only ends what came before it. `day` is
    that of the file: a need that ends later goes on. A stage whose day cannot be read is left at
    the school; it may be the one that ended the last, of which it is then not known if it stands.
    """
    history = pupil.inside("SENhistory")
    told = list(history.each("SEN"))
    known = [stage for stage in told if not stage.has_unreadable_day("StartDate")]
    unread = [stage.day("StartDate") for stage in told if stage not in known]
    stages = sorted(
        ((stage.day("StartDate"), stage.text("SENprovision")) for stage in known),
        key=lambda stage: stage[0] or "",
    )
    for (start, provision), (end, _) in pairwise([*stages, (None, None)]):
        is_open = end is None and bool(unread)
        support = _support(provision, Period(start, end), _UNKNOWN if is_open else _HOLDS)
        if support is not None:
            source_id = f"{key}/sen/{start or 'undated'}/{provision}"
            yield Record(source_id, Category.EDUCATION, (ref,), support)
    needs = tuple(dict.fromkeys((*_needs(history, day), *_needs(pupil, day))))
    if needs:
        found = Occurrence(
            kind=OccurrenceKind.SUPPORT,
            title="Special educational needs as the school records them",
            details=tuple(("Need", need) for need in needs),
        )
        yield Record(f"{key}/sen/needs", Category.EDUCATION, (ref,), found, scopes=scopes)


def _support(provision: str | None, period: Period, status: FactStatus) -> Occurrence | Plan | None:
    if provision in _PLANS:
        kind, title = _PLANS[provision]
        return Plan(kind, title, period, status=status)
    if provision in {None, _NO_PROVISION}:
        return None
    otherwise = f"Special educational needs, provision: {_NOT_IN_THE_LIST}"
    title = _SUPPORT.get(provision or "", otherwise)
    return Occurrence(OccurrenceKind.SUPPORT, title, period, status=status)


def _needs(holder: Fields, day: str) -> Iterator[str]:
    """The needs that have not ended, by rank; SENneeds stands in SENhistory or beside it."""
    needs = [
        need
        for need in holder.inside("SENneeds").each("SENneed")
        if (need.day("NeedEndDate") or day) >= day and not need.has_unreadable_day("NeedEndDate")
    ]
    for need in sorted(needs, key=lambda need: (need.text("SENtypeRank") or "").zfill(2)):
        code = need.text("SENtype")
        if code is not None:
            yield _NEEDS.get(code.upper(), _NOT_IN_THE_LIST)


_REF = "pupil"
_DAYS_OF_DEATH = ("DateOfDeath", "DOD", "PersonDeathDate")
PLACE = frozenset({Label.LOCATION})
PROTECTED_PLACE = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})


def source_message_from_pupil(
    element: Element, header: CtfHeader, *, message_id: str
) -> SourceMessage:
    """What the school's file says about one pupil; raises UnreadableMessageError."""
    pupil = Fields(element, "Pupil")
    home, in_care = addresses_in(pupil), is_in_care(pupil)
    identity = identity_of(pupil, home=home, in_care=in_care)
    listed = _listed(pupil, header, identity)
    key = listed.prefix.removesuffix("/")
    # Where a looked-after child lives is a placement, which a birth family must not learn.
    located = PROTECTED_PLACE if in_care else PLACE
    whose = Whose(key, _REF, home, located, scopes=(f"{key}/now",))
    found = (
        *_clearings(pupil, header, whose),
        *_identity_records(pupil, header, identity, whose),
        *_death_records(pupil, identity, whose),
        *contact_records(pupil, whose),
        *_communication_records(pupil, whose),
        *school_records(pupil, header, key=key, ref=_REF),
        *attendance_records(pupil, header, key=key, ref=_REF),
        *support_records(pupil, key=key, ref=_REF, day=header.sent_on, scopes=whose.scopes),
        *_care_records(whose, in_care=in_care),
    )
    unused = _unused_of(pupil)
    records = tuple({record.source_id: record for record in found}.values())
    return SourceMessage(
        source=Source.SCHOOLS,
        message_id=message_id,
        version=header.version,
        subjects=(Subject(_REF, identity.identifiers, identity.demographics),),
        records=with_more(records, unused.more, Category.EDUCATION),
        sender=header.school_code if header.is_from_school else None,
        kind=MessageKind.PUPIL,
        names=_names(identity.upn, header),
        unused=unused,
        listed=replace(listed, has_left=any(has_left_school(r, header.sent_on) for r in found)),
    )


def _listed(pupil: Fields, header: CtfHeader, identity: Identity) -> Listed:
    """By what the school tells this pupil from others, which may change, and where they stand."""
    return Listed(
        sender=header.school_code,
        own=identity.own_key,
        stands_in=parts_of(pupil.inside("BasicDetails").text("NCyearActual"), None),
        whole=WHOLE_LIST if header.is_whole_school else None,
    )


def about_of_pupil(element: Element | None, header: CtfHeader) -> AboutWhom:
    """Of a pupil who cannot be read: by which number the file names them, if by any."""
    stated = text_of(element, "UPN")
    upn = None if stated is None else upn_identifier(stated)
    numbers = () if upn is None or not upn.is_verified else (upn,)
    return AboutWhom(MessageKind.PUPIL, numbers, _names(upn, header), header.version)


def _names(upn: Identifier | None, header: CtfHeader) -> tuple[str, ...]:
    """A school's file says all there is of a pupil, so the next one stands in its place."""
    is_theirs = upn is not None and upn.is_verified
    return (f"ctf/{header.school_code}/{upn.value}",) if upn and is_theirs else ()


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
    said_by = header.school_code if header.is_from_school else None
    if whose.home or telecoms:
        yield Record(
            f"{whose.key}/contact-details",
            category,
            subjects,
            ContactDetails(whose.home, telecoms, said_by=said_by),
            labels=whose.located,
            scopes=whose.scopes,
        )


def _death_records(pupil: Fields, identity: Identity, whose: Whose) -> Iterator[Record]:
    """That the pupil has died: by a day, or in words as why they left a school.

    The format has no code for it; a code that is not known here is counted.
    """
    basic = pupil.inside("BasicDetails")
    days = (one.text(name) for one in (pupil, basic) for name in _DAYS_OF_DEATH)
    died = next((day for day in days if day), None)
    schools = pupil.inside("SchoolHistory").each("School")
    left_by_death = [school for school in schools if _left_by_death(school)]
    if died is None and not left_by_death:
        return
    born = identity.demographics.date_of_birth
    said = PersonDetails(has_died=True) if died is None else death_on(died, born)
    category = Category.IDENTITY_AND_CONTACT
    yield Record(f"{whose.key}/death", category, (_REF,), said, scopes=whose.scopes)


def _left_by_death(school: Fields) -> bool:
    has_died = says_died(school.text("LeavingReason"))
    if not has_died:
        school.leave("LeavingReason")
    return has_died


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


# What nobody asked the file for, and what of that there is more of at the school.

_SAYS_NO = frozenset({"0", "false", "f", "n", "no"})
_KINDS_OF_MORE = {
    "Pupil/BasicDetails/MedicalFlag": MoreKind.CONDITION,
    "Pupil/BasicDetails/Disabilities": MoreKind.SUPPORT,
    "Pupil/SENhistory": MoreKind.SUPPORT,
    "Pupil/StageAssessments": MoreKind.FINDING,
}
_WRITTEN = ("Note", "Notes", "Comment", "Comments", "Contact/Relationship")


def _unused_of(pupil: Fields) -> Unused:
    """The paths of the texts that nobody asked for, and how many of them are written freely."""
    unread = pupil.not_asked_for()
    kinds = Counter(_kinds(unread))
    return Unused(
        fields=as_fields(path for path, _ in unread),
        free_texts=kinds[MoreKind.NOTE],
        more=tuple(MoreAtSource(kind, kinds[kind]) for kind in MoreKind if kinds[kind]),
    )


def _kinds(unread: list[tuple[str, str]]) -> Iterator[MoreKind]:
    """One of each element that is of a kind; a flag that says no says that there is none."""
    said = {path for path, text in unread if text.casefold() not in _SAYS_NO}
    yield from (
        kind for of, kind in _KINDS_OF_MORE.items() if any(path.startswith(of) for path in said)
    )
    yield from (MoreKind.NOTE for path, _ in unread if path.endswith(_WRITTEN))
