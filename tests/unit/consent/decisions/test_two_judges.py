"""Below 13 two professionals judge whether a child decides: the second confirms what waits."""

from dataclasses import replace
from datetime import date

import pytest

from consent.agreement import Agency
from consent.circumstances import CompetenceQuestion
from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.confirming import NotConfirmed, confirm_decision, would_confirm
from consent.decisions.deciders import SubjectFacts
from consent.decisions.keeping import STRANGER, Asker, Recorded
from consent.decisions.seconding import waits_for_second_judge
from consent.decisions.states import DecisionState, state_of
from consent.errors import DecisionInvalidError
from consent.ledger.events import LedgerEvent
from consent.model import Response, SharingDecision
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Source
from tests.support.builders import BOTH_HANDS, DAY, NOW, TEACHER, VISITOR, YOUNG_PERSON
from tests.support.consents.deciding_world import JUDGED, World
from tests.support.fakes.fake_deciders import FakeDeciders

VISITS = Asker(VISITOR, Agency.HEALTH_VISITING, case_load_since=NOW - DAY)
TEACHES = Asker(TEACHER, Agency.SCHOOLS, case_load_since=NOW - DAY)
COLLEAGUE = PractitionerId("b9" * 16)
ALL_FIVE = frozenset(CompetenceQuestion)
AGENCIES = {VISITOR: Agency.HEALTH_VISITING, TEACHER: Agency.SCHOOLS}
SCHOOLS, HEALTH = frozenset({"agency:schools"}), frozenset({"agency:health-visiting"})


def _held(born: date) -> SubjectFacts:
    traced = HeldBirth(born, NamedAgency(Source.HEALTH_VISITING, "RY4"), is_registered=True)
    return SubjectFacts((traced,))


TWELVE, FOURTEEN = _held(date(2013, 9, 1)), _held(date(2011, 9, 1))


@pytest.fixture
def world() -> World:
    """Give ports that know a child of twelve, to a health visitor with a case-load."""
    return World(asker=VISITS, deciders=FakeDeciders(TWELVE), agency_of=AGENCIES.get)


def _record(world: World, **more: object) -> Recorded:
    """Record what the child decides, as the first professional judges that they can."""
    return world.record(**({"decided_by": YOUNG_PERSON, "circumstances": JUDGED} | more))


def _judge_too(
    world: World, decision: SharingDecision, asker: Asker, yes: frozenset[CompetenceQuestion]
) -> Recorded | NotConfirmed:
    world.asker = asker
    world.clock.pass_by(DAY)
    actor = "operator:root" if asker.practitioner is None else f"practitioner:{asker.practitioner}"
    return confirm_decision(decision.id, yes=yes, actor=actor, deciding=world.deciding)


def _state(world: World, decision: SharingDecision) -> DecisionState:
    return state_of(world.now_stands(decision.id), world.clock.now())


def test_a_yes_that_one_professional_judged_waits_for_the_second(world: World):
    """All of it, whoever gains; it permits nothing."""
    recorded = _record(world)

    assert recorded.waiting == recorded.decision
    assert recorded.waits_for_second_judge
    assert not world.answer().is_permitted


def test_a_second_professional_of_another_service_puts_it_in_force(world: World):
    """Each stands for what the other's service gains; that they judged is kept and entered."""
    waiting = _record(world).decision

    answer = _judge_too(world, waiting, TEACHES, ALL_FIVE)

    assert isinstance(answer, Recorded)
    second = answer.decision.circumstances.seconded
    assert second is not None
    assert (second.judged_by, second.judged_at) == (TEACHER, world.clock.now())
    assert _state(world, waiting) is DecisionState.IN_FORCE
    assert world.answer().is_permitted
    assert world.entered()[-2:] == [
        LedgerEvent.SHARING_DECISION_CONFIRMED,
        LedgerEvent.SHARING_DECISION_SECONDED,
    ]
    assert world.ledger.appended[-1].fields["judged_by"] == TEACHER


