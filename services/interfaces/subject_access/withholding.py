"""What is not handed over with somebody's data, and why: decided before anything is opened.

A person has a right to what is held about them (UK GDPR article 15), not to what is held about
others in the same place (article 15(4); DPA 2018 Schedule 2 paragraph 16), nor to what would do
serious harm (Schedule 3). Where somebody is stays untold as long as anybody near them is protected:
one address leads to everyone who lives there. Who works with a family in the course of their
work is no such other (Schedule 2 paragraph 17). Pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from consent import OnRecord
from consent.deciding.decide import Answers
from consent.decisions.states import state_of
from consent.model import (
    Decider,
    DeciderKind,
    Response,
    Restriction,
    SharingDecision,
    TakenBack,
)
from consent.question import AccessRequest, Decision, SharedProfile
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import (
    HelpWanted,
    NextStep,
    Relationship,
    StoryConfirmation,
    StoryEntry,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Label
from services.interfaces.subject_access.held import GivenTo, WhyWithheld
from services.profile.ports import StoredRecord

_THEMSELVES = frozenset({DeciderKind.YOUNG_PERSON, DeciderKind.PERSON})


def _told_to_parents(told: TakenBack | None) -> TakenBack | None:
    """The same, unless it was the young person or somebody else for them: then nobody is told."""
    if told is None or told.by.kind not in _THEMSELVES | {DeciderKind.OTHER}:
        return told
    return TakenBack(Decider(DeciderKind.NOT_SAID, DeciderKind.NOT_SAID.value))


@dataclass(frozen=True, slots=True)
class Withholding:
    """One person, one moment, who hands over to whom, and all that is on record around them.

    `on_record` holds the person and everybody near them; `closed_places` are where somebody is
    whom a restriction in force protects, though nothing names them beside the person any more.
    """

    person: PersonId
    practitioner: PractitionerId | None
    given_to: GivenTo
    at: datetime
    on_record: Mapping[PersonId, OnRecord]
    answers: Answers
    closed_places: frozenset[bytes] = frozenset()

    def beside(self, protecting: Mapping[bytes, Collection[Restriction]]) -> "Withholding":
        """The same, with these places where somebody is who was ever restricted."""
        closed = frozenset(
            place
            for place, there in protecting.items()
            if any(r.is_in_force(self.at) and self._is_closed(r) for r in there)
        )
        return replace(self, closed_places=closed)

    def of_record(self, record: StoredRecord) -> tuple[WhyWithheld, ...]:
        """Why the record is withheld as a whole; empty where it may be opened."""
        reasons = (
            (WhyWithheld.RESTRICTED, self._is_restricted(record)),
            (WhyWithheld.PROTECTED_PLACE, Label.PROTECTED_LOCATION in record.labels),
            (WhyWithheld.PLACE, self._is_parent and Label.LOCATION in record.labels),
            (WhyWithheld.THIRD_PARTY, self._is_of_others(record)),
            (WhyWithheld.SERIOUS_HARM, self._is_harmful(record)),
            (WhyWithheld.KEPT_BY_FAMILY, bool(record.kept_to)),
            (WhyWithheld.NOT_FOR_PARENTS, self._is_secret(record)),
        )
        return tuple(reason for reason, applies in reasons if applies)

    def of_decision(self, decision: SharingDecision) -> WhyWithheld | None:
        """Why a decision is not told; what a young person decided is theirs to tell."""
        is_their_own = decision.decided_by.kind in _THEMSELVES
        if self._is_parent and (is_their_own or decision.circumstances.parents_are_not_told):
            return WhyWithheld.NOT_FOR_PARENTS
        return WhyWithheld.SERIOUS_HARM if decision.response is Response.DETRIMENTAL else None

    def with_who_took_it_back(self, decision: SharingDecision) -> SharingDecision:
        """The decision as it is told: a parent is not told that the young person took it back.

        That it was taken back stands; who did is theirs to tell, and so is who spoke for them.
        """
        if not self._is_parent:
            return decision
        asked = decision.change_asked
        return replace(
            decision,
            taken_back=_told_to_parents(decision.taken_back),
            change_asked=asked and replace(asked, taken_back=_told_to_parents(asked.taken_back)),
        )

    def of_look(
        self, purpose: str, categories: Collection[str], at: datetime
    ) -> WhyWithheld | None:
        """Why a look is not told: it shows by what it was about what parents are not told."""
        if not self._is_parent:
            return None
        if self.of_agency() is not None:
            return self.of_agency()
        secret = any(
            d.circumstances.parents_are_not_told
            and purpose in d.purposes
            and d.known_at <= at
            and (not categories or not d.categories.isdisjoint(categories))
            for d in self.decisions
        )
        return WhyWithheld.NOT_FOR_PARENTS if secret else None

    def of_restriction(self) -> WhyWithheld | None:
        """Why a restriction is not told: it protects the person from somebody."""
        return WhyWithheld.RESTRICTED if self._is_parent else None

    def of_agency(self) -> WhyWithheld | None:
        """Why it is not told which agencies have to do with them: they are near where they are.

        A school that looked, a team that asked: each leads to whoever is protected.
        """
        everybody = [r for person in self.on_record for r in self._closed(person)]
        is_protected = any(restriction.is_in_force(self.at) for restriction in everybody)
        return WhyWithheld.RESTRICTED if self._is_parent and is_protected else None

    def of_asking(self) -> WhyWithheld | None:
        """Why it is not told who may ask: one of them may be whom parents are not told of."""
        has_secret = any(d.circumstances.parents_are_not_told for d in self.decisions)
        return WhyWithheld.NOT_FOR_PARENTS if has_secret and self._is_parent else None

    def of_identifiers(self) -> WhyWithheld | None:
        """Why numbers are not told."""
        return WhyWithheld.RESTRICTED if self._is_wholly_restricted() else None

    @property
    def _is_parent(self) -> bool:
        return self.given_to is GivenTo.PARENT

    @property
    def decisions(self) -> tuple[SharingDecision, ...]:
        """Every decision about the person."""
        return self.on_record[self.person].decisions

    def shared_by(self, record: StoredRecord) -> Decision:
        """Whether the shared profile may hold the record, and from which decisions that follows."""
        request = AccessRequest(
            record.persons,
            record.category,
            record.source,
            SharedProfile(),
            self.at,
            labels=record.labels,
            kept_to=record.kept_to,
        )
        return self.answers.to(request)

    def _is_restricted(self, record: StoredRecord) -> bool:
        if not self.closed_places.isdisjoint(record.places):
            return True
        tells_where = not {Label.LOCATION, Label.PROTECTED_LOCATION}.isdisjoint(record.labels)
        return any(
            restriction.protects(record.labels, self.at)
            for person in (self.on_record if tells_where else record.persons)
            for restriction in self._closed(person)
        )

    def _closed(self, person: PersonId) -> list[Restriction]:
        """Restrictions that hold for this report: an allow-list lets nobody hand over others."""
        found = self.on_record.get(person, OnRecord()).restrictions
        return [r for r in found if self._is_closed(r)]

    def _is_closed(self, restriction: Restriction) -> bool:
        is_own = restriction.subject == self.person
        return not (is_own and self.practitioner in restriction.allowed)

    def _is_wholly_restricted(self) -> bool:
        nothing: frozenset[Label] = frozenset()
        return any(r.protects(nothing, self.at) for r in self._closed(self.person))

    def _is_of_others(self, record: StoredRecord) -> bool:
        """Somebody else's record, or about several: but who is related to whom is theirs too."""
        if Label.THIRD_PARTY in record.labels or self.person not in record.persons:
            return True
        return len(record.persons) > 2 or self.person not in record.persons[:2]  # noqa: PLR2004

    def _is_harmful(self, record: StoredRecord) -> bool:
        return any(
            d.response is Response.DETRIMENTAL
            and state_of(d, self.at).is_in_force
            and record.category in d.categories
            and (not d.sources or record.source in d.sources)
            for person in record.persons
            for d in self.on_record.get(person, OnRecord()).decisions
        )

    def _is_secret(self, record: StoredRecord) -> bool:
        """Whether a young person asked that parents are not told of such a thing, however it ended.

        Also where it is shared by something else by now.
        """
        asked = [d for d in self.decisions if d.circumstances.parents_are_not_told]
        if not self._is_parent or not asked:
            return False
        is_such = any(
            record.category in d.categories and (not d.sources or record.source in d.sources)
            for d in asked
        )
        return is_such or not {d.id for d in asked}.isdisjoint(self.shared_by(record).decided_from)


