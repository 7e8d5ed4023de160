"""A mother whose number a school has held for a month, and people who say that she is with them."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from consent.circumstances import Present
from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from consent.model import LegitimateRelationship, RecordDecision, Response
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Record, Subject
from schemas.records.payloads import ContactDetails, Relationship, RelationshipKind, Telecom
from schemas.vocabulary import Category, Purpose, Role, Source
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.presence import beginning, codes, confirming
from services.people.presence.beginning import BeginPresence
from services.people.presence.model import (
    ConfirmationRequest,
    ConfirmedPresence,
    ConfirmingAnswer,
    PresenceBegun,
    Way,
    WhyNotConfirmed,
    WithWhom,
)
from services.people.relationships.emergency import close_now
from services.platform.messages.ports import Message, MessageChannel
from services.work import Outside, unit_of_work
from tests.support.builders import BOTH_HANDS, MOTHER, TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess, by_number
from tests.support.messages.source_messages import a_message
from tests.support.people.link_traps import nhs_number

COUNCIL = "999"
OFFICER = PractitionerId("c0" * 16)
OFFICER_OF_THE_TRUST = PractitionerId("c1" * 16)
COLLEAGUE = PractitionerId("c2" * 16)
E_MAIL = Telecom("email", "Eva@Family.example")
ALONE = frozenset({Present.ALONE})
_families = itertools.count(1)
_FIRST_NUMBER = 2000
_PEOPLE = (
    (VISITOR, "Amara Okafor", Role.PRACTITIONER, AGENCY, "01632 960101"),
    (COLLEAGUE, "Jo Byrne", Role.PRACTITIONER, AGENCY, "07700 900998"),
    (TEACHER, "Tom Bartlett", Role.PRACTITIONER, SCHOOL, None),
    (OFFICER, "Ines Prior", Role.CONFIRMING_OFFICER, COUNCIL, None),
    (OFFICER_OF_THE_TRUST, "Max Hale", Role.CONFIRMING_OFFICER, AGENCY, None),
)


@contextmanager
def presences_running(outside: Outside) -> Iterator[InProcess]:
    """A place where everybody works, and everything carries messages."""
    able = replace(outside, channels=frozenset(MessageChannel))
    with InProcess.running(able) as running:
        _enter(running)
        yield running


@dataclass(frozen=True, slots=True)
class PresenceWorld:
    """One family there; each call is one transaction of the portal's.

    `mobile` is the mother's, as the school has known it for a month; `family` are child, mother
    and father as sources name them.
    """

    running: InProcess
    clock: StandingClock
    family: tuple[Subject, Subject, Subject]
    mobile: Telecom
    child: PersonId
    mother: PersonId
    father: PersonId
    entries_before: int

    @classmethod
    def among(cls, running: InProcess, clock: StandingClock) -> "PresenceWorld":
        """A family of its own, about whom a decision is on record, a day after any other."""
        number = next(_families)
        family = a_family(number)
        clock.pass_by(timedelta(days=1))
        _agree(running, family)
        persons = [running.person(one) for one in family]
        child, mother, father = (one for one in persons if one is not None)
        mobile = Telecom("phone", f"07700 9{number:05d}")
        before = len(running.ledger())
        world = cls(running, clock, family, mobile, child, mother, father, before)
        world.tell(own_contacts("mother", mobile))
        clock.pass_by(timedelta(days=29))
        return world

    def entries(self, *events: LedgerEvent) -> list[LedgerEntry]:
        """What was entered of this family's: all of it, or some events, in order."""
        found = self.running.ledger()[self.entries_before :]
        return [entry for entry in found if not events or entry.event in events]

    def tell(
        self,
        *records: Record,
        source: Source = Source.SCHOOLS,
        at: str = "2026-01-01T00:00:00Z",
        subjects: tuple[Subject, ...] | None = None,
        removes_subject: bool = False,
    ) -> None:
        """A source tells of the family."""
        reference = f"{source}-{self.clock.now().isoformat()}-{at}-{len(records)}"
        about = subjects or self.family
        told = {"at": at, "subjects": about, "source": source, "removes_subject": removes_subject}
        self.running.receive(a_message(reference, *records, **told))

    def who(self, practitioner: PractitionerId = VISITOR) -> SignedInPractitioner:
        """A practitioner as they sign in."""
        with unit_of_work(self.running.portal) as work:
            found = work.directory.practitioner(practitioner)
        assert found is not None
        return found

    def begin(
        self,
        about: PersonId | SubjectEntry | None = None,
        with_whom: WithWhom = WithWhom.THEMSELVES,
        in_the_room: frozenset[Present] = ALONE,
        *,
        by: PractitionerId = VISITOR,
    ) -> PresenceBegun:
        """Somebody says that a family is with them: by default the mother, alone."""
        order = BeginPresence(about or self.mother, with_whom, in_the_room)
        with unit_of_work(self.running.portal) as work:
            return beginning.begin(order, self.who(by), presences=work.presences())

    def ask(self, presence: PresenceBegun | str, *, by: PractitionerId = VISITOR) -> None:
        """Ask for a code."""
        with unit_of_work(self.running.portal) as work:
            codes.ask_for_code(_id(presence), self.who(by), presences=work.presences())

    def sent(self) -> Message | None:
        """The message that was queued last, taken out; None where it is to nobody."""
        with unit_of_work(self.running.relay) as work:
            found = work.messages_out().claim(now=work.now, lease=timedelta(minutes=1))
            assert found is not None, "whatever is asked, something is queued"
            work.messages_out().forget(found.id)
        return found.message

    def code_for(self, presence: PresenceBegun) -> str:
        """Ask for a code and read it where it went."""
        self.ask(presence)
        message = self.sent()
        assert message is not None, "no code was sent"
        return message.text[:6]

    def type_in(
        self, presence: PresenceBegun | str, code: str, *, by: PractitionerId = VISITOR
    ) -> ConfirmedPresence | WhyNotConfirmed:
        """Type a code."""
        with unit_of_work(self.running.portal) as work:
            return codes.try_code(_id(presence), code, self.who(by), presences=work.presences())

    def request(
        self, presence: PresenceBegun, way: Way = Way.OFFICER
    ) -> ConfirmationRequest | WhyNotConfirmed:
        """Ask somebody else to say that it is them."""
        with unit_of_work(self.running.portal) as work:
            who = self.who(presence.practitioner)
            return confirming.ask_to_confirm(presence.id, way, who, presences=work.presences())

    def answer(
        self,
        request: ConfirmationRequest | WhyNotConfirmed,
        answer: ConfirmingAnswer,
        *,
        by: PractitionerId = OFFICER,
    ) -> ConfirmedPresence | ConfirmingAnswer | WhyNotConfirmed:
        """Answer such a request."""
        assert isinstance(request, ConfirmationRequest)
        with unit_of_work(self.running.portal) as work:
            presences = work.presences()
            return confirming.answer_request(request.id, answer, self.who(by), presences=presences)

    def close(self, person: PersonId, *, by: PractitionerId = VISITOR) -> None:
        """Close what was opened, from this person's page."""
        with unit_of_work(self.running.portal) as work:
            close_now(by, person, relationships=work.relationships, ledger=work.ledger, at=work.now)

    def opened(
        self, *persons: PersonId, by: PractitionerId = VISITOR
    ) -> set[LegitimateRelationship]:
        """What lets a practitioner ask about these persons now: by default about all three."""
        wanted = persons or (self.child, self.mother, self.father)
        with unit_of_work(self.running.portal) as work:
            return set(work.relationships.relationships(by, wanted))


