"""How one person tries to get at a family: relationships, joins, a visit, an emergency."""

from dataclasses import dataclass
from datetime import date, timedelta

from consent.circumstances import Present
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Record
from schemas.vocabulary import Category, IdentifierScheme
from services.intake.feeds.model import CameBy, FeedChannel, FeedClass
from services.intake.feeds.registering import (
    RegisterFeed,
    Registering,
    answer_feed,
    ask_feed,
)
from services.people.governance.orders import Order
from services.people.linking.joins import JoinPersons, join_persons
from services.people.linking.ports import ACTOR, ReviewState
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.people.linking.queue import Answer, answer_review
from services.people.practitioners.people import SubjectEntry
from services.people.practitioners.stewards import as_steward
from services.people.presence import beginning, codes, confirming, sheets
from services.people.presence.beginning import BeginPresence
from services.people.presence.model import (
    ConfirmationRequest,
    ConfirmingAnswer,
    Sheet,
    Way,
    WithWhom,
)
from services.people.relationships import requests
from services.people.relationships.cover import WriteCover, write_cover
from services.people.relationships.emergency import (
    OpenEmergency,
    close_now,
)
from services.people.relationships.fourth import ColleagueAsked, open_or_ask, stand_for
from services.people.relationships.leads import Listing, answer_lead, ask_lead
from services.people.relationships.model import EmergencyReason, HeldRelationship, WhyNotAsked
from services.profile import families
from services.work import UnitOfWork, considering, unit_of_work
from tests.support.people.alone_person import OnePerson
from tests.support.people.alone_world import CHILD_BORN, a_review_of
from tests.support.people.joined import by_la_id
from tests.support.people.relating import relate
from tests.support.people.seen import OWN_WORDS

EVES_CLIENT = CameBy(FeedChannel.CLIENT, "eve-s-own-client")
ALONE = frozenset({Present.ALONE})
_BORN = date.fromisoformat(CHILD_BORN)


