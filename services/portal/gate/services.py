"""What the pages of the gate ask, each call one transaction: handed on to whose rule it is."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from services.decisions.at_the_desk import TRIES_AN_HOUR
from services.people.own_cases.opening import own_labels
from services.people.own_cases.postgres_labels import OwnLabel
from services.people.practitioners.people import (
    Session,
    SignedInPractitioner,
    SubjectEntry,
    subject_of,
)
from services.people.practitioners.postgres_limits import limit_reached
from services.people.relationships import emergency, fourth, requests
from services.people.relationships.emergency import EmergencyRefusal, OpenEmergency, close_now
from services.people.relationships.fourth import ColleagueAsked, ColleagueWanted
from services.people.relationships.model import (
    EmergencyReason,
    EmergencyTold,
    HeldRelationship,
    Request,
    WhyNotAsked,
)
from services.people.relationships.requests import RequestRefusal, ask_to_work_with
from services.work import Outside, UnitOfWork, only_reading, unit_of_work

_MOST_FAMILIES = 200


@dataclass(frozen=True, slots=True, repr=False)
class EmergencyForm:
    """What somebody writes who opens an emergency."""

    subject: SubjectEntry
    reason: EmergencyReason
    why_not_asked: WhyNotAsked
    words: str


@dataclass(frozen=True, slots=True)
class Passing:
    """Access that ends by itself: on which ground, and when."""

    ground: RelationshipGround
    until: datetime

    @property
    def may_be_closed(self) -> bool:
        """Whether it was opened for this family alone, and so can be closed on its pages."""
        return self.ground in _PASSING


@dataclass(frozen=True, slots=True, repr=False)
class RequestToAnswer:
    """Who asks to work with one of the practitioner's own families, or is offered to."""

    id: str
    person: PersonId
    is_offer: bool
    practitioner: str
    agency: str


@dataclass(frozen=True, slots=True, repr=False)
class EmergencyToShow:
    """An emergency of which a practitioner is told, with who opened it."""

    told: EmergencyTold
    practitioner: str
    agency: str


