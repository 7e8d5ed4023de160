"""Cover and placements: on a rota that another person wrote than either of the two on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from consent.ports import Ledger
from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.model import Cover
from services.people.relationships.postgres_requests import PostgresRequests

LONGEST_SHIFT = timedelta(days=14)
LONGEST_PLACEMENT = timedelta(days=182)


class CoverRefusal(StrEnum):
    """Why a rota entry is not written."""

    NOT_KNOWN = "is-not-known"
    ANOTHER_AGENCY = "is-of-another-agency"
    OPENS_NO_RECORDS = "opens-no-records"
    OWN_ROTA = "is-ones-own-rota"
    NOT_A_TIME = "is-not-a-time"


@dataclass(frozen=True, slots=True)
class WriteCover:
    """Order: let one stand in for another, or learn under their eyes, for this time."""

    covered: PractitionerId
    covering: PractitionerId
    since: datetime
    until: datetime
    is_student: bool
    actor: str


def write_cover(
    command: WriteCover,
    *,
    people: Mapping[PractitionerId, SignedInPractitioner],
    requests: PostgresRequests,
    ledger: Ledger,
    at: datetime,
) -> Cover | CoverRefusal:
    """Write a rota entry, which begins no earlier than now. A refusal is entered too."""
    refusal = _why_not(command, people, at)
    if refusal is not None:
        fields: dict[str, FieldValue] = {
            "ground": RelationshipGround.COVER,
            "person": [],
            "because": refusal,
        }
        entry = ledger_entry(LedgerEvent.RELATIONSHIP_REFUSED, fields, at=at, actor=command.actor)
        ledger.append([entry])
        return refusal
    cover = Cover(
        str(new_entry_id(at)),
        people[command.covering].agency_code,
        command.covered,
        command.covering,
        max(command.since, at),
        command.until,
        command.actor,
        command.is_student,
    )
    return _kept(cover, requests, ledger, at)


def end_cover(
    cover: Cover, *, actor: str, requests: PostgresRequests, ledger: Ledger, at: datetime
) -> Cover:
    """End a rota entry now; anybody may, because it only takes away."""
    over = replace(cover, until=at, written_by=actor, state=cover.state + 1)
    return _kept(over, requests, ledger, at)


def _kept(cover: Cover, requests: PostgresRequests, ledger: Ledger, at: datetime) -> Cover:
    requests.add_cover(cover, at=at)
    told: dict[str, FieldValue] = {
        "cover": cover.id,
        "covered": cover.covered,
        "covering": cover.covering,
        "from": cover.since,
        "until": cover.until,
    }
    ledger.append([ledger_entry(LedgerEvent.COVER_WRITTEN, told, at=at, actor=cover.written_by)])
    return cover


def _why_not(
    command: WriteCover, people: Mapping[PractitionerId, SignedInPractitioner], at: datetime
) -> CoverRefusal | None:
    covered, covering = people.get(command.covered), people.get(command.covering)
    if covered is None or covering is None:
        return CoverRefusal.NOT_KNOWN
    if covered.agency_code != covering.agency_code:
        return CoverRefusal.ANOTHER_AGENCY
    if not OPENS_FAMILY_RECORDS.issuperset({covered.role, covering.role}):
        return CoverRefusal.OPENS_NO_RECORDS
    if covering.is_one_with(covered.actor):
        return CoverRefusal.OWN_ROTA
    if any(one.is_one_with(command.actor) for one in (covering, covered)):
        return CoverRefusal.OWN_ROTA
    longest = LONGEST_PLACEMENT if command.is_student else LONGEST_SHIFT
    begins = max(command.since, at)
    is_a_time = begins < command.until <= begins + longest
    return None if is_a_time else CoverRefusal.NOT_A_TIME