@dataclass(slots=True)
class Reaching(OnePerson):
    """Every way to a relationship with the child, or to what it would open."""

    # Relationships.

    def ask_to_work_with(self) -> None:
        """Ask for the child, and answer every request of one's own."""
        with self._portal() as work:
            referring = work.referring()
            requests.ask_to_work_with(self.world.child, OWN_WORDS, self.who, referring=referring)
            for request in self._requests(work):
                for account in self.accounts:
                    who = self._signed_in(account)
                    requests.answer(request, accepts=True, who=who, referring=work.referring())

    def offer(self, receiver: PractitionerId) -> None:
        """Offer somebody, also oneself, to work with the child; and take it up where one may."""
        with self._portal() as work:
            until = work.now + timedelta(days=30)
            who, other = self.who, self._signed_in(receiver)
            ports = work.referring()
            requests.offer(self.world.child, other, until, who, referring=ports)
            for request in self._requests(work):
                requests.answer(request, accepts=True, who=who, referring=ports)

    def write_cover(self, covered: PractitionerId, *, is_student: bool) -> None:
        """Let oneself stand in for somebody who has the family on their case-load."""
        with self._portal() as work:
            until = work.now + timedelta(days=1)
            command = WriteCover(covered, self.who.id, work.now, until, is_student, self.who.actor)
            people = {one: self._signed_in(one) for one in (covered, self.who.id)}
            ports = {"requests": work.requests, "ledger": work.ledger, "at": work.now}
            write_cover(command, people=people, **ports)  # type: ignore[arg-type] # by name

    def list_as_lead(self) -> None:
        """Ask to be on the agency's list, and confirm it."""
        with unit_of_work(self.acting.owner) as work:
            listing = Listing(work.leads, work.leads.why_not, work.orders, work.ledger, work.now)
            asked = ask_lead(self.who.agency_code, self.who.id, by=self.who.actor, listing=listing)
            if isinstance(asked, Order):
                answer_lead(asked.id, by=self.who.actor, confirms=True, listing=listing)

    def register_feed(self) -> None:
        """Ask for a feed of one's own, confirm it, and tell by it that one works with the child."""
        with unit_of_work(self.acting.owner) as work:
            registering = Registering(
                work.feeds, work.directory.kind_of, work.orders, work.ledger, work.now
            )
            feed = RegisterFeed(
                self.who.agency_kind, self.who.agency_code, EVES_CLIENT, FeedClass.KEPT
            )
            by = self.who.actor
            asked = ask_feed(feed, by=by, registering=registering)
            if isinstance(asked, Order):
                answer_feed(asked.id, by=by, confirms=True, registering=registering)
        self._tell(EVES_CLIENT, self.who.agency_kind)

    def type_a_file(self, *records: Record) -> None:
        """Write whatever one likes into a file that is read in for one's own agency."""
        self._tell(CameBy(FeedChannel.UPLOAD, self.who.agency_code), self.who.agency_kind, *records)

    # Who is who.

    def say_who_is_one(self, answer: Answer, *, is_joined_by_a_program: bool) -> None:
        """Answer whatever stewards are asked about the child, by every account that one has.

        One has a family of one's own, of whom a program may have said that they are the child.
        """
        own = self._family_of_ones_own()
        with self._portal() as work:
            if is_joined_by_a_program:
                order = JoinPersons(own, self.world.child, ACTOR)
                join_persons(order, joining=work.joining())
            reviews = PostgresLinkQueue(work.connection).listed(ReviewState)
        for account in self.accounts:
            for review in reviews:
                with self._portal() as work:
                    asking = considering(work, self.acting.portal)
                    who = as_steward(self._signed_in(account))
                    answer_review(review.id, answer, who, considering=asking)

    def _family_of_ones_own(self) -> PersonId:
        with unit_of_work(self.acting.owner) as work:
            found = work.persons.resolve_or_create(by_la_id("alone/own"), at=work.now)
            relate(work, self.who.id, found, since=work.now - timedelta(days=1))
            reviews = PostgresLinkQueue(work.connection)
            if not reviews.of(found):
                reviews.save(a_review_of(found, self.world.child, work))
        return found

    # A family that is said to be there.

    def begin_presence(self, with_whom: WithWhom, *, is_typed: bool) -> None:
        """Say that they are there, whose record is opened or typed."""
        number = self.world.subjects[0].identifiers[0].value
        typed = SubjectEntry(IdentifierScheme.NHS_NUMBER, number, _BORN)
        order = BeginPresence(typed if is_typed else self.world.child, with_whom, ALONE)
        with self._portal() as work:
            self._presence = beginning.begin(order, self.who, presences=work.presences()).id

    def guess_code(self, *guesses: str) -> None:
        """Ask for a code, and type what it may be."""
        with self._portal() as work:
            codes.ask_for_code(self._presence, self.who, presences=work.presences())
            for guess in guesses:
                codes.try_code(self._presence, guess, self.who, presences=work.presences())

    def confirm_presence(self, way: Way, answer: ConfirmingAnswer) -> None:
        """Ask somebody else, and answer by every account that one has oneself."""
        with self._portal() as work:
            ports = work.presences()
            asked = confirming.ask_to_confirm(self._presence, way, self.who, presences=ports)
            if isinstance(asked, ConfirmationRequest):
                for account in self.accounts:
                    who = self._signed_in(account)
                    confirming.show_request(asked.id, who, presences=ports)
                    confirming.answer_request(asked.id, answer, who, presences=ports)

    def write_sheet(self, *refused: Category) -> None:
        """Write down what they are said to want."""
        sheet = Sheet(story=OWN_WORDS, proposed=OWN_WORDS, refused=frozenset(refused))
        with self._portal() as work:
            sheets.write_sheet(self._presence, sheet, self.who, presences=work.presences())

    # The rest.

    def search(self) -> PersonId | object:
        """By number and date of birth."""
        with self._portal() as work:
            subject = self.world.subjects[0]
            return families.find_family(subject, self.who, searching=work.searching())

    def open_emergency(self) -> bool:
        """Open what an emergency opens; whether it did."""
        with self._portal() as work:
            command = OpenEmergency(
                self.world.child,
                EmergencyReason.CHILD_MISSING,
                WhyNotAsked.NOT_REACHED,
                OWN_WORDS,
                work.now,
            )
            opened = open_or_ask(command, self.who, ports=work.emergencies())
            if isinstance(opened, HeldRelationship):
                self.last_emergency = work.now
            if isinstance(opened, ColleagueAsked):
                self._stand_for(opened, work)
        return self.last_emergency is not None

    def _stand_for(self, asked: ColleagueAsked, work: UnitOfWork) -> None:
        """Be the colleague as well, by every account that one has."""
        for account in self.accounts:
            who, ports = self._signed_in(account), work.emergencies()
            stand_for(asked.id, who, signed_in_at=work.now, ports=ports)

    def close(self) -> None:
        """Close what is open for minutes."""
        with self._portal() as work:
            ports = {"relationships": work.relationships, "ledger": work.ledger, "at": work.now}
            close_now(self.who.id, self.world.child, **ports)  # type: ignore[arg-type] # by name

    def let_pass(self, time: timedelta) -> None:
        """Wait."""
        self.world.clock.pass_by(time)
