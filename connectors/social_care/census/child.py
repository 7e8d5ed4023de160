"""A child of a children in need census: what is sound of it, and what cannot be read. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from connectors.parsing import limits
from connectors.parsing.deaths import death_on
from connectors.parsing.safe_xml import Element
from connectors.ports import AboutWhom
from connectors.social_care.census.header import (
    CensusHeader,
    day_at,
    flag_at,
    period_at,
    required_at,
    text_at,
)
from connectors.social_care.codes import (
    AbuseCategory,
    ClosureReason,
    PrimaryNeed,
    professional_source,
    words_for,
)
from connectors.social_care.csc.episodes import CONFERENCE
from connectors.social_care.csc.fields import Place, child_place, key_part
from connectors.social_care.csc.mapper import disability_records, own_number
from connectors.social_care.deaths import closed_by_death
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, upn_identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import Demographics, Record, SourceMessage, Subject
from schemas.records.payloads import (
    CASE_CLOSED,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    PersonDetails,
    Plan,
)
from schemas.records.unused import Unused, as_fields
from schemas.vocabulary import Category, IdentifierStatus, Source

# One case: assessments, plans, enquiries, each read by itself.

CASE = "CINdetails"
REFERRED = "CINreferralDate"


@dataclass(frozen=True, slots=True)
class _RepeatedElement:
    """An element that may come several times in a case: what it becomes and in which category."""

    tag: str
    category: Category
    start: str
    end: str | None
    payload_of: Callable[[Element, Period], Payload]

    @property
    def path(self) -> str:
        """Where it stands in a child."""
        return f"{CASE}/{self.tag}"

    def read(self, place: Place, element: Element, times: Counter[str]) -> Record:
        """The record; it is known by when it began, and by which of those of that day it is.

        Raises UnreadableMessageError.
        """
        end = self.end or self.start
        period = period_at(element, self.start, end, within=self.path)
        if period.start is None:
            raise UnreadableMessageError(field=f"{self.path}/{self.start}", reason="missing")
        said = period if self.end else Period(period.start)
        key = f"{self.tag}/{period.start}"
        times[key] += 1
        own = place.inside(key if times[key] == 1 else f"{key}/{times[key]}")
        return own.record(self.category, self.payload_of(element, said))


def _assessment(element: Element, period: Period) -> Occurrence:
    del element  # its factors tell of other people: they stay with the authority
    return Occurrence(OccurrenceKind.ASSESSMENT, "Child and family assessment", period)


def _in_need(element: Element, period: Period) -> Plan:
    del element
    return Plan("child-in-need", "Child in need plan", period)


def _enquiry(element: Element, period: Period) -> Occurrence:
    held = day_at(element, "DateOfInitialCPC", within=f"{CASE}/Section47")
    if held is None and flag_at(element, "ICPCnotRequired"):
        held = "Not required"
    details = () if held is None else ((CONFERENCE, held),)
    return Occurrence(OccurrenceKind.ASSESSMENT, "Section 47 enquiry", period, details=details)


def _protection(element: Element, period: Period) -> Plan:
    abuse = text_at(element, "LatestCategoryOfAbuse") or text_at(element, "InitialCategoryOfAbuse")
    why = "" if abuse is None else f": {words_for(abuse, AbuseCategory)}"
    return Plan("child-protection", f"Child protection plan{why}", period)


KINDS = (
    _RepeatedElement(
        "Assessments",
        Category.SOCIAL_CARE,
        "AssessmentActualStartDate",
        "AssessmentAuthorisationDate",
        _assessment,
    ),
    _RepeatedElement(
        "CINPlanDates", Category.SOCIAL_CARE, "CINPlanStartDate", "CINPlanEndDate", _in_need
    ),
    _RepeatedElement("Section47", Category.SAFEGUARDING, "S47ActualStartDate", None, _enquiry),
    _RepeatedElement(
        "ChildProtectionPlans", Category.SAFEGUARDING, "CPPstartDate", "CPPendDate", _protection
    ),
)


def case_records(place: Place, case: Element, la_code: str) -> Iterator[Record]:
    """How a case came about and ended. Raises UnreadableMessageError.

    Pre-proceedings and family group decision making are for the courts and stay with the
    authority.
    """
    category = Category.SOCIAL_CARE
    period = period_at(case, REFERRED, "CINclosureDate", within=CASE)
    stopped, need = flag_at(case, "ReferralNFA"), text_at(case, "PrimaryNeedCode")
    said = (
        ("Referred by", professional_source(text_at(case, "ReferralSource"))),
        ("Main need", None if need is None else words_for(need, PrimaryNeed)),
    )
    referral = Occurrence(
        OccurrenceKind.REFERRAL,
        "Referral to children's social care",
        Period(period.start),
        outcome="No further action" if stopped else None,
        details=tuple((label, words) for label, words in said if words is not None),
    )
    yield place.inside("referral").record(category, referral)
    if not stopped:
        service = Involvement("Children's social care", agency_code=la_code, period=period)
        yield place.inside("service").record(category, service)
    if period.end is not None:
        yield place.inside("closure").record(category, _closure(case, period.end))


def case_key(case: Element) -> str:
    """A case has no id in a census: it is known by when it was referred."""
    return text_at(case, REFERRED) or "undated"


def _closure(case: Element, closed: str) -> Occurrence:
    reason = text_at(case, "ReasonForClosure")
    told = None if reason in {None, ClosureReason.ADOPTED} else reason
    return Occurrence(
        OccurrenceKind.REFERRAL,
        CASE_CLOSED,
        Period(closed),
        outcome=None if told is None else words_for(told, ClosureReason),
    )


PART: Final = "part"
"""An attribute of ours on a child that is written for a part of it, to be read again alone."""
REST: Final = "rest"
_CASE: Final = "case"
_ITEM: Final = "item"
_PARTS = frozenset({REST, _CASE, _ITEM})
_REF = "child"
_IDENTIFIERS = "ChildIdentifiers"
_SEX = {"M": "male", "F": "female", "U": "unknown"}
_ITEM_TAGS = frozenset(kind.tag for kind in KINDS)


@dataclass(frozen=True, slots=True, repr=False)
class ItemFault:
    """One item that cannot be read, and the child written with nothing but it."""

    error: UnreadableMessageError
    child: Element


class CensusChild:
    """One child: `faults` are the items that cannot be read, the rest is its message.

    Raises UnreadableMessageError where the child itself cannot be read.
    """

    def __init__(self, child: Element, header: CensusHeader) -> None:
        self._child = child
        self._header = header
        self._part = part if (part := child.get(PART)) in _PARTS else None
        self._number = number = required_at(child, f"{_IDENTIFIERS}/LAchildID", within="Child")
        whole = child_place(header.la_code, key_part(number), ref=_REF)
        self._place = whole.inside("census")
        self._subject = _subject(child, header.la_code, number)
        self.scopes = whole.scopes
        self.faults: list[ItemFault] = []
        self._records = {record.source_id: record for record in self._read()}

    @property
    def says_nothing_else(self) -> bool:
        """Whether it was written for one item, and that cannot be read."""
        return self._part in {_CASE, _ITEM} and bool(self.faults)

    def message(self, message_id: str) -> SourceMessage:
        """What is sound of the child."""
        return SourceMessage(
            source=Source.SOCIAL_CARE,
            message_id=message_id,
            version=self._header.version,
            subjects=(self._subject,),
            records=tuple(self._records.values()),
            sender=self._header.la_code,
            kind=MessageKind.CARE_RECORD,
            names=_names(self._number, self._header),
            unused=Unused(fields=as_fields(_not_read(self._child, "Child"))),
        )

    def about_of_faults(self) -> AboutWhom:
        """Whom what cannot be read is about; what is sound of the child does not say it again."""
        version = self._header.version
        return AboutWhom(
            MessageKind.CARE_RECORD,
            tuple(number for number in self._subject.identifiers if number.is_verified),
            _names(self._number, self._header),
            replace(version, number=version.number + 1),
        )

    def _read(self) -> Iterator[Record]:
        """The latest census counts: what an earlier one said and it does not is gone."""
        if self._part in {None, REST}:
            yield self._place.cleared(Category.SOCIAL_CARE)
            identity = Category.IDENTITY_AND_CONTACT
            details = _details(self._child)
            yield self._place.inside("details").record(identity, details)
            died = text_at(self._child, f"{_IDENTIFIERS}/PersonDeathDate")
            if died is not None:
                death = death_on(died, details.date_of_birth)
                yield self._place.inside("death").record(identity, death)
            codes = (e.text or "" for e in self._child.iterfind(".//Disabilities/Disability"))
            found = tuple(code.strip() for code in codes if code.strip())
            yield from disability_records(self._place.inside("disability"), found)
        times: Counter[str] = Counter()
        for case in self._child.iterfind(CASE):
            key = case_key(case)
            times[key] += 1
            again = f"/{times[key]}" if times[key] > 1 else ""
            yield from self._case(self._place.inside(f"case/{key_part(key)}{again}"), case)

    def _case(self, place: Place, case: Element) -> Iterator[Record]:
        if self._part != _ITEM:
            # Beside the rest of the case: a date in it that cannot be read hides no death.
            reason = text_at(case, "ReasonForClosure")
            yield from closed_by_death(place.inside("closure"), reason)
            try:
                yield from list(case_records(place, case, self._header.la_code))
            except UnreadableMessageError as error:
                self._fault(error, (e for e in case if e.tag not in _ITEM_TAGS), _CASE)
        times: Counter[str] = Counter()
        for kind in KINDS:
            for item in case.iterfind(kind.tag):
                try:
                    yield kind.read(place, item, times)
                except UnreadableMessageError as error:
                    self._fault(error, [*case.findall(REFERRED)[:1], item], _ITEM)

    def _fault(self, error: UnreadableMessageError, elements: Iterable[Element], part: str) -> None:
        """Keep the child with its identifiers, and of the one case these elements."""
        if self._part == REST:
            return
        child = etree.Element("Child", {PART: part})
        child.extend(deepcopy(e) for e in self._child.iterfind(_IDENTIFIERS))
        etree.SubElement(child, CASE).extend(deepcopy(e) for e in elements)
        self.faults.append(ItemFault(error, child))


READ = frozenset(
    {
        *("AssessmentActualStartDate", "AssessmentAuthorisationDate"),
        *("CINclosureDate", "CINPlanEndDate", "CINPlanStartDate", "CINreferralDate"),
        *("CPPendDate", "CPPstartDate", "DateOfInitialCPC", "Disability"),
        *("ExpectedPersonBirthDate", "GenderCurrent", "ICPCnotRequired", "InitialCategoryOfAbuse"),
        *("LAchildID", "LatestCategoryOfAbuse", "PersonBirthDate", "PersonDeathDate"),
        *("PrimaryNeedCode", "ReasonForClosure", "ReferralNFA", "ReferralSource"),
        *("S47ActualStartDate", "Sex", "UPN", "UPNunknown"),
    }
)
"""The elements of a census that are read, wherever they stand in a child."""


def _not_read(element: Element, path: str) -> Iterator[str]:
    """The path of each element with a text that is none of those."""
    for child in element.iterchildren("*"):
        place = f"{path}/{child.tag}"
        if child.tag not in READ and (child.text or "").strip():
            yield place
        yield from _not_read(child, place)


def about_of_child(child: Element, header: CensusHeader) -> AboutWhom:
    """Of a child of whom nothing can be read: by which number the census names them, if by any."""
    number = text_at(child, f"{_IDENTIFIERS}/LAchildID")
    if number is None or len(number) > limits.IDENTIFIER_CHARACTERS:
        return AboutWhom(MessageKind.CARE_RECORD)
    own = own_number(header.la_code, number)
    names = _names(number, header)
    return AboutWhom(MessageKind.CARE_RECORD, (own,), names, header.version)


def _names(number: str, header: CensusHeader) -> tuple[str, ...]:
    return (f"cin/{header.la_code}/{number}",)


def _subject(child: Element, la_code: str, number: str) -> Subject:
    """The child by the authority's number and the UPN: a census has no names and no address."""
    own, upn = own_number(la_code, number), _upn(child)
    born = day_at(child, f"{_IDENTIFIERS}/PersonBirthDate", within="Child")
    identifiers = (own,) if upn is None else (own, upn)
    return Subject(_REF, identifiers, Demographics(date_of_birth=born))


