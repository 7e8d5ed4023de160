"""Acts about sharing by what they change: at once, in part, or waiting for a second hand."""

from dataclasses import replace

import pytest

from consent.agreement import Agency
from consent.circumstances import InvalidationReason
from consent.decisions.changing import invalidate_decision, withdraw_decision
from consent.decisions.confirming import NotConfirmed, confirm_decision, lapse, make_wait
from consent.decisions.deciders import SubjectFacts
from consent.decisions.judging import MOST_UNCONFIRMED_A_DAY, Act, carry_out
from consent.decisions.keeping import STRANGER, Asker, Recorded
from consent.decisions.objecting import ObjectTo, object_to
from consent.decisions.recording import record_decision
from consent.decisions.states import DecisionState, Remedy, remedies, state_of
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis
from consent.ledger.events import LedgerEvent
from consent.model import LAPSES_AFTER, Response, SharingAct, SharingDecision
from schemas.identifiers import DecisionId
from schemas.vocabulary import Category
from tests.support.builders import BOTH_HANDS, DAY, MOTHER, NOW, TEACHER, VISITOR
from tests.support.consents.deciding_world import World, an_order
from tests.support.fakes.fake_deciders import FakeDeciders

VISITS = Asker(VISITOR, Agency.HEALTH_VISITING, case_load_since=NOW - DAY)
TEACHES = Asker(TEACHER, Agency.SCHOOLS, case_load_since=NOW - DAY)
WITH_THE_FAMILY = replace(VISITS, is_confirmed=True)
TEACHERS = f"practitioner:{TEACHER}"
SCHOOLS = frozenset({"agency:schools"})


@pytest.fixture
def world() -> World:
    """Give ports of which nothing is known yet, to a health visitor with a case-load."""
    return World(asker=VISITS)


def _confirm(
    world: World, decision: SharingDecision, asker: Asker, actor: str = TEACHERS
) -> Recorded | NotConfirmed:
    world.asker = asker
    world.clock.pass_by(DAY)
    return confirm_decision(decision.id, actor=actor, deciding=world.deciding)


def _state(world: World, decision: SharingDecision) -> DecisionState:
    return state_of(world.now_stands(decision.id), world.clock.now())


def _withdraw(world: World, decision: SharingDecision) -> Recorded:
    world.clock.pass_by(DAY)
    return withdraw_decision(decision.id, actor=TEACHERS, deciding=world.deciding)


def test_what_others_gain_is_in_force_and_what_ones_own_agency_gains_waits(world: World):
    """Two decisions of one act, each naming the other."""
    recorded = world.record()

    waiting = recorded.waiting
    assert waiting is not None
    assert recorded.decision.recipients == {
        "agency:schools",
        "agency:social-care",
        "agency:family-hub",
        "agency:community",
    }
    assert waiting.recipients == {"agency:health-visiting"}
    assert (recorded.decision.tied_to, waiting.tied_to) == (waiting.id, recorded.decision.id)
    assert recorded.gaining == {Agency.HEALTH_VISITING}
    assert not world.answer().is_permitted
    assert world.entered() == [
        LedgerEvent.SHARING_DECISION_WRITTEN_DOWN,
        LedgerEvent.SHARING_DECISION_WRITTEN_DOWN,
        LedgerEvent.SHARING_DECISION_PROPOSED,
    ]


def test_what_only_others_gain_is_in_force_at_once(world: World):
    """For whoever has a case-load; a stranger proposes it."""
    of_others = world.record(recipients=SCHOOLS)
    world.asker = STRANGER

    of_a_stranger = world.record(recipients=SCHOOLS)

    assert of_others.waiting is None
    assert _state(world, of_others.decision) is DecisionState.IN_FORCE
    assert of_a_stranger.waiting == of_a_stranger.decision
    assert _state(world, of_a_stranger.decision) is DecisionState.PROPOSED


