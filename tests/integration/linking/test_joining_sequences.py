"""Whatever is joined, undone, told and decided in whatever order: it is what the model says."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consent import AccessRequest, SharedProfile
from consent.deciding.decide import Answers
from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.model import RecordDecision, Response
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Version
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Purpose, Source
from services.people.linking.joins import JoinPersons, join_persons
from services.people.linking.ports import Join, JoinRefusal
from services.people.linking.second_hands import ConfirmJoin, UndoJoin, confirm_join, undo_join
from services.profile.storing import reconsider, store_opened
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import BOTH_HANDS, DAY, MOTHER
from tests.support.clock import StandingClock
from tests.support.messages.source_messages import A_REVIEW
from tests.support.oracles.naive_joining import NaiveFamily
from tests.support.people.joined import SECOND_STEWARD, STEWARD, by_la_id

pytestmark = pytest.mark.postgres

MOST = 3
AGREED = [("permit", person, 0) for person in range(MOST)]
WHO = st.integers(0, MOST - 1)
STEPS = st.one_of(
    st.tuples(st.just("join"), WHO, WHO),
    st.tuples(st.just("undo"), WHO, st.just(0)),
    st.tuples(st.just("say"), WHO, st.integers(1, 2)),
    st.tuples(st.just("permit"), WHO, st.just(0)),
    st.tuples(st.just("refuse"), WHO, st.just(0)),
)
Step = tuple[str, int, int]


@dataclass(slots=True)
class _Real:
    """The real thing, in one transaction; every step looks again at everybody."""

    work: UnitOfWork
    clock: StandingClock
    persons: Sequence[PersonId]
    joins: list[Join]

    def join(self, one: int, other: int) -> bool:
        order = JoinPersons(self.persons[one], self.persons[other], STEWARD, although_apart=True)
        made = join_persons(order, joining=self.work.joining())
        if isinstance(made, JoinRefusal):
            return False
        confirm = ConfirmJoin(made.id, SECOND_STEWARD)
        confirmed = confirm_join(confirm, joining=self.work.joining())
        assert isinstance(confirmed, Join)
        self.joins.append(confirmed)
        return True

    def undo(self, which: int) -> None:
        order = UndoJoin(self.joins.pop(which).id, STEWARD)
        assert not isinstance(undo_join(order, joining=self.work.joining()), JoinRefusal)

    def say(self, person: int, key: str) -> None:
        record = PublishedRecord(
            key=RecordKey(key),
            source=Source.SOCIAL_CARE,
            category=Category.SOCIAL_CARE,
            persons=(self.persons[person],),
            version=Version(self.clock.now().isoformat()).sort_key,
            payload=A_REVIEW,
        )
        store_opened({_id(self.clock): [record]}, aggregation=self.work.aggregation("test"))

    def decide(self, person: int, response: Response) -> None:
        order = RecordDecision(
            subjects=(self.persons[person],),
            response=response,
            categories=frozenset(Category),
            purposes=frozenset({Purpose.DIRECT_CARE}),
            basis=Basis.CONSENT,
            decided_by=MOTHER,
            actor=STEWARD,
        )
        record_decision(order, deciding=self.work.deciding(BOTH_HANDS))

    def look_again(self) -> None:
        aggregation = self.work.aggregation("test")
        for person in self.persons:
            reconsider(person, because=_id(self.clock), aggregation=aggregation)

    def may_be_shared(self, person: int) -> bool:
        asked = self.persons[person]
        about = AccessRequest(
            (asked,), Category.SOCIAL_CARE, Source.SOCIAL_CARE, SharedProfile(), self.clock.now()
        )
        return Answers(self.work.decisions.on_record([asked])).to(about).is_permitted

    def shown_of(self, person: int) -> set[tuple[int, str]]:
        found = self.work.records.about([self.persons[person]])
        return {(self.persons.index(record.stored_under), record.key) for record in found}

    def known_as(self, person: int) -> int:
        return self.persons.index(self.work.records.known_as(self.persons[person]))


@pytest.fixture
def real(outside: Outside, clock: StandingClock) -> Iterator[_Real]:
    """Give a transaction with some persons in it, each a day younger than the one before."""
    with unit_of_work(outside) as work:
        persons = []
        for number in range(MOST):
            persons.append(work.persons.create(by_la_id(f"999/{number}"), at=clock.now()))
            clock.pass_by(DAY)
        yield _Real(work, clock, persons, [])


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
@example(steps=[("refuse", 1, 0), ("join", 0, 1), ("permit", 1, 0), ("undo", 0, 0)])
def test_everybody_is_shown_what_the_model_shows_and_undoing_all_leaves_no_trace(
    real: _Real, steps: list[Step]
):
    """Step by step; at the end nobody is one with anybody, and each has their own decisions."""
    with _rolled_back(real):
        model = NaiveFamily(MOST)
        for step in [*AGREED, *steps, *[("undo", 0, 0)] * MOST]:
            _take(step, real, model)
            for person in range(MOST):
                assert real.known_as(person) == model.known_as(person)
                assert real.may_be_shared(person) == model.may_be_shared(person)
                assert real.shown_of(person) == model.shown_of(person)

        assert real.joins == []
        decisions = real.work.decisions
        for person, found in decisions.on_record(real.persons).items():
            own = decisions.recorded_about([person])[person]
            assert [d for d in found.decisions if d in own] == list(own)
            assert all(d.subjects == {person} for d in found.decisions)
            assert {d.response for d in found.decisions if d not in own} <= {Response.REFUSED}


@contextmanager
def _rolled_back(real: _Real) -> Iterator[None]:
    real.joins.clear()
    before = real.work.connection.begin_nested()
    try:
        yield
    finally:
        before.rollback()
        real.work.clusters.forget()


def _take(step: Step, real: _Real, model: NaiveFamily) -> None:
    what, person, other = step
    real.clock.pass_by(DAY)
    model.now += 1
    match what:
        case "join":
            if real.join(person, other):
                model.join(person, other)
        case "undo" if real.joins:
            real.undo(person % len(real.joins))
            model.undo(person % len(model.joins))
        case "say":
            key = f"{person}{other}" * 16
            real.say(person, key)
            model.say(person, key)
        case "permit" | "refuse":
            response = Response.GIVEN if what == "permit" else Response.REFUSED
            model.decide(person, response)
            real.decide(person, response)
    real.look_again()
    model.look_again()


def _id(clock: StandingClock) -> str:
    return f"{int(clock.now().timestamp()):032x}"
