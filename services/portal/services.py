"""What pages ask, each call one transaction: handed on to whose rule it is (portal.ports)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import TypeVar

from consent.circumstances import CompetenceQuestion, InvalidationReason
from consent.decisions.confirming import NotConfirmed
from consent.decisions.keeping import Recorded, Taken
from consent.decisions.seconding import waits_for_second_judge
from consent.model import SharingDecision
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.published import KeptTo
from schemas.vocabulary import Purpose, Source
from services.audit.integrity.postgres_looking import Watched
from services.decisions import at_the_desk, telling
from services.decisions.choosing import deciders_to_choose
from services.decisions.protection.excluding import NameExcluded, record, require_name
from services.decisions.protection.hands import Hand
from services.decisions.receipts.postgres import ReceiptIssuer
from services.people.deciders.naming import NamedChoice
from services.people.practitioners import sessions
from services.people.practitioners.people import (
    AgencyToRing,
    Session,
    SignedInPractitioner,
    SubjectEntry,
    subject_of,
)
from services.people.practitioners.permissions import Permission, entry_of_refusal
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.practitioners.sessions import STANDARD_LIMITS, SessionLimits
from services.people.signing_in.ports import SignInClient
from services.portal.decisions.asking.services import AskingOnDatabase
from services.portal.decisions.orders import (
    DecisionForm,
    ObjectionForm,
    WithdrawalForm,
    objecting_order,
    recording_order,
)
from services.portal.decisions.summaries import (
    DecisionSummary,
    DueForReview,
    NameOf,
    RecordedDecision,
    SharingSummary,
    confirmed,
    summary_of,
)
from services.portal.family.writing.services import SupportOnDatabase
from services.portal.front.parts import PartsOnDatabase
from services.portal.front.sign_in.services import session_behind, sessions_in
from services.profile import families, story
from services.profile.families import (
    BeforeContact,
    FamilySummary,
    NameSought,
    TooManySearches,
)
from services.profile.model import Profile, ProfileRefused, StoryScope
from services.profile.ports import ListedLook
from services.profile.reading import looks_told
from services.profile.story.reading import Colleague, StoryReaders
from services.profile.story.writing import StoryOutcome, ToldStory
from services.work import Outside, ReadingPool, UnitOfWork


class PortalOnDatabase(PartsOnDatabase):
    """PortalServices on PostgreSQL."""

    def __init__(
        self,
        outside: Outside,
        *,
        demonstration: bool,
        receipts: ReceiptIssuer,
        sign_in: SignInClient | None = None,
        limits: SessionLimits = STANDARD_LIMITS,
        watched: Watched | None = None,
    ) -> None:
        super().__init__(
            outside,
            demonstration=demonstration,
            sign_in=sign_in,
            limits=limits,
            watched=watched,
        )
        self._receipts = receipts
        self._readings = ReadingPool(outside)

    @property
    def support(self) -> SupportOnDatabase:
        """Help wanted, next steps, and who says that they are involved."""
        return SupportOnDatabase(self._outside)

    def now(self) -> datetime:
        """The time by which pages count ages and days."""
        return self._outside.clock.now()

    def demonstration_people(self) -> Sequence[SignedInPractitioner]:
        """Whom one may sign in as; empty unless this is the demonstration."""
        if not self._demonstration:
            return []
        with self._work() as work:
            return work.directory.practitioners()

    def sign_in(self, practitioner: PractitionerId) -> str | None:
        """Open a session; its secret for the cookie."""
        with self._work() as work:
            return sessions.sign_in(practitioner, sessions=sessions_in(work, self._limits))

    def session(self, secret: str) -> Session | None:
        """The session behind a cookie."""
        return session_behind(secret, self._outside, self._limits)

    def sign_out(self, secret: str) -> tuple[str, str] | None:
        """End the session at once."""
        with self._work() as work:
            return sessions.sign_out(secret, sessions=sessions_in(work, self._limits))

    def refuse_role(self, who: SignedInPractitioner, permission: Permission) -> None:
        """Enter that the role did not open a page."""
        with self._work() as work:
            work.ledger.append([entry_of_refusal(permission, who, at=work.now)])

    def my_families(self, who: SignedInPractitioner) -> Sequence[FamilySummary]:
        """Whom the practitioner works with."""
        with self._work() as work:
            return families.my_families(who, opening=work.opening(), own=work.own_opening())

    def find_family(
        self, who: SignedInPractitioner, subject: SubjectEntry
    ) -> PersonId | TooManySearches | None:
        """The person behind an identifier."""
        with self._work() as work:
            return families.find_family(subject_of(subject), who, searching=work.searching())

    def find_by_name(
        self, who: SignedInPractitioner, sought: NameSought
    ) -> Sequence[FamilySummary] | TooManySearches:
        """Those of one's own who are called so."""
        with self._work() as work:
            searching, own = work.searching(), work.own_opening()
            return families.find_by_name(sought, who, searching=searching, own=own)

    def read_profile(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Profile | ProfileRefused:
        """One family as the practitioner may see it."""
        with self._readings.reading_work(looker=who.id) as work:
            reading, own = work.reading(), work.own_opening()
            return families.read_family(
                who, person, purpose, reading=reading, own=own, earlier=work.looks
            )

    def before_contact(self, who: SignedInPractitioner, person: PersonId) -> BeforeContact:
        """What is told before all else."""
        with self._work() as work:
            opening, own, workers = work.opening(), work.own_opening(), work.directory.entries_for
            return families.before_contact(who, person, opening=opening, own=own, directory=workers)

    def duty_lines(self) -> Sequence[AgencyToRing]:
        """Children's social care, whoever it is about."""
        with self._work() as work:
            return work.directory.source_to_ring(Source.SOCIAL_CARE, ()).agencies

    def who_has_looked(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[ListedLook] | ProfileRefused:
        """Every look at this family that may be told."""
        with self._work() as work:
            return looks_told(who, person, opening=work.opening(), looks=work.looks)

    def refusal_about(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> ProfileRefused | None:
        """Why forms for decisions about these persons are closed, if they are."""
        with self._work() as work:
            return at_the_desk.refusal_about(persons, who, desk=work.desk())

    def deciders_to_choose(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> Sequence[NamedChoice] | None:
        """Whom the practitioner may choose as decider."""
        with self._work() as work:
            return deciders_to_choose(persons, who, choosing=work.desk().choosing)

    @property
    def asking(self) -> AskingOnDatabase:
        """Recording what a family answered."""
        return AskingOnDatabase(self._outside)

    def record_decision(
        self, who: SignedInPractitioner, form: DecisionForm
    ) -> RecordedDecision | Taken | ProfileRefused:
        """Record what was decided."""
        with self._work() as work:
            order, desk = recording_order(form, who, at=work.now), work.desk()
            return _answer(at_the_desk.record(order, who, desk=desk, is_chosen=form.is_chosen))

    @staticmethod
    def require_worker(name: str) -> None:
        """Raise where what was typed is no name."""
        require_name(name)

    def name_excluded(
        self,
        who: SignedInPractitioner,
        about: PersonId | SubjectEntry,
        name: str,
        works_in: Source | None,
    ) -> Taken:
        """Write down that a family named a worker who must not see it."""
        typed = subject_of(about) if isinstance(about, SubjectEntry) else about
        with self._work() as work:
            known = at_the_desk.known_by(typed, who, desk=work.desk())
            order = NameExcluded((known,), name, works_in)
            return record(order, Hand.of(who), excluding=work.excluding())

    def decisions(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[DecisionSummary] | ProfileRefused:
        """All decisions about the person."""
        with self._work() as work:
            told = telling.decisions_about(person, who, desk=work.desk())
            return told if isinstance(told, ProfileRefused) else _summaries(told, work)

    def sharing(
        self, who: SignedInPractitioner, person: PersonId
    ) -> SharingSummary | ProfileRefused:
        """All decisions about the person, and what they come to."""
        with self._work() as work:
            told = telling.sharing_about(person, who, desk=work.desk())
            if isinstance(told, ProfileRefused):
                return told
            return SharingSummary(_summaries(told.decisions, work), told.cells)

    def decisions_due(self, who: SignedInPractitioner) -> Sequence[DueForReview]:
        """What is due for review in the practitioner's own families."""
        with self._work() as work:
            due = telling.due_for_review(who, desk=work.desk())
            name_of = _names_in(work.directory)
            return [DueForReview(p, summary_of(d, work.now, name_of), death) for p, d, death in due]

    def withdraw_decision(
        self,
        who: SignedInPractitioner,
        decision: DecisionId,
        form: WithdrawalForm | None = None,
    ) -> RecordedDecision | Taken | ProfileRefused:
        """Take back what a family decided."""
        told = None if form is None else form.taken_back
        name, is_chosen = (None, False) if form is None else (form.name, form.is_chosen)
        with self._work() as work:
            said = at_the_desk.SaidBack(told, name, is_chosen=is_chosen)
            return _answer(at_the_desk.withdraw(decision, who, desk=work.desk(), said=said))

    def object_to_decision(
        self, who: SignedInPractitioner, form: ObjectionForm
    ) -> RecordedDecision | Taken | ProfileRefused:
        """Record that somebody of the family objects."""
        with self._work() as work:
            order, desk = objecting_order(form, who, at=work.now), work.desk()
            return _answer(
                at_the_desk.record_objection(
                    order, form.person, who, desk=desk, is_chosen=form.is_chosen
                )
            )

    def end_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        """End what a practitioner decided or a duty demanded."""
        with self._work() as work:
            return _answer(at_the_desk.end(decision, who, desk=work.desk()))

    def invalidate_decision(
        self, who: SignedInPractitioner, decision: DecisionId, reason: InvalidationReason
    ) -> RecordedDecision | ProfileRefused:
        """Mark as never counted what was recorded in error."""
        with self._work() as work:
            return _answer(at_the_desk.invalidate(decision, reason, who, desk=work.desk()))

    def confirm_decision(
        self,
        who: SignedInPractitioner,
        decision: DecisionId,
        yes: Collection[CompetenceQuestion] = (),
    ) -> RecordedDecision | NotConfirmed | ProfileRefused:
        """Be the second hand for what waits about a decision."""
        with self._work() as work:
            return _answer(at_the_desk.confirm(decision, who, desk=work.desk(), yes=yes))

    def receipt(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> bytes | ProfileRefused | None:
        """Issue the signed receipt of a decision."""
        with self._work() as work:
            issue = partial(self._receipts.issue, work=work)
            return telling.give_receipt(decision, who, desk=work.desk(), issue=issue)

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, told: ToldStory
    ) -> ProfileRefused | None:
        """Write down what the family said."""
        with self._work() as work:
            return story.writing.add_story(who, person, told, writing=work.story_writing())

    def correct_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        told: ToldStory,
    ) -> ProfileRefused | StoryOutcome:
        """Put other words in an entry's place."""
        with self._work() as work:
            writing = work.story_writing()
            return story.writing.correct_story(who, person, purpose, entry, told, writing=writing)

    def confirm_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entries: Collection[str],
        *,
        told_by: str,
    ) -> ProfileRefused | StoryOutcome:
        """Write down that nothing has changed in these entries."""
        with self._work() as work:
            writing = work.story_writing()
            return story.writing.confirm_story(
                who, person, purpose, entries, told_by=told_by, writing=writing
            )

    def keep_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        kept_to: frozenset[KeptTo],
    ) -> ProfileRefused | StoryOutcome:
        """Keep an entry to fewer people."""
        with self._work() as work:
            writing = work.story_writing()
            return story.writing.keep_story(who, person, purpose, entry, kept_to, writing=writing)

    def story_readers(
        self, who: SignedInPractitioner, person: PersonId, scopes: Sequence[StoryScope]
    ) -> Sequence[StoryReaders] | ProfileRefused:
        """Who could read an entry of each of these scopes."""
        with self._work() as work:
            return story.reading.readers_of_story(
                who, person, scopes, opening=work.opening(), colleagues=work.colleagues
            )

    def who_may_be_named(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Sequence[Colleague]:
        """To whom an entry may be kept by name."""
        with self._work() as work:
            return story.reading.who_may_be_named(
                who, person, purpose, opening=work.opening(), colleagues=work.colleagues
            )


Other = TypeVar("Other")


def _answer(done: Recorded | Other) -> RecordedDecision | Other:
    return confirmed(done) if isinstance(done, Recorded) else done


def _summaries(decisions: Sequence[SharingDecision], work: UnitOfWork) -> list[DecisionSummary]:
    name_of, deciding = _names_in(work.directory), work.deciding()
    return [
        replace(
            summary_of(decision, work.now, name_of),
            waits_for_second_judge=waits_for_second_judge(decision, deciding),
        )
        for decision in decisions
    ]


def _names_in(directory: PostgresDirectory) -> NameOf:
    """Names of practitioners, each read once."""

    @cache
    def name_of(practitioner: PractitionerId) -> str | None:
        return directory.called(practitioner)

    return name_of
