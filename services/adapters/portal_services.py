"""What the pages ask of the service, each call one transaction (services.portal.ports)."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256

from connectors.family_hub import AddStory, add_story
from consent import POLICY_VERSION, Reason
from consent.handlers import record_decision, withdraw_decision
from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger_events import LedgerEvent
from consent.model import LegitimateRelationship, RelationshipGround, RestrictionScope
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.payloads import StoryEntry
from schemas.vocabulary import Purpose, Source
from services.adapters.decision_summaries import summary_of
from services.adapters.portal_orders import (
    as_form_errors,
    family_summary,
    reading_order,
    receipt_of,
    recording_order,
    subject_of,
)
from services.adapters.unit_of_work import Outside, UnitOfWork, unit_of_work
from services.aggregation.profile import Profile, ProfileRefused
from services.aggregation.reading import read_profile
from services.aggregation.viewing import view_family
from services.errors import ServiceUnavailableError
from services.portal.errors import ServiceUnavailableError as PageUnavailableError
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

SESSION_LASTS = timedelta(hours=10)
_PRESENT_LASTS = timedelta(hours=1)
_MOST_FAMILIES = 50
_MOST_LOOKS = 200


class PortalOnDatabase:
    """PortalServices on PostgreSQL."""

    def __init__(self, outside: Outside, *, demonstration: bool) -> None:
        self._outside = outside
        self._demonstration = demonstration

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
        """Open a session; its secret for the cookie, or None if there is no such practitioner."""
        with self._work() as work:
            if work.directory.practitioner(practitioner) is None:
                return None
            secret = secrets.token_urlsafe(32)
            work.sessions.open(
                _hash(secret),
                practitioner,
                secrets.token_bytes(32),
                at=work.now,
                until=work.now + SESSION_LASTS,
            )
            _enter(work, practitioner, LedgerEvent.PRACTITIONER_SIGNED_IN)
            return secret

    def session(self, secret: str) -> Session | None:
        """The session behind a cookie, while it lasts."""
        with self._work() as work:
            found = work.sessions.find(_hash(secret), at=work.now)
            return None if found is None else Session(*found)

    def sign_out(self, secret: str) -> None:
        """End the session at once."""
        with self._work() as work:
            found = work.sessions.find(_hash(secret), at=work.now)
            work.sessions.close(_hash(secret))
            if found is not None:
                _enter(work, found[0].id, LedgerEvent.PRACTITIONER_SIGNED_OUT)

    def my_families(self, who: SignedInPractitioner) -> Sequence[FamilySummary]:
        """Children with whom the practitioner has a legitimate relationship, youngest first."""
        with self._work() as work:
            mine = work.case_loads.of(who.id, most=_MOST_FAMILIES)
            summaries = [self._summary(who, p, g, work) for p, g in dict(mine).items()]
        known = [s for s in summaries if s is not None]
        return sorted(known, key=lambda s: s.date_of_birth or "", reverse=True)

    def find_family(self, who: SignedInPractitioner, subject: SubjectEntry) -> PersonId | None:
        """The person behind an identifier, if known and not protected; the search is recorded."""
        with self._work() as work:
            found = work.persons.resolve([subject_of(subject)])[0].person
            shown = found if found is not None and _is_findable(found, who, work) else None
            _enter(
                work,
                who.id,
                LedgerEvent.SEARCH_MADE,
                {"search": str(new_entry_id(work.now)), "results": int(shown is not None)},
            )
            return shown

    def read_profile(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Profile | ProfileRefused:
        """One family as the practitioner may see it; the look, or its refusal, is recorded."""
        with self._work() as work:
            return read_profile(reading_order(who, person, purpose), reading=work.reading())

    def claim_family_present(self, who: SignedInPractitioner, person: PersonId) -> None:
        """Record that the family is with the practitioner now: a relationship for an hour."""
        with self._work() as work:
            if work.persons.exists(person) and _is_findable(person, who, work):
                _claim(work, who.id, person)

    def record_decision(self, who: SignedInPractitioner, form: DecisionForm) -> RecordedDecision:
        """Record what was decided. Raises InvalidDecisionError naming the field."""
        with as_form_errors(), self._work() as work:
            recorded = record_decision(recording_order(form, who), deciding=work.deciding())
            for person in recorded.decision.subjects:
                if _is_findable(person, who, work):
                    _claim_unless_related(work, who.id, person)
        return receipt_of(recorded)

    def decisions(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[DecisionSummary] | ProfileRefused:
        """All decisions about the person, newest first, for those with a relationship."""
        with self._work() as work:
            refused = _refusal(who, person, work)
            if refused is not None:
                return refused
            found = work.decisions.on_record([person])[person].decisions
            summaries = [summary_of(decision, work.now) for decision in found]
        return sorted(summaries, key=lambda s: s.decided_at, reverse=True)

    def withdraw_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        """Withdraw from now on; in force for the very next page."""
        with as_form_errors(), self._work() as work:
            found = work.decisions.find(decision)
            if found is None:
                return ProfileRefused((Reason.NO_RELATIONSHIP,), POLICY_VERSION)
            for person in sorted(found.subjects):
                refused = _refusal(who, person, work)
                if refused is not None:
                    return refused
            actor = f"practitioner:{who.id}"
            recorded = withdraw_decision(decision, actor=actor, deciding=work.deciding())
        return receipt_of(recorded)

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, *, text: str, told_by: str
    ) -> ProfileRefused | None:
        """Write down what the family said; shared as the family's decisions about its story say."""
        with self._work() as work:
            refused = _refusal(who, person, work)
            if refused is not None:
                return refused
            written_at = work.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            entry = StoryEntry(text, told_by, f"{who.name}, {who.job_title}", written_at)
            reasons = add_story(
                AddStory(person, entry, f"practitioner:{who.id}"),
                publishing=work.publishing(Source.FAMILY_HUB, None),
            )
        return ProfileRefused(reasons, POLICY_VERSION) if reasons else None

    def who_has_looked(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[Look] | ProfileRefused:
        """Every look at this family, newest first."""
        with self._work() as work:
            return _refusal(who, person, work) or work.looks.of(person, most=_MOST_LOOKS)

    def _summary(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        ground: RelationshipGround,
        work: UnitOfWork,
    ) -> FamilySummary | None:
        """A line of the list: only what the practitioner could read on the family's page."""
        viewing, found = view_family(
            reading_order(who, person, who.purpose),
            at=work.now,
            records=work.records,
            decisions=work.decisions,
            case_loads=work.case_loads,
        )
        if viewing.refusal() is not None:
            return None
        own = [r for r in found if r.persons[0] == person and viewing.ask(r).is_permitted]
        return family_summary(person, ground, list(work.records.open(own)))

    @contextmanager
    def _work(self) -> Iterator[UnitOfWork]:
        try:
            with unit_of_work(self._outside) as work:
                yield work
        except ServiceUnavailableError as error:
            raise PageUnavailableError(str(error)) from error


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _enter(
    work: UnitOfWork,
    who: PractitionerId,
    event: LedgerEvent,
    fields: dict[str, FieldValue] | None = None,
) -> None:
    work.ledger.append([ledger_entry(event, fields, at=work.now, actor=f"practitioner:{who}")])


def _claim_unless_related(work: UnitOfWork, who: PractitionerId, person: PersonId) -> None:
    """Whoever writes down a family's decision is with that family."""
    if not work.case_loads.relationships(who, [person]):
        _claim(work, who, person)


def _claim(work: UnitOfWork, who: PractitionerId, person: PersonId) -> None:
    ground = RelationshipGround.FAMILY_PRESENT
    work.case_loads.claim(
        LegitimateRelationship(who, person, ground, work.now, work.now + _PRESENT_LASTS)
    )
    fields: dict[str, FieldValue] = {"person": person, "kind": ground}
    _enter(work, who, LedgerEvent.LEGITIMATE_RELATIONSHIP_CLAIMED, fields)


def _is_findable(person: PersonId, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    """A protected person is found by nobody who is not on the allow-list."""
    restrictions = work.decisions.on_record([person])[person].restrictions
    return not any(
        r.is_in_force(work.now) and r.scope is RestrictionScope.PERSON and who.id not in r.allowed
        for r in restrictions
    )


def _refusal(
    who: SignedInPractitioner, person: PersonId, work: UnitOfWork
) -> ProfileRefused | None:
    """Pages about a family, other than its profile, are for those with a relationship."""
    viewing, _ = view_family(
        reading_order(who, person, who.purpose),
        at=work.now,
        records=work.records,
        decisions=work.decisions,
        case_loads=work.case_loads,
    )
    reasons = viewing.refusal()
    return None if reasons is None else ProfileRefused(reasons, POLICY_VERSION)
