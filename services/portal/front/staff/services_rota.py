"""What the pages of an agency's rota ask, each call one transaction, entered where it refuses.

Whoever does not look after the agency is told that there is none, and that is entered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import Agency
from services.people.relationships.cover import CoverRefusal, WriteCover, end_cover, write_cover
from services.people.relationships.model import Cover
from services.portal.front.staff.services import looks_after, not_there
from services.work import Outside, UnitOfWork, unit_of_work

_MOST_PEOPLE = 2000


@dataclass(frozen=True, slots=True, repr=False)
class OnRota:
    """Who may stand on the rota: an account with its name and job title."""

    id: PractitionerId
    name: str
    job_title: str


@dataclass(frozen=True, slots=True, repr=False)
class Shift:
    """A shift that is not over, with the names of the two on it and of who wrote it."""

    cover: Cover
    covered: str
    covering: str
    written_by: str


@dataclass(frozen=True, slots=True, repr=False)
class RotaTold:
    """An agency, its people who work with families, and its shifts, the first first."""

    agency: Agency
    people: tuple[OnRota, ...]
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ShiftWanted:
    """What somebody writes on a rota."""

    covered: PractitionerId
    covering: PractitionerId
    since: datetime
    until: datetime
    is_student: bool


class RotaServices(Protocol):
    """Who stands in for whom; a part of services.portal.ports.PortalServices.

    About an agency that `who` does not look after the answer is None, and entered.
    """

    def rota(self, who: SignedInPractitioner, agency: str) -> RotaTold | None:
        """An agency's rota; that it was shown is entered."""

    def write_shift(
        self, who: SignedInPractitioner, agency: str, wanted: ShiftWanted
    ) -> Cover | CoverRefusal | None:
        """Write a shift for two of its people, of whom `who` is neither."""

    def close_shift(self, who: SignedInPractitioner, agency: str, cover: str) -> bool | None:
        """End a shift now; false where there is none of that id, or not any more."""


class RotaOnDatabase:
    """RotaServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def rota(self, who: SignedInPractitioner, agency: str) -> RotaTold | None:
        """An agency's rota."""
        with unit_of_work(self._outside) as work:
            found = _is_theirs(who, agency, work)
            if found is None:
                return None
            shifts = tuple(_shifts(work, agency))
            fields: dict[str, FieldValue] = {
                "agency": work.hasher.opaque("agency", agency),
                "results": len(shifts),
            }
            entry = ledger_entry(LedgerEvent.STAFF_LISTED, fields, at=work.now, actor=who.actor)
            work.ledger.append([entry])
            return RotaTold(found, tuple(_people(work, agency)), shifts)

    def write_shift(
        self, who: SignedInPractitioner, agency: str, wanted: ShiftWanted
    ) -> Cover | CoverRefusal | None:
        """Write it, or enter why not."""
        with unit_of_work(self._outside) as work:
            if not _is_theirs(who, agency, work):
                return None
            asked = (work.directory.practitioner(one) for one in (wanted.covered, wanted.covering))
            people = {one.id: one for one in asked if one and one.agency_code == agency}
            command = WriteCover(
                wanted.covered,
                wanted.covering,
                wanted.since,
                wanted.until,
                is_student=wanted.is_student,
                actor=who.actor,
            )
            return write_cover(
                command, people=people, requests=work.requests, ledger=work.ledger, at=work.now
            )

    def close_shift(self, who: SignedInPractitioner, agency: str, cover: str) -> bool | None:
        """End it."""
        with unit_of_work(self._outside) as work:
            if not _is_theirs(who, agency, work):
                return None
            covers = work.requests.covers(at=work.now, agency=agency)
            found = next((one for one in covers if one.id == cover), None)
            if found is None:
                return False
            end_cover(
                found, actor=who.actor, requests=work.requests, ledger=work.ledger, at=work.now
            )
            return True


def _is_theirs(who: SignedInPractitioner, agency: str, work: UnitOfWork) -> Agency | None:
    """The agency, where there is one and they look after its people; else that is entered."""
    found = work.directory.agency(agency) if looks_after(who, agency) else None
    if found is None:
        not_there(who, work)
    return found


def _people(work: UnitOfWork, agency: str) -> Sequence[OnRota]:
    found = work.memberships.page_of(agency, after=None, most=_MOST_PEOPLE)
    return [
        OnRota(works.practitioner, name, job_title)
        for works, name, job_title in found
        if works.role in OPENS_FAMILY_RECORDS and works.suspended_at is None
    ]


def _shifts(work: UnitOfWork, agency: str) -> Sequence[Shift]:
    return [
        Shift(
            one,
            work.directory.name_of(one.covered) or "Somebody",
            work.directory.name_of(one.covering) or "Somebody",
            work.directory.called_by_actor(one.written_by),
        )
        for one in work.requests.covers(at=work.now, agency=agency)
    ]