def _upn(child: Element) -> Identifier | None:
    """A UPN beside a reason why there is none is one that nobody can rely on.

    Nor is that of a child who was adopted evidence of who they are now; a former one never is.
    """
    reasons = (reason.text for reason in child.iterfind(f"{CASE}/ReasonForClosure"))
    if text_at(child, f"{_IDENTIFIERS}/UPN") is None or ClosureReason.ADOPTED in reasons:
        return None
    upn = upn_identifier(required_at(child, f"{_IDENTIFIERS}/UPN", within="Child"))
    if text_at(child, f"{_IDENTIFIERS}/UPNunknown") is None:
        return upn
    return replace(upn, status=IdentifierStatus.UNVERIFIED)


def _details(child: Element) -> PersonDetails:
    """Birth and sex; a sex that is none of M, F and U is not said (census rule 4180)."""
    sex = text_at(child, f"{_IDENTIFIERS}/Sex") or text_at(child, f"{_IDENTIFIERS}/GenderCurrent")
    born, expected = (
        day_at(child, f"{_IDENTIFIERS}/{name}", within="Child")
        for name in ("PersonBirthDate", "ExpectedPersonBirthDate")
    )
    return PersonDetails(
        date_of_birth=born,
        sex=_SEX.get((sex or "").upper()),
        expected_date_of_birth=expected,
    )
