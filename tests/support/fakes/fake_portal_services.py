"""PortalServices in memory: simple rules, but the port's promises kept (see its contract)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from consent.decisions.states import DecisionState, state_of
from consent.model import Response, SharingDecision
from consent.question import Reason
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose
from services.people.practitioners.people import (
    AgencyToRing,
    Session,
    SignedInPractitioner,
    SubjectEntry,
)
from services.people.practitioners.permissions import Permission
from services.portal.decisions.asking.services import (
    FamilyAnswers,
    RecordedTogether,
    left_to_record,
    record_each,
)
from services.profile.families import BeforeContact, FamilySummary, NameSought
from services.profile.families.deaths import listed_name
from services.profile.model import Profile, ProfileRefused
from services.profile.ports import ListedLook
from tests.support.fakes.fake_audit import FakeAudit
from tests.support.fakes.fake_connections import FakeConnections
from tests.support.fakes.fake_gate import FakeGate
from tests.support.fakes.fake_governance import FakeGovernance
from tests.support.fakes.fake_here import FakeHere
from tests.support.fakes.fake_listed import FakeListed, FakeRegistering
from tests.support.fakes.fake_orders import FakeOrders
from tests.support.fakes.fake_parked import FakeParked
from tests.support.fakes.fake_portal_stewards import FakeStewardServices
from tests.support.fakes.fake_protection import FakeOwnPages, FakeProtection
from tests.support.fakes.fake_school_lists import FakeSchoolLists
from tests.support.fakes.fake_sessions import FakeSessions, FakeSigningIn
from tests.support.fakes.fake_staff import FakeRota, FakeStaff
from tests.support.fakes.fake_support import FakeSupport, Said
from tests.support.fakes.fake_uses import FakeUses

_WHY_NOT = {
    Response.GIVEN: None,
    Response.REFUSED: Reason.REFUSED,
    Response.OBJECTED: Reason.OBJECTED,
    Response.DETRIMENTAL: Reason.DETRIMENTAL,
    Response.NOT_ASKED: Reason.NOT_ASKED,
}


@dataclass(slots=True)
class FakePortalServices(FakeStewardServices):
    """Everything the pages may ask. `protected` people are as if they were not there."""

    school_lists: FakeSchoolLists = field(default_factory=FakeSchoolLists)
    searches: list[tuple[PractitionerId, SubjectEntry]] = field(default_factory=list)
    names_sought: list[tuple[PractitionerId, NameSought]] = field(default_factory=list)
    refused_roles: list[tuple[PractitionerId, Permission]] = field(default_factory=list)
    sessions: FakeSessions = field(default_factory=FakeSessions)
    uses: FakeUses = field(default_factory=FakeUses)
    support_said: Said = field(default_factory=dict)
    _looks: dict[PersonId, list[ListedLook]] = field(default_factory=dict)

    @property
    def here(self) -> FakeHere:
        return FakeHere()

    @property
    def asking(self) -> "FakeAsking":
        return FakeAsking(self)

    @property
    def protection(self) -> FakeProtection:
        return FakeProtection()

    @property
    def own_pages(self) -> FakeOwnPages:
        return FakeOwnPages()

    @property
    def support(self) -> FakeSupport:
        return FakeSupport(self, self.support_said)

    @property
    def orders(self) -> FakeOrders:
        return FakeOrders()

    @property
    def gate(self) -> FakeGate:
        return FakeGate()

    @property
    def audit(self) -> FakeAudit:
        return FakeAudit()

    @property
    def governance(self) -> FakeGovernance:
        return FakeGovernance()

    @property
    def rota(self) -> FakeRota:
        return FakeRota()

    @property
    def staff(self) -> FakeStaff:
        return FakeStaff()

    @property
    def listing(self) -> FakeListed:
        return FakeListed()

    @property
    def registering(self) -> FakeRegistering:
        return FakeRegistering()

    @property
    def connections(self) -> FakeConnections:
        return FakeConnections()

    @property
    def unread(self) -> FakeParked:
        return FakeParked()

    @property
    def lists(self) -> FakeSchoolLists:
        return self.school_lists

    def demonstration_people(self) -> Sequence[SignedInPractitioner]:
        return self.people

    @property
    def signing_in(self) -> FakeSigningIn:
        return FakeSigningIn()

    def sign_in(self, practitioner: PractitionerId) -> str | None:
        self.fail_if_broken()
        who = next((p for p in self.people if p.id == practitioner), None)
        return None if who is None else self.sessions.open(who, self.now())

    def session(self, secret: str) -> Session | None:
        self.fail_if_broken()
        return self.sessions.opened.get(secret)

    def sign_out(self, secret: str) -> None:
        self.sessions.opened.pop(secret, None)

    def refuse_role(self, who: SignedInPractitioner, permission: Permission) -> None:
        self.fail_if_broken()
        self.refused_roles.append((who.id, permission))

    def my_families(self, who: SignedInPractitioner) -> Sequence[FamilySummary]:
        mine = [p for p in self.profiles if (who.id, p) in self.relationships]
        return [self._family(who, person) for person in mine if person not in self.protected]

    def find_family(self, who: SignedInPractitioner, subject: SubjectEntry) -> PersonId | None:
        self.fail_if_broken()
        self.searches.append((who.id, subject))
        person = self.known.get(subject)
        return None if person in self.protected else person

    def find_by_name(
        self, who: SignedInPractitioner, sought: NameSought
    ) -> Sequence[FamilySummary]:
        self.fail_if_broken()
        self.names_sought.append((who.id, sought))
        mine = [p for p in self.profiles if (who.id, p) in self.relationships]
        found = []
        for person in mine:
            child = self.profiles[person].people[0]
            given = [name for claim in child.names for name in claim.given_names]
            family = [claim.family_name for claim in child.names]
            is_so = sought.is_of(given, family) and child.date_of_birth == sought.born.isoformat()
            if is_so and person not in self.protected:
                found.append(self._family(who, person))
        return found

    def read_profile(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Profile | ProfileRefused:
        self.fail_if_broken()
        reason = self._why_not(who, person, purpose)
        self._look(who, person, purpose, permitted=reason is None)
        if reason is not None:
            return _refused(reason)
        profile = self.profiles[person]
        story = self.story_of(who, person, purpose)
        read = replace(profile, purpose=purpose, as_of=self.now(), story=story)
        return self.support.shown_in(read)

    def before_contact(self, who: SignedInPractitioner, person: PersonId) -> BeforeContact:
        if person not in self.profiles or self._why_not(who, person, who.purpose):
            return BeforeContact()
        child = self.profiles[person].people[0]
        born, expected = child.date_of_birth, child.expected_date_of_birth
        workers = tuple(w for w in self.profiles[person].practitioners if w.person == person)
        return BeforeContact(listed_name(child), born, child.death, expected, workers)

    def duty_lines(self) -> Sequence[AgencyToRing]:
        return [AgencyToRing("Exbury Council", "01632 960 300"), AgencyToRing("No number", None)]

    def who_has_looked(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[ListedLook] | ProfileRefused:
        if not self.has_relationship(who, person):
            return _refused(Reason.NO_RELATIONSHIP)
        return self._looks.get(person, [])[::-1]

    def _why_not(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Reason | None:
        if not self.has_relationship(who, person):
            return Reason.NO_RELATIONSHIP
        standing = [d for d in self.about(person) if _says_something(d, self.now())]
        covering = [d for d in standing if _covers(d, who, purpose)]
        if not covering:
            return Reason.NO_DECISION
        if covering[-1].withdrawn_at is not None:
            return Reason.WITHDRAWN
        return _WHY_NOT[covering[-1].response]

    def _family(self, who: SignedInPractitioner, person: PersonId) -> FamilySummary:
        if self._why_not(who, person, who.purpose) is not None:
            return FamilySummary(person, None, None, "On the agency's case-load")
        child = self.profiles[person].people[0]
        name = " ".join((*child.names[0].given_names, child.names[0].family_name or ""))
        because = "On the agency's case-load"
        born, expected = child.date_of_birth, child.expected_date_of_birth
        return FamilySummary(person, name, born, because, death=child.death, expected=expected)

    def _look(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose, *, permitted: bool
    ) -> None:
        seen = (Category.STORY, Category.PRACTITIONERS) if permitted else ()
        look = ListedLook(self.now(), who.name, who.agency_name, purpose, permitted, seen)
        self._looks.setdefault(person, []).append(look)


def _says_something(decision: SharingDecision, at: datetime) -> bool:
    """A permission that was withdrawn says no; a refusal that was, nothing."""
    state = state_of(decision, at)
    is_no = state is DecisionState.WITHDRAWN and decision.response is Response.GIVEN
    return state.is_in_force or is_no


def _covers(decision: SharingDecision, who: SignedInPractitioner, purpose: Purpose) -> bool:
    named = f"agency:{who.agency_kind.value}" in decision.recipients
    return purpose in decision.purposes and (named or not decision.recipients)


def _refused(reason: Reason) -> ProfileRefused:
    return ProfileRefused((reason,), "rules-2026-11-29")


@dataclass(frozen=True, slots=True)
class FakeAsking:
    """AskingServices in memory: what fails half-way leaves nothing behind."""

    services: FakePortalServices

    def record(self, who: SignedInPractitioner, answered: FamilyAnswers) -> RecordedTogether | None:
        sessions, on_record = self.services.sessions, self.services.on_record
        if sessions.typed_so_far(who.id, answered.place, answered.secret) != answered.answers:
            return None
        before = dict(on_record)
        try:
            together = record_each(
                answered.forms, lambda form: self.services.record_decision(who, form)
            )
        except Exception:
            on_record.clear()
            on_record.update(before)
            raise
        sessions.typed(who.id, answered.place, answered.secret)
        left = left_to_record(answered, together)
        if left is not None:
            sessions.keep_typed(who.id, answered.person, answered.place, left, answered.secret)
        return together