def test_with_the_family_who_confirms_it_all_of_it_is_in_force(world: World):
    """The warrant is entered."""
    world.asker = WITH_THE_FAMILY

    recorded = world.record()

    assert recorded.waiting is None
    assert recorded.decision.confirmed_at == NOW
    assert world.answer().is_permitted
    assert world.entered()[-1] is LedgerEvent.SHARING_DECISION_CONFIRMED


@pytest.mark.parametrize(
    "asker",
    [
        pytest.param(TEACHES, id="another service"),
        pytest.param(replace(WITH_THE_FAMILY), id="the family"),
        pytest.param(BOTH_HANDS, id="a demonstration"),
    ],
)
def test_what_waits_is_confirmed_by_a_second_hand(world: World, asker: Asker):
    """A service that gains nothing by it, or the family itself."""
    waiting = world.record().waiting
    assert waiting is not None

    confirmed = _confirm(world, waiting, asker)

    assert isinstance(confirmed, Recorded)
    assert confirmed.decision.confirmed_by == TEACHERS
    assert _state(world, waiting) is DecisionState.IN_FORCE


@pytest.mark.parametrize(
    ("asker", "actor"),
    [
        pytest.param(VISITS, f"practitioner:{VISITOR}", id="who recorded it"),
        pytest.param(VISITS, TEACHERS, id="a colleague whose agency gains"),
        pytest.param(replace(TEACHES, case_load_since=NOW + DAY / 2), TEACHERS, id="new case-load"),
        pytest.param(replace(TEACHES, case_load_since=None), TEACHERS, id="without a case-load"),
        pytest.param(STRANGER, "operator:root", id="an operator"),
        pytest.param(
            replace(TEACHES, also=frozenset({VISITOR})),
            TEACHERS,
            id="another account of who recorded it",
        ),
    ],
)
def test_nobody_else_is_a_second_hand(world: World, asker: Asker, actor: str):
    """It goes on waiting, and the attempt is entered."""
    waiting = world.record().waiting
    assert waiting is not None

    refused = _confirm(world, waiting, asker, actor)

    assert isinstance(refused, NotConfirmed)
    assert _state(world, waiting) is DecisionState.PROPOSED
    assert world.entered()[-1] is LedgerEvent.SHARING_DECISION_ACT_REFUSED


def test_what_nobody_confirms_lapses_and_is_entered_once(world: World):
    """It can be confirmed no more."""
    waiting = world.record().waiting
    assert waiting is not None
    world.clock.pass_by(LAPSES_AFTER)

    entered = [
        lapse([world.now_stands(waiting.id)], actor="job:sweep", deciding=world.deciding)
        for _ in range(2)
    ]

    assert entered == [1, 0]
    assert _state(world, waiting) is DecisionState.LAPSED
    assert world.entered()[-1] is LedgerEvent.SHARING_DECISION_LAPSED
    with pytest.raises(DecisionInvalidError, match="waits-for-nothing"):
        _confirm(world, waiting, TEACHES)


def test_a_refusal_is_in_force_from_anybody_and_unconfirmed(world: World):
    """Until somebody who works with the family has asked it."""
    world.asker = STRANGER

    refusal = world.record(response=Response.REFUSED)

    assert _state(world, refusal.decision) is DecisionState.IN_FORCE
    assert refusal.decision.confirmed_at is None
    assert isinstance(_confirm(world, refusal.decision, STRANGER), NotConfirmed)
    confirmed = _confirm(world, refusal.decision, TEACHES)
    assert isinstance(confirmed, Recorded)
    assert confirmed.decision.confirmed_by == TEACHERS
    assert _state(world, refusal.decision) is DecisionState.IN_FORCE


def test_a_refusal_that_was_asked_of_the_family_is_confirmed(world: World):
    """By whoever works with it."""
    refusal = world.record(response=Response.REFUSED).decision

    assert refusal.confirmed_at == NOW


