"""What a census says of one case: assessments, plans, enquiries, each read by itself."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connectors.safe_xml import Element
from connectors.social_care.census_fields import day_at, flag_at, period_at, text_at
from connectors.social_care.codes import (
    AbuseCategory,
    ClosureReason,
    PrimaryNeed,
    professional_source,
    words_for,
)
from connectors.social_care.items import CONFERENCE
from connectors.social_care.places import Place
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import (
    Involvement,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    Plan,
)
from schemas.vocabulary import Category

CASE = "CINdetails"
REFERRED = "CINreferralDate"


@dataclass(frozen=True, slots=True)
class _Kind:
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
    _Kind(
        "Assessments",
        Category.SOCIAL_CARE,
        "AssessmentActualStartDate",
        "AssessmentAuthorisationDate",
        _assessment,
    ),
    _Kind("CINPlanDates", Category.SOCIAL_CARE, "CINPlanStartDate", "CINPlanEndDate", _in_need),
    _Kind("Section47", Category.SAFEGUARDING, "S47ActualStartDate", None, _enquiry),
    _Kind("ChildProtectionPlans", Category.SAFEGUARDING, "CPPstartDate", "CPPendDate", _protection),
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
        "Children's social care closed",
        Period(closed),
        outcome=None if told is None else words_for(told, ClosureReason),
    )
