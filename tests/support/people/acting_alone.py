"""What one person can do about a family, by every use case; each answer may be a refusal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from connectors.ports import Received
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from consent.circumstances import Circumstances, InvalidationReason, Present
from consent.decisions.objecting import ObjectTo
from consent.decisions.restrictions import Change
from consent.errors import ConsentError
from consent.model import Decider, RecordDecision, RestrictionScope
from schemas.envelope import event_from_message
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.message import Record, SourceMessage
from schemas.records.payloads import Occurrence, OccurrenceKind
from schemas.topics import RECORD_TOPICS
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Source
from services.decisions import at_the_desk
from services.decisions.protection import changing, ending, excluding, restricting
from services.decisions.protection.excluding import NameExcluded
from services.decisions.protection.hands import Hand
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
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
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
from services.profile import families, story_writing
from services.profile.model import ProfileRefused
from services.profile.story_reading import StoryVisit
from services.profile.story_writing import ToldStory
from services.work import UnitOfWork, considering, unit_of_work
from services.workers.aggregation import aggregate
from tests.support.messages.source_messages import a_message
from tests.support.people.alone_world import CHILD_BORN, AloneWorld, a_review_of
from tests.support.people.joined import by_la_id
from tests.support.people.relating import relate
from tests.support.people.seen import OWN_WORDS
from tests.support.rolled_back import RolledBack

EVES_CLIENT = CameBy(FeedChannel.CLIENT, "eve-s-own-client")
ALONE = frozenset({Present.ALONE})
_A_MINUTE = timedelta(minutes=1)
_BORN = date.fromisoformat(CHILD_BORN)


@dataclass(slots=True)
class ActingAlone:
    """One person in one history. `accounts` are all of theirs, their own first.

    `made` are the decisions there, those from before first; `excluded` whom they have named.
    """

    world: AloneWorld
    acting: RolledBack
    accounts: Sequence[PractitionerId]
    who: SignedInPractitioner = field(init=False)
    made: list[DecisionId] = field(init=False)
    excluded: set[PractitionerId] = field(default_factory=set)
    last_emergency: datetime | None = None
    _presence: str = "f" * 32

    def __post_init__(self) -> None:
        """Begin with what is on record."""
        self.who = self._signed_in(self.accounts[0])
        self.made = list(self.world.decisions)

    # Decisions, at the desk.

    def record(self, **said: object) -> None:
        """Record anything about the child, as somebody is said to have decided."""
        defaults = {"subjects": (self.world.child,), "actor": self.who.actor}
        order = RecordDecision(**(defaults | said))  # type: ignore[arg-type] # fields of the order
        by_them = replace(order.circumstances, recorded_by=self.who.actor)
        order = replace(order, circumstances=by_them)
        self._decide(lambda desk: at_the_desk.record(order, self.who, desk=desk))

    def withdraw(self, decision: DecisionId) -> None:
        """Take one back."""
        self._decide(lambda desk: at_the_desk.withdraw(decision, self.who, desk=desk))

    def end(self, decision: DecisionId) -> None:
        """End one."""
        self._decide(lambda desk: at_the_desk.end(decision, self.who, desk=desk))

    def invalidate(self, decision: DecisionId) -> None:
        """Say that one never counted."""
        why = InvalidationReason.WRONG_PERSON
        self._decide(lambda desk: at_the_desk.invalidate(decision, why, self.who, desk=desk))

    def object_to(self, decision: DecisionId, objector: Decider) -> None:
        """Say that somebody of the family objects."""
        said = Circumstances(recorded_by=self.who.actor)
        order = ObjectTo(decision, objector, self.who.actor, circumstances=said)
        child = self.world.child
        self._decide(lambda desk: at_the_desk.record_objection(order, child, self.who, desk=desk))

    def confirm(self, decision: DecisionId) -> None:
        """Be the second hand as well, by every account that one has."""
        for account in self.accounts:
            who = self._signed_in(account)
            self._decide(lambda desk, who=who: at_the_desk.confirm(decision, who, desk=desk))

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

    # Protection.

    def protect(self, scope: RestrictionScope) -> None:
        """Place a restriction of the child."""
        with self._portal() as work:
            ports, who = work.restricting(), Hand.of(self.who)
            restricting.place(self.world.child, scope, who, restricting=ports)

    def change_restrictions(self, change: Change) -> None:
        """Ask for every restriction there to be that, and answer by every account."""
        for restriction in self._ids("restriction", "restriction_id"):
            with self._portal() as work:
                ports, who = work.restricting(), Hand.of(self.who)
                changing.ask_change(restriction, change, who, restricting=ports)
        for order in self._ids("two_hands_order", "order_id"):
            for account in self.accounts:
                with self._portal() as work:
                    ports, who = work.restricting(), Hand.of(self._signed_in(account))
                    changing.answer_change(order, who, confirms=True, restricting=ports)

    def exclude(self, worker: PractitionerId) -> None:
        """Say that the family has named somebody."""
        self.excluded.add(worker)
        with self._portal() as work:
            order = NameExcluded((self.world.child,), self._signed_in(worker).name)
            excluding.record(order, Hand.of(self.who), excluding=work.excluding())

    def end_exclusions(self) -> None:
        """Ask for every exclusion there to end; confirm all, and answer, by every account."""
        for exclusion in self._ids("exclusion", "exclusion_id"):
            with self._portal() as work:
                ports, who = work.excluding(), Hand.of(self.who)
                ending.ask_end(exclusion, who, family_was_asked=True, excluding=ports)
                excluding.confirm(exclusion, who, excluding=ports)
        for order in self._ids("two_hands_order", "order_id"):
            for account in self.accounts:
                with self._portal() as work:
                    ports, who = work.excluding(), Hand.of(self._signed_in(account))
                    ending.answer(order, who, confirms=True, excluding=ports)

    # The story.

    def add_story(self, *about: PersonId) -> None:
        """Write something down, also as being about others."""
        told = ToldStory(OWN_WORDS, "mother", about=about)
        with self._portal() as work:
            ports = work.story_writing()
            story_writing.add_story(self.who, self.world.child, told, writing=ports)
        self._store_what_was_told()

    def change_story(self, purpose: Purpose) -> None:
        """Correct, confirm and keep whatever of it one can read, and some that one cannot."""
        told, child, who = ToldStory(OWN_WORDS, "mother"), self.world.child, self.who
        with self._portal() as work:
            ports = work.story_writing()
            visit = StoryVisit.of(who, child, purpose, ports.opening)
            for key in (*visit.entries, "f" * 64):
                rest = (who, child, purpose)
                story_writing.correct_story(*rest, key, told, writing=ports)
                story_writing.confirm_story(*rest, [key], told_by="mother", writing=ports)
                story_writing.keep_story(*rest, key, frozenset(), writing=ports)
        self._store_what_was_told()

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

    # How.

    def _decide(self, act: Callable[[at_the_desk.Desk], object]) -> None:
        """Try it; what makes no sense is refused with an error, and its transaction is over."""
        self.world.clock.pass_by(_A_MINUTE)
        try:
            with self._portal() as work:
                done = act(work.desk())
        except ConsentError:
            return
        recorded = getattr(done, "decision", None)
        if recorded is not None and not isinstance(done, ProfileRefused):
            self.made.append(recorded.id)

    def _tell(self, came_by: CameBy, source: Source, *records: Record) -> None:
        now = self.world.clock.now().astimezone(UTC)
        about = Occurrence(OccurrenceKind.REVIEW, OWN_WORDS)
        own = Record("eve's", Category.CHILD_HEALTH, ("child",), about)
        message: SourceMessage = a_message(
            f"eve's {now.isoformat()}",
            own,
            *records,
            at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            subjects=self.world.subjects,
            source=source,
        )
        found = [Received(0, message, raw=lambda: b"")]
        with unit_of_work(self.acting.connectors) as work:
            publishing = work.publishing(source, None, came_by)
            publish_if_permitted(PublishIfPermitted(source, found), publishing=publishing)
        self._store_what_was_told()

    def _store_what_was_told(self) -> None:
        """As the aggregation does. What was decided purges nothing meanwhile: more stays to see."""
        with unit_of_work(self.acting.owner) as work:
            messages = work.outbox.take(500)
        events = [
            event_from_message(one.topic, one.key, one.headers, one.value)
            for one in messages
            if one.topic in RECORD_TOPICS
        ]
        if events:
            with unit_of_work(self.acting.aggregation) as work:
                aggregate(events, work)

    def _ids(self, table: str, column: str) -> Sequence[str]:
        """The ids of all that lie there, as somebody who had them would use them."""
        with self._portal() as work:
            statement = f"SELECT DISTINCT {column} FROM {table} ORDER BY 1"  # noqa: S608 - ours
            return [str(row[0]) for row in work.connection.exec_driver_sql(statement)]

    def _requests(self, work: UnitOfWork) -> Sequence[str]:
        """The ids of all requests, as somebody who had them would use them."""
        rows = work.connection.exec_driver_sql(
            "SELECT DISTINCT request_id FROM relationship_request"
        )
        return [row.request_id for row in rows]

    def _signed_in(self, account: PractitionerId) -> SignedInPractitioner:
        with self._portal() as work:
            found = work.directory.practitioner(account)
        assert found is not None
        return found

    @contextmanager
    def _portal(self) -> Iterator[UnitOfWork]:
        self.world.clock.pass_by(timedelta(seconds=1))
        with unit_of_work(self.acting.portal) as work:
            yield work