def test_a_fourth_unconfirmed_refusal_of_a_day_needs_a_colleague(world: World):
    """Any other person; a day later it is the first again."""
    world.asker = STRANGER
    for _ in range(MOST_UNCONFIRMED_A_DAY):
        assert world.record(response=Response.REFUSED).waiting is None

    fourth = world.record(response=Response.REFUSED)

    assert _state(world, fourth.decision) is DecisionState.PROPOSED
    colleague = Asker(TEACHER, Agency.SCHOOLS)
    assert isinstance(_confirm(world, fourth.decision, colleague), Recorded)
    assert _state(world, fourth.decision) is DecisionState.IN_FORCE
    world.asker = STRANGER
    assert world.record(response=Response.REFUSED).waiting is None


def test_withdrawing_a_yes_is_at_once_and_takes_the_part_that_waits_with_it(world: World):
    """Whoever writes it down."""
    recorded = world.record()
    world.asker = STRANGER

    withdrawn = _withdraw(world, recorded.decision)

    assert withdrawn.waiting is None
    assert recorded.waiting is not None
    for part in (recorded.decision, recorded.waiting):
        assert _state(world, part) is DecisionState.WITHDRAWN


@pytest.mark.parametrize("asker", [VISITS, TEACHES, STRANGER])
def test_taking_back_a_no_waits_whoever_gains(world: World, asker: Asker):
    """It stands until somebody else confirms that it is taken back, or the family does."""
    world.asker = BOTH_HANDS
    refusal = world.record(response=Response.REFUSED).decision
    world.asker = asker

    withdrawn = _withdraw(world, refusal)

    assert withdrawn.waiting is not None
    assert withdrawn.waiting.change_asked is not None
    assert _state(world, refusal) is DecisionState.IN_FORCE
    with pytest.raises(DecisionInvalidError, match="waits-already"):
        _withdraw(world, refusal)
    assert isinstance(_confirm(world, refusal, asker), NotConfirmed)
    family = _confirm(world, refusal, WITH_THE_FAMILY)
    assert isinstance(family, Recorded)
    assert family.decision.change_asked is None
    assert _state(world, refusal) is DecisionState.WITHDRAWN


def test_a_yes_in_the_place_of_a_no_waits_and_the_no_stands(world: World):
    """Once confirmed it stands from then on."""
    world.asker = BOTH_HANDS
    refusal = world.record(response=Response.REFUSED).decision
    world.asker = VISITS
    world.clock.pass_by(DAY)

    new = world.record(supersedes=refusal.id, recipients=SCHOOLS)

    assert new.waiting == new.decision
    assert _state(world, refusal) is DecisionState.IN_FORCE
    _confirm(world, new.decision, WITH_THE_FAMILY)
    assert world.now_stands(refusal.id).superseded_at == world.clock.now()
    assert _state(world, new.decision) is DecisionState.IN_FORCE


def test_a_newer_no_stands_over_a_yes_that_is_confirmed_later(world: World):
    """A yes counts from when it was said."""
    waiting = world.record().waiting
    assert waiting is not None
    world.clock.pass_by(DAY)
    world.record(response=Response.REFUSED)

    _confirm(world, waiting, WITH_THE_FAMILY)

    assert not world.answer().is_permitted


def test_what_both_widens_and_narrows_is_not_held_back_together(world: World):
    """What narrows would wait for what widens, so each is recorded by itself."""
    world.asker = BOTH_HANDS
    old = world.record(recipients=SCHOOLS).decision
    world.asker = VISITS

    with pytest.raises(DecisionInvalidError, match="supersedes: narrows-and-widens"):
        world.record(supersedes=old.id, recipients=frozenset({"agency:health-visiting"}))


