"""Whom one practitioner may follow from a child, and what they may see of each record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent import AccessRequest, Decision, OnRecord, Practitioner, Reason
from consent.answers import Answers
from consent.deciding import worth_telling
from consent.decision_states import state_of
from consent.model import (
    LegitimateRelationship,
    Mode,
    RelationshipGround,
    Response,
    RestrictionScope,
)
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose, Source
from services.aggregation.family_views import without_protected_places
from services.aggregation.ports import CaseLoads, Decisions, StoredRecords
from services.aggregation.stored import StoredRecord

_GENERATIONS = 2


@dataclass(frozen=True, slots=True)
class ReadProfile:
    """Order: show this practitioner the family of this person for this purpose."""

    person: PersonId
    practitioner: PractitionerId
    role: str
    agency: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Viewing:
    """One practitioner, one child, one purpose, one moment, and all that is on record."""

    command: ReadProfile
    practitioner: Practitioner
    on_record: Mapping[PersonId, OnRecord]
    answers: Answers
    at: datetime

    @property
    def policy_version(self) -> str:
        """The rules and the agreement by which all of this is decided."""
        return self.answers.policy_version(self.at)

    def ask(self, record: StoredRecord, mode: Mode = Mode.CONTENT) -> Decision:
        """`decide`, for the third time and with the last word, on one stored record."""
        request = AccessRequest(
            subjects=record.persons,
            category=record.category,
            source=record.source,
            recipient=self.practitioner,
            at=self.at,
            purpose=self.command.purpose,
            labels=record.labels,
            mode=mode,
            kept_to=record.kept_to,
        )
        return self.answers.to(request)

    def refusal(self) -> tuple[Reason, ...] | None:
        """Why nothing at all may be shown: no relationship, or the whole person restricted.

        In this order, so that who has nothing to do with a person is told the same of everybody.
        """
        if not any(r.is_in_force(self.at) for r in self.practitioner.relationships):
            return (Reason.NO_RELATIONSHIP,)
        restrictions = self.on_record[self.command.person].restrictions
        if any(
            r.scope is RestrictionScope.PERSON
            and r.is_in_force(self.at)
            and self.practitioner.id not in r.allowed
            for r in restrictions
        ):
            return (Reason.RESTRICTED,)
        return None

    def why_nothing(self) -> tuple[Reason, ...]:
        """Why no record could be shown, if there were one; empty when some could be."""
        answers = [self._ask_about(category, source) for category in Category for source in Source]
        if any(answer.is_permitted for answer in answers):
            return ()
        reasons = {reason for answer in answers for reason in answer.reasons}
        return tuple(sorted(worth_telling(reasons)))

    def sources_left_out(self) -> frozenset[Source]:
        """Sources of which the agreement lets this practitioner know nothing, to this end.

        It says so of every family alike, so to tell it hints at nothing.
        """
        return frozenset(source for source in Source if self._is_left_out(source))

    def _is_left_out(self, source: Source) -> bool:
        return all(
            self._ask_about(category, source, Mode.EXISTENCE).reasons == (Reason.POLICY_DENIES,)
            for category in Category
        )

    def _ask_about(self, category: Category, source: Source, mode: Mode = Mode.CONTENT) -> Decision:
        request = AccessRequest(
            (self.command.person,),
            category,
            source,
            self.practitioner,
            self.at,
            self.command.purpose,
            mode=mode,
        )
        return self.answers.to(request)

    def sources_kept_from_nobody(self, sources: Collection[Source]) -> frozenset[Source]:
        """Those of these of which no record about the child alone is hidden, places apart.

        Only of them may it be said that they have none. Whether places are restricted is not
        asked: the answer would tell. Of its story the family may keep anything to others.
        """
        return frozenset(
            source
            for source in frozenset(sources) - {Source.FAMILY_HUB}
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
        return frozenset(
            person
            for person, found in self.on_record.items()
            for r in found.restrictions
            if r.is_in_force(self.at) and self.practitioner.id in r.allowed
        )


def view_family(
    command: ReadProfile,
    *,
    at: datetime,
    records: StoredRecords,
    decisions: Decisions,
    case_loads: CaseLoads,
) -> tuple[Viewing, Sequence[StoredRecord]]:
    """Open the child and go outward, along relationships that this practitioner may read.

    Whoever was joined is opened as the person whom they are one with.
    """
    command = replace(command, person=records.known_as(command.person))
    persons = {command.person}
    relationships = case_loads.relationships(command.practitioner, [command.person])
    viewing, found = _look_at(command, persons, relationships, at, records, decisions)
    for _ in range(_GENERATIONS):
        reached = _reachable(viewing, found)
        if reached <= persons:
            break
        persons |= reached
        viewing, found = _look_at(command, persons, relationships, at, records, decisions)
    return viewing, without_protected_places(
        found,
        opened=command.person,
        purpose=command.purpose,
        relationships=viewing.practitioner.relationships,
        at=at,
    )


def _look_at(  # noqa: PLR0917 one step of view_family
    command: ReadProfile,
    persons: Collection[PersonId],
    relationships: Sequence[LegitimateRelationship],
    at: datetime,
    records: StoredRecords,
    decisions: Decisions,
) -> tuple[Viewing, Sequence[StoredRecord]]:
    found = records.about(persons)
    reached = {*persons, *(person for record in found for person in record.persons)}
    on_record = decisions.on_record(reached)
    known = (*relationships, *_named_by_family(command, on_record[command.person], at))
    practitioner = Practitioner(command.practitioner, command.role, command.agency, known)
    return Viewing(command, practitioner, on_record, Answers(on_record), at), found


def _reachable(viewing: Viewing, found: Sequence[StoredRecord]) -> set[PersonId]:
    return {
        person
        for record in found
        if len(record.persons) > 1 and viewing.ask(record).is_permitted
        for person in record.persons
    }


def _named_by_family(
    command: ReadProfile, on_record: OnRecord, at: datetime
) -> tuple[LegitimateRelationship, ...]:
    """Whom a permission in force names is known to the family by that very decision."""
    named = f"practitioner:{command.practitioner}"
    return tuple(
        LegitimateRelationship(
            command.practitioner,
            command.person,
            RelationshipGround.NAMED_BY_FAMILY,
            decision.decided_at,
            decision.until,
        )
        for decision in on_record.decisions
        if named in decision.recipients
        and decision.response is Response.GIVEN
        and state_of(decision, at).is_in_force
    )
