"""Two sources tell of children who may be one, on a real database, for tests."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import text

from schemas.identifiers import Identifier, PersonId, PractitionerId
from schemas.records.message import Demographics, Record, SourceMessage, Subject, Version
from schemas.records.payloads import Address, ContactDetails, PersonDetails
from schemas.vocabulary import Category, Disposition, IdentifierScheme, Role, Source
from services.people.linking.ports import Considering, JoinRefusal, Review, ReviewState
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.people.linking.queue import Answer as QueueAnswer
from services.people.linking.queue import answer_review
from services.people.linking.stewards_view import NotShown, Steward
from services.people.persons.subjects import identifier_of
from services.work import considering, unit_of_work
from tests.support.fakes.in_process import InProcess

Answer = TypeVar("Answer")

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
STEWARD = Steward(PractitionerId("5e" * 16), Role.DATA_STEWARD)
SECOND_STEWARD = Steward(PractitionerId("5d" * 16), Role.DATA_STEWARD)
NHS, OTHER_NHS, THIRD_NHS = (
    identifier_of(IdentifierScheme.NHS_NUMBER, n)
    for n in ("9990000018", "9990000026", "9990000034")
)
UPN = identifier_of(IdentifierScheme.UPN, "T999200119011")


@dataclass(frozen=True, slots=True, repr=False)
class AChild:
    """What one source knows of a child; ask only for what matters."""

    given: tuple[str, ...] = ("Ottoline",)
    family: str = "Quillfeather"
    born: str | None = "2019-04-17"
    postcode: str | None = "ZZ9 9ZZ"
    line: str | None = "1 Wherewithal Lane"
    numbers: tuple[Identifier, ...] = ()
    known_as: str | None = None
    birth_order: int | None = None
    placeholder: bool = False

    def subject(self) -> Subject:
        """Whom a message is about."""
        who = Demographics(self.family, self.given, self.born, self.postcode, self.placeholder)
        return Subject("child", self.numbers, who)

    def message(self, source: Source, message_id: str, at: str) -> SourceMessage:
        """A message that tells all of it."""
        records = [self._record("details", self.details())]
        if (contact := self.contact()) is not None:
            records.append(self._record("contact", contact))
        return SourceMessage(source, message_id, Version(at), (self.subject(),), tuple(records))

    def contact(self) -> ContactDetails | None:
        """Where the child lives, where that is said."""
        return ContactDetails((Address((self.line,), self.postcode),)) if self.line else None

    def details(self) -> PersonDetails:
        """What the source says of who the child is."""
        return PersonDetails(
            self.family,
            self.given,
            self.known_as,
            self.born,
            multiple_birth_order=self.birth_order,
            placeholder_name=self.placeholder,
        )

    def _record(self, name: str, payload: PersonDetails | ContactDetails) -> Record:
        source_id = f"{'/'.join(i.value for i in self.numbers)}{self.given}/{name}"
        return Record(source_id, Category.IDENTITY_AND_CONTACT, ("child",), payload)


@dataclass(slots=True)
class LinkingWorld:
    """The main job, and what came of comparing in it."""

    running: InProcess
    sent: int = 0

    def tell(self, source: Source, child: AChild, *, decided: bool = True) -> PersonId | None:
        """Let a source tell of a child, about whom the mother has agreed or nothing is on record.

        Gives who the child is known to be.
        """
        if decided:
            self.running.decide(replace(child.subject(), demographics=Demographics()))
        self.send(source, child)
        return self.running.person(child.subject())

    def introduce(self, source: Source, child: AChild) -> PersonId:
        """Let the mother agree for a child, and a source tell of them; compare nobody yet."""
        decided = self.running.decide(replace(child.subject(), demographics=Demographics()))
        self.receive(source, child)
        (person,) = decided.decision.subjects
        return person

    def send(self, source: Source, child: AChild) -> None:
        """Let a source tell of a child, and do all that follows."""
        self.receive(source, child)
        self.running.settle()

    def are_one(self, one: PersonId, other: PersonId) -> bool:
        """Whether two persons were joined."""
        with unit_of_work(self.running.outside) as work:
            return other in work.clusters.members([one])[one]

    def are_said_to_be_one(self, one: PersonId, other: PersonId) -> bool:
        """Whether two persons were joined by one hand or more."""
        with unit_of_work(self.running.outside) as work:
            return other in work.clusters.said_to_be([one])[one]

    def say(
        self, review: str, said: QueueAnswer, who: Steward | None = None
    ) -> Review | NotShown | JoinRefusal:
        """Let a steward answer about a pair, and everybody look again."""
        by = who or STEWARD
        answered = self.asking(lambda c: answer_review(review, said, by, considering=c))
        self.running.settle()
        return answered

    def warrant(self) -> None:
        """Let two stewards say of all who are said to be one that they are."""
        for steward in (STEWARD, SECOND_STEWARD):
            for review in self.reviews(ReviewState.CLAIMED):
                answered = self.say(review.id, QueueAnswer.CONFIRM, steward)
                assert answered is JoinRefusal.SAME_HAND or isinstance(answered, Review), answered

    def reviews(self, *states: ReviewState) -> Sequence[Review]:
        """What somebody is asked about, open unless states are given."""
        wanted: Collection[ReviewState] = states or (ReviewState.WAITING, ReviewState.ASKED_SOURCE)
        with unit_of_work(self.running.outside) as work:
            return PostgresLinkQueue(work.connection).listed(wanted)

    def sources_kept_of(self, person: PersonId) -> list[str]:
        """Whose facts about a person are kept."""
        query = text("SELECT source FROM person_facts WHERE person_id = :person ORDER BY source")
        with self.running.outside.engine.connect() as connection:
            return list(connection.execute(query, {"person": person}).scalars())

    def leave_behind(self, person: PersonId) -> None:
        """Mark an identity as left behind by an adoption."""
        query = text("UPDATE person SET left_behind_at = now() WHERE person_id = :person")
        with self.running.outside.engine.begin() as connection:
            connection.execute(query, {"person": person})

    def asking(self, ask: Callable[[Considering], Answer]) -> Answer:
        """Let a data steward do something, with the rights of the portal."""
        with unit_of_work(self.running.portal) as work:
            return ask(considering(work, self.running.portal))

    def receive(self, source: Source, child: AChild) -> Disposition:
        """Let a source tell of a child, and do no more; gives what became of the message."""
        self.sent += 1
        at = (_FIRST + timedelta(seconds=self.sent)).isoformat()
        (found,) = self.running.receive(child.message(source, f"m{self.sent}", at))
        return found.disposition
