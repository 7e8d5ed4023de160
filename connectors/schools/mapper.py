"""Pupil of a Common Transfer File to source message. Pure."""

from collections.abc import Iterator
from hashlib import sha256

from connectors import limits
from connectors.demographics import is_iso_date, is_placeholder_name, postcode_as_compared
from connectors.safe_xml import Element
from connectors.schools.attendance import attendance_from_year_data, school_year_of
from connectors.schools.contacts import (
    address_from_element,
    contact_records,
    telecoms_from_element,
)
from connectors.schools.header import CtfHeader, text_of
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, upn_identifier
from schemas.records.message import Record, SourceMessage
from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
    Plan,
)
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Category, Label, Source

_REF = "pupil"
_SEX = {"M": "male", "F": "female", "U": "unknown"}
_LOCATION = frozenset({Label.LOCATION})


def source_message_from_pupil(
    pupil: Element, header: CtfHeader, *, message_id: str
) -> SourceMessage:
    """What the school's file says about one pupil; raises UnreadableMessageError."""
    upn = _upn(pupil)
    demographics = _demographics(pupil)
    _refuse_unknowable(upn, demographics)
    key = f"{header.school_code}/{_own_key(upn, demographics)}"
    found = _records(pupil, header, demographics, key=key)
    records = {record.source_id: record for record in found}
    return SourceMessage(
        source=Source.SCHOOLS,
        message_id=message_id,
        version=header.version,
        subjects=(Subject(_REF, () if upn is None else (upn,), demographics),),
        records=tuple(records.values()),
    )


def _upn(pupil: Element) -> Identifier | None:
    number = text_of(pupil, "UPN")
    if number is not None and len(number) > limits.IDENTIFIER_CHARACTERS:
        raise UnreadableMessageError(field="Pupil/UPN", reason="too-long")
    return None if number is None else upn_identifier(number)


def _demographics(pupil: Element) -> Demographics:
    family = text_of(pupil, "Surname")
    names = (text_of(pupil, "Forename"), text_of(pupil, "BasicDetails/MiddleNames"))
    given = tuple(name for name in names if name)
    address = address_from_element(pupil)
    return Demographics(
        family_name=family,
        given_names=given,
        date_of_birth=_date(pupil, "DOB"),
        postcode=None if address is None else postcode_as_compared(address.postcode),
        placeholder_name=is_placeholder_name(family=family, given=given),
    )


def _date(element: Element, name: str) -> str | None:
    text = text_of(element, name)
    if text is not None and not is_iso_date(text):
        raise UnreadableMessageError(field=f"{element.tag}/{name}", reason="not-a-date")
    return text


def _refuse_unknowable(upn: Identifier | None, demographics: Demographics) -> None:
    if upn is not None and upn.is_verified:
        return
    if demographics.family_name and demographics.given_names and demographics.date_of_birth:
        return
    raise UnreadableMessageError(
        field="Pupil/UPN", reason="missing" if upn is None else "not-verified"
    )


def _own_key(upn: Identifier | None, demographics: Demographics) -> str:
    """The UPN; a name and birth date beside one that may be another pupil's too."""
    if upn is not None and upn.is_verified:
        return upn.value
    named = (demographics.family_name, *demographics.given_names, demographics.date_of_birth)
    digest = sha256("\x1f".join(part or "" for part in named).encode()).hexdigest()[:16]
    return f"{'' if upn is None else upn.value}~{digest}"


def _records(
    pupil: Element, header: CtfHeader, demographics: Demographics, *, key: str
) -> Iterator[Record]:
    identity, subjects = Category.IDENTITY_AND_CONTACT, (_REF,)
    yield Record(f"{key}/details", identity, subjects, _details(pupil, demographics))
    address, telecoms = address_from_element(pupil), telecoms_from_element(pupil)
    if address is not None or telecoms:
        contact = ContactDetails(() if address is None else (address,), telecoms)
        yield Record(f"{key}/contact-details", identity, subjects, contact, labels=_LOCATION)
    yield from contact_records(pupil, key=key, ref=_REF)
    languages = tuple(_languages(pupil))
    if languages:
        needs = CommunicationNeeds(languages=languages)
        yield Record(f"{key}/communication", Category.COMMUNICATION_NEEDS, subjects, needs)
    enrolment = _enrolment(pupil, header)
    yield Record(f"{key}/enrolment", Category.EDUCATION, subjects, enrolment, labels=_LOCATION)
    yield from _attendance_records(pupil, header, key=key)
    yield from _sen_records(pupil, key=key)


def _details(pupil: Element, demographics: Demographics) -> PersonDetails:
    sex = text_of(pupil, "Sex") or text_of(pupil, "Gender") or ""
    return PersonDetails(
        family_name=demographics.family_name,
        given_names=demographics.given_names,
        known_as=text_of(pupil, "BasicDetails/PreferredForename"),
        date_of_birth=demographics.date_of_birth,
        sex=_SEX.get(sex.upper()),
        placeholder_name=demographics.placeholder_name,
    )


def _languages(pupil: Element) -> Iterator[str]:
    spoken: list[str] = []
    for kind in pupil.iterfind("BasicDetails/Languages/Type"):
        language = text_of(kind, "Language") or (kind.text or "").strip()
        if language and language not in spoken:
            spoken.append(language)
    return iter(spoken)


def _enrolment(pupil: Element, header: CtfHeader) -> Involvement:
    return Involvement(
        service="School",
        agency_code=header.school_code,
        agency_name=header.school_name,
        team=_year_group(text_of(pupil, "BasicDetails/NCyearActual")),
    )


def _year_group(year: str | None) -> str | None:
    if year is None:
        return None
    if year.isdigit():
        return f"Year {int(year)}"
    return {"R": "Reception", "N1": "Nursery", "N2": "Nursery"}.get(year.upper())


def _attendance_records(pupil: Element, header: CtfHeader, *, key: str) -> Iterator[Record]:
    for year_data in pupil.iterfind("Attendance/YearData"):
        attendance = attendance_from_year_data(year_data)
        if attendance is not None:
            where = text_of(year_data, "LEA"), text_of(year_data, "Estab")
            source_id = f"{key}/attendance/{school_year_of(year_data)}/{_school_of(where, header)}"
            yield Record(source_id, Category.EDUCATION, (_REF,), attendance)


def _school_of(where: tuple[str | None, str | None], header: CtfHeader) -> str:
    """The school that counted: a pupil who moved has two in one year."""
    lea, estab = where
    return f"{lea}{estab}" if lea and estab else header.school_code


def _sen_records(pupil: Element, *, key: str) -> Iterator[Record]:
    for stage in pupil.iterfind("SENhistory/SEN"):
        started = _date(stage, "StartDate")
        provision = text_of(stage, "SENprovision")
        support = _support(provision, Period(started))
        if support is not None:
            source_id = f"{key}/sen/{started or 'undated'}/{provision}"
            yield Record(source_id, Category.EDUCATION, (_REF,), support)


def _support(provision: str | None, period: Period) -> Occurrence | Plan | None:
    match provision:
        case "E":
            return Plan("ehc", "Education, health and care plan", period)
        case "K":
            return Occurrence(
                kind=OccurrenceKind.SUPPORT,
                title="Special educational needs support",
                period=period,
            )
        case _:
            return None
