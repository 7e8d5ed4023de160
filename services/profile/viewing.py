"""Whom one practitioner may follow from a child, and what they may see of each record. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from connectors.ports import Urgency
from consent import Decision, OnRecord, Practitioner, Reason
from consent.deciding.decide import worth_telling
from consent.deciding.kept_answers import KeptAnswers, kept_answers
from consent.ledger.fields import OPAQUE_ID
from consent.model import (
    LegitimateRelationship,
    Mode,
    RelationshipGround,
    RestrictionScope,
    SharingDecision,
)
from consent.ports import Decisions, Ledger
from consent.question import LETS_ASK
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.published import NOT_KEPT
from schemas.records.unused import MoreKind
from schemas.uk_time import uk_day
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Category, Label, Purpose, Source
from services.intake.unread import ParkedAbout
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused
from services.profile.ports import Looks, Relationships, StoredRecord, StoredRecords

# Who may not be known of at all.


def is_hidden(on_record: OnRecord, practitioner: PractitionerId, at: datetime) -> bool:
    """Whether a person is restricted as a whole, and this practitioner on no allow-list."""
    return any(
        r.scope is RestrictionScope.PERSON and r.is_in_force(at) and practitioner not in r.allowed
        for r in on_record.restrictions
    )


_OF_A_PLACE = frozenset({Label.LOCATION})
_GENERATIONS = 2
NOBODY = PersonId("0" * 32)
"""Whose id is asked about where there is nobody: no person has it."""


@dataclass(frozen=True, slots=True)
class ReadProfile:
    """Order: show this practitioner the family of this person for this purpose.

    `through` is the partner on whose screens it is shown, if it is on no page of ours.
    """

    person: PersonId
    practitioner: PractitionerId
    role: str
    agency: str
    purpose: Purpose
    through: str | None = None


def reading_order(who: SignedInPractitioner, person: PersonId, purpose: Purpose) -> ReadProfile:
    """Read this family as this practitioner."""
    return ReadProfile(opaque_or_nobody(person), who.id, who.role, who.agency_kind, purpose)


def opaque_or_nobody(person: PersonId) -> PersonId:
    """The same id; an address that holds none is nobody's."""
    return person if re.fullmatch(OPAQUE_ID, person) else NOBODY


@dataclass(frozen=True, slots=True)
class Opening:
    """What a family is opened with: every port joins one transaction, at one moment."""

    records: StoredRecords
    decisions: Decisions
    relationships: Relationships
    looks: Looks
    ledger: Ledger
    at: datetime


