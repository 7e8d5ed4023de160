"""Agencies, and the first two administrators: what has to be there before two can ask and accept.

An agency by itself opens nothing: it has nobody, and its first lead takes two. So entering one
takes one, and so do its name, its telephone number and when it answers. What sort of source it is
never changes: by that its people see what an agreement gives to that sort.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PractitionerId
from schemas.vocabulary import LabelledCode, Role
from services.people.practitioners.memberships import next_membership
from services.people.practitioners.postgres_directory import (
    Agency,
    PostgresDirectory,
    PractitionerEntry,
)
from services.people.relationships.staff import (
    Staffing,
    StaffRefusal,
    enter_staff,
    refused,
    why_not_with_others,
)
from services.platform.keys.hashing import KeyedHasher

FIRST_ADMINISTRATORS: Final = 2
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_LONGEST: Final = 200


class AgencyRefusal(LabelledCode):
    """Why an agency is not entered or changed."""

    CODE = "agency-code-is-not-one", "A code has up to 32 letters, digits, dots and hyphens"
    NAME = "agency-name-is-not-one-line", "A name is one line of up to 200 letters"
    TELEPHONE = "telephone-is-not-one-line", "A telephone number is one line of up to 200 letters"
    HOURS = "hours-are-not-one-line", "When it answers is told in one line of up to 200 letters"
    IS_HERE = "agency-is-here-already", "There is an agency with this code already"
    LIKE_ANOTHER = (
        "agency-code-is-like-anothers",
        "There is an agency whose code differs by capitals alone",
    )
    NOT_HERE = "agency-is-not-known", "There is no agency with this code"


@dataclass(frozen=True, slots=True)
class AgencyDesk:
    """What agencies are entered with, in one transaction; `at` and `ledger` are its own."""

    directory: PostgresDirectory
    hasher: KeyedHasher
    staffing: Staffing

    @property
    def ledger(self) -> Ledger:
        """Where it is entered."""
        return self.staffing.ledger


def add_agency(agency: Agency, *, by: str, desk: AgencyDesk) -> Agency | AgencyRefusal:
    """Enter an agency that is not here yet."""
    wrong = _wrong_with(agency)
    if wrong is not None:
        return wrong
    if desk.directory.kind_of(agency.code) is not None:
        return AgencyRefusal.IS_HERE
    if desk.directory.has_agency_like(agency.code):
        return AgencyRefusal.LIKE_ANOTHER
    desk.directory.save_agency(agency)
    _enter(LedgerEvent.AGENCY_ENTERED, agency, {"kind": agency.kind}, by, desk)
    return agency


def change_agency(
    code: str,
    *,
    name: str | None,
    telephone: str | None,
    hours: str | None = None,
    by: str,
    desk: AgencyDesk,
) -> Agency | AgencyRefusal:
    """Call an agency otherwise, or give it another number or hours; what is None stays.

    The owner may.
    """
    before = desk.directory.agency(code)
    if before is None:
        return AgencyRefusal.NOT_HERE
    after = replace(
        before,
        name=name or before.name,
        telephone=telephone or before.telephone,
        hours=hours or before.hours,
    )
    wrong = _wrong_with(after)
    if wrong is not None:
        return wrong
    desk.directory.save_agency(after)
    _enter(LedgerEvent.AGENCY_CHANGED, after, {}, by, desk)
    return after


def _wrong_with(agency: Agency) -> AgencyRefusal | None:
    if not _CODE.fullmatch(agency.code):
        return AgencyRefusal.CODE
    if not is_one_line(agency.name):
        return AgencyRefusal.NAME
    if agency.telephone is not None and not is_one_line(agency.telephone):
        return AgencyRefusal.TELEPHONE
    is_told = agency.hours is None or is_one_line(agency.hours)
    return None if is_told else AgencyRefusal.HOURS


def is_one_line(text: str) -> bool:
    """Whether it is one line of words, and not too long."""
    return bool(text.strip()) and len(text) <= _LONGEST and text.isprintable()


def _enter(
    event: LedgerEvent, agency: Agency, fields: dict[str, FieldValue], by: str, desk: AgencyDesk
) -> None:
    told: dict[str, FieldValue] = {"agency": desk.hasher.opaque("agency", agency.code)} | fields
    desk.ledger.append([ledger_entry(event, told, at=desk.staffing.at, actor=by)])


def enter_first_administrator(
    entry: PractitionerEntry, *, by: str, staffing: Staffing
) -> PractitionerId | StaffRefusal:
    """Enter one of the first two administrators, as the owner of the database.

    From the third on two have to agree. Whoever has ever been one counts: else one could end the
    other, which takes one, and enter anybody in their place.
    """
    staffing.memberships.lock()
    why_not = _why_not_first(entry, staffing)
    if why_not is not None:
        return refused(why_not, by, staffing)
    staffing.directory.save_person(entry)
    first = next_membership(
        None,
        entry.agency_code,
        entry.id,
        Role.ADMINISTRATOR,
        entry.worker_ref,
        asked_by=by,
        warranted_by=by,
        at=staffing.at,
    )
    staffing.memberships.add(first)
    enter_staff(LedgerEvent.ADMINISTRATOR_ENTERED, {"practitioner": entry.id}, by, staffing)
    return entry.id


def _why_not_first(entry: PractitionerEntry, staffing: Staffing) -> StaffRefusal | None:
    if entry.role is not Role.ADMINISTRATOR:
        return StaffRefusal.NOT_FIRST
    if staffing.directory.kind_of(entry.agency_code) is None:
        return StaffRefusal.AGENCY_NOT_KNOWN
    if staffing.memberships.count_ever(Role.ADMINISTRATOR) >= FIRST_ADMINISTRATORS:
        return StaffRefusal.NOT_FIRST
    namesakes = staffing.memberships.standing().may_be(entry.name, ())
    if any(one.role is Role.ADMINISTRATOR for one in namesakes):
        return StaffRefusal.WORKS_HERE  # the same command again, and one would be both
    return why_not_with_others(entry, staffing)
