"""Referrals: offered, or asked for and accepted, by somebody of another agency with a case-load.

Whoever asks gets one answer, whether anybody is known by what they typed or not; they hear of it
again only if it is accepted. What is agreed lasts a year at most and cannot be passed on: only a
case-load lets somebody offer or accept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from consent.ledger import FieldValue, LedgerEntry, entry_id_for, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.model import (
    HeldRelationship,
    Request,
    RequestStatus,
    Warrant,
    WarrantKind,
    entry_of_making,
)
from services.people.relationships.postgres import PostgresRelationships
from services.people.relationships.postgres_requests import PostgresRequests

LASTS_AT_MOST = timedelta(days=365)


class RequestRefusal(StrEnum):
    """Why a request cannot be answered by this practitioner."""

    NOT_THERE = "is-not-there"
    NO_CASE_LOAD = "has-no-case-load"
    SAME_AGENCY = "is-of-the-same-agency"
    NOT_THE_RECEIVER = "is-not-the-receiver"
    OWN = "is-for-themselves"


@dataclass(frozen=True, slots=True)
class Referring:
    """What referrals are made with; every port joins one transaction."""

    requests: PostgresRequests
    relationships: PostgresRelationships
    ledger: Ledger
    seal: Callable[[PersonId, bytes], bytes]
    at: datetime


def ask_to_work_with(
    person: PersonId | None, words: str, who: SignedInPractitioner, *, referring: Referring
) -> None:
    """Write down that the practitioner asks; nothing comes back, whoever that is.

    The words are kept under the person's key; where nobody is known they are kept nowhere.
    """
    at = referring.at
    is_theirs = who.role in OPENS_FAMILY_RECORDS
    found = person if is_theirs else None
    asked = Request(
        str(new_entry_id(at)),
        found,
        who.id,
        who.agency_code,
        RequestStatus.ASKED,
        at + LASTS_AT_MOST,
        who.actor,
    )
    referring.requests.add(asked, at=at)
    sealed = b"" if found is None else referring.seal(found, words.encode())
    referring.relationships.keep_words(asked.id, found, sealed)
    referring.ledger.append([_asked(asked, at)])


def offer(
    person: PersonId,
    receiver: SignedInPractitioner,
    until: datetime,
    who: SignedInPractitioner,
    *,
    referring: Referring,
) -> Request | RequestRefusal:
    """Offer somebody of another agency to work with the person; they have to take it up."""
    refusal = _why_not_given(person, receiver.id, receiver.agency_code, who, referring)
    if refusal is not None:
        return _refused(refusal, person, who, referring)
    at = referring.at
    offered = Request(
        str(new_entry_id(at)),
        person,
        receiver.id,
        receiver.agency_code,
        RequestStatus.OFFERED,
        min(until, at + LASTS_AT_MOST),
        who.actor,
    )
    referring.requests.add(offered, at=at)
    referring.ledger.append([_asked(offered, at)])
    return offered


def answer(
    request_id: str, *, accepts: bool, who: SignedInPractitioner, referring: Referring
) -> Request | RequestRefusal:
    """Accept or decline a request, or take up or turn down what was offered to oneself."""
    found = referring.requests.find(request_id)
    if found is None or found.person is None or not found.status.is_open:
        return _refused(RequestRefusal.NOT_THERE, None, who, referring)
    if found.status is RequestStatus.OFFERED:
        if found.practitioner != who.id:
            return _refused(RequestRefusal.NOT_THE_RECEIVER, found.person, who, referring)
        return _settled(found, RequestStatus.TAKEN_UP, found.said_by, accepts, who, referring)
    refusal = _why_not_given(found.person, found.practitioner, found.agency, who, referring)
    if refusal is not None:
        return _refused(refusal, found.person, who, referring)
    return _settled(found, RequestStatus.ACCEPTED, who.actor, accepts, who, referring)


def _settled(  # noqa: PLR0917 one step of answering
    request: Request,
    agreed: RequestStatus,
    warranted_by: str,
    accepts: bool,  # noqa: FBT001 as above
    who: SignedInPractitioner,
    referring: Referring,
) -> Request:
    status = agreed if accepts else RequestStatus.DECLINED
    settled = replace(request, status=status, said_by=who.actor, state=request.state + 1)
    referring.requests.add(settled, at=referring.at)
    fields: dict[str, FieldValue] = {"request": request.id, "answer": status}
    referring.ledger.append(
        [
            ledger_entry(
                LedgerEvent.RELATIONSHIP_REQUEST_ANSWERED,
                fields,
                at=referring.at,
                actor=who.actor,
            )
        ]
    )
    if accepts:
        made = _referral(settled, warranted_by, referring.at)
        referring.relationships.add([made])
        referring.ledger.append([entry_of_making(made, at=referring.at)])
    return settled


def _referral(request: Request, warranted_by: str, at: datetime) -> HeldRelationship:
    if request.person is None:
        raise ValueError("a request about nobody is not answered")
    return HeldRelationship(
        id=str(entry_id_for("referral", request.id)),
        person=request.person,
        agency=request.agency,
        practitioner=request.practitioner,
        ground=RelationshipGround.REFERRAL,
        since=at,
        until=request.until,
        warrant=Warrant(WarrantKind.CASE_LOAD_HOLDER, warranted_by),
        asked_by=f"practitioner:{request.practitioner}",
    )


def _why_not_given(
    person: PersonId,
    to: PractitionerId,
    to_agency: str,
    who: SignedInPractitioner,
    referring: Referring,
) -> RequestRefusal | None:
    """Whoever gives has a case-load of another agency's; a referral is not passed on.

    Nobody gives to themselves, by another account of theirs.
    """
    if who.is_one_with(f"practitioner:{to}"):
        return RequestRefusal.OWN
    found = referring.relationships.may_open(who.id, [person])[person]
    grounds = {r.ground for r in found.relationships}
    if RelationshipGround.CASE_LOAD not in grounds or found.is_restricted:
        return RequestRefusal.NO_CASE_LOAD
    return RequestRefusal.SAME_AGENCY if who.agency_code == to_agency else None


def _refused(
    because: RequestRefusal,
    person: PersonId | None,
    who: SignedInPractitioner,
    referring: Referring,
) -> RequestRefusal:
    fields: dict[str, FieldValue] = {
        "ground": RelationshipGround.REFERRAL,
        "person": [] if person is None else [person],
        "because": because,
    }
    entry = ledger_entry(LedgerEvent.RELATIONSHIP_REFUSED, fields, at=referring.at, actor=who.actor)
    referring.ledger.append([entry])
    return because


def _asked(request: Request, at: datetime) -> LedgerEntry:
    fields: dict[str, FieldValue] = {
        "request": request.id,
        "person": [] if request.person is None else [request.person],
        "practitioner": request.practitioner,
    }
    return ledger_entry(LedgerEvent.RELATIONSHIP_REQUESTED, fields, at=at, actor=request.said_by)