@dataclass(frozen=True, slots=True)
class Viewing:
    """One practitioner, one child, one purpose, one moment, and all that is on record.

    `protected_homes` are those who live where somebody protected does, as it may be known here.
    """

    command: ReadProfile
    practitioner: Practitioner
    on_record: Mapping[PersonId, OnRecord]
    at: datetime
    protected_homes: frozenset[PersonId] = frozenset()
    _answers: KeptAnswers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find what was answered before from the same."""
        found = kept_answers(self.on_record, self.practitioner, self.at)
        object.__setattr__(self, "_answers", found)

    @property
    def today(self) -> date:
        """The day of the moment, by the clocks of this country."""
        return uk_day(self.at)

    @property
    def answered_as_of(self) -> datetime:
        """The last moment at which anything on record began or ended: all answers are of it."""
        return self._answers.moment

    @property
    def policy_version(self) -> str:
        """The rules and the agreement by which all of this is decided."""
        return self._answers.policy_version

    def ask(self, record: StoredRecord, mode: Mode = Mode.CONTENT) -> Decision:
        """`decide`, for the third time and with the last word, on one stored record."""
        return self._answers.to(
            (
                record.persons,
                record.category,
                record.source,
                record.labels,
                record.kept_to,
                mode,
                self.command.purpose,
            )
        )

    def refusal(self) -> tuple[Reason, ...] | None:
        """Why nothing at all may be shown: the role, no relationship, or the person restricted.

        In this order, so that who has nothing to do with a person is told the same of everybody.
        """
        if self.practitioner.role not in OPENS_FAMILY_RECORDS:
            return (Reason.ROLE_OPENS_NO_RECORDS,)
        if not any(self._lets_ask(r) for r in self.practitioner.relationships):
            return (Reason.NO_RELATIONSHIP,)
        if is_hidden(self.on_record[self.command.person], self.practitioner.id, self.at):
            return (Reason.RESTRICTED,)
        return None

    def _lets_ask(self, relationship: LegitimateRelationship) -> bool:
        """Whether it is with the person opened: with others it reaches from theirs only."""
        is_theirs = relationship.subject == self.command.person
        lets_ask = relationship.ground in LETS_ASK
        return is_theirs and lets_ask and relationship.is_in_force(self.at)

    @property
    def refused(self) -> ProfileRefused | None:
        """The same as an answer: why the family is closed to this practitioner, if it is."""
        reasons = self.refusal()
        return None if reasons is None else ProfileRefused(reasons, self.policy_version)

    def why_nothing(self) -> tuple[Reason, ...]:
        """Why no record could be shown, if there were one; empty when some could be.

        That a relationship reaches only so far is no reason: whoever may ask is not told what a
        stranger is, and who has only a case of their own agency's learns of nothing beside it.
        """
        answers = [self._ask_about(category, source) for category in Category for source in Source]
        if any(answer.is_permitted for answer in answers):
            return ()
        reasons = {reason for answer in answers for reason in answer.reasons}
        return tuple(sorted(worth_telling(reasons - {Reason.NO_RELATIONSHIP}))) or (
            Reason.NO_RIGHT,
        )

    def without_emergency(self) -> "Viewing":
        """As they would be answered if they had opened no emergency: it shows no such list."""
        lasting = tuple(
            r
            for r in self.practitioner.relationships
            if r.ground is not RelationshipGround.EMERGENCY
        )
        return replace(self, practitioner=replace(self.practitioner, relationships=lasting))

    @property
    def is_by_emergency_alone(self) -> bool:
        """Whether nothing but an emergency lets them ask: it opens no story and no timeline."""
        return self.refusal() is None and self.without_emergency().refusal() is not None

    def may_know_of(self, decision: SharingDecision) -> bool:
        """Whether this practitioner may know that the decision exists.

        As they may know of any record that it is about; and of what they wrote down themselves.
        """
        if decision.circumstances.recorded_by == f"practitioner:{self.practitioner.id}":
            return True
        sources = decision.sources or frozenset(Source)
        return any(
            self._ask_about(category, source, Mode.EXISTENCE, purpose).is_permitted
            for purpose in sorted(decision.purposes)
            for category in sorted(decision.categories)
            for source in sorted(sources)
        )

    def may_know_of_look(self, categories: Collection[Category]) -> bool:
        """Whether this practitioner may know that somebody read records of these categories."""
        return any(
            self._ask_about(category, source, Mode.EXISTENCE).is_permitted
            for category in categories
            for source in Source
        )

    def may_know_of_unread(self, parked: ParkedAbout) -> bool:
        """Whether this practitioner may know of a message about the child that could not be read.

        It may tell of all that its kind may, and where somebody is; or of anything, where its kind
        is not known. Of a death, whatever else it is about, whoever may see the name is told.
        """
        tells = parked.kind.categories
        if parked.urgency is Urgency.DEATH:
            tells = frozenset({Category.IDENTITY_AND_CONTACT})
        return all(
            self._ask_about(c, parked.source, Mode.EXISTENCE, labels=_OF_A_PLACE).is_permitted
            for c in sorted(tells)
        )

    def may_know_of_more(self, source: Source, kind: MoreKind) -> bool:
        """Whether they may know that a source knows more, where that is of a category of its own.

        Beside a record that is shown, as it was told with it.
        """
        category = kind.category
        return category is None or self._ask_about(category, source, Mode.EXISTENCE).is_permitted

    def sources_left_out(self) -> frozenset[Source]:
        """Sources of which the agreement lets this practitioner know nothing, to this end.

        It says so of every family alike, so to tell it hints at nothing.
        """
        kept = self._answers
        if kept.sources_left_out is None:
            left_out = (source for source in Source if self._is_left_out(source))
            kept.sources_left_out = frozenset(left_out)
        return kept.sources_left_out

    def _is_left_out(self, source: Source) -> bool:
        return all(
            self._ask_about(category, source, Mode.EXISTENCE).reasons == (Reason.POLICY_DENIES,)
            for category in Category
        )

    def _ask_about(
        self,
        category: Category,
        source: Source,
        mode: Mode = Mode.CONTENT,
        purpose: Purpose | None = None,
        *,
        labels: frozenset[Label] = frozenset(),
    ) -> Decision:
        about, asked_for = (self.command.person,), purpose or self.command.purpose
        return self._answers.to((about, category, source, labels, NOT_KEPT, mode, asked_for))

    def sources_kept_from_nobody(self, sources: Collection[Source]) -> frozenset[Source]:
        """Those of these of which no record about the child alone is hidden, places apart.

        Only of them may it be said that they have none. Whether places are restricted is not
        asked: the answer would tell. Of its story the family may keep anything to others.
        """
        return frozenset(
            source
            for source in frozenset(sources) - {Source.FAMILY_HUB, Source.COMMUNITY}
            if all(self._ask_about(c, source).is_permitted for c in reversed(Category))
        )

    def parents_are_not_told(self) -> bool:
        """Whether a young person has asked that their parents are not told of a decision."""
        return any(
            decision.circumstances.parents_are_not_told
            for decision in self.on_record[self.command.person].decisions
        )

    def protected_locations(self) -> frozenset[PersonId]:
        """Persons whose whereabouts are protected and whom this practitioner may know of.

        Nobody else is told that there is anything to protect.
        """
        return self.protected_homes | self._restricted(is_allowed=True)

    def hidden_whereabouts(self) -> frozenset[PersonId]:
        """Persons of whom this practitioner may not know where they are."""
        return self._restricted(is_allowed=False)

    def _restricted(self, *, is_allowed: bool) -> frozenset[PersonId]:
        return frozenset(
            person
            for person, found in self.on_record.items()
            for r in found.restrictions
            if r.is_in_force(self.at) and (self.practitioner.id in r.allowed) is is_allowed
        )
