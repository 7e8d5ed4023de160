"""A child of a children in need census: what is sound of it, and what cannot be read. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from connectors.safe_xml import Element
from connectors.social_care.census_fields import day_at, required_at, text_at
from connectors.social_care.census_header import CensusHeader
from connectors.social_care.census_items import CASE, KINDS, REFERRED, case_key, case_records
from connectors.social_care.child_details import disability_records
from connectors.social_care.codes import ClosureReason
from connectors.social_care.fields import key_part
from connectors.social_care.places import Place, child_place
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, upn_identifier
from schemas.records.message import Record, SourceMessage
from schemas.records.payloads import PersonDetails
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Category, IdentifierScheme, IdentifierStatus, Source

PART: Final = "part"
"""An attribute of ours on a child that is written for a part of it, to be read again alone."""
REST: Final = "rest"
_CASE: Final = "case"
_ITEM: Final = "item"
_REF = "child"
_IDENTIFIERS = "ChildIdentifiers"
_SEX = {"M": "male", "F": "female", "U": "unknown"}
_ITEM_TAGS = frozenset(kind.tag for kind in KINDS)


@dataclass(frozen=True, slots=True, repr=False)
class Fault:
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
        self._part = child.get(PART)
        number = required_at(child, f"{_IDENTIFIERS}/LAchildID", within="Child")
        whole = child_place(header.la_code, key_part(number), ref=_REF)
        self._place = whole.inside("census")
        self._subject = _subject(child, header.la_code, number)
        self.scopes = whole.scopes
        self.faults: list[Fault] = []
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
        )

    def _read(self) -> Iterator[Record]:
        """The latest census counts: what an earlier one said and it does not is gone."""
        if self._part in {None, REST}:
            yield self._place.cleared(Category.SOCIAL_CARE)
            details = _details(self._child)
            yield self._place.inside("details").record(Category.IDENTITY_AND_CONTACT, details)
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
        self.faults.append(Fault(error, child))


def _subject(child: Element, la_code: str, number: str) -> Subject:
    """The child by the authority's number and the UPN: a census has no names and no address."""
    own = Identifier(IdentifierScheme.LA_CHILD_ID, f"{la_code}/{number}", IdentifierStatus.VERIFIED)
    upn = _upn(child)
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
    """Birth, death and sex; a sex that is none of M, F and U is not said (census rule 4180)."""
    sex = text_at(child, f"{_IDENTIFIERS}/Sex") or text_at(child, f"{_IDENTIFIERS}/GenderCurrent")
    born, expected, died = (
        day_at(child, f"{_IDENTIFIERS}/{name}", within="Child")
        for name in ("PersonBirthDate", "ExpectedPersonBirthDate", "PersonDeathDate")
    )
    return PersonDetails(
        date_of_birth=born,
        sex=_SEX.get((sex or "").upper()),
        expected_date_of_birth=expected,
        died=died,
    )
