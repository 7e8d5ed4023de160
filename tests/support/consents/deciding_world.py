"""The ports of recording in memory, and an order to record that asks only for what matters."""

from dataclasses import dataclass, field, replace
from typing import Any

from consent import Decision, decide
from consent.agreement import Agency
from consent.circumstances import Circumstances, CompetenceJudgement, CompetenceQuestion
from consent.decisions.keeping import AgencyOf, Asker, Deciding, Recorded
from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.ledger.events import LedgerEvent
from consent.model import RecordDecision, Response, SharingDecision
from schemas.identifiers import DecisionId, PractitionerId, nhs_number_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Category, Purpose
from tests.support.builders import (
    BOTH_HANDS,
    MOTHER,
    NOW,
    VISITOR,
    a_health_visitor,
    a_relationship,
    a_request,
)
from tests.support.clock import StandingClock
from tests.support.fakes.fake_deciders import FakeDeciders
from tests.support.fakes.fake_decisions import FakeDecisions, FakeOutbox, FakePersons, FakePlaces
from tests.support.fakes.fake_ledger import FakeLedger

WREN = Subject("subject", (nhs_number_identifier("9990000018"),), Demographics())
OTHER = Subject("subject", (nhs_number_identifier("9990000026"),), Demographics())
ACTOR = f"practitioner:{VISITOR}"
COMPETENT = CompetenceJudgement.of(frozenset(CompetenceQuestion), judged_by=VISITOR, judged_at=NOW)
_NOBODY_WORKS_ANYWHERE: dict[PractitionerId, Agency] = {}
JUDGED = Circumstances(competence=COMPETENT)


@dataclass
class World:
    """Everything that recording touches; nothing is known yet, and one command is both hands."""

    persons: FakePersons = field(default_factory=FakePersons)
    decisions: FakeDecisions = field(default_factory=FakeDecisions)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    clock: StandingClock = field(default_factory=StandingClock)
    places: FakePlaces = field(default_factory=FakePlaces)
    deciders: FakeDeciders = field(default_factory=FakeDeciders)
    asker: Asker = BOTH_HANDS
    agency_of: AgencyOf = _NOBODY_WORKS_ANYWHERE.get

    @property
    def deciding(self) -> Deciding:
        """What the handlers take."""
        return Deciding(
            self.persons,
            self.decisions,
            self.outbox,
            self.ledger,
            self.clock,
            self.places,
            self.deciders,
            self.asker,
            agency_of=self.agency_of,
        )

    def record(self, **more: Any) -> Recorded:
        """Record what the order says."""
        return record_decision(an_order(**more), deciding=self.deciding)

    def now_stands(self, decision: DecisionId) -> SharingDecision:
        """The decision as it stands now; it must be there."""
        found = self.decisions.find(decision)
        assert found is not None
        return found

    def answer(self, **asked: Any) -> Decision:
        """What `decide` answers about Wren now, to a health visitor on the case."""
        person = self.persons.resolve_or_create(WREN, at=self.clock.now())
        visitor = a_health_visitor(a_relationship(subject=person))
        request = a_request(visitor, subjects=(person,), at=self.clock.now(), **asked)
        return decide(request, self.decisions.on_record([person])[person])

    def entered(self) -> list[LedgerEvent]:
        """The events in the ledger, in order."""
        return [entry.event for entry in self.ledger.appended]


def an_order(**more: Any) -> RecordDecision:
    """Order to record, by default, that the mother consents to direct care seeing health."""
    order = RecordDecision(
        subjects=(WREN,),
        response=Response.GIVEN,
        categories=frozenset({Category.CHILD_HEALTH}),
        purposes=frozenset({Purpose.DIRECT_CARE}),
        basis=Basis.CONSENT,
        decided_by=MOTHER,
        actor=ACTOR,
    )
    return replace(order, **more)
