"""Decisions behind the pages in memory: the core's own rules, one person being both hands."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from consent import OnRecord, Practitioner
from consent.circumstances import (
    Circumstances,
    CompetenceJudgement,
    CompetenceQuestion,
    InvalidationReason,
)
from consent.decisions.confirming import NotConfirmed
from consent.decisions.deciders import DeciderOutcome, check_decider
from consent.decisions.keeping import Taken
from consent.decisions.objecting import ObjectTo
from consent.decisions.recording import require_sense
from consent.decisions.states import DecisionState, Remedy, remedies, waiting_for
from consent.errors import DecisionInvalidError
from consent.model import (
    LegitimateRelationship,
    Mode,
    RecordDecision,
    RelationshipGround,
    Response,
    SharingDecision,
    TakenBack,
)
from consent.question import Reason
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Source
from services.decisions.choosing import UNNAMED
from services.decisions.protection.excluding import require_name
from services.people.deciders.naming import NamedChoice
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.platform.errors import ServiceUnavailableError
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
    RecordedDecision,
    SharingSummary,
    summary_of,
)
from services.profile.families.sharing import sharing_matrix
from services.profile.model import Profile, ProfileRefused
from services.profile.viewing import Viewing, reading_order
from tests.support.builders import ALL_AGREED
from tests.support.consents.issuing import a_fake_receipt
from tests.support.fakes.fake_deciders import FakeDeciders
from tests.support.portal.portal_builders import AT

_NOES = {Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL}
_NOBODY = PersonId("nobody")
_SOME_PRACTITIONER = "0" * 32
_REFUSED = ProfileRefused((Reason.NO_RELATIONSHIP,), "rules-2026-11-29")


@dataclass(slots=True)
class FakeDecisionServices:
    """Decisions about people whom somebody works with."""

    people: Sequence[SignedInPractitioner] = ()
    profiles: dict[PersonId, Profile] = field(default_factory=dict)
    known: dict[SubjectEntry, PersonId] = field(default_factory=dict)
    relationships: set[tuple[PractitionerId, PersonId]] = field(default_factory=set)
    protected: set[PersonId] = field(default_factory=set)
    named: dict[PersonId, Sequence[NamedChoice]] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: AT
    is_broken: bool = False
    is_unproved: bool = False
    on_record: dict[DecisionId, SharingDecision] = field(default_factory=dict)
    named_excluded: list[tuple[PersonId | SubjectEntry, str, Source | None]] = field(
        default_factory=list
    )
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def now(self) -> datetime:
        return self.clock()

    def refusal_about(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> ProfileRefused | None:
        self.fail_if_broken()
        return None if all(self.has_relationship(who, p) for p in persons) else _REFUSED

    def deciders_to_choose(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> Sequence[NamedChoice] | None:
        """Of whom nothing is told in `named`, the practitioner has not more than a case."""
        self.fail_if_broken()
        if not all(self.has_relationship(who, p) and p in self.named for p in persons):
            return None
        first, *others = [self.named[person] for person in persons] or [()]
        return [one for one in first if all(one in listed for listed in others)]

    def record_decision(
        self, who: SignedInPractitioner, form: DecisionForm
    ) -> RecordedDecision | Taken | ProfileRefused:
        subjects = [self._person_of(subject) for subject in form.subjects]
        replaced = self.on_record.get(form.supersedes) if form.supersedes else None
        asked = {*subjects, *(replaced.subjects if replaced else ())}
        refused = self.refusal_about(who, asked)
        if refused is not None:
            return Taken() if form.response in _NOES and not form.supersedes else refused
        self._require_on_the_list("decided-by", form.decider_reference, form, who, subjects)
        return self._record(replace(form, subjects=tuple(subjects)), who)

    @staticmethod
    def require_worker(name: str) -> None:
        require_name(name)

    def name_excluded(
        self,
        who: SignedInPractitioner,
        about: PersonId | SubjectEntry,
        name: str,
        works_in: Source | None,
    ) -> Taken:
        del who
        self.named_excluded.append((about, name, works_in))
        return Taken()

    def record_by_command(self, form: DecisionForm) -> RecordedDecision:
        """As the operator does, who works with nobody and is asked nothing."""
        return self._record(form, self.people[0])

    def decisions(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[DecisionSummary] | ProfileRefused:
        self.fail_if_broken()
        if not self.has_relationship(who, person):
            return _REFUSED
        return [self._summary(decision) for decision in self.about(person)][::-1]

    def sharing(
        self, who: SignedInPractitioner, person: PersonId
    ) -> SharingSummary | ProfileRefused:
        told = self.decisions(who, person)
        if isinstance(told, ProfileRefused):
            return told
        record = {person: OnRecord(tuple(self.about(person)), agreements=(ALL_AGREED,))}
        works = LegitimateRelationship(
            who.id, person, RelationshipGround.CASE_LOAD, self.now() - timedelta(days=1)
        )
        asker = Practitioner(who.id, who.role, who.agency_kind, (works,))
        order = reading_order(who, PersonId(person), who.purpose)
        viewing = Viewing(replace(order, person=person), asker, record, self.now())
        return SharingSummary(told, sharing_matrix(viewing))

    def decisions_due(self, who: SignedInPractitioner) -> Sequence[DueForReview]:
        mine = [p for w, p in self.relationships if w == who.id and p not in self.protected]
        due = [DueForReview(p, self._summary(d)) for p in mine for d in self.about(p)]
        due = [d for d in due if d.decision.state is DecisionState.DUE_FOR_REVIEW]
        return sorted(due, key=lambda d: d.decision.said.ask_again_at)

    def withdraw_decision(
        self,
        who: SignedInPractitioner,
        decision: DecisionId,
        form: WithdrawalForm | None = None,
    ) -> RecordedDecision | Taken | ProfileRefused:
        told = None if form is None else self._told(form, who, decision)
        changed: dict[str, object] = {"withdrawn_at": self.now(), "taken_back": told}
        answer = self._change(who, decision, Remedy.WITHDRAW, **changed)
        return Taken() if isinstance(answer, ProfileRefused) else answer

    def _told(
        self, form: WithdrawalForm, who: SignedInPractitioner, decision: DecisionId
    ) -> TakenBack:
        """As it was said; by a parent where the reference is on no list of theirs."""
        found = self.on_record.get(decision)
        listed = self.deciders_to_choose(who, found.subjects if found else ()) or ()
        is_listed = form.taken_back.by.reference in {one.reference for one in listed}
        if not form.is_chosen or is_listed:
            return form.taken_back
        return replace(form.taken_back, by=UNNAMED)

    def confirm_decision(
        self,
        who: SignedInPractitioner,
        decision: DecisionId,
        yes: Collection[CompetenceQuestion] = (),
    ) -> RecordedDecision | NotConfirmed | ProfileRefused:
        confirmed: dict[str, object] = {"confirmed_at": self.now(), "confirmed_by": who.actor}
        found = self.on_record.get(decision)
        if found is not None and self._waits_for_second_judge(found):
            first, told = found.circumstances.competence, found.circumstances
            if first is None or first.judged_by == who.id:
                return NotConfirmed("is-no-second-judge")
            second = CompetenceJudgement.of(yes, judged_by=who.id, judged_at=self.now())
            confirmed["circumstances"] = replace(told, seconded=second)
        return self._change(who, decision, Remedy.CONFIRM, **confirmed)

    def _waits_for_second_judge(self, decision: SharingDecision) -> bool:
        """In the fake everybody who waits for one is below 13."""
        is_judged = decision.circumstances.competence is not None
        return is_judged and waiting_for(decision, self.now()) is not None

    def end_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        return self._change(who, decision, Remedy.END, until=self.now())

    def invalidate_decision(
        self, who: SignedInPractitioner, decision: DecisionId, reason: InvalidationReason
    ) -> RecordedDecision | ProfileRefused:
        now = self.now()
        return self._change(
            who, decision, Remedy.INVALIDATE, invalidated_at=now, invalidated_because=reason
        )

    def object_to_decision(
        self, who: SignedInPractitioner, form: ObjectionForm
    ) -> RecordedDecision | Taken | ProfileRefused:
        found = self.on_record.get(form.decision)
        if found is None or not self.has_relationship(who, form.person):
            return Taken()
        _require(Remedy.OBJECT, found, self.now())
        self._require_on_the_list("objector", form.objector_reference, form, who, found.subjects)
        order = _objection(found, objecting_order(form, who, at=self.now()))
        _require_recordable(order, self.now())
        return _receipt(self._kept(order, frozenset(order.subjects) & found.subjects))

    def receipt(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> bytes | ProfileRefused | None:
        found = self.on_record.get(decision)
        if found is None or not self._knows_one(who, found):
            return _REFUSED
        return None if self.is_unproved else a_fake_receipt(found, at=self.now())

    def fail_if_broken(self) -> None:
        if self.is_broken:
            raise ServiceUnavailableError("the ledger cannot be written; try again later")

    def about(self, person: PersonId) -> list[SharingDecision]:
        """Every decision about the person, oldest first."""
        return [d for d in self.on_record.values() if person in d.subjects]

    def has_relationship(self, who: SignedInPractitioner, person: PersonId) -> bool:
        if person in self.protected or person not in self.profiles:
            return False
        return (who.id, person) in self.relationships

    def _require_on_the_list(
        self,
        field: str,
        reference: str,
        form: DecisionForm | ObjectionForm,
        who: SignedInPractitioner,
        persons: Collection[PersonId],
    ) -> None:
        listed = self.deciders_to_choose(who, persons) or ()
        if form.is_chosen and reference not in {one.reference for one in listed}:
            raise DecisionInvalidError(field, "is-not-on-the-list")

    def _change(
        self, who: SignedInPractitioner, decision: DecisionId, remedy: Remedy, **changed: object
    ) -> RecordedDecision | ProfileRefused:
        found = self.on_record.get(decision)
        knows = self._knows_one if remedy is Remedy.WITHDRAW else self._knows_all
        if found is None or not knows(who, found):
            return _REFUSED
        _require(remedy, found, self.now())
        self.on_record[decision] = replace(found, version=found.version + 1, **changed)  # type: ignore[arg-type]
        return _receipt(self.on_record[decision])

    def _knows_all(self, who: SignedInPractitioner, decision: SharingDecision) -> bool:
        return all(self.has_relationship(who, person) for person in decision.subjects)

    def _knows_one(self, who: SignedInPractitioner, decision: SharingDecision) -> bool:
        return any(self.has_relationship(who, person) for person in decision.subjects)

    def _kept(self, order: RecordDecision, persons: frozenset[PersonId]) -> SharingDecision:
        usual = Mode.CONTENT if order.response is Response.GIVEN else Mode.EXISTENCE
        new = SharingDecision(
            id=DecisionId(f"decision-{next(self.numbers):04d}"),
            subjects=persons,
            response=order.response,
            categories=order.categories,
            purposes=order.purposes,
            basis=order.basis,
            decided_by=order.decided_by,
            decided_at=order.decided_at or self.now(),
            recorded_at=None if order.decided_at is None else self.now(),
            recipients=order.recipients,
            sources=order.sources,
            mode=order.mode or usual,
            until=order.until,
            review_at=order.review_at,
            because=order.because,
            article_9=order.article_9,
            gateways=order.gateways,
            circumstances=replace(order.circumstances, recorded_by=order.actor),
            confirmed_at=self.now(),
            supersedes=order.supersedes,
            objects_to=order.objects_to,
        )
        self.on_record[new.id] = new
        return new

    def _supersede(self, decision: DecisionId, new: SharingDecision) -> None:
        old = self.on_record[decision]
        _require(Remedy.REPLACE, old, self.now())
        self.on_record[decision] = replace(old, superseded_at=self.now(), superseded_by=new.id)

    def _record(self, form: DecisionForm, who: SignedInPractitioner) -> RecordedDecision:
        order = recording_order(form, who, at=self.now())
        _require_recordable(order, self.now())
        new = self._kept(order, frozenset(self._person_of(s) for s in form.subjects))
        if order.supersedes is not None:
            self._supersede(order.supersedes, new)
        return _receipt(new)

    def _person_of(self, subject: PersonId | SubjectEntry) -> PersonId:
        return self.known.get(subject, _NOBODY) if isinstance(subject, SubjectEntry) else subject

    def _summary(self, decision: SharingDecision) -> DecisionSummary:
        names = {person.id: f"{person.name}, {person.job_title}" for person in self.people}
        waits = self._waits_for_second_judge(decision)
        summary = summary_of(decision, self.now(), names.get)
        return replace(summary, waits_for_second_judge=waits)


def _require(remedy: Remedy, decision: SharingDecision, at: datetime) -> None:
    if remedy not in remedies(decision, at):
        raise DecisionInvalidError("decision", "has-ended")


def _require_recordable(order: RecordDecision, at: datetime) -> None:
    """As recording does: the order makes sense, and who decides is not refused."""
    named = _without_ids(order)
    require_sense(named, at)
    check = check_decider(named, FakeDeciders().of(()), recorder_agency=None, now=at)
    if check.outcome is DeciderOutcome.REFUSED:
        raise DecisionInvalidError(check.field or "decided-by", check.reason or "may-not-decide")


def _without_ids(order: RecordDecision) -> RecordDecision:
    """The people of the fake have no opaque ids, which the rules ask for."""
    judged = order.circumstances.competence
    if judged is None:
        return order
    told: Circumstances = replace(
        order.circumstances, competence=replace(judged, judged_by=_SOME_PRACTITIONER)
    )
    return replace(order, circumstances=told)


def _objection(decision: SharingDecision, command: ObjectTo) -> RecordDecision:
    about = decision.subjects if command.about is None else frozenset({command.about})
    return RecordDecision(
        subjects=tuple(sorted(about)),
        response=Response.OBJECTED,
        categories=decision.categories,
        purposes=decision.purposes,
        basis=decision.basis,
        decided_by=command.objector,
        actor=command.actor,
        recipients=decision.recipients,
        sources=decision.sources,
        circumstances=command.circumstances,
        objects_to=decision.id,
    )


def _receipt(decision: SharingDecision) -> RecordedDecision:
    entry = f"entry-{decision.version}"
    return RecordedDecision(decision.id, decision.version, entry, tuple(sorted(decision.subjects)))