class GateServices(Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return.

    Raises ServiceUnavailableError when ledger or database cannot be written: then nothing opens.
    """

    def open_emergency(
        self, session: Session, form: EmergencyForm
    ) -> HeldRelationship | ColleagueAsked | EmergencyRefusal:
        """Open what an emergency opens; somebody unknown and somebody protected are one answer.

        A fourth that nobody has looked at waits for a colleague.
        """

    def colleagues_wanted(self, who: SignedInPractitioner) -> Sequence[ColleagueWanted]:
        """The emergencies that wait for a colleague whom the practitioner may be."""

    def stand_for_emergency(self, session: Session, asked: str) -> bool:
        """Be that colleague; whether it was theirs, and not whether it opened anything."""

    def emergencies_told(self, who: SignedInPractitioner) -> Sequence[EmergencyToShow]:
        """Emergencies about those with whom the practitioner works, which they have not seen."""

    def see_emergency(self, who: SignedInPractitioner, told: str) -> bool:
        """Write down that they have; whether it was theirs."""

    def ask_to_work_with(
        self, who: SignedInPractitioner, subject: SubjectEntry, words: str
    ) -> None:
        """Write down that the practitioner asks; the answer is the same whoever that is."""

    def close_now(self, who: SignedInPractitioner, person: PersonId) -> None:
        """End at once what was opened for minutes."""

    def passing(self, who: SignedInPractitioner, person: PersonId) -> Passing | None:
        """The access in force that ends by itself, in minutes or with a shift, if it is all."""

    def own_label(self, who: SignedInPractitioner, person: PersonId) -> OwnLabel | None:
        """How the practitioner's own agency knows the person, for somebody on its own books."""

    def to_answer(self, who: SignedInPractitioner) -> Sequence[RequestToAnswer]:
        """Requests about the practitioner's own case-load, and offers to them."""

    def answer_request(
        self, who: SignedInPractitioner, request: str, *, accepts: bool
    ) -> Request | RequestRefusal:
        """Accept or decline."""


class GateOnDatabase:
    """GateServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def open_emergency(
        self, session: Session, form: EmergencyForm
    ) -> HeldRelationship | ColleagueAsked | EmergencyRefusal:
        """Open it, ask a colleague, or say why not."""
        with self._work() as work:
            command = OpenEmergency(
                _person(form.subject, session.practitioner, work),
                form.reason,
                form.why_not_asked,
                form.words,
                session.authenticated_at,
            )
            return fourth.open_or_ask(command, session.practitioner, ports=work.emergencies())

    def colleagues_wanted(self, who: SignedInPractitioner) -> Sequence[ColleagueWanted]:
        """What waits."""
        with self._work() as work:
            return fourth.wanted_of(who, ports=work.emergencies())

    def stand_for_emergency(self, session: Session, asked: str) -> bool:
        """Stand for it."""
        who, signed_in_at = session.practitioner, session.authenticated_at
        with self._work() as work:
            ports = work.emergencies()
            return fourth.stand_for(asked, who, signed_in_at=signed_in_at, ports=ports)

    def emergencies_told(self, who: SignedInPractitioner) -> Sequence[EmergencyToShow]:
        """What they were told of."""
        with self._work() as work:
            told = emergency.unseen(who, ports=work.emergencies())
            return [EmergencyToShow(one, *_named(one.opened_by, work)) for one in told]

    def see_emergency(self, who: SignedInPractitioner, told: str) -> bool:
        """It is seen."""
        with self._work() as work:
            return emergency.see(told, who, ports=work.emergencies())

    def ask_to_work_with(
        self, who: SignedInPractitioner, subject: SubjectEntry, words: str
    ) -> None:
        """Write it down."""
        with self._work() as work:
            person = _person(subject, who, work)
            ask_to_work_with(person, words, who, referring=work.referring())

    def close_now(self, who: SignedInPractitioner, person: PersonId) -> None:
        """End it."""
        with self._work() as work:
            close_now(
                who.id, person, relationships=work.relationships, ledger=work.ledger, at=work.now
            )

    def passing(self, who: SignedInPractitioner, person: PersonId) -> Passing | None:
        """What ends in minutes."""
        with only_reading(self._outside) as work:
            found = work.relationships.may_open(who.id, [person])[person]
        ends = [Passing(r.ground, r.until) for r in found.relationships if r.until is not None]
        passing = [one for one in ends if one.ground in _ENDING]
        if not passing or any(r.ground not in _ENDING for r in found.relationships):
            return None
        return max(passing, key=lambda one: (one.may_be_closed, one.until))

    def own_label(self, who: SignedInPractitioner, person: PersonId) -> OwnLabel | None:
        """The label, where they may see it."""
        with self._work() as work:
            return own_labels(who, [person], opening=work.own_opening()).get(person)

    def to_answer(self, who: SignedInPractitioner) -> Sequence[RequestToAnswer]:
        """What waits for the practitioner."""
        with self._work() as work:
            mine = work.relationships.of(who.id, most=_MOST_FAMILIES)
            waiting = work.requests.to_answer(who.id, who.agency_code, mine, at=work.now)
            return [_told(one, one.person, who, work) for one in waiting if one.person is not None]

    def answer_request(
        self, who: SignedInPractitioner, request: str, *, accepts: bool
    ) -> Request | RequestRefusal:
        """Accept or decline it."""
        with self._work() as work:
            return requests.answer(request, accepts=accepts, who=who, referring=work.referring())

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)


_PASSING = frozenset({RelationshipGround.EMERGENCY, RelationshipGround.FAMILY_CONFIRMED})
_ENDING = _PASSING | {RelationshipGround.COVER}


def _person(subject: SubjectEntry, who: SignedInPractitioner, work: UnitOfWork) -> PersonId | None:
    """Who that is, if number and date of birth are theirs; nobody for who has tried too often."""
    typed = f"{subject.scheme}:{subject.value}"
    if not work.limits.take("typed-number", [who.id, typed], TRIES_AN_HOUR):
        reached = limit_reached("typed-number", TRIES_AN_HOUR, actor=who.actor, at=work.now)
        work.ledger.append([reached])
        return None
    return work.persons.typed(subject_of(subject))


def _told(
    request: Request, person: PersonId, who: SignedInPractitioner, work: UnitOfWork
) -> RequestToAnswer:
    is_offer = request.practitioner == who.id
    return RequestToAnswer(request.id, person, is_offer, *_named(request.practitioner, work))


def _named(practitioner: PractitionerId, work: UnitOfWork) -> tuple[str, str]:
    """Name with job title, and agency."""
    found = work.directory.practitioner(practitioner)
    return ("", "") if found is None else (f"{found.name}, {found.job_title}", found.agency_name)
