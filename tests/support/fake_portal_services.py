"""PortalServices in memory: simple rules, but the port's promises kept (see its contract)."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count

from consent.decision import Reason
from consent.model import Response
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.payloads import StoryEntry
from schemas.vocabulary import Category, Purpose
from services.aggregation.profile import Profile, ProfileRefused, StoryView
from services.portal.errors import InvalidDecisionError, ServiceUnavailableError
from services.portal.ports import (
    DecisionForm,
    DecisionSummary,
    FamilySummary,
    Look,
    RecordedDecision,
    Session,
    SignedInPractitioner,
    SubjectEntry,
)
from tests.support.portal_builders import AT, a_profile

_PRESENT_FOR = timedelta(hours=1)


@dataclass(slots=True)
class FakePortalServices:
    """Everything the pages may ask. `protected` people are as if they were not there."""

    people: Sequence[SignedInPractitioner] = ()
    profiles: dict[PersonId, Profile] = field(default_factory=dict)
    known: dict[SubjectEntry, PersonId] = field(default_factory=dict)
    relationships: set[tuple[PractitionerId, PersonId]] = field(default_factory=set)
    protected: set[PersonId] = field(default_factory=set)
    clock: Callable[[], datetime] = lambda: AT
    is_broken: bool = False
    recorders: dict[PersonId, PractitionerId] = field(default_factory=dict)
    searches: list[tuple[PractitionerId, SubjectEntry]] = field(default_factory=list)
    _sessions: dict[str, Session] = field(default_factory=dict)
    _present: dict[tuple[PractitionerId, PersonId], datetime] = field(default_factory=dict)
    _decisions: dict[DecisionId, tuple[PersonId, DecisionSummary]] = field(default_factory=dict)
    _looks: dict[PersonId, list[Look]] = field(default_factory=dict)
    _stories: dict[PersonId, list[StoryView]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def now(self) -> datetime:
        return self.clock()

    def demonstration_people(self) -> Sequence[SignedInPractitioner]:
        return self.people

    def sign_in(self, practitioner: PractitionerId) -> str | None:
        self._fail_if_broken()
        who = next((p for p in self.people if p.id == practitioner), None)
        if who is None:
            return None
        secret = secrets.token_urlsafe(32)
        self._sessions[secret] = Session(who, secrets.token_bytes(32), self.now())
        return secret

    def session(self, secret: str) -> Session | None:
        self._fail_if_broken()
        return self._sessions.get(secret)

    def sign_out(self, secret: str) -> None:
        self._sessions.pop(secret, None)

    def my_families(self, who: SignedInPractitioner) -> Sequence[FamilySummary]:
        mine = [p for p in self.profiles if (who.id, p) in self.relationships]
        return [self._summary(who, person) for person in mine if person not in self.protected]

    def find_family(self, who: SignedInPractitioner, subject: SubjectEntry) -> PersonId | None:
        self._fail_if_broken()
        self.searches.append((who.id, subject))
        person = self.known.get(subject)
        return None if person in self.protected else person

    def read_profile(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Profile | ProfileRefused:
        self._fail_if_broken()
        reason = self._why_not(who, person, purpose)
        self._look(who, person, purpose, permitted=reason is None)
        if reason is not None:
            return _refused(reason)
        profile = self.profiles[person]
        story = (*profile.story, *self._stories.get(person, ()))
        return replace(profile, purpose=purpose, as_of=self.now(), story=story)

    def claim_family_present(self, who: SignedInPractitioner, person: PersonId) -> None:
        self._present[who.id, person] = self.now() + _PRESENT_FOR

    def record_decision(self, who: SignedInPractitioner, form: DecisionForm) -> RecordedDecision:
        if not form.subjects:
            raise InvalidDecisionError(field="subjects", reason="Say whom it is about")
        person = self._person_of(form.subjects[0])
        self.recorders[person] = who.id
        summary = self._as_recorded(form)
        self._decisions[summary.decision_id] = (person, summary)
        return RecordedDecision(summary.decision_id, 1, "entry-1", (person,))

    def decisions(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[DecisionSummary] | ProfileRefused:
        self._fail_if_broken()
        if not self._has_relationship(who, person):
            return _refused(Reason.NO_RELATIONSHIP)
        about = [d for subject, d in self._decisions.values() if subject == person]
        return about[::-1]

    def withdraw_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        person, summary = self._decisions.get(decision, (None, None))
        if person is None or summary is None or not self._has_relationship(who, person):
            return _refused(Reason.NO_RELATIONSHIP)
        withdrawn = replace(summary, state="withdrawn", withdrawn_at=self.now())
        self._decisions[decision] = (person, withdrawn)
        return RecordedDecision(decision, 2, "entry-2", (person,))

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, *, text: str, told_by: str
    ) -> ProfileRefused | None:
        if not self._has_relationship(who, person):
            return _refused(Reason.NO_RELATIONSHIP)
        entry = StoryEntry(text, told_by, who.name, self.now().isoformat())
        key = f"added-{next(self._numbers)}"
        self._stories.setdefault(person, []).append(StoryView(key, entry, None))
        return None

    def who_has_looked(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[Look] | ProfileRefused:
        if not self._has_relationship(who, person):
            return _refused(Reason.NO_RELATIONSHIP)
        return self._looks.get(person, [])[::-1]

    def _fail_if_broken(self) -> None:
        if self.is_broken:
            raise ServiceUnavailableError("the ledger cannot be written; try again later")

    def _has_relationship(self, who: SignedInPractitioner, person: PersonId) -> bool:
        if person in self.protected or person not in self.profiles:
            return False
        until = self._present.get((who.id, person))
        is_present = until is not None and self.now() < until
        return is_present or (who.id, person) in self.relationships

    def _why_not(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Reason | None:
        if not self._has_relationship(who, person):
            return Reason.NO_RELATIONSHIP
        about = [d for subject, d in self._decisions.values() if subject == person]
        covering = [d for d in about if _covers(d, who, purpose)]
        if not covering:
            return Reason.NO_DECISION
        if covering[-1].state == "withdrawn":
            return Reason.WITHDRAWN
        return None if covering[-1].response is Response.GIVEN else Reason.REFUSED

    def _summary(self, who: SignedInPractitioner, person: PersonId) -> FamilySummary:
        if self._why_not(who, person, who.purpose) is not None:
            return FamilySummary(person, None, None, "On the agency's case-load")
        child = self.profiles[person].people[0]
        name = " ".join((*child.names[0].given_names, child.names[0].family_name or ""))
        return FamilySummary(person, name, child.date_of_birth, "On the agency's case-load")

    def _look(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose, *, permitted: bool
    ) -> None:
        seen = (Category.STORY, Category.PRACTITIONERS) if permitted else ()
        look = Look(self.now(), who.name, who.agency_name, purpose, permitted, seen)
        self._looks.setdefault(person, []).append(look)

    def _person_of(self, subject: PersonId | SubjectEntry) -> PersonId:
        if not isinstance(subject, SubjectEntry):
            return subject
        if subject not in self.known:
            person = PersonId(f"person-new-{next(self._numbers):02d}")
            self.known[subject] = person
            self.profiles[person] = a_profile(person)
        return self.known[subject]

    def _as_recorded(self, form: DecisionForm) -> DecisionSummary:
        until = datetime.combine(form.until, time.max, UTC) if form.until else None
        return DecisionSummary(
            decision_id=DecisionId(f"decision-{next(self._numbers):04d}"),
            response=form.response,
            basis=form.basis,
            categories=tuple(sorted(form.categories)),
            purposes=tuple(sorted(form.purposes)),
            recipients=tuple(sorted(form.recipients)),
            sources=tuple(sorted(form.sources)),
            decider_kind=form.decider_kind,
            decider_reference=form.decider_reference,
            decided_at=self.now(),
            until=until,
            withdrawn_at=None,
            state="in-force",
        )


def _covers(decision: DecisionSummary, who: SignedInPractitioner, purpose: Purpose) -> bool:
    named = f"agency:{who.agency_kind.value}" in decision.recipients
    return purpose in decision.purposes and (named or not decision.recipients)


def _refused(reason: Reason) -> ProfileRefused:
    return ProfileRefused((reason,), "rules-2026-11-22")