def test_calling_what_held_back_invalid_waits(world: World):
    """What it had replaced would stand again."""
    world.asker = BOTH_HANDS
    both = frozenset({Category.CHILD_HEALTH, Category.EDUCATION})
    wide = world.record(categories=both).decision
    narrow = world.record(supersedes=wide.id).decision
    world.asker = VISITS
    why = InvalidationReason.RECORDED_WRONGLY

    asked = invalidate_decision(narrow.id, why, actor=TEACHERS, deciding=world.deciding)

    assert asked.waiting is not None
    assert _state(world, wide) is DecisionState.SUPERSEDED
    _confirm(world, narrow, BOTH_HANDS)
    assert world.now_stands(narrow.id).invalidated_because is why
    assert _state(world, wide) is DecisionState.IN_FORCE


def test_confirming_is_offered_where_it_waits_and_where_nobody_asked_the_family(world: World):
    """And nowhere else."""
    recorded = world.record()
    world.asker = STRANGER
    no = world.record(response=Response.REFUSED).decision

    assert recorded.waiting is not None
    assert Remedy.CONFIRM in remedies(recorded.waiting, NOW)
    assert Remedy.CONFIRM in remedies(no, NOW)
    assert Remedy.CONFIRM not in remedies(recorded.decision, NOW)


def test_an_objection_reaches_the_part_that_waits_too(world: World):
    """Once that is confirmed the no stands against it as well."""
    recorded = world.record(basis=Basis.PUBLIC_TASK)

    objection = object_to(ObjectTo(recorded.decision.id, MOTHER, TEACHERS), deciding=world.deciding)

    assert objection.decision.recipients == {f"agency:{agency}" for agency in Agency}


def test_an_operators_act_is_confirmed_by_another_operator(world: World):
    """Never by the same account."""
    world.asker = STRANGER
    recorded = world.record(actor="operator:ada").decision

    assert isinstance(_confirm(world, recorded, STRANGER, "operator:ada"), NotConfirmed)
    assert isinstance(_confirm(world, recorded, STRANGER, "operator:ben"), Recorded)
    assert world.answer().is_permitted


def test_whom_no_source_names_as_responsible_only_proposes(world: World):
    """However near the family is; its no stands, and a judgement to the contrary refuses both."""
    world.asker = WITH_THE_FAMILY
    deciding = replace(world.deciding, deciders=FakeDeciders(SubjectFacts()))

    yes = record_decision(an_order(recipients=SCHOOLS), deciding=deciding)
    no = record_decision(an_order(response=Response.REFUSED), deciding=deciding)

    assert yes.waiting == yes.decision
    assert no.waiting is None


def test_where_the_decider_is_in_doubt_nobodys_presence_or_case_load_is_enough(world: World):
    """What narrows stands all the same."""
    world.asker = WITH_THE_FAMILY
    yes = _doubtful(world, world.record(recipients=SCHOOLS).decision)
    no = _doubtful(world, replace(yes.decision, response=Response.REFUSED))

    assert yes.waiting is not None
    assert no.waiting is None


def _doubtful(world: World, decision: SharingDecision) -> Recorded:
    new = replace(decision, id=DecisionId("9" * 32), categories=frozenset({Category.STORY}))
    entry = world.ledger.appended[0]
    changed = [(replace(new, id=DecisionId(f"{len(world.entered()):032x}")), entry)]
    return carry_out(
        Act(SharingAct.RECORD, changed, TEACHERS, is_doubtful=True), deciding=world.deciding
    )


def test_what_rested_on_one_persons_word_can_be_made_to_wait(world: World):
    """What it answered before can still be told."""
    world.asker = BOTH_HANDS
    recorded = world.record().decision
    before = world.clock.now()
    world.clock.pass_by(DAY)

    waiting = make_wait(recorded, actor="operator:ada", deciding=world.deciding)

    assert not world.answer().is_permitted
    assert waiting.gaining == frozenset(Agency)
    assert state_of(waiting.decision, before) is DecisionState.IN_FORCE
    _confirm(world, recorded, WITH_THE_FAMILY)
    assert world.answer().is_permitted
