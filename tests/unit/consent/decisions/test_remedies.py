"""What is offered about a decision is what can be done about it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

from consent.circumstances import Circumstances, InvalidationReason, NotAskedReason
from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.keeping import Recorded
from consent.decisions.objecting import ObjectTo, object_to
from consent.decisions.recording import record_decision
from consent.decisions.states import Remedy, remedies
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis, Gateway
from consent.model import Decider, RecordDecision, Response
from tests.support.builders import DAY, MOTHER, NOW, SOCIAL_WORKER, YOUNG_PERSON, a_permit
from tests.support.consents.deciding_world import ACTOR, JUDGED, World, an_order
from tests.support.each_case import each_case

DECIDERS = (MOTHER, YOUNG_PERSON, SOCIAL_WORKER)


def _order(response: Response, basis: Basis, decider: Decider) -> RecordDecision:
    return an_order(
        response=response,
        basis=basis,
        decided_by=decider,
        because=NotAskedReason.URGENT if response is Response.NOT_ASKED else None,
        gateways=frozenset({Gateway.CHILDREN_ACT_2004_S11}),
        circumstances=JUDGED if decider is YOUNG_PERSON else Circumstances(),
    )


def _do(
    world: World, order: RecordDecision, recorded: Recorded
) -> Mapping[Remedy, Callable[[], Recorded]]:
    id_, deciding = recorded.decision.id, world.deciding
    known = replace(order, subjects=tuple(recorded.decision.subjects), supersedes=id_)
    wrong = InvalidationReason.RECORDED_WRONGLY
    return {
        Remedy.WITHDRAW: lambda: withdraw_decision(id_, actor=ACTOR, deciding=deciding),
        Remedy.OBJECT: lambda: object_to(ObjectTo(id_, MOTHER, ACTOR), deciding=deciding),
        Remedy.END: lambda: end_decision(id_, actor=ACTOR, deciding=deciding),
        Remedy.REPLACE: lambda: record_decision(known, deciding=deciding),
        Remedy.INVALIDATE: lambda: invalidate_decision(id_, wrong, actor=ACTOR, deciding=deciding),
    }


def test_what_is_offered_is_accepted():
    """Of everything that can be recorded; and there is always one way to stop it."""
    recordable = 0
    with each_case() as case:
        for response, basis, decider in product(Response, Basis, DECIDERS):
            order = _order(response, basis, decider)
            try:
                recorded = record_decision(order, deciding=World().deciding)
            except DecisionInvalidError:
                continue
            recordable += 1
            with case(response, basis, decider.reference):
                offered = remedies(recorded.decision, NOW)

                assert {Remedy.WITHDRAW, Remedy.END} & set(offered)
                for remedy in offered:
                    _require_that_it_is_done(order, remedy)
    assert recordable > len(Response)


def _require_that_it_is_done(order: RecordDecision, remedy: Remedy) -> None:
    world = World()
    _do(world, order, record_decision(order, deciding=world.deciding))[remedy]()


def test_a_duty_offers_a_family_nothing():
    """Whoever it is said to have been decided by."""
    for basis in (Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS):
        for decider in DECIDERS:
            offered = remedies(a_permit(basis=basis, decided_by=decider), NOW)
            assert offered == (Remedy.END, Remedy.REPLACE, Remedy.INVALIDATE)


def test_only_a_public_task_offers_to_object():
    """Consent is withdrawn; what shares nothing is not objected to."""
    offering = [b for b in Basis if Remedy.OBJECT in remedies(a_permit(basis=b), NOW)]
    refused = replace(a_permit(basis=Basis.PUBLIC_TASK), response=Response.REFUSED)

    assert offering == [Basis.PUBLIC_TASK]
    assert Remedy.OBJECT not in remedies(refused, NOW)


def test_what_has_ended_can_only_be_found_invalid_and_that_is_the_end():
    """An invalid decision offers nothing: that cannot be undone."""
    for ended in ({"withdrawn_at": NOW}, {"until": NOW}, {"superseded_at": NOW - DAY}):
        assert remedies(a_permit(**ended), NOW) == (Remedy.INVALIDATE,)
    assert remedies(a_permit(invalidated_at=NOW), NOW) == ()