@pytest.mark.parametrize(
    "asker",
    [
        pytest.param(VISITS, id="the first"),
        pytest.param(replace(VISITS, is_confirmed=True), id="the first with the child"),
        pytest.param(replace(VISITS, practitioner=COLLEAGUE), id="a colleague who gains"),
        pytest.param(replace(TEACHES, case_load_since=None), id="without a case-load"),
        pytest.param(
            replace(TEACHES, case_load_since=None, is_confirmed=True), id="only with the child"
        ),
        pytest.param(replace(TEACHES, case_load_since=NOW + DAY / 2), id="a new case-load"),
        pytest.param(BOTH_HANDS, id="a command of a demonstration"),
        pytest.param(STRANGER, id="an operator"),
    ],
)
def test_nobody_else_judges_it_for_them(world: World, asker: Asker):
    """It goes on waiting, and the attempt is entered with why."""
    waiting = _record(world).decision

    answer = _judge_too(world, waiting, asker, ALL_FIVE)

    assert answer == NotConfirmed("is-no-second-judge")
    assert _state(world, waiting) is DecisionState.PROPOSED
    refused = world.ledger.appended[-1]
    assert refused.event is LedgerEvent.SHARING_DECISION_ACT_REFUSED
    assert refused.fields["because"] == "is-no-second-judge"


def test_a_colleague_whose_service_gains_nothing_judges_it_too(world: World):
    """As with every second hand."""
    waiting = _record(world, recipients=SCHOOLS).decision

    answer = _judge_too(world, waiting, replace(VISITS, practitioner=COLLEAGUE), ALL_FIVE)

    assert isinstance(answer, Recorded)


@pytest.mark.parametrize("yes", [frozenset[CompetenceQuestion](), ALL_FIVE - {"freely"}])
def test_who_cannot_say_yes_to_all_five_confirms_nothing(
    world: World, yes: frozenset[CompetenceQuestion]
):
    """To confirm without judging is no judgement."""
    waiting = _record(world).decision

    with pytest.raises(DecisionInvalidError, match="was-judged-not-to-be"):
        _judge_too(world, waiting, TEACHES, yes)

    assert _state(world, waiting) is DecisionState.PROPOSED


def test_to_whom_it_is_listed_is_whoever_may_judge_it(world: World):
    """Nobody is told of it who can do nothing about it."""
    waiting = _record(world, recipients=HEALTH).decision
    told = []
    for asker in (TEACHES, replace(TEACHES, case_load_since=None), VISITS):
        world.asker = asker
        actor = f"practitioner:{asker.practitioner}"
        told.append(would_confirm(waiting, actor=actor, deciding=world.deciding))

    assert told == [True, False, False]


def test_a_no_of_theirs_stands_at_once(world: World):
    """What one professional judged is enough to refuse by."""
    recorded = _record(world, response=Response.REFUSED)

    assert recorded.waiting is None
    assert not recorded.waits_for_second_judge
    assert _state(world, recorded.decision) is DecisionState.IN_FORCE


@pytest.mark.parametrize("asker", [STRANGER, BOTH_HANDS, replace(TEACHES, case_load_since=None)])
def test_who_does_not_work_with_the_child_cannot_be_the_first(world: World, asker: Asker):
    """Nor a command by itself, also where families are invented: that names both at once."""
    world.asker = asker

    with pytest.raises(DecisionInvalidError, match="second-judge: is-missing"):
        _record(world)


def test_from_13_one_professional_is_enough(world: World):
    """What then waits needs a second hand, who judges nothing."""
    world.deciders = FakeDeciders(FOURTEEN)

    recorded = _record(world)

    waiting = recorded.waiting
    assert waiting is not None
    assert not recorded.waits_for_second_judge
    assert not waits_for_second_judge(waiting, world.deciding)
    assert isinstance(_judge_too(world, waiting, TEACHES, frozenset()), Recorded)