def a_family(number: int) -> tuple[Subject, Subject, Subject]:
    """Child, mother and father of one of many families, by NHS numbers of the test range."""
    child, mother, father = (
        nhs_number(_FIRST_NUMBER + 3 * number + place).value for place in range(3)
    )
    return (
        by_number(child),
        replace(by_number(mother, "1996-02-11"), ref="mother"),
        replace(by_number(father, "1994-08-30"), ref="father"),
    )


def own_contacts(subject: str, *telecoms: Telecom, **more: object) -> Record:
    """A record of how to reach one of the family."""
    return Record(
        f"contacts of {subject}",
        Category.IDENTITY_AND_CONTACT,
        (subject,),
        ContactDetails(telecoms=telecoms),
        **more,  # type: ignore[arg-type] # fields of the record
    )


def a_tie(
    kind: RelationshipKind,
    *telecoms: Telecom,
    to: str | None = None,
    name: str | None = None,
) -> Record:
    """A record of who somebody is to the child, and how to reach them."""
    return Record(
        f"the child's {kind}",
        Category.FAMILY_AND_HOUSEHOLD,
        ("child",) if to is None else ("child", to),
        Relationship(kind, name, telecoms),
    )


def _agree(running: InProcess, family: tuple[Subject, ...]) -> None:
    """Let it be on record, with both hands, that the family shares everything for its care."""
    order = RecordDecision(
        subjects=family,
        response=Response.GIVEN,
        categories=frozenset(Category),
        purposes=frozenset({Purpose.DIRECT_CARE}),
        basis=Basis.CONSENT,
        decided_by=MOTHER,
        actor="job:test",
    )
    with unit_of_work(running.portal) as work:
        record_decision(order, deciding=work.deciding(BOTH_HANDS))


def _enter(running: InProcess) -> None:
    with unit_of_work(running.outside) as work:
        work.directory.save_agency(Agency(COUNCIL, "Council", Source.SOCIAL_CARE, None))
        for practitioner, name, role, agency, telephone in _PEOPLE:
            work.directory.save_practitioner(
                PractitionerEntry(
                    practitioner, name, role, "Worker", agency, telephone, None, Purpose.DIRECT_CARE
                )
            )


def _id(presence: PresenceBegun | str) -> str:
    return presence if isinstance(presence, str) else presence.id
