"""A pupil of a school census return to source message. Pure.

A return groups what it says of a pupil (identifiers, characteristics, status, home), and systems
differ in what stands in which group: a name is looked for in all of them. What it counts for money
and statistics, such as meals, hours and ethnicity, is not read. Sources: DfE, school census,
technical specification and common basic data set, as published senders and readers write and read
them (DOMAIN section 2.5).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from connectors.parsing.demographics import is_iso_date, is_placeholder_name, postcode_as_compared
from connectors.parsing.safe_xml import Element
from connectors.ports import AboutWhom
from connectors.schools.ctf.attendance import year_group_in_words
from connectors.schools.ctf.fields import Fields, addresses_in, telecoms_in
from connectors.schools.ctf.identity import (
    SEX_BY_CODE,
    Identity,
    is_told,
    language_in_words,
    superseded_upn,
    upn_in,
)
from connectors.schools.ctf.mapper import PLACE, PROTECTED_PLACE
from connectors.schools.list_parts import parts_of
from schemas.attendance_codes import AttendanceClass, AttendanceCode
from schemas.identifiers import upn_identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import (
    IN_PART,
    Demographics,
    Listed,
    Record,
    SourceMessage,
    Subject,
    Version,
    with_more,
)
from schemas.records.payloads import (
    DUAL_SCHOOL,
    SCHOOL,
    Address,
    CommunicationNeeds,
    ContactDetails,
    FactStatus,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
)
from schemas.records.unused import MoreAtSource, MoreKind, Unused, as_fields
from schemas.vocabulary import Category, Source

ON_ROLL: Final = "PupilOnRoll"
HAVE_LEFT: Final = "PupilNoLongerOnRoll"

_REF: Final = "pupil"
_GROUPS: Final = (
    *("PupilIdentifiers", "PupilCharacteristics", "PupilStatus", "SpecialEducationalNeeds"),
    *("HomeInformation", "Attendance"),
)
_ADDRESSES: Final = "Addresses"
_DUAL: Final = frozenset({"M", "S", "G"})
_NO: Final = frozenset({None, "N"})
_TERMS: Final = {"AUT": "autumn", "SPR": "spring", "SUM": "summer"}
_COUNT: Final = re.compile(r"[0-9]{1,4}")
_BY_CODE: Final = {code.value: code for code in AttendanceCode}
_IDENTITY = Category.IDENTITY_AND_CONTACT


@dataclass(frozen=True, slots=True, repr=False)
class RollHeader:
    """What every pupil of one return shares; `term` and `reference_day` as it writes them."""

    version: Version
    school_code: str
    term: str | None = None
    reference_day: str | None = None

    @property
    def sent_on(self) -> str:
        """The day on which the return was made."""
        return self.version.at[: len("YYYY-MM-DD")]


class _Pupil:
    """The pupil with the groups of what is said of them."""

    def __init__(self, element: Element) -> None:
        self.whole = Fields(element, element.tag)
        self.has_left = element.tag == HAVE_LEFT
        self._holders = (self.whole, *(self.whole.inside(group) for group in _GROUPS))

    def holder(self, name: str) -> Fields:
        """Where something of that name stands; the pupil where it stands nowhere."""
        return next((one for one in self._holders if one.has(name)), self.whole)

    def text(self, name: str) -> str | None:
        """What stands there; None for nothing."""
        return self.holder(name).text(name)


def source_message_from_roll(
    element: Element, header: RollHeader, *, message_id: str
) -> SourceMessage:
    """What a return says about one pupil; raises UnreadableMessageError."""
    pupil = _Pupil(element)
    identity = _identity(pupil)
    key = f"{header.school_code}/{identity.own_key}"
    records = tuple(_records(pupil, header, identity, key))
    unused = _unused(pupil)
    return SourceMessage(
        source=Source.SCHOOLS,
        message_id=message_id,
        version=header.version,
        subjects=(Subject(_REF, identity.identifiers, identity.demographics),),
        records=with_more(records, unused.more, Category.EDUCATION),
        sender=header.school_code,
        kind=MessageKind.PUPIL,
        names=_names(identity.own_key, header),
        unused=unused,
        listed=Listed(
            sender=header.school_code,
            own=identity.own_key,
            stands_in=() if pupil.has_left else parts_of(pupil.text("NCyearActual"), None),
            has_left=pupil.has_left,
        ),
    )


def about_of_pupil_on_roll(element: Element, header: RollHeader) -> AboutWhom:
    """Of a pupil who cannot be read: by which number the return names them, if by any."""
    stated = _Pupil(element).text("UPN")
    upn = None if stated is None else upn_identifier(stated)
    if upn is None or not upn.is_verified:
        return AboutWhom(MessageKind.PUPIL, version=header.version)
    names = _names(upn.value, header)
    return AboutWhom(MessageKind.PUPIL, (upn,), names, header.version)


def _names(own: str, header: RollHeader) -> tuple[str, ...]:
    return (f"roll/{header.school_code}/{own}",)


# Who it is.


def _identity(pupil: _Pupil) -> Identity:
    """Raises UnreadableMessageError, also when nothing tells the pupil from others."""
    upn = upn_in(pupil.holder("UPN"), "UPN")
    former = upn_in(pupil.holder("FormerUPN"), "FormerUPN")
    who = _demographics(pupil)
    is_named = bool(who.family_name and who.given_names and who.date_of_birth)
    if (upn is None or not upn.is_verified) and not is_named:
        raise pupil.holder("UPN").refusal("UPN", "missing" if upn is None else "not-verified")
    former_names = _former_names(pupil, who)
    # Of a child who was adopted neither leads to the other (connectors.schools.ctf.identity).
    if _is_placed(pupil) or (former is not None and former_names):
        former, former_names = None, ()
    return Identity(upn, superseded_upn(former), who, _details(pupil, who, former_names))


def _is_placed(pupil: _Pupil) -> bool:
    """Whether they live with others than at birth, by an order: PLAA, after being looked after."""
    return pupil.text("PLAA") not in _NO


def _demographics(pupil: _Pupil) -> Demographics:
    family = pupil.text("Surname")
    given = tuple(n for n in (pupil.text("Forename"), pupil.text("MiddleNames")) if n)
    home = next(iter(_homes(pupil)), None)
    return Demographics(
        family_name=family,
        given_names=given,
        date_of_birth=pupil.holder("DOB").date("DOB"),
        postcode=None if home is None else postcode_as_compared(home.postcode),
        placeholder_name=is_placeholder_name(family=family, given=given),
    )


def _former_names(pupil: _Pupil, who: Demographics) -> tuple[str, ...]:
    former = pupil.text("FormerSurname")
    if former is None or former == who.family_name:
        return ()
    return (" ".join((*who.given_names[:1], former)),)


def _details(pupil: _Pupil, who: Demographics, former_names: tuple[str, ...]) -> PersonDetails:
    preferred = pupil.text("PreferredSurname")
    return PersonDetails(
        family_name=who.family_name,
        given_names=who.given_names,
        known_as_family=preferred if preferred != who.family_name else None,
        date_of_birth=who.date_of_birth,
        sex=SEX_BY_CODE.get((pupil.text("Sex") or pupil.text("Gender") or "").upper()),
        placeholder_name=who.placeholder_name,
        former_names=former_names,
    )


# What is told of them.


def _records(pupil: _Pupil, header: RollHeader, identity: Identity, key: str) -> Iterator[Record]:
    """A return does not know the names by which children go, so it completes what is told."""
    details = f"{key}/details"
    yield Record(f"{details}{IN_PART}", _IDENTITY, (_REF,), identity.details, part_of=details)
    located = PROTECTED_PLACE if _is_placed(pupil) else PLACE
    homes, telecoms = tuple(_homes(pupil)), telecoms_in(pupil.whole)
    if homes or telecoms:
        contact = ContactDetails(homes, telecoms, said_by=header.school_code)
        yield Record(
            f"{key}/contact-details",
            _IDENTITY,
            (_REF,),
            contact,
            labels=located,
            scopes=(f"{key}/now",),
        )
    language = pupil.text("Language")
    if language is not None and is_told(language):
        yield Record(
            f"{key}/communication",
            Category.COMMUNICATION_NEEDS,
            (_REF,),
            CommunicationNeeds(languages=(language_in_words(language),)),
            scopes=(f"{key}/now",),
        )
    enrolment = _enrolment(pupil, header)
    yield Record(f"{key}/enrolment", Category.EDUCATION, (_REF,), enrolment, labels=PLACE)
    attendance = _attendance(pupil, header)
    if attendance is not None:
        source_id = f"{key}/attendance/{header.sent_on[:4]}/{header.term or 'term'}"
        yield Record(source_id, Category.EDUCATION, (_REF,), attendance)


def _homes(pupil: _Pupil) -> Iterator[Address]:
    """Where they live, wherever in a return that stands; a postcode may stand by itself."""
    outer = (pupil.whole, pupil.whole.inside("HomeInformation"))
    holders = (*outer, *(one.inside(_ADDRESSES) for one in outer))
    found = [address for holder in holders for address in addresses_in(holder)]
    yield from dict.fromkeys(found)


def _enrolment(pupil: _Pupil, header: RollHeader) -> Involvement:
    """Who is no longer on the roll has left, on the day of the return at the latest."""
    left = pupil.holder("LeavingDate").day("LeavingDate") if pupil.has_left else None
    if pupil.has_left and (left is None or left > header.sent_on):
        left = header.sent_on
    entered = pupil.holder("EntryDate").day("EntryDate")
    is_odd = entered is not None and left is not None and left < entered
    return Involvement(
        service=DUAL_SCHOOL if pupil.text("EnrolStatus") in _DUAL else SCHOOL,
        agency_code=header.school_code,
        team=year_group_in_words(pupil.text("NCyearActual") or pupil.text("NCyearLeaving")),
        period=Period(None if is_odd else entered, left),
        status=FactStatus.HOLDS,
    )


# Attendance: of one term, as counts of sessions, never the marks.


def _attendance(pupil: _Pupil, header: RollHeader) -> Occurrence | None:
    """None where no session was possible, or how many were missed is not told."""
    termly = pupil.whole.inside("Attendance").inside("TermlyAttendance")
    possible = _count(termly, "SessionsPossible")
    missed = _missed(termly)
    if not possible or missed is None:
        return None
    authorised, unauthorised = missed
    attended = possible - authorised - unauthorised
    if attended < 0:
        raise termly.refusal("SessionsPossible", f"contradicts:{termly.path}/SessionsAuthorised")
    counts = (
        ("Sessions possible", possible),
        ("Sessions attended", attended),
        ("Authorised absence", authorised),
        ("Unauthorised absence", unauthorised),
    )
    day = header.reference_day
    return Occurrence(
        kind=OccurrenceKind.ATTENDANCE,
        title=f"Attendance in the term before the {_census(header)}",
        period=Period(None, day if day is not None and is_iso_date(day) else header.sent_on),
        outcome=f"{100 * attended / possible:.1f}% of sessions attended",
        details=tuple((label, str(count)) for label, count in counts),
    )


def _census(header: RollHeader) -> str:
    term = _TERMS.get((header.term or "").upper()[:3])
    year = (header.reference_day or header.sent_on)[:4]
    return " ".join(part for part in (term, "census of", year) if part)


def _missed(termly: Fields) -> tuple[int, int] | None:
    """Sessions missed with and without leave: as counted, or by each reason."""
    authorised = _count(termly, "SessionsAuthorised")
    unauthorised = _count(termly, "SessionsUnauthorised")
    if authorised is not None or unauthorised is not None:
        return authorised or 0, unauthorised or 0
    counted = dict.fromkeys(AttendanceClass, 0)
    details = list(termly.inside("SessionDetails").each("SessionDetail"))
    for detail in details:
        code = _BY_CODE.get((detail.text("AttendanceReason") or "").upper())
        sessions = _count(detail, "AbsenceSessions")
        if code is None or sessions is None:
            return None
        counted[code.counts_as] += sessions
    if not details:
        return None
    return (
        counted[AttendanceClass.AUTHORISED_ABSENCE],
        counted[AttendanceClass.UNAUTHORISED_ABSENCE],
    )


def _count(holder: Fields, name: str) -> int | None:
    text = holder.text(name)
    if text is None:
        return None
    if not _COUNT.fullmatch(text):
        raise holder.refusal(name, "not-a-number")
    return int(text)


# What nobody asked for.


def _unused(pupil: _Pupil) -> Unused:
    """The paths of the texts that nobody asked for; support is told as more at the school."""
    has_support = pupil.text("SENprovision") not in _NO
    support = (MoreAtSource(MoreKind.SUPPORT),) if has_support else ()
    return Unused(fields=as_fields(path for path, _ in pupil.whole.not_asked_for()), more=support)