# What is taken out of a record that may be handed over: the parts that are somebody else's.

TAKEN_OUT = "withheld"
_OF_THE_OTHER = ("name", "telecoms", "languages", "addresses")
_TOGETHER = "same_household"


def redacted(
    record: PublishedRecord, person: PersonId
) -> tuple[PublishedRecord | None, tuple[str, ...]]:
    """The record without what is not the person's own, and which elements were taken out.

    None where nothing would be left of it: it is about several persons together.
    """
    payload = record.payload
    if isinstance(payload, Relationship):
        return _relationship(record, payload, person)
    if len(record.persons) > 1 or payload is None:
        return None, ()
    if isinstance(payload, StoryEntry | StoryConfirmation):
        return _told(record, payload)
    if isinstance(payload, HelpWanted | NextStep):
        return _done_by(record, payload)
    return replace(record, persons=(person,)), ()


def _relationship(
    record: PublishedRecord, payload: Relationship, person: PersonId
) -> tuple[PublishedRecord | None, tuple[str, ...]]:
    """What is said of the other goes, of whom is said who they are to the child.

    In a child's own record that is the relative; in a relative's it is the child.
    """
    is_the_childs = record.persons[0] == person
    taken = (*_OF_THE_OTHER, _TOGETHER) if is_the_childs else (_TOGETHER,)
    there = tuple(name for name in taken if getattr(payload, name) not in {None, ()})
    left = replace(payload, same_household=None)
    if is_the_childs:
        left = replace(left, name=None, telecoms=(), languages=(), addresses=())
    parts = there if is_the_childs else ("child", *there)
    return replace(record, persons=(person,), payload=left), parts


def _told(
    record: PublishedRecord, payload: StoryEntry | StoryConfirmation
) -> tuple[PublishedRecord, tuple[str, ...]]:
    """Who told it may be anybody of the family: the words stay, the names go."""
    if isinstance(payload, StoryConfirmation):
        return replace(record, payload=replace(payload, told_by=TAKEN_OUT)), ("told_by",)
    there = ("told_by", "with_whom") if payload.with_whom else ("told_by",)
    left = replace(payload, told_by=TAKEN_OUT, with_whom=None)
    return replace(record, payload=left), there


def _done_by(
    record: PublishedRecord, payload: HelpWanted | NextStep
) -> tuple[PublishedRecord, tuple[str, ...]]:
    """Who helps, or does it, may be anybody of the family too."""
    if isinstance(payload, NextStep):
        return replace(record, payload=replace(payload, who=TAKEN_OUT)), ("who",)
    if payload.helper is None:
        return record, ()
    return replace(record, payload=replace(payload, helper=TAKEN_OUT)), ("helper",)
